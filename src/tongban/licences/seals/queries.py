# SPDX-License-Identifier: Apache-2.0
"""Reading the register of seals: its custodian sees a seal, whoever runs the node sees all, nobody else any."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tongban.identity.models import Staff
from tongban.licences.errors import SealNotInUse
from tongban.licences.models import Licence, Seal, SealChange, SealOrder, SealUse, State
from tongban.licences.seals.states import Hand, SealState
from tongban.standards.actor import Actor, Role
from tongban.standards.refusal import NotFound

USES_SHOWN = 50
OTHERS = {str(Role.APPLICANT): "申请人", str(Role.SYSTEM): "系统"}


@dataclass(frozen=True)
class SealPage:
    """A seal with all that is told of it."""

    seal: Seal
    hands: frozenset[Hand]
    changes: Sequence[SealChange]  # oldest first
    uses: Sequence[SealUse]  # newest first
    used: int  # so often in all
    waiting: int  # papers that wait for it
    order: SealOrder | None  # that waits for a second person
    names: Mapping[str, str]  # of those whose acts asked for the uses, by pseudonym


def hands_of(actor: Actor, seal: Seal) -> frozenset[Hand]:
    """What somebody is to this seal; nothing for strangers."""
    found = {Hand.CUSTODIAN} if seal.custodian == actor.id and actor.role is not Role.APPLICANT else set()
    return frozenset(found | ({Hand.OPERATOR} if actor.role is Role.OPERATOR else set()))


def seals(actor: Actor) -> list[Seal]:
    """The seals that somebody may see, those in use first."""
    rows = Seal.objects.order_by("organization_name", "-made_at")
    return list(rows if actor.role is Role.OPERATOR else rows.filter(custodian=actor.id))


def is_custodian(actor: Actor) -> bool:
    """Whether somebody looks after a seal."""
    return Seal.objects.filter(custodian=actor.id).exists()


def seal_page(seal_id: UUID, actor: Actor, after: int = 0) -> SealPage:
    """One seal; `after` goes on behind that use. NotFound for whoever has nothing to do with it."""
    seal = Seal.objects.filter(id=seal_id).first()
    hands = hands_of(actor, seal) if seal else frozenset()
    if seal is None or not hands:
        raise NotFound(what="印章")
    uses = SealUse.objects.filter(seal_id=seal.id)
    shown = list((uses.filter(id__lt=after) if after else uses).order_by("-id")[:USES_SHOWN])
    return SealPage(
        seal=seal,
        hands=hands,
        changes=list(SealChange.objects.filter(seal_id=seal.id).order_by("number")),
        uses=shown,
        used=uses.count(),
        waiting=waiting(seal.organization),
        order=SealOrder.objects.filter(seal_id=seal.id, answer="").first(),
        names=_names({each.person for each in shown}),
    )


def _names(pseudonyms: Iterable[str]) -> dict[str, str]:
    """Staff by name; of others only what they are."""
    ids = {each: each.partition(":")[2] for each in pseudonyms}
    names = dict(Staff.objects.filter(id__in=ids.values()).values_list("id", "name"))
    by_id = {str(key): name for key, name in names.items()}
    return {each: by_id.get(id, OTHERS.get(each.partition(":")[0], "")) for each, id in ids.items()}


def standing_seals() -> list[Seal]:
    """The seals that are not destroyed, in use or not."""
    return list(Seal.objects.exclude(state=SealState.DESTROYED))


def seal_of(organization: str, kind: str = "document") -> Seal | None:
    """The seal of an organization that is not destroyed, in use or not."""
    return Seal.objects.filter(organization=organization, kind=kind).exclude(state=SealState.DESTROYED).first()


def waiting(organization: str, until: datetime | None = None) -> int:
    """How many papers of an organization wait for its seal."""
    held = Licence.objects.filter(state=State.PENDING, failure=SealNotInUse.code, issuer_organization=organization)
    return held.filter(issued_at__lte=until).count() if until else held.count()
