# SPDX-License-Identifier: Apache-2.0
"""Who may be signed in as in the demo: what each node wrote down when its people were loaded."""

import json
from typing import Any

from tongban.demo.plan import Places

FILE = "demo-accounts.json"  # in the node's folder, 0600: invented people, but real passwords and tokens


def accounts(places: Places) -> list[dict[str, Any]]:
    """Every account of every node: node, role, name, login, password, token, address."""
    found: list[dict[str, Any]] = []
    for node in places.nodes():
        file = node.home / FILE
        if file.exists():
            found += json.loads(file.read_text(encoding="utf-8"))
    return found
