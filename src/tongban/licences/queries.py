# SPDX-License-Identifier: Apache-2.0
"""Reading licences. Who may see a case is asked before: these answer for what the caller may see."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from tongban.licences import check_code, checking, status_list
from tongban.licences.errors import FileNotReady
from tongban.licences.models import (
    Licence,
    LicenceChange,
    LicenceNumber,
    Revision,
    SealUse,
    State,
    StatusList,
    ToldStanding,
)
from tongban.licences.standings import ALIVE, Standing
from tongban.licences.verify import Verdict
from tongban.regions.queries import trust_list
from tongban.standards.actor import Actor, Role
from tongban.standards.clock import local_date
from tongban.standards.node import Node
from tongban.standards.refusal import NotFound
from tongban.standards.signer import Signed
from tongban.vault import files
from tongban.vault.errors import KeyDestroyed
from tongban.vault.queries import subject_key

MOST_OF_HOLDER = 20
MOST_OWN = 100  # of one page

# What the resident worker asks: is there a file to be made, a change to be told?
PAPERS_DUE = (
    "SELECT 1 FROM licences_licence WHERE state = 'pending' AND failure = '' "
    "AND (claimed_until IS NULL OR claimed_until <= %(at)s)"
)
RESULTS_DUE, NOTICES_DUE = f"{PAPERS_DUE} AND NOT is_notice", f"{PAPERS_DUE} AND is_notice"
CHANGES_DUE = (
    "SELECT 1 FROM licences_change c JOIN licences_licence l ON l.id = c.licence_id "
    "WHERE c.told_at IS NULL AND l.state = 'ready'"
)
# By every file that was ever sealed: one that was lost and made again counts no more than the one that took its place.
NOT_COUNTING = (
    "WITH gone AS (SELECT id, file_digest, standing FROM licences_licence "
    "WHERE standing <> 'valid' OR valid_until < %(day)s) "
    "SELECT file_digest, standing FROM gone WHERE file_digest <> '' "
    "UNION SELECT u.file_digest, o.standing FROM licences_seal_use u JOIN gone o ON o.id = u.licence_id"
)


def stands(row: Licence, day: date) -> Standing:
    """How a licence stands on this day: what lasts until a date lapses by itself."""
    standing = Standing(row.standing)
    return Standing.LAPSED if standing in ALIVE and row.valid_until and row.valid_until < day else standing


def stands_since(row: Licence, day: date) -> date | None:
    """The day since which it stands so; None when it always did."""
    if row.valid_until and stands(row, day) is Standing.LAPSED and row.standing != Standing.LAPSED:
        return row.valid_until + timedelta(days=1)
    return local_date(row.standing_since) if row.standing_since else None


def licence(licence_id: UUID) -> Licence:
    """A licence by its identifier, which only its file and its case tell. NotFound when there is none."""
    found = Licence.objects.filter(id=licence_id).first()
    if found is None:
        raise NotFound(what="文书")
    return found


def licence_by_code(number: str, code: str) -> Licence:
    """A licence by what is printed on it: number and check code. NotFound for a wrong one of either, all the same.

    Editions have one number and each its own check code. A number that was taken over from elsewhere is its
    organization's; such a licence goes by its identifier.
    """
    named = LicenceNumber.objects.filter(number=number.strip()).first()
    asked: UUID | None = named.licence_id if named else None
    while asked is not None:
        if check_code.matches(asked, code):
            return licence(asked)
        asked = Licence.objects.filter(id=asked).values_list("replaced_by", flat=True).first()
    raise NotFound(what="文书")


def published_status() -> tuple[datetime, bytes]:
    """The newest list of licences that do not count, and of when it is. NotFound before the first."""
    row = StatusList.objects.first()
    if row is None:
        raise NotFound(what="状态清单")
    return row.issued_at, status_list.pack(Signed(bytes(row.document), bytes(row.signature), row.key_id, row.suite))


def files_that_do_not_count(day: date) -> list[tuple[str, Standing]]:
    """Every sealed file of this node, by digest, that is not to be relied upon on this day, and why."""
    with connection.cursor() as cursor:
        cursor.execute(NOT_COUNTING, {"day": day})
        return [(digest, _over(Standing(standing))) for digest, standing in cursor.fetchall()]


def _over(standing: Standing) -> Standing:
    """What is alive and listed all the same has come to its end."""
    return Standing.LAPSED if standing.counts else standing


def licences_of_case(case_id: UUID) -> list[Licence]:
    """What a case has yielded, oldest first."""
    return list(Licence.objects.filter(case_id=case_id).order_by("issued_at", "id"))


def licences_of_holder(index: bytes | None, names: Collection[str], types: Collection[str], day: date) -> list[Licence]:
    """What was issued here to this person and holds on this day, of these names or types, newest first."""
    if not index or not (names or types):
        return []
    asked = Q(name__in=[name for name in names if name]) | Q(type_code__in=[code for code in types if code])
    good = Licence.objects.filter(holder_index=index, state=State.READY, standing=Standing.VALID, is_notice=False)
    lasting = good.filter(Q(valid_until=None) | Q(valid_until__gte=day))
    return list(lasting.filter(asked).order_by("-issued_at")[:MOST_OF_HOLDER])


def licence_by_file(digest: str) -> Licence | None:
    """The licence whose sealed file this is or once was, PDF or OFD, when it was issued here."""
    found = Licence.objects.filter(file_digest=digest, state=State.READY).first()
    use = None if found else SealUse.objects.filter(file_digest=digest).first()
    return Licence.objects.filter(id=use.licence_id).first() if use else found


def told_standing(node: str, file_digest: str) -> ToldStanding | None:
    """What the node that signed a file has told unasked of how it stands; None when it never had to."""
    return ToldStanding.objects.filter(node_code=node, file_digest=file_digest).first()


def of_organization(actor: Actor, number: str) -> Licence | None:
    """The licence with this number or identifier, if the actor's organization issued it; approvers may look it up."""
    if actor.role is not Role.APPROVER or not actor.organization or not number:
        return None
    asked = Q(number=number) | Q(identifier=number)
    found = Licence.objects.filter(asked, issuer_organization=actor.organization, is_notice=False)
    return found.order_by("-edition").first()


def history(actor: Actor, licence_id: UUID) -> tuple[Licence, list[LicenceChange]]:
    """A licence of the actor's organization and every change of how it stands, oldest first; NotFound otherwise."""
    found = Licence.objects.filter(id=licence_id, issuer_organization=actor.organization, is_notice=False).first()
    if found is None or actor.role is not Role.APPROVER or not actor.organization:
        raise NotFound(what="证照")
    return found, list(LicenceChange.objects.filter(licence_id=licence_id).order_by("number"))


def revisions(licence_id: UUID) -> list[Revision]:
    """Every new edition that was asked for of this one, and by which it came about, oldest first."""
    rows = Revision.objects.filter(Q(licence_id=licence_id) | Q(edition_id=licence_id))
    return list(rows.order_by("asked_at", "id"))


def own(actor: Actor) -> list[Licence]:
    """What this node has issued or taken over for somebody, newest first, without former editions.

    Who acts for them sees what the mandate reaches.
    """
    mine = _of_holder(actor).filter(replaced_by=None).order_by("-issued_at", "-id")[:MOST_OWN]
    return [row for row in mine if actor.covers(row.task_code)]


def own_licence(licence_id: UUID, actor: Actor) -> Licence:
    """One of them, former editions among them. NotFound for everybody else's."""
    found = _of_holder(actor).filter(id=licence_id).first()
    if found is None or not actor.covers(found.task_code):
        raise NotFound(what="证照")
    return found


def _of_holder(actor: Actor) -> QuerySet[Licence]:
    if actor.role is not Role.APPLICANT or not actor.index:
        return Licence.objects.none()
    return Licence.objects.filter(holder_index=actor.index, is_notice=False)


def file(made: Licence) -> Iterator[bytes]:
    """The sealed PDF, piece by piece. FileNotReady while it is being made, KeyDestroyed once erased."""
    if made.state != State.READY:
        raise FileNotReady()
    return files.read(made.subject, data_key(made.subject), made.file_digest)


def ofd(made: Licence) -> Iterator[bytes]:
    """The sealed OFD, piece by piece. NotFound where none was made."""
    if made.state != State.READY or not made.ofd_digest:
        raise NotFound(what="这份文书的 OFD 版式文件")
    return files.read(made.subject, data_key(made.subject), made.ofd_digest)


def ofd_of(case_id: UUID, file_digest: str) -> Iterator[bytes]:
    """The OFD that was made together with this PDF of a case. NotFound where none was made."""
    row = Licence.objects.filter(case_id=case_id, file_digest=file_digest).first()
    if row is None:
        raise NotFound(what="这份文书的 OFD 版式文件")
    return ofd(row)


def data_key(subject: str) -> bytes:
    """The key that facts and file are sealed with. KeyDestroyed when it is no more."""
    key = subject_key(subject)
    if key is None:
        raise KeyDestroyed()
    return key


def check_file(data: bytes) -> Verdict:
    """The verdict on a PDF or OFD by the trust list that this node holds; papers of a node that left stay good."""
    return checking.check_file(data, {code: node.certificates for code, node in trust_list().nodes.items()})


def address(node: Node, licence_id: UUID) -> str:
    """The page of the issuing node that tells whether a licence is good; the QR code leads there."""
    return f"{node.address}/verify/{licence_id}"


def oldest_pending() -> datetime | None:
    """Since when the file that waits longest has been waiting; None when none waits."""
    return Licence.objects.filter(state=State.PENDING).order_by("issued_at").values_list("issued_at", flat=True).first()


def counting_of_case(case_id: UUID, day: date) -> str | None:
    """The number of a result of this case that still counts on this day; None without one. Notices are no results."""
    for row in Licence.objects.filter(case_id=case_id, is_notice=False).order_by("issued_at"):
        if stands(row, day) in ALIVE:
            return row.number
    return None
