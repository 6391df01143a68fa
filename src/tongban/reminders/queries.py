# SPDX-License-Identifier: Apache-2.0
"""Reading reminders: one's own messages, how many are new, how one has chosen to hear."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tongban.cases.models import OF_APPLICANTS
from tongban.cases.queries.telling import UNTOLD, phone_of
from tongban.database import reading
from tongban.identity import sealing
from tongban.reminders.models import Channel, Choice, Reminder, State
from tongban.standards.actor import Actor, Role
from tongban.standards.refusal import NotAllowed, NotFound

MOST = 100  # messages on a page; older ones stand on their cases
STUCK = (State.GIVEN_UP, State.UNSURE)
WEEKS = timedelta(weeks=8)  # later nobody needs it any more: it stands on the site
SOON = (  # noqa: S608
    "SELECT t.case_id, t.kind, t.due_at FROM cases_clock t WHERE t.ended_at IS NULL AND t.kind IN ({kinds}) "
    "AND t.soon_at <= %(at)s AND t.due_at > %(at)s AND NOT EXISTS (SELECT 1 FROM reminders_warned w "
    "WHERE (w.case_id, w.kind, w.due_at) = (t.case_id, t.kind, t.due_at))"
).format(kinds=", ".join(f"'{kind}'" for kind in OF_APPLICANTS))
# What the resident worker asks: are people to be told of something, is something to be sent?
TELLING_DUE = UNTOLD
WARNING_DUE = SOON
SENDING_DUE = "SELECT 1 FROM reminders_reminder WHERE try_at <= %(at)s"
DESKS = (Role.CLERK, Role.APPROVER)
AT_DESKS = (
    "SELECT r.case_id, r.title, r.words, r.receipt_no, r.at, l.at IS NULL OR r.at > l.at FROM reminders_reminder r "
    "LEFT JOIN reminders_look l ON l.staff_id = %(staff)s AND l.desk = r.recipient "
    "WHERE r.recipient = ANY(%(desks)s) AND r.channel = 'site' ORDER BY r.at DESC, r.case_id LIMIT %(limit)s"
)
NEW_AT_DESKS = (
    "SELECT count(*) FROM (SELECT 1 FROM reminders_reminder r "
    "LEFT JOIN reminders_look l ON l.staff_id = %(staff)s AND l.desk = r.recipient "
    "WHERE r.recipient = ANY(%(desks)s) AND r.channel = 'site' AND (l.at IS NULL OR r.at > l.at) LIMIT %(limit)s) AS x"
)


@dataclass(frozen=True)
class MessageView:
    """A message as its page shows it."""

    case_id: UUID
    receipt_no: str
    title: str
    words: str
    at: datetime
    is_new: bool


@dataclass(frozen=True)
class Chosen:
    """How a person hears beside the messages on the site."""

    sms: bool = True
    mail: bool = False
    address: str = ""


def of_person(person_id: UUID) -> str:
    """How a person is named as recipient."""
    return f"person:{person_id}"


def of_desk(organization: str, role: Role) -> str:
    """How a desk is named as recipient."""
    return f"desk:{organization}:{role}"


def desks_of(actor: Actor) -> list[str]:
    """The recipients whose messages a member of staff reads: their own, and those of their desk."""
    own = sorted(actor.answers_to)
    return [*own, of_desk(actor.organization, actor.role)] if actor.role in DESKS else own


def messages(actor: Actor) -> list[MessageView]:
    """Somebody's messages, the newest first."""
    if actor.role is not Role.APPLICANT:
        found = reading.rows(AT_DESKS, {"staff": actor.id, "desks": desks_of(actor), "limit": MOST})
        return [MessageView(row[0], row[3], row[1], row[2], row[4], row[5]) for row in found]
    rows = Reminder.objects.filter(recipient=of_person(actor.id), channel=Channel.SITE).order_by("-at", "case_id")
    return [
        MessageView(row.case_id, row.receipt_no, row.title, row.words, row.at, row.read_at is None)
        for row in rows[:MOST]
    ]


def unread(actor: Actor) -> int:
    """How many of them are new; beyond MOST nobody counts."""
    if actor.role is not Role.APPLICANT:
        ((count,),) = reading.rows(NEW_AT_DESKS, {"staff": actor.id, "desks": desks_of(actor), "limit": MOST})
        return int(count)
    return Reminder.objects.filter(recipient=of_person(actor.id), channel=Channel.SITE, read_at=None)[:MOST].count()


def chosen(actor: Actor) -> Chosen:
    """What this person chose; text messages and no mail until they do."""
    row = Choice.objects.filter(person_id=actor.id).first()
    return Chosen() if row is None else Chosen(row.sms, row.mail, _address(row))


def limits_soon(at: datetime, limit: int) -> list[tuple[UUID, str, datetime]]:
    """Limits of applicants that run out soon, of which nobody was warned."""
    found = reading.rows(f"{SOON} LIMIT %(limit)s", {"at": at, "limit": limit})
    return [(row[0], row[1], row[2]) for row in found]


def stuck(actor: Actor, at: datetime) -> list[Reminder]:
    """Text messages and letters of the last weeks that did not go out, or perhaps did not; for the operator."""
    if actor.role is not Role.OPERATOR:
        raise NotAllowed()
    return list(Reminder.objects.filter(state__in=STUCK, at__gte=at - WEEKS).order_by("-at", "case_id")[:MOST])


def address_of(row: Reminder) -> str:
    """Where it goes, looked up when it goes: what is kept here names nobody. NotFound when there is no more."""
    if row.channel == Channel.SMS:
        return phone_of(row.case_id)
    choice = Choice.objects.filter(person_id=UUID(row.recipient.partition(":")[2]), mail=True).first()
    if choice is None or not choice.address_sealed:
        raise NotFound(what="这个邮箱")
    return _address(choice)


def _address(row: Choice) -> str:
    return sealing.opened(row.person_id, "mail", row.address_sealed)
