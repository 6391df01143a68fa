# SPDX-License-Identifier: Apache-2.0
"""What every page knows: which node it comes from."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from django.http import HttpRequest

from tongban.standards import node as nodes

LOOK = Path(__file__).parent / "static" / "tongban"
# Changes with the files of the look, so that no browser shows a new page in an old dress.
VERSION = sha256(b"".join(file.read_bytes() for file in sorted(LOOK.iterdir()))).hexdigest()[:8]


def node(request: HttpRequest) -> dict[str, Any]:
    """The node, and whether it is a demonstration."""
    here = nodes.here()
    return {"node": here, "demo": here.demo, "look": VERSION}
