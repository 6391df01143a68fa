# SPDX-License-Identifier: Apache-2.0
"""Reading licences. Who may see a case is asked before: these answer for what the caller may see."""

from collections.abc import Collection, Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tongban.licences.errors import FileNotReady
from tongban.licences.models import Licence, LicenceChange, State, ToldStanding
from tongban.licences.standings import Standing
from tongban.licences.verify import Verdict, check_pdf
from tongban.regions.queries import trust_list
from tongban.standards.actor import Actor, Role
from tongban.standards.node import Node
from tongban.standards.refusal import NotFound
from tongban.vault import files
from tongban.vault.errors import KeyDestroyed
from tongban.vault.queries import subject_key

MOST_OF_HOLDER = 20

# What the resident worker asks: is there a file to be made, a change to be told?
PAPERS_DUE = (
    "SELECT 1 FROM licences_licence WHERE state = 'pending' AND (claimed_until IS NULL OR claimed_until <= %(at)s)"
)
CHANGES_DUE = (
    "SELECT 1 FROM licences_change c JOIN licences_licence l ON l.id = c.licence_id "
    "WHERE c.told_at IS NULL AND l.state = 'ready'"
)


def licence(licence_id: UUID) -> Licence:
    """A licence by its identifier, which only its file and its case tell. NotFound when there is none."""
    found = Licence.objects.filter(id=licence_id).first()
    if found is None:
        raise NotFound(what="文书")
    return found


def licences_of_case(case_id: UUID) -> list[Licence]:
    """What a case has yielded, oldest first."""
    return list(Licence.objects.filter(case_id=case_id).order_by("issued_at", "id"))


def licences_of_holder(index: bytes | None, names: Collection[str], types: Collection[str]) -> list[Licence]:
    """What was issued here to this person and holds, of these names or types, newest first."""
    if not index or not (names or types):
        return []
    asked = Q(name__in=[name for name in names if name]) | Q(type_code__in=[code for code in types if code])
    good = Licence.objects.filter(holder_index=index, state=State.READY, standing=Standing.VALID, is_notice=False)
    return list(good.filter(asked).order_by("-issued_at")[:MOST_OF_HOLDER])


def licence_by_file(digest: str) -> Licence | None:
    """The licence whose sealed file this is, when it was issued here."""
    return Licence.objects.filter(file_digest=digest, state=State.READY).first()


def told_standing(node: str, file_digest: str) -> ToldStanding | None:
    """What the node that signed a file has told unasked of how it stands; None when it never had to."""
    return ToldStanding.objects.filter(node_code=node, file_digest=file_digest).first()


def of_organization(actor: Actor, number: str) -> Licence | None:
    """The licence with this number or identifier, if the actor's organization issued it; approvers may look it up."""
    if actor.role is not Role.APPROVER or not actor.organization or not number:
        return None
    asked = Q(number=number) | Q(identifier=number)
    return Licence.objects.filter(asked, issuer_organization=actor.organization, is_notice=False).first()


def history(actor: Actor, licence_id: UUID) -> tuple[Licence, list[LicenceChange]]:
    """A licence of the actor's organization and every change of how it stands, oldest first; NotFound otherwise."""
    found = Licence.objects.filter(id=licence_id, issuer_organization=actor.organization, is_notice=False).first()
    if found is None or actor.role is not Role.APPROVER or not actor.organization:
        raise NotFound(what="证照")
    return found, list(LicenceChange.objects.filter(licence_id=licence_id).order_by("number"))


def file(made: Licence) -> Iterator[bytes]:
    """The sealed PDF, piece by piece. FileNotReady while it is being made, KeyDestroyed once erased."""
    if made.state != State.READY:
        raise FileNotReady()
    return files.read(made.subject, data_key(made.subject), made.file_digest)


def data_key(subject: str) -> bytes:
    """The key that facts and file are sealed with. KeyDestroyed when it is no more."""
    key = subject_key(subject)
    if key is None:
        raise KeyDestroyed()
    return key


def check_file(data: bytes) -> Verdict:
    """The verdict on a PDF by the trust list that this node holds; papers of a node that has left stay good."""
    return check_pdf(data, {code: node.certificates for code, node in trust_list().nodes.items()})


def address(node: Node, licence_id: UUID) -> str:
    """The page of the issuing node that tells whether a licence is good; the QR code leads there."""
    return f"{node.address}/verify/{licence_id}"


def oldest_pending() -> datetime | None:
    """Since when the file that waits longest has been waiting; None when none waits."""
    return Licence.objects.filter(state=State.PENDING).order_by("issued_at").values_list("issued_at", flat=True).first()
