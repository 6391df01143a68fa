# SPDX-License-Identifier: Apache-2.0
"""Makes a key inside the token; a document key gets its certificate, which lies beside the files' keys."""

from datetime import datetime

from tongban.exchange import key_store
from tongban.licences import sealing
from tongban.standards.node import here
from tongban.vault import token


def make(use: str, label: str, at: datetime) -> None:
    """TokenFailed when the token cannot, or has a key of this label."""
    node, suite = here(), key_store.suite_for(use).name
    public = token.make_key(node, label, suite)
    if use == "document":
        certificate = sealing.certify_public(
            public, lambda data: token.sign(node, label, suite, data), node.name, node.code, at=at
        )
        key_store.keep(f"token-{label}.crt", certificate)
