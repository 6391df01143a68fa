# SPDX-License-Identifier: Apache-2.0
"""Digests as headers of a request tell them (RFC 9530), for programs and for the script of a page alike."""

import re
from base64 import b64decode
from binascii import Error as NotBase64

from tongban.standards.refusal import BadInput

OF_PART, OF_WHOLE = "Content-Digest", "Repr-Digest"
SHA256 = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")  # other algorithms may stand beside it


def told(name: str, said: str) -> str:
    """The sha-256 in what a header of this name says, as we write it; empty where it says nothing.

    BadInput for what cannot be read.
    """
    if not said:
        return ""
    found = SHA256.search(said)
    if found is None:
        raise BadInput(name, f"请求头 {name} 请写成 sha-256=:…:（RFC 9530）。")
    try:
        return f"sha256:{b64decode(found[1], validate=True).hex()}"
    except NotBase64 as why:
        raise BadInput(name, f"请求头 {name} 不是 Base64。") from why
