# SPDX-License-Identifier: Apache-2.0
"""Telling people: messages on the site at once, text messages and letters by the worker; choosing and reading."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction

from tongban.cases.actions.telling import take_untold
from tongban.cases.queries.telling import Telling, of_limit, of_line
from tongban.identity import sealing
from tongban.identity.models import Person
from tongban.identity.sms import NotSent
from tongban.ledger import actions as ledger
from tongban.reminders import queries, words
from tongban.reminders.channels import Sender, Unsure
from tongban.reminders.errors import AddressWrong, NotStuck
from tongban.reminders.models import Channel, Choice, Look, Reminder, State, Warned
from tongban.reminders.quiet import Quiet
from tongban.standards.actor import Actor, Role
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed, Refusal

log = structlog.get_logger()

AT_ONCE = 50  # lines or limits in one transaction
CLAIM = timedelta(minutes=2)  # a gateway answers in seconds; after that its worker is dead
TRIES = 8
WAIT = timedelta(seconds=30)  # after the first failure; twice as long after each
ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,180}\.[^@\s.]{2,24}", re.ASCII)


@transaction.atomic
def remind_once(at: datetime) -> bool:
    """Tell people of the lines that wait longest. False when none waits."""
    taken = take_untold(AT_ONCE)
    for case_id, number in taken:
        try:
            _tell(of_line(case_id, number), at)
        except Refusal as no:  # an erased case has nobody to tell
            log.warning("not_told", case=str(case_id), line=number, why=no.code)
    return bool(taken)


@transaction.atomic
def warn_once(at: datetime) -> bool:
    """Warn applicants of limits that run out soon. False when there is none."""
    soon = queries.limits_soon(at, AT_ONCE)
    for case_id, kind, due_at in soon:
        _, is_first = Warned.objects.get_or_create(case_id=case_id, kind=kind, due_at=due_at)
        try:
            if is_first:
                _tell(of_limit(case_id, kind, due_at), at)
        except Refusal as no:
            log.warning("not_warned", case=str(case_id), limit=kind, why=no.code)
    return bool(soon)


def _tell(telling: Telling, at: datetime) -> None:
    rows = [*_to_applicants(telling, at), *_to_desks(telling, at)]
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)


def _to_applicants(telling: Telling, at: datetime) -> Iterator[Reminder]:
    """On the site wherever they are known; by telephone and mail from the place where they applied."""
    if not telling.applicants:
        return
    said = words.phrase(telling.about, telling.due)
    hear = (*telling.applicants, *telling.joined)
    people = dict(Person.objects.filter(id_index__in=hear).values_list("id", "id_index"))
    chosen = {row.person_id: row for row in Choice.objects.filter(person_id__in=people)}
    for person in people:
        told = words.on_site(telling.item, said, telling.notice)
        yield _row(telling, queries.of_person(person), Channel.SITE, told, at)
    choice = next((row for person, row in chosen.items() if bytes(people[person] or b"") in telling.applicants), None)
    if telling.phone and (choice is None or choice.sms):
        text = words.by_sms(here().name, telling.receipt_no, said)
        yield _row(telling, "applicant", Channel.SMS, text, at)
    if telling.phone:
        for person, row in chosen.items():
            if row.mail:
                yield _row(telling, queries.of_person(person), Channel.MAIL, told, at)


def _to_desks(telling: Telling, at: datetime) -> Iterator[Reminder]:
    for role, organization in telling.desks.items():
        is_theirs = telling.assignee.startswith(f"{role}:")
        recipient = telling.assignee if is_theirs else queries.of_desk(organization, role)
        yield _row(telling, recipient, Channel.SITE, words.to_desk(telling.about, telling.item, role), at)


def _row(telling: Telling, recipient: str, channel: Channel, told: str, at: datetime) -> Reminder:
    leaves = channel != Channel.SITE
    ready = Quiet.of(here().quiet).over(at) if channel == Channel.SMS else at
    return Reminder(
        case_id=telling.case_id,
        event=telling.event,
        recipient=recipient,
        channel=channel,
        title=words.title(telling.about),
        words=told,
        receipt_no=telling.receipt_no,
        at=at,
        state=State.WAITING if leaves else State.SENT,
        try_at=ready if leaves else None,
        tries=0,
        trouble="",
        sent_at=None if leaves else at,
    )


def send_once(at: datetime, senders: Mapping[str, Sender]) -> bool:
    """Send the text message or letter that waits longest. False when none is due.

    It is marked before it is handed over: one that a killed worker leaves behind is not sent a second time.
    """
    row = _claim(at)
    if row is None:
        return False
    if row.state == State.SENDING:  # left behind
        _end(row, {"state": State.UNSURE, "try_at": None, "trouble": "left"})
        return True
    these = _these(row)
    these.update(state=State.SENDING, try_at=at + CLAIM)
    try:
        address = queries.address_of(row)
        senders[row.channel].send(address, f"{here().name}通办：{row.title}", row.words, _name(row))
    except NotSent as no:
        _later(row, at, str(no))
    except Unsure as lost:
        _end(row, {"state": State.UNSURE, "try_at": None, "trouble": str(lost)})
    except Refusal as no:
        _end(row, {"state": State.GIVEN_UP, "try_at": None, "trouble": no.code})
    else:
        _end(row, {"state": State.SENT, "try_at": None, "sent_at": at, "tries": row.tries + 1, "trouble": ""})
    return True


NAMED = ("case_id", "event", "recipient", "channel", "state", "title", "words", "tries")
CLAIMED = (
    "UPDATE reminders_reminder r SET try_at = %s FROM (SELECT case_id, event, recipient, channel "  # noqa: S608
    "FROM reminders_reminder WHERE try_at <= %s ORDER BY try_at LIMIT 1 FOR UPDATE SKIP LOCKED) AS first "
    "WHERE (r.case_id, r.event, r.recipient, r.channel) = "
    "(first.case_id, first.event, first.recipient, first.channel) "
    f"RETURNING {', '.join(f'r.{name}' for name in NAMED)}"
)


def _claim(at: datetime) -> Reminder | None:
    with connection.cursor() as cursor:
        cursor.execute(CLAIMED, [at + CLAIM, at])
        found = cursor.fetchone()
    return Reminder(**dict(zip(NAMED, found, strict=True))) if found else None


def _later(row: Reminder, at: datetime, why: str) -> None:
    """Nobody took it: again, ever later, and not in the quiet hours; in the end it is given up, and says so."""
    tries = row.tries + 1
    if tries >= TRIES:
        log.warning("reminder_given_up", channel=row.channel, why=why)
        _end(row, {"state": State.GIVEN_UP, "try_at": None, "tries": tries, "trouble": why[:100]})
        return
    next_at = at + WAIT * 2**row.tries
    if row.channel == Channel.SMS:
        next_at = Quiet.of(here().quiet).over(next_at)
    _end(row, {"state": State.WAITING, "try_at": next_at, "tries": tries, "trouble": why[:100]})


def _end(row: Reminder, done: Mapping[str, Any]) -> None:
    _these(row).update(**done)


def _these(row: Reminder) -> Any:
    return Reminder.objects.filter(case_id=row.case_id, event=row.event, recipient=row.recipient, channel=row.channel)


def _name(row: Reminder) -> str:
    """The same for the same reminder, so that a mail server that knows it can drop it."""
    return f"{row.case_id}.{row.event.replace(':', '.')}.{row.channel}"


@transaction.atomic
def send_again(case_id: UUID, event: str, recipient: str, channel: str, *, actor: Actor, at: datetime) -> None:
    """Put back into the queue what did not go out. NotStuck for what did, or is about to."""
    if actor.role is not Role.OPERATOR:
        raise NotAllowed()
    named = Reminder.objects.filter(case_id=case_id, event=event, recipient=recipient, channel=channel)
    fresh = {"state": State.WAITING, "try_at": at, "tries": 0, "trouble": ""}
    if not named.filter(state__in=queries.STUCK).update(**fresh):
        raise NotStuck()
    facts = {"event": event, "channel": channel}
    ledger.write(f"reminder/{case_id}", verb="reminder.again", actor=actor, at=at, facts=facts)


def choose(actor: Actor, *, sms: bool, mail: bool, address: str, at: datetime) -> None:
    """How a person wants to hear beside the messages on the site. AddressWrong when mail has nowhere to go."""
    if actor.role is not Role.APPLICANT:
        raise NotAllowed()
    told = address.strip()
    if (mail or told) and not ADDRESS.fullmatch(told):
        raise AddressWrong(field="address")
    kept = sealing.sealed(actor.id, "mail", told) if told else None
    with transaction.atomic():
        Choice.objects.update_or_create(
            person_id=actor.id, defaults={"sms": sms, "mail": mail, "address_sealed": kept, "changed_at": at}
        )
        facts = {"sms": sms, "mail": mail}
        ledger.write(f"person/{actor.id}", verb="reminders.chosen", actor=actor, at=at, facts=facts)


def read_all(actor: Actor, at: datetime) -> None:
    """Whoever opens their messages has read them."""
    if actor.role is not Role.APPLICANT:
        rows = [Look(staff_id=actor.id, desk=desk, at=at) for desk in queries.desks_of(actor)]
        Look.objects.bulk_create(rows, update_conflicts=True, unique_fields=["staff_id", "desk"], update_fields=["at"])
        return
    Reminder.objects.filter(recipient=queries.of_person(actor.id), channel=Channel.SITE, read_at=None).update(
        read_at=at
    )
