# SPDX-License-Identifier: Apache-2.0
"""What crosses the border for a paper: how it stands, told to every node when it changes and to whoever asks."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from tongban.database.statement import Statement
from tongban.exchange.actions import Asking, ask
from tongban.exchange.envelope import fitting
from tongban.exchange.question import Question
from tongban.exchange.registry import Message, answers, handles, replays
from tongban.licences.models import Licence, LicenceChange
from tongban.licences.queries import licence_by_file, stands, stands_since
from tongban.standards.actor import system
from tongban.standards.clock import local_date
from tongban.standards.node import here
from tongban.standards.refusal import NotFound

STATUS, STANDING = "licence.status", "licence.standing"
WITHIN = timedelta(seconds=30)  # then whoever asked is told that no answer came
FRESH = timedelta(minutes=1)  # an answer that is younger need not be asked for again
FORGOTTEN = "本节点从备份恢复，原因以存证账本的副本为准。"
PURPOSE = "核实电子文件现状"
BASIS = "《国务院关于在线政务服务的若干规定》（国务院令第716号）第十条"


Word = Literal["valid", "suspended", "revoked", "cancelled", "lapsed", "withdrawn"]

HEARD = (
    "INSERT INTO licences_told (node_code, file_digest, number, standing, since, heard_at) "
    "SELECT %s, %s, %s, %s, %s, %s WHERE EXISTS (SELECT 1 FROM guard) "
    "ON CONFLICT (node_code, file_digest) DO UPDATE SET number = EXCLUDED.number, standing = EXCLUDED.standing, "
    "since = EXCLUDED.since, heard_at = EXCLUDED.heard_at WHERE licences_told.number < EXCLUDED.number"
)
# After a restore: our own words give back the change, and how the licence stands after the newest of them.
REMEMBERED = (
    "INSERT INTO licences_change "
    "(licence_id, number, change, standing, reason, basis, actor, organization, at, told_at) "
    "SELECT id, %s, %s, %s, %s, '', '', issuer_organization, %s, %s FROM licences_licence WHERE file_digest = %s "
    "AND EXISTS (SELECT 1 FROM guard) ON CONFLICT (licence_id, number) DO UPDATE SET change = EXCLUDED.change, "
    "standing = EXCLUDED.standing, at = EXCLUDED.at, told_at = EXCLUDED.told_at"
)
STANDS = (
    "UPDATE licences_licence SET standing = %s, standing_since = %s, changes = %s "
    "WHERE file_digest = %s AND changes <= %s AND EXISTS (SELECT 1 FROM guard)"
)


class StandingTold(msgspec.Struct, frozen=True):
    """The body of `licence.standing`: one change; reason and basis stay with the organization that made it."""

    file: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]  # tagged SHA-256 of the sealed PDF
    number: Annotated[int, msgspec.Meta(ge=1, le=32_767)]
    change: Annotated[str, msgspec.Meta(pattern="^[a-z_]{1,40}$")]
    standing: Word
    since: Annotated[datetime, msgspec.Meta(tz=True)]


class StatusAsked(msgspec.Struct, frozen=True):
    """The body of the question `licence.status`: the SHA-256 of the sealed PDF."""

    file: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class StatusTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of its answer; all but the first only where the paper is known."""

    known: bool
    number: str = ""
    name: str = ""
    issuer: str = ""
    issued_on: str = ""
    standing: Word = "valid"
    since: str = ""  # the day on which it came to stand so, unless it has always been valid


def ask_status(node: str, file_digest: str, *, at: datetime) -> UUID:
    """Have the node that signed a file asked how it stands today. The question, whose answer comes later."""
    asking = status_of(node, file_digest)
    return ask(asking, actor=system(here().code), at=at, within=WITHIN, fresh=FRESH)


def status_of(node: str, file_digest: str) -> Asking:
    """The question how a file stands that this node has found genuine by its signature."""
    return Asking(peer=node, kind=STATUS, purpose=PURPOSE, basis=BASIS, body={"file": file_digest})


@answers(STATUS)
def tell_status(asked: Question, at: datetime) -> Mapping[str, Any]:
    """By the digest of the file, which only whoever has the file can know; nothing of its holder is told."""
    digest = fitting(asked.body, StatusAsked).file
    row = licence_by_file(digest)
    if row is None:
        return _plain(StatusTold(known=False))
    told = StatusTold(
        known=True,
        number=row.number,
        name=row.name,
        issuer=row.issuer_name,
        issued_on=local_date(row.issued_at).isoformat(),
        standing=stands(row, local_date(at)).value,
        since="" if (since := stands_since(row, local_date(at))) is None else since.isoformat(),
    )
    return _plain(told)


def told_of(row: Licence, change: LicenceChange) -> dict[str, Any]:
    """The body that tells every node of a change of a licence whose file is made."""
    words: dict[str, Any] = {
        "file": row.file_digest,
        "number": change.number,
        "change": change.change,
        "standing": change.standing,
        "since": change.at.isoformat(),
    }
    return _plain(fitting(words, StandingTold))


@handles(STANDING, body=StandingTold)
def hear_standing(message: Message, write: Statement) -> None:
    """How a licence of the sender stands. What it says of files that others signed is looked up by nobody."""
    told = fitting(message.body, StandingTold)
    write.guard("SELECT 1", [])
    write.write(HEARD, [message.sender, told.file, told.number, told.standing, told.since, message.received_at])


@replays(STANDING)
def follow_standing(message: Message, write: Statement) -> None:
    """After a restore: a peer's word as always; our own gives back what we had forgotten."""
    if message.sender != here().code:
        hear_standing(message, write)
        return
    told = fitting(message.body, StandingTold)
    if not Licence.objects.filter(file_digest=told.file).exists():
        raise NotFound(what="证照")  # it comes back with its case
    write.guard("SELECT 1", [])
    at = message.received_at
    write.write(REMEMBERED, [told.number, told.change, told.standing, FORGOTTEN, told.since, at, told.file])
    write.write(STANDS, [told.standing, told.since, told.number, told.file, told.number])


def _plain(told: msgspec.Struct) -> dict[str, Any]:
    words: dict[str, Any] = msgspec.to_builtins(told)
    return words
