# SPDX-License-Identifier: Apache-2.0
"""What a person does about letters that a peer refused and messages that could not be applied.

Nothing is ever deleted here: a letter is sent again, written anew, or handed to somebody by name.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.database.statement import Statement
from tongban.exchange import envelope
from tongban.exchange.acknowledgement import DUPLICATE, STORED
from tongban.exchange.actions.writing import Letter, Priority, post
from tongban.exchange.errors import NotDead, NotParked
from tongban.exchange.models import Inbox, Offered, Outbox, Sent
from tongban.ledger import actions as ledger
from tongban.regions.queries import trust_list
from tongban.standards.actor import Actor, Role
from tongban.standards.refusal import NotAllowed
from tongban.vault import keys
from tongban.vault.queries import subject_key


def send_refused_again(message_id: UUID, *, actor: Actor, at: datetime) -> None:
    """Send a refused letter as it is: the peer has been upgraded, or has mended what was wrong there."""
    _require_operator(actor)
    with transaction.atomic():
        row = _dead(message_id)
        Outbox.objects.filter(position=row.position).update(answered_at=None, answer=None)
        _tell(row.recipient, "exchange.letter.again", row, {"answer": row.answer}, actor, at)


def write_anew(message_id: UUID, *, to: str = "", actor: Actor, at: datetime) -> UUID:
    """Write a refused letter once more, with a new number and at the next place of its subject. The new id.

    For a place that was taken, and with `to` for regions that another node speaks for now.
    """
    _require_operator(actor)
    with transaction.atomic():
        row = _dead(message_id)
        recipient = trust_list().node(to or row.recipient).code
        key = subject_key(row.subject) if row.sealed else None
        content = bytes(row.content)
        told = envelope.read(content if key is None else keys.unseal(key, content, row.subject.encode()))
        files = Offered.objects.filter(recipient=row.recipient, subject=row.subject).values_list("digest", flat=True)
        letter = Letter(recipient, row.kind, row.subject, told.body, tuple(files), Priority(row.priority))
        _post(letter, key, at)
        new = Outbox.objects.filter(recipient=recipient, subject=row.subject).latest("position")
        _settle(row, "rewritten", f"{recipient} {new.message_id}")
        facts = {"answer": row.answer, "recipient": recipient, "instead": str(new.message_id)}
        _tell(row.recipient, "exchange.letter.rewritten", row, facts, actor, at)
    return UUID(str(new.message_id))


def hand_letter(message_id: UUID, *, to: str, actor: Actor, at: datetime) -> None:
    """Give a refused letter to a person or an office by name, who settles the matter by other means."""
    _require_operator(actor)
    with transaction.atomic():
        row = _dead(message_id)
        _settle(row, "handed", to[:200])
        _tell(row.recipient, "exchange.letter.handed", row, {"answer": row.answer, "to": to[:200]}, actor, at)


def try_parked_again(sender: str, message_id: UUID, *, actor: Actor, at: datetime) -> None:
    """Let a message that was set aside be tried again, its cause being gone."""
    _require_operator(actor)
    with transaction.atomic():
        row = _parked(sender, message_id)
        Inbox.objects.filter(sender=sender, message_id=message_id).update(state="received", tries=0, not_before=None)
        _tell(sender, "exchange.message.again", row, {"reason": row.reason}, actor, at)


def hand_parked(sender: str, message_id: UUID, *, to: str, actor: Actor, at: datetime) -> None:
    """Note who looks after a message that was set aside; it stays aside, and its subject waits."""
    _require_operator(actor)
    with transaction.atomic():
        row = _parked(sender, message_id)
        Inbox.objects.filter(sender=sender, message_id=message_id).update(note=to[:200])
        _tell(sender, "exchange.message.handed", row, {"reason": row.reason, "to": to[:200]}, actor, at)


def _require_operator(actor: Actor) -> None:
    if actor.role not in (Role.OPERATOR, Role.SYSTEM):
        raise NotAllowed()


def _dead(message_id: UUID) -> Outbox:
    """The refused letter, locked. NotDead when it was not refused, or is settled already."""
    row = Outbox.objects.select_for_update().filter(message_id=message_id, settled="").first()
    if row is None or row.answer in (None, STORED, DUPLICATE):
        raise NotDead()
    return row


def _parked(sender: str, message_id: UUID) -> Inbox:
    row = Inbox.objects.select_for_update().filter(sender=sender, message_id=message_id, state="parked").first()
    if row is None:
        raise NotParked()
    return row


def _settle(row: Outbox, how: str, note: str) -> None:
    Outbox.objects.filter(position=row.position).update(settled=how, note=note)


def _post(letter: Letter, key: bytes | None, at: datetime) -> None:
    """One letter by itself, at the next place of its subject."""
    Sent.objects.bulk_create([Sent(recipient=letter.recipient, subject=letter.subject, last=0)], ignore_conflicts=True)
    last = Sent.objects.select_for_update().get(recipient=letter.recipient, subject=letter.subject).last
    write = Statement()
    write.guard("SELECT 1", [])
    post(write, [letter], sent={letter.recipient: last}, key=key, at=at)
    write.run()


def _tell(peer: str, verb: str, row: Outbox | Inbox, facts: Mapping[str, Any], actor: Actor, at: datetime) -> None:
    told = {"message": str(row.message_id), "kind": row.kind, **facts}
    ledger.write(f"exchange/{peer}", verb=verb, actor=actor, at=at, facts=told)
