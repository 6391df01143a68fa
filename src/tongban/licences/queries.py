# SPDX-License-Identifier: Apache-2.0
"""Reading licences. Who may see a case is asked before: these answer for what the caller may see."""

from collections.abc import Collection, Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tongban.licences.errors import FileNotReady
from tongban.licences.models import Licence, State
from tongban.licences.verify import Verdict, check_pdf
from tongban.regions.queries import trust_list
from tongban.standards.node import Node
from tongban.standards.refusal import NotFound
from tongban.vault import files
from tongban.vault.errors import KeyDestroyed
from tongban.vault.queries import subject_key

MOST_OF_HOLDER = 20

# What the resident worker asks: is there a file to be made?
PAPERS_DUE = (
    "SELECT 1 FROM licences_licence WHERE state = 'pending' AND (claimed_until IS NULL OR claimed_until <= %(at)s)"
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
    good = Licence.objects.filter(holder_index=index, state=State.READY, revoked_at=None, is_notice=False)
    return list(good.filter(asked).order_by("-issued_at")[:MOST_OF_HOLDER])


def licence_by_file(digest: str) -> Licence | None:
    """The licence whose sealed file this is, when it was issued here."""
    return Licence.objects.filter(file_digest=digest, state=State.READY).first()


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
