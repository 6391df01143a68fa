# SPDX-License-Identifier: Apache-2.0
"""The names that this node answers for, asked at the doors that stand before Django's."""

from functools import lru_cache

from django.conf import settings
from django.http.request import split_domain_port, validate_host

KEPT = 64  # names under which this node was asked


def is_ours(host: str) -> bool:
    """Whether a request's Host names this node."""
    return _is_among(host, tuple(settings.ALLOWED_HOSTS))


@lru_cache(maxsize=KEPT)
def _is_among(host: str, allowed: tuple[str, ...]) -> bool:
    name, _ = split_domain_port(host)
    return bool(name) and validate_host(name, allowed)
