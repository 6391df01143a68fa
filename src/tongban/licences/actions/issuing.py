# SPDX-License-Identifier: Apache-2.0
"""Issuing licences and making their files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, models, transaction
from uuid_utils.compat import uuid7

from tongban.database.statement import Statement
from tongban.ledger import actions as ledger
from tongban.licences import check_code, documents, identifier, queries
from tongban.licences.actions import seals
from tongban.licences.errors import FileNotMade, SealNotInUse
from tongban.licences.models import Licence, LicenceNumber, State
from tongban.licences.ofd import pages
from tongban.licences.seals import signing
from tongban.licences.seals.queries import seal_of
from tongban.licences.seals.signing import Sealed
from tongban.licences.standings import Standing
from tongban.licences.typesetting import typeset
from tongban.standards.actor import system
from tongban.standards.canonical import canonical, parse
from tongban.standards.clock import local_date
from tongban.standards.node import here
from tongban.standards.refusal import Refusal
from tongban.vault import files, keys
from tongban.vault.actions import keep_key

log = structlog.get_logger()

CLAIM = timedelta(seconds=15)  # a file takes a tenth of a second; after a quarter of a minute its worker is dead
ATTEMPTS = 5
BOTH = (True, False)  # notices, and what a case was asked for
OFD_WITH = "sm2"  # the suite of nodes that give out an OFD as well: it is sealed with SM2 and SM3

CLAIM_BULK = (
    "UPDATE licences_licence SET state = 'pending', claimed_until = %s, attempts = attempts + 1 WHERE id = ("
    "SELECT id FROM licences_licence WHERE state = 'queued' ORDER BY issued_at LIMIT 1 FOR UPDATE SKIP LOCKED) "
    "RETURNING *"
)

when_ready: list[Callable[[Licence, datetime], None]] = []  # told in the transaction that makes it ready
when_failed: list[Callable[[Licence, datetime], None]] = []  # likewise; the licence names the refusal


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What an organization gives somebody: everything a licence starts from."""

    type_code: str  # a style of documents.STYLES
    name: str  # the title, e.g. 无犯罪记录证明
    facts: documents.Facts  # JSON; what the type reads is said in documents
    holder_name: str
    holder_index: bytes | None
    issuer: str  # credit code
    issuer_name: str
    region: str
    task_code: str
    case_id: UUID | None
    subject: str  # whose data key seals facts and file
    number_pattern: str = documents.NUMBER
    is_notice: bool = False
    definition: str = ""  # code of the type in types; empty: of none, then the issuer's own first stands in its place
    definition_version: int = 0
    valid_until: date | None = None  # the last day; None: no end


def take_serial() -> int:
    """The next serial of this node; numbers are never reused, a gap means an act that was not completed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('licences_serial')")
        return int(cursor.fetchone()[0])


def issue_rows(
    grant: Grant, *, serial: int, key: bytes, at: datetime, by: str = ""
) -> dict[type[models.Model], dict[str, Any]]:
    """The rows that issue a licence, for the statement of the act that grants it; its file is made later.

    `by` is the pseudonym of whose act it is: the use of the seal will name them. Refuses what no worker could mend:
    an unknown type, missing facts, an odd number pattern.
    """
    licence_id = uuid7()
    year = local_date(at).year
    number = documents.number(grant.number_pattern, region=grant.region, year=year, serial=serial)
    row = blank() | {
        "id": licence_id,
        "number": number,
        "identifier": _identifier(grant, f"{year}{serial:07d}"),
        "type_code": grant.type_code,
        "is_notice": grant.is_notice,
        "name": grant.name,
        "holder_name": grant.holder_name,
        "holder_index": grant.holder_index,
        "issuer_organization": grant.issuer,
        "issuer_name": grant.issuer_name,
        "node_code": here().code,
        "subject": grant.subject,
        "case_id": grant.case_id,
        "task_code": grant.task_code,
        "facts_sealed": keys.seal(key, canonical(dict(grant.facts)), facts_context(licence_id)),
        "issued_at": at,
        "granted_by": by,
        "valid_until": grant.valid_until,
        "definition": grant.definition,
        "definition_version": grant.definition_version,
    }
    documents.compose(grant.type_code, _heading(Licence(**row)), grant.facts)
    return {Licence: row, LicenceNumber: {"number": number, "licence_id": licence_id}}


def adopt_paper(
    write: Statement, grant: Grant, *, number: str, key: bytes, at: datetime, file_digest: str = "", file_size: int = 0
) -> None:
    """A paper of this node's that a restore had forgotten, wholly or just its file: it is made no second time.

    One whose file nobody was told of is made now, with the same number.
    """
    ready = _ready(file_digest, file_size, at) if file_digest else {}
    if ready and adopt_file(number, file_digest=file_digest, file_size=file_size, at=at):
        return
    rows = issue_rows(grant, serial=0, key=key, at=at)
    write.insert(Licence, [rows[Licence] | ready | {"number": number}])
    write.insert(LicenceNumber, [rows[LicenceNumber] | {"number": number}])


def adopt_file(number: str, *, file_digest: str, file_size: int, at: datetime) -> bool:
    """The file of a paper that is known here comes back from a peer. Whether there is such a paper."""
    known = Licence.objects.filter(number=number, replaced_by=None)
    return bool(known.update(**_ready(file_digest, file_size, at)))


def _ready(file_digest: str, file_size: int, at: datetime) -> dict[str, Any]:
    return {"state": State.READY.value, "file_digest": file_digest, "file_size": file_size, "sealed_at": at}


def issue_paper(grant: Grant, *, key: bytes, wrapped: bytes, at: datetime, by: str = "") -> str:
    """Issue a paper on its own, with the data key that opens it. Its number."""
    rows = issue_rows(grant, serial=take_serial(), key=key, at=at, by=by)
    write = Statement()
    write.guard("SELECT 1", [])
    keep_key(write, grant.subject, wrapped)
    for model, row in rows.items():
        write.insert(model, [row])
    write.run()
    return str(rows[Licence]["number"])


def make_files_once(at: datetime, *, notices: bool | None = None) -> bool:
    """Make the file that waits longest. False when none waits.

    Two workers never finish the same one: a claim is a conditional update, and only its holder may finish. Results
    and notices are made apart: who waits for a result does not wait behind the notices of others.
    """
    return _made(_claim(at, BOTH if notices is None else (notices,)), at)


def make_bulk_once(at: datetime) -> bool:
    """Make the file of one licence of those that one order lets be sealed. False when none waits.

    Apart from the others, so that a hundred thousand of them keep nobody's result waiting. From here on it is claimed
    like any other: what a killed worker leaves is taken up with the results.
    """
    claimed = Licence.objects.raw(CLAIM_BULK, [at + CLAIM])
    return _made(next(iter(claimed), None), at)


def _made(licence: Licence | None, at: datetime) -> bool:
    if licence is None:
        return False
    try:
        sealed = make_files(licence, at=at)
    except SealNotInUse:
        seals.hold(licence, at)
    except Refusal as why:
        _fail(licence, why, at)
    except Exception:
        log.exception("licence file not made", licence=str(licence.id), attempt=licence.attempts)
        if licence.attempts >= ATTEMPTS:
            _fail(licence, FileNotMade(), at)
    else:
        _finish(licence, sealed, at)
    return True


def make_files(licence: Licence, *, at: datetime) -> list[Sealed]:
    """The sealed PDF of a licence, and the OFD where the node uses the national algorithms, both of the same words.

    SealNotInUse, or a Refusal when its words cannot be printed or its key is gone.
    """
    seal = signing.require_usable(seal_of(licence.issuer_organization), at, licence.issuer_name)
    paper = paper_of(licence)
    made = [signing.seal(seal, typeset(paper, at=at), at=at)]
    if here().suite == OFD_WITH:
        made.append(signing.seal_as_ofd(seal, pages.files(paper, at), at=at))
    return made


def paper_of(licence: Licence) -> documents.Paper:
    """The words of a licence. KeyDestroyed when they are gone."""
    return documents.compose(licence.type_code, _heading(licence), facts_of(licence))


def facts_of(licence: Licence) -> dict[str, Any]:
    """What was sealed when it was issued. KeyDestroyed when it is gone."""
    sealed = keys.unseal(queries.data_key(licence.subject), bytes(licence.facts_sealed), facts_context(licence.id))
    told: dict[str, Any] = parse(sealed)
    return told


def make_again(licence_id: UUID) -> bool:
    """Queue a failed file once more, e.g. after a font was added. False when it had not failed."""
    fresh = {"state": State.PENDING, "failure": "", "failure_says": "", "attempts": 0, "claimed_until": None}
    return bool(Licence.objects.filter(id=licence_id, state=State.FAILED).update(**fresh))


def make_lost_again(subject: str, digest: str) -> None:
    """Queue a sealed file that this node lost and no peer has: same number, same words, sealed anew."""
    if not files.has(subject, digest):
        lost = Licence.objects.filter(subject=subject, file_digest=digest, state=State.READY, node_code=here().code)
        lost.update(state=State.PENDING, attempts=0, claimed_until=None)


def _claim(at: datetime, notices: tuple[bool, ...] = BOTH) -> Licence | None:
    """Take the licence that waits longest and is in nobody's hands; SKIP LOCKED: workers do not queue."""
    claimed = Licence.objects.raw(
        "UPDATE licences_licence SET claimed_until = %s, attempts = attempts + 1 WHERE id = ("
        "SELECT id FROM licences_licence WHERE state = 'pending' AND failure = '' "
        "AND (claimed_until IS NULL OR claimed_until <= %s) AND is_notice = ANY(%s) "
        "ORDER BY issued_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING *",
        [at + CLAIM, at, list(notices)],
    )
    return next(iter(claimed), None)


def _finish(licence: Licence, sealed: Sequence[Sealed], at: datetime) -> None:
    """Store the file and say so, unless the claim has passed to another worker meanwhile.

    When the seal was suspended while it was being made, nobody gets to see the file.
    """
    stored = files.store_all(licence.subject, queries.data_key(licence.subject), [[each.data] for each in sealed])
    pdf, *ofd = stored
    done = {
        "state": State.READY,
        "file_digest": pdf.digest,
        "file_size": pdf.size,
        "ofd_digest": ofd[0].digest if ofd else "",
        "certificate_id": sealed[0].certificate_id,
        "sealed_at": at,
    }
    facts = {"number": licence.number, "file": pdf.digest, "certificate": sealed[0].certificate_id}
    facts |= {"ofd": ofd[0].digest} if ofd else {}
    try:
        with transaction.atomic():
            seal = seals.still_usable(licence, at)
            if _end(licence, done, "licence.sealed", facts, when_ready, at):
                for each, file in zip(sealed, stored, strict=True):
                    seals.note_use(seal, licence, each, file.digest, at)
    except SealNotInUse:
        seals.hold(licence, at)


def _fail(licence: Licence, why: Refusal, at: datetime) -> None:
    """Stop the file by name; whoever granted the licence is told."""
    done = {"state": State.FAILED, "failure": why.code, "failure_says": why.sentence}
    facts = {"number": licence.number, "failure": why.code}
    _end(licence, done, "licence.failed", facts, when_failed, at)
    log.warning("licence file refused", licence=str(licence.id), failure=why.code)


@transaction.atomic
def _end(
    licence: Licence,
    done: dict[str, Any],
    verb: str,
    facts: dict[str, str],
    told: list[Callable[[Licence, datetime], None]],
    at: datetime,
) -> bool:
    """Write the outcome, its line, and tell; all or nothing, and only while the claim is ours. Whether it was."""
    mine = Licence.objects.filter(id=licence.id, state=State.PENDING, claimed_until=licence.claimed_until)
    if not mine.update(claimed_until=None, **done):
        return False
    for name, value in done.items():
        setattr(licence, name, value)
    ledger.write(f"licence:{licence.id}", verb=verb, actor=system(here().code), at=at, facts=facts)
    for tell in told:
        tell(licence, at)
    return True


def blank() -> dict[str, Any]:
    """The columns that only the making of the file fills."""
    return {
        "state": State.PENDING.value,
        "failure": "",
        "failure_says": "",
        "attempts": 0,
        "claimed_until": None,
        "file_digest": "",
        "file_size": 0,
        "ofd_digest": "",
        "certificate_id": "",
        "sealed_at": None,
        "standing": Standing.VALID.value,
        "standing_since": None,
        "changes": 0,
        "granted_by": "",
        "valid_until": None,
        "definition": "",
        "definition_version": 0,
        "edition": 1,
        "replaced_by": None,
        "stock_id": None,
    }


def _heading(licence: Licence) -> documents.Heading:
    return documents.Heading(
        title=licence.name,
        number=licence.number,
        identifier=licence.identifier,
        issuer=licence.issuer_name,
        dated=local_date(licence.issued_at),
        node=here().name,
        address=queries.address(here(), licence.id),
        demonstration=here().demo,
        valid_until=licence.valid_until,
        check_code=check_code.code_of(licence.id),
    )


def _identifier(grant: Grant, serial: str) -> str:
    """The licence's identifier after GB/T 36904; empty when codes of the grant have not its form."""
    try:
        return str(identifier.compose(grant.definition or f"{grant.issuer}001", grant.issuer, serial))
    except ValueError:
        return ""


def facts_context(licence_id: UUID) -> bytes:
    """Facts cannot be moved to another licence unseen."""
    return b"licence:" + licence_id.bytes
