# SPDX-License-Identifier: Apache-2.0
"""Keeping, changing and destroying keys."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from tongban.database.copying import copy_rows
from tongban.database.statement import Statement
from tongban.standards.node import Node, here
from tongban.vault import keys, locks
from tongban.vault.errors import RotationOpen
from tongban.vault.models import Rotation, SubjectKey
from tongban.vault.places import Indexed, Personal, Wrapped

LENGTH = 32  # bytes of a key
ROWS = 200  # sealed anew in one transaction
VALUES = 100  # of blind indexes, moved in one transaction wherever they stand
SETTLED = timedelta(minutes=5)  # nobody is still writing what was looked up before

TAKE = (
    "SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL AND get_byte({column}, 0) < %(newest)s AND {only} "
    "{after}ORDER BY {key} LIMIT %(rows)s FOR UPDATE SKIP LOCKED"
)
RENEW = "UPDATE {table} SET {column} = %s WHERE {key} = %s"
LEFT = "SELECT {column} AS v FROM {table} WHERE {column} < %(top)s AND {only} ORDER BY {column} LIMIT %(most)s"
MOVE = (
    "UPDATE {table} SET {column} = m.new FROM unnest(%s::bytea[], %s::bytea[]) AS m (old, new) "
    "WHERE {column} = m.old AND {only}"
)

# So that a worker goes through everything once for each key, and not over the same rows again and again.
_all_sealed: set[tuple[Node, int]] = set()
_reached: dict[tuple[Node, int, Wrapped | Personal], Any] = {}


def keep_key(write: Statement, subject: str, wrapped: bytes) -> None:
    """Keep a new subject's key with the act that needs it; a key already there stays."""
    row = {"subject": subject, "wrapped": wrapped, "destroyed_at": None}
    write.insert(SubjectKey, [row], on_conflict="ON CONFLICT (subject) DO NOTHING")


def keep_keys(wrapped: Iterable[tuple[str, bytes]]) -> None:
    """Keep the keys of very many new subjects, in the caller's transaction."""
    copy_rows("vault_subject_key", {"subject": "text", "wrapped": "bytea"}, wrapped)


def destroy_key(subject: str, *, at: datetime) -> None:
    """Erase everything sealed for a subject. There is no way back."""
    SubjectKey.objects.filter(subject=subject).update(wrapped=None, destroyed_at=at)


def make_key(name: str) -> int:
    """One more key of this name, written with from now on by every process of the node. Its number. RotationOpen."""
    number = keys.newest(name)
    over = Rotation.objects.filter(number=number, finished_at__isnull=False)
    if name == keys.INDEX and number > 1 and not over.exists():
        raise RotationOpen()
    locks.keep(here(), keys.next_name(name), secrets.token_bytes(LENGTH))
    return number + 1


def seal_anew_once(places: Sequence[Wrapped | Personal]) -> int:
    """Some of the rows that an older key sealed, under the newest. How many; none when all are."""
    newest = keys.newest(keys.DATA)
    if newest == 1 or (here(), newest) in _all_sealed:
        return 0
    at_the_start = not any((here(), newest, place) in _reached for place in places)
    done = sum(_seal_anew(place, newest) for place in places)
    if not done and at_the_start:
        _all_sealed.add((here(), newest))
    return done if done or at_the_start else seal_anew_once(places)  # what was locked then is looked for once more


@transaction.atomic
def _seal_anew(place: Wrapped | Personal, newest: int) -> int:
    words = {"table": place.table, "key": place.key, "column": place.column, "only": getattr(place, "only", "true")}
    mark = (here(), newest, place)
    after = f"AND {place.key} > %(last)s " if mark in _reached else ""
    told = {"newest": newest, "rows": ROWS, "last": _reached.pop(mark, None)}
    with connection.cursor() as cursor:
        cursor.execute(TAKE.format(**words, after=after), told)
        for key, kept in (rows := cursor.fetchall()):
            cursor.execute(RENEW.format(**words), [_renewed(place, key, bytes(kept)), key])
            _reached[mark] = key
    return len(rows)


def _renewed(place: Wrapped | Personal, key: object, kept: bytes) -> bytes:
    if isinstance(place, Wrapped):
        return keys.wrap(keys.unwrap(kept))
    context = place.context(key)
    return keys.seal_personal(keys.unseal_personal(kept, context), context)


@transaction.atomic
def move_indexes_once(places: Sequence[Indexed], derived: Sequence[str], at: datetime, most: int) -> int:
    """Move some values to the newest index key, each wherever it stands at once, so that rows that meet go on meeting.

    `derived` are the statements that follow a value into what is made out of it; they are run first. How many values;
    whoever looks for one meanwhile asks how far this is (keys.blind).
    """
    number = keys.newest(keys.INDEX)
    if number == 1:
        return 0
    row, _ = Rotation.objects.select_for_update().get_or_create(
        number=number, defaults={"reaches": b"", "begun_at": at}
    )
    if row.finished_at is not None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [keys.MOVING])
        values = _left(places, number, most)
        if values:
            _move(places, derived, values, number)
    _note(row, values, at)
    return len(values)


def _left(places: Sequence[Indexed], number: int, most: int) -> list[bytes]:
    """The smallest values that are still under an older key."""
    each = " UNION ".join(f"({LEFT.format(table=p.table, column=p.column, only=p.only)})" for p in places)
    with connection.cursor() as cursor:
        cursor.execute(f"{each} ORDER BY v LIMIT %(most)s", {"top": bytes([number]), "most": most})
        return [bytes(value) for (value,) in cursor.fetchall()]


def _move(places: Sequence[Indexed], derived: Sequence[str], values: Sequence[bytes], number: int) -> None:
    pairs = [list(values), [keys.raised(value, number) for value in values]]
    with connection.cursor() as cursor:
        for statement in derived:
            cursor.execute(statement, pairs)
        for place in places:
            cursor.execute(MOVE.format(table=place.table, column=place.column, only=place.only), pairs)


def _note(row: Rotation, values: Sequence[bytes], at: datetime) -> None:
    """How far this is; over when nothing has been found for a while after everything was moved."""
    if values:
        row.reaches, row.emptied_at = max(bytes(row.reaches), values[-1] + b"\0"), None
    elif row.emptied_at is None:
        row.reaches, row.emptied_at = bytes([row.number]), at
    elif row.emptied_at + SETTLED <= at:
        row.finished_at = at
    row.save()
