# SPDX-License-Identifier: Apache-2.0
"""Several nodes in one process: the one alias "default" means the database of the node at work.

Routers cannot do this: transaction.atomic, on_commit and raw cursors never ask them.
"""

from typing import Any

from django.db import connections
from django.db.utils import ConnectionHandler

from tongban.standards.node import here

PREFIX = "node-"


class NodeConnections(ConnectionHandler):
    """Answers "default" with the connection of the node in context; no node is an error."""

    def __getitem__(self, alias: str) -> Any:
        if alias == "default":
            alias = PREFIX + here().code
        return super().__getitem__(alias)


def install() -> None:
    """Make Django's own handler one of ours. For tests and the simulator; a served node never does this."""
    connections.settings = dict(connections.settings)  # ours to add nodes to; Django's settings stay as they are
    connections.__class__ = NodeConnections


def attach(code: str, database: dict[str, Any]) -> None:
    """Let a node of this process use a database (settings as in DATABASES)."""
    detach(code)
    connections.settings[PREFIX + code] = _complete(database)


def attached(code: str) -> str | None:
    """The name of the database that this node uses; None when it has none."""
    alias = PREFIX + code
    return str(connections.settings[alias]["NAME"]) if alias in connections.settings else None


def detach(code: str) -> None:
    """Close and forget the database of a node; one that has none is left alone."""
    alias = PREFIX + code
    if alias in connections.settings:
        connections[alias].close()
        del connections[alias]
        del connections.settings[alias]


def _complete(database: dict[str, Any]) -> dict[str, Any]:
    """The defaults that Django fills in for databases it knows from the settings."""
    return connections.configure_settings({"default": database})["default"]  # type: ignore[no-any-return]
