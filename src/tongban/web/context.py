# SPDX-License-Identifier: Apache-2.0
"""What every page knows: which node it comes from."""

from typing import Any

from django.http import HttpRequest

from tongban.standards import node as nodes


def node(request: HttpRequest) -> dict[str, Any]:
    """The node, and whether it is a demonstration."""
    here = nodes.here()
    return {"node": here, "demo": here.demo}
