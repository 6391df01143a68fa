# SPDX-License-Identifier: Apache-2.0
"""Checks signatures that this node made itself, by the keys the federation knows of it."""

from tongban.regions.queries import trust_list
from tongban.standards.crypto import suite
from tongban.standards.node import here


def verify(suite_name: str, key_id: str, data: bytes, signature: bytes) -> bool:
    """Whether a key of ours with this fingerprint signed these bytes; keys out of use count as well."""
    keys = trust_list().node(here().code).keys
    return any(
        suite(key.suite).verify(key.public_bytes, data, signature)
        for key in keys
        if key.use == "exchange" and (key.suite, key.id) == (suite_name, key_id)
    )
