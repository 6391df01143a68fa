# SPDX-License-Identifier: Apache-2.0
"""A machine that is lost: its node comes back as it was when it was last backed up, and must be told the rest."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from tests import story as steps
from tests.people import staff
from tests.world import World
from tongban.database.server import OWNER
from tongban.exchange import actions as exchange
from tongban.standards.node import here


@dataclass(frozen=True)
class Backup:
    """A node at an instant: its database, its numbers, its files."""

    node: str
    at: datetime
    savepoint: str
    numbers: tuple[tuple[Any, ...], ...]  # sequences are not undone with a transaction
    files: frozenset[Path]

    @classmethod
    def of(cls, world: World, code: str) -> "Backup":
        """Make one now."""
        with world.at(code), connection.cursor() as cursor:
            cursor.execute("SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences")
            return cls(code, world.clock.now(), transaction.savepoint(), tuple(cursor.fetchall()), _files())

    def restore(self, world: World) -> None:
        """Everything since is gone; the operator says from when on."""
        with world.at(self.node), connection.cursor() as cursor:
            transaction.savepoint_rollback(self.savepoint)
            cursor.execute(f"SET LOCAL ROLE {OWNER}")  # a node may only take the next number, never set one
            for name, last in self.numbers:
                cursor.execute("SELECT setval(%s, %s, %s)", [name, last or 1, last is not None])
            cursor.execute("RESET ROLE")
            for path in _files() - self.files:
                path.unlink()
            operator = steps.officer(world, staff("sunqiang", self.node))
            exchange.begin_recovery(self.at, actor=operator, at=world.clock.now())


def _files() -> frozenset[Path]:
    return frozenset(path for path in (here().home / "files").rglob("*") if path.is_file())
