# SPDX-License-Identifier: Apache-2.0
"""Runs inside a process of a node and does what the bench asks: one JSON command a line, one JSON answer a line."""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.config.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402  needs the settings
from uuid_utils.compat import uuid7  # noqa: E402

from bench.copies import case_id  # noqa: E402
from bench.papers import bare_signatures, issue_papers, make_papers, take_stock, withdraw_one  # noqa: E402
from tongban.cases import queries as cases  # noqa: E402
from tongban.cases.queries.held import read  # noqa: E402
from tongban.cases.sealed import envelope_context, open_envelope  # noqa: E402
from tongban.catalogue.search.queries import search  # noqa: E402
from tongban.database.statement import Statement  # noqa: E402
from tongban.exchange import actions as exchange  # noqa: E402
from tongban.exchange import queries as exchanged  # noqa: E402
from tongban.exchange.actions import Letter, post  # noqa: E402
from tongban.exchange.envelope import Envelope  # noqa: E402
from tongban.exchange.models import Outbox  # noqa: E402
from tongban.exchange.transport import HttpTransport  # noqa: E402
from tongban.identity import queries as identity  # noqa: E402
from tongban.regions.queries import trust_list  # noqa: E402
from tongban.standards import clock  # noqa: E402
from tongban.standards.canonical import canonical  # noqa: E402
from tongban.standards.crypto import suite  # noqa: E402
from tongban.standards.node import here  # noqa: E402
from tongban.vault import keys  # noqa: E402
from tongban.vault.models import SubjectKey  # noqa: E402

PATIENCE = 30.0  # seconds that a writer waits for its receipt
SEALED_AGAIN = (
    "UPDATE cases_case SET sealed = new.sealed "
    "FROM unnest(%s::uuid[], %s::bytea[]) AS new (id, sealed) WHERE cases_case.id = new.id"
)
KIND = "case.opened"  # the largest and most protected of the real kinds: personal, so sealed at both ends


def items(region: str) -> list[list[Any]]:
    """The items of a region that this node knows: name, task code, version."""
    return [[found.name, found.task_code, found.version] for found in search("", region, most=100).items]


def worklist_sql(token: str) -> list[list[Any]]:
    """The statements, with their values, by which this node makes a worklist."""
    said: list[list[Any]] = []

    def keep(execute: Callable[..., Any], sql: str, values: Any, many: bool, context: Any) -> Any:
        said.append([sql, values])
        return execute(sql, values, many, context)

    found = identity.bearer(token)
    assert found is not None
    cases.worklist(found.actor)  # what is kept in the process is read once
    with connection.execute_wrapper(keep):
        cases.worklist(found.actor)
    return said


def letters(recipient: str, count: int, size: int) -> int:
    """Put letters of so many bytes into the outbox, each about a subject of its own. How many wait then."""
    for start in range(0, count, 500):
        rows, subject_keys = _rows(recipient, min(500, count - start), size)
        with transaction.atomic():
            SubjectKey.objects.bulk_create(subject_keys)
            Outbox.objects.bulk_create(rows)
    return exchanged.backlog().get(recipient, 0)


def _rows(recipient: str, count: int, size: int) -> tuple[list[Outbox], list[SubjectKey]]:
    at, serial, epoch = clock.now(), trust_list().serial, exchanged.epoch()
    rows, subject_keys = [], []
    for _ in range(count):
        subject, (key, wrapped) = f"case:{uuid7()}", keys.new_key()
        envelope = Envelope(
            id=uuid7(),
            sender=here().code,
            recipient=recipient,
            epoch=epoch,
            kind=KIND,
            subject=subject,
            sequence=1,
            occurred_at=at,
            trust_serial=serial,
            body=_body(size),
        )
        data = envelope.bytes()
        subject_keys.append(SubjectKey(subject=subject, wrapped=wrapped))
        rows.append(
            Outbox(
                recipient=recipient,
                message_id=envelope.id,
                subject=subject,
                sequence=1,
                kind=KIND,
                content=keys.seal(key, data, subject.encode()),
                sealed=True,
                digest=suite(here().suite).digest(data),
                written_at=at,
            )
        )
    return rows, subject_keys


def one_by_one(recipient: str, seconds: float, flight: int) -> dict[str, float]:
    """Carry waiting messages each in a batch of its own, so many at a time."""
    waiting = iter(exchanged.due(recipient, 4000, 1 << 30))
    transport, taking = HttpTransport(flight, authorities=here().authorities), threading.Lock()

    def carry() -> bool:
        with taking:
            row = next(waiting, None)
        if row is None:
            return False
        if fault := exchange.deliver(recipient, [row], clock.now(), transport).fault:
            raise RuntimeError(fault)
        return True

    return _at_once(carry, seconds, flight)


class Receipts:
    """Which letters have been answered, asked for all who wait together: as a page asks, again and again."""

    ANSWERED = "SELECT subject FROM exchange_outbox WHERE subject = ANY(%s) AND answered_at IS NOT NULL"
    LOOK = 0.002  # seconds

    def __init__(self) -> None:
        self._waiting: dict[str, threading.Event] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def wait_for(self, subject: str) -> bool:
        """Until it is answered. False when nobody looks any more."""
        here = self._waiting[subject] = threading.Event()
        return here.wait(PATIENCE) and not self._over.is_set()

    def end(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()
        for waits in self._waiting.values():
            waits.set()

    def _look(self) -> None:
        while not self._over.wait(self.LOOK):
            if asked := list(self._waiting):
                with connection.cursor() as cursor:
                    cursor.execute(self.ANSWERED, [asked])
                    answered = [subject for (subject,) in cursor.fetchall()]
                for subject in answered:
                    self._waiting.pop(subject).set()
        connection.close()


def in_flight(recipient: str, seconds: float, flight: int, size: int) -> dict[str, float]:
    """So many writers, each of whom writes one letter and waits for its acknowledgement before the next.

    The letters are carried by the node's worker, a process of its own.
    """
    receipts, era = Receipts(), exchanged.epoch()

    def write_and_wait() -> bool:
        return receipts.wait_for(_letter(recipient, size, era))

    try:
        return _at_once(write_and_wait, seconds, flight)
    finally:
        receipts.end()


def _letter(recipient: str, size: int, era: int) -> str:
    """One letter about a subject of its own, in one statement as every act of a case writes it. Its subject."""
    subject, (key, wrapped) = f"case:{uuid7()}", keys.new_key()
    write = Statement()
    write.guard(
        "INSERT INTO vault_subject_key (subject, wrapped) VALUES (%s, %s) RETURNING subject", [subject, wrapped]
    )
    letter = Letter(recipient=recipient, kind=KIND, subject=subject, body=_body(size))
    post(write, [letter], sent={}, key=key, at=clock.now(), epoch=era)
    write.run()
    return subject


def _body(size: int) -> dict[str, str]:
    return {"filler": "测" * (size // 3 - 130)}


def in_batches(recipient: str, count: int) -> dict[str, float]:
    """Carry at least so many waiting messages as the worker does."""
    transport, began, carried = HttpTransport(authorities=here().authorities), clock.monotonic(), 0
    while carried < count:
        done = exchange.deliver_once(recipient, clock.now(), transport)
        assert done.messages, done
        carried += done.messages
    return {"done": carried, "seconds": clock.monotonic() - began}


def plain(url: str, seconds: float, flight: int, size: int) -> dict[str, float]:
    """Post as many bytes by the same client to somebody who only says yes."""
    transport, body = HttpTransport(flight, authorities=here().authorities), b"x" * size
    headers = {"Content-Type": "application/x-ndjson"}

    def ask() -> bool:
        return transport.ask("POST", url, headers, body).status == 200

    return _at_once(ask, seconds, flight)


def _at_once(act: Callable[[], bool], seconds: float, flight: int) -> dict[str, float]:
    """Do something again and again in so many threads, until time or work is over."""
    counts = [0] * flight
    failed: list[BaseException] = []
    began = clock.monotonic()

    def keep_on(place: int) -> None:
        try:
            while clock.monotonic() - began < seconds and act():
                counts[place] += 1
        except BaseException as fault:
            failed.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=keep_on, args=(place,)) for place in range(flight)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return {"done": sum(counts), "seconds": clock.monotonic() - began}


def seal_copies(source: str, count: int) -> int:
    """Seal what is personal in so many copies of a case each for its own id, as the first was. How many."""
    held = read(UUID(source))
    words = canonical(open_envelope(held))
    ids = [UUID(case_id(number)) for number in range(1, count + 1)]
    with connection.cursor() as cursor:
        for start in range(0, count, 1000):
            some = ids[start : start + 1000]
            sealed = [keys.seal(held.key, words, envelope_context(each)) for each in some]
            cursor.execute(SEALED_AGAIN, [some, sealed])
    return count


COMMANDS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (
        *(items, worklist_sql, letters, one_by_one, in_flight, in_batches, plain, seal_copies),
        *(take_stock, issue_papers, make_papers, bare_signatures, withdraw_one),
    )
}


def _commands() -> Iterator[tuple[str, dict[str, Any]]]:
    for line in sys.stdin:
        name, words = json.loads(line)
        yield name, words


if __name__ == "__main__":
    for name, words in _commands():
        print(json.dumps(COMMANDS[name](**words), default=str), flush=True)  # PostgreSQL reads a date from its text
