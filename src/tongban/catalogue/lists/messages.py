# SPDX-License-Identifier: Apache-2.0
"""What crosses the border of lists and agreements; only whose they are may tell of them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec

from tongban.catalogue.lists import actions, signing
from tongban.catalogue.lists import agreement as agreements
from tongban.catalogue.lists import content as contents
from tongban.catalogue.lists.actions.agreeing import require_notice, row_of
from tongban.catalogue.lists.agreement import Agreement
from tongban.catalogue.lists.errors import (
    AgreementForged,
    AgreementNotYours,
    ListDigestWrong,
    ListNotFromPublisher,
    ListRefused,
    ListVersionReused,
)
from tongban.catalogue.lists.signing import Side, Signature
from tongban.catalogue.lists.words import CONFIRMED, ENDED, OFFERED, PUBLISHED, REFUSED, SUPERSEDED
from tongban.catalogue.models import ListAct, ListVersion, RegionAgreement
from tongban.database.statement import Statement
from tongban.exchange.registry import Message, handles, replays
from tongban.regions.queries import trust_list
from tongban.standards.canonical import canonical
from tongban.standards.clock import local_date
from tongban.standards.crypto import is_digest
from tongban.standards.node import here

REPLACE = (
    "UPDATE catalogue_list_version SET status = 'superseded' WHERE publisher = %s AND code = %s AND version < %s "
    "AND status IN ('published', 'withdrawn') AND EXISTS (SELECT 1 FROM guard)"
)
STAND = (
    "UPDATE catalogue_list_version SET status = %s, status_reason = %s, fresh_until = %s WHERE publisher = %s "
    "AND code = %s AND version = %s AND status <> 'superseded' AND EXISTS (SELECT 1 FROM guard)"
)
ONCE = "ON CONFLICT DO NOTHING"
# How an agreement may come to stand so; a word that comes too late changes nothing. Who has signed before hearing that
# the offer was taken back has signed (民法典 on the revocation of an offer).
FOLLOWS = {
    "confirmed": ("offered", "retracted"),
    "refused": ("offered",),
    "retracted": ("offered",),
    "ended": ("confirmed",),
}
ANSWER = (
    "UPDATE catalogue_agreement SET standing = %s, reason = %s, ends_on = %s, signatures = %s::jsonb, changed_at = %s "
    "WHERE id = %s AND standing = ANY(%s) AND EXISTS (SELECT 1 FROM guard)"
)


class Announced(msgspec.Struct, frozen=True):
    """The body of `list.published`; words that a newer version may add are left aside."""

    version: Annotated[int, msgspec.Meta(ge=1)]
    document: str
    digest: str
    status: Literal["", "withdrawn"] = ""
    reason: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class Act(msgspec.Struct, frozen=True):
    """One change of how an entry stands."""

    number: Annotated[int, msgspec.Meta(ge=1)]
    entry: contents.EntryCode
    status: Annotated[str, msgspec.Meta(pattern="^[a-z_]{1,40}$")]
    reason: Annotated[str, msgspec.Meta(max_length=2000)]
    on_day: date
    actor: Annotated[str, msgspec.Meta(max_length=100)]
    at: Annotated[datetime, msgspec.Meta(tz=True)]


class Acts(msgspec.Struct, frozen=True):
    """The body of `list.standing`."""

    acts: Annotated[tuple[Act, ...], msgspec.Meta(min_length=1, max_length=1000)]


class Answer(msgspec.Struct, frozen=True):
    """The body of `agreement.told`."""

    standing: Literal["offered", "confirmed", "refused", "retracted", "ended"]
    side: Side
    digest: str
    document: str = ""
    signature: Signature | None = None
    reason: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    ends_on: date | None = None


@handles("list.published", body=Announced)
def store_list(message: Message, write: Statement) -> None:
    """Keep another node's list as it was published; withdrawn, when its publisher says so."""
    told = _read(message, Announced)
    of = contents.read(told.document.encode())
    _require_speaker(message, of.publisher.region)
    _require_digest(told.digest, told.document, of.title)
    rows = ListVersion.objects.filter(publisher=of.publisher.code, code=of.code)
    kept = {row.version: row.digest for row in rows}
    if kept.get(told.version, told.digest) != told.digest:
        raise ListVersionReused(title=of.title, version=told.version)
    node = "" if message.sender == here().code else message.sender
    row = actions.row_of(of, told.version, told.digest, message.occurred_at, node)
    if told.version in kept:
        these = [told.status or PUBLISHED, told.reason, row["fresh_until"], of.publisher.code, of.code, told.version]
        write.write(STAND, these)
        return
    newest = told.version > max(kept, default=0)
    if newest:
        write.write(REPLACE, [of.publisher.code, of.code, told.version])
    stands = {"status": (told.status or PUBLISHED) if newest else SUPERSEDED, "status_reason": told.reason}
    write.insert(ListVersion, [row | stands])


replays("list.published")(store_list)


@handles("list.standing", body=Acts)
def store_acts(message: Message, write: Statement) -> None:
    """Add to the history of a list's entries; what is there already stays as it is."""
    told = _read(message, Acts)
    publisher, code = _named(message.subject)
    row = ListVersion.objects.filter(publisher=publisher, code=code).first()
    if row is None:
        raise ListRefused("subject", "还没有收到这份清单。")
    _require_speaker(message, row.region_code)
    same = {"publisher": publisher, "code": code}
    write.insert(ListAct, [same | msgspec.structs.asdict(act) for act in told.acts], on_conflict=ONCE)


replays("list.standing")(store_acts)


@handles("agreement.told", body=Answer)
def hear_agreement(message: Message, write: Statement) -> None:
    """What one side of an agreement says: it offers it, signs it, refuses it, takes it back or ends it."""
    told = _read(message, Answer)
    row = RegionAgreement.objects.filter(id=message.subject.removeprefix("agreement/")).first()
    if told.standing == OFFERED:
        if row is None:
            _keep(message, told, write)
        return
    if row is None or row.digest != told.digest:
        raise ListRefused("digest", "没有这份协议，或者内容与我们所知的不同。")
    _require_side(message, row.agreement, told.side)
    _require_turn(row, told, message)
    given = row.signatures
    if told.standing == CONFIRMED:
        given = signing.put_under(given, _checked(told, bytes(row.document), row.agreement))
    signatures = canonical(given).decode()
    after = [told.standing, told.reason or row.reason, told.ends_on or row.ends_on, signatures, message.occurred_at]
    write.write(ANSWER, [*after, row.id, list(FOLLOWS[told.standing])])


replays("agreement.told")(hear_agreement)


def _keep(message: Message, told: Answer, write: Statement) -> None:
    document = told.document.encode()
    agreement = agreements.read(document)
    agreements.check(agreement)
    if message.subject != f"agreement/{agreement.id}":
        raise ListRefused("subject", "协议的编号与报文的主题不符。")
    _require_side(message, agreement, told.side)
    other: Side = "intake" if told.side == "handling" else "handling"
    if here().code not in (message.sender, signing.node_of(agreement, other).code):
        raise AgreementNotYours()
    _require_digest(told.digest, told.document, agreement.title)
    signature = _checked(told, document, agreement)
    row = row_of(agreement, document, told.digest, told.side, message.occurred_at)
    row["signatures"] = canonical([contents.plain(signature)]).decode()
    write.insert(RegionAgreement, [row], on_conflict=ONCE)


def _require_turn(row: RegionAgreement, told: Answer, message: Message) -> None:
    """Who offered it does not answer it, and nobody else takes it back; notice is as long as was agreed."""
    offers = told.side == row.offered_by
    if (told.standing in (CONFIRMED, REFUSED) and offers) or (told.standing == "retracted" and not offers):
        raise AgreementNotYours()
    if told.standing == ENDED:
        if told.ends_on is None:
            raise ListRefused("ends_on", "没有写明终止的日期。")
        require_notice(row.agreement, told.ends_on, local_date(message.occurred_at))


def _checked(told: Answer, document: bytes, agreement: Agreement) -> Signature:
    """The signature that comes with it, of the right side and true."""
    node = signing.node_of(agreement, told.side)
    if told.signature is None or told.signature.side != told.side:
        raise AgreementForged(node=node.code)
    signing.require_signed(document, told.signature, node)
    return told.signature


def _require_side(message: Message, agreement: Agreement, side: Side) -> None:
    if signing.node_of(agreement, side).code != message.sender:
        raise AgreementNotYours()


def _require_speaker(message: Message, region: str) -> None:
    if trust_list().speaker_for(region).code != message.sender:
        raise ListNotFromPublisher(node=message.sender, region=region)


def _require_digest(digest: str, document: str, what: str) -> None:
    """The digest is in its publisher's suite, which its own prefix names."""
    if not is_digest(digest, document.encode()):
        raise ListDigestWrong(what=what)


def _named(subject: str) -> tuple[str, str]:
    word, _, rest = subject.partition("/")
    publisher, _, code = rest.partition("/")
    if word != "list" or not publisher or not code:
        raise ListRefused("subject", "报文的主题不是清单。")
    return publisher, code


def _read(message: Message, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(dict(message.body), kind)
    except msgspec.ValidationError as why:
        raise ListRefused("body", f"报文内容不合格式：{why}。") from why
