# SPDX-License-Identifier: Apache-2.0
"""What a case has yielded, for whoever applied for it."""

from tongban.cases.fees import paid_before_result
from tongban.cases.models import Case
from tongban.cases.queries.held import Held, read
from tongban.cases.queries.pages import visible
from tongban.cases.states import GIVEN, Part
from tongban.licences.models import Licence
from tongban.standards import clock
from tongban.standards.actor import Actor, system
from tongban.standards.node import here
from tongban.standards.refusal import NotFound, Refusal


def own_licence(number_or_id: str, actor: Actor) -> Licence:
    """The newest result of a case of one's own that this node issued. NotFound for everybody else."""
    held = visible(number_or_id, actor)
    row = Licence.objects.filter(case_id=held.id, is_notice=False).order_by("issued_at", "id").last()
    if row is None or not held.relation(actor).applied:
        raise NotFound(what="本节点签发给您的证照")
    require_paid(held, actor)
    return row


def require_handed_over(licence: Licence, actor: Actor) -> None:
    """The refusal of the case that yielded it, where its holder has yet to pay for what was granted."""
    if (held := _granted(licence)) is not None:
        require_paid(held, actor)


def is_withheld(licence: Licence) -> bool:
    """Whether its holder has yet to pay for it: nobody is given it in their name meanwhile."""
    held = _granted(licence)
    return held is not None and _unpaid(held, system(here().code)) is not None


def require_paid(held: Held, actor: Actor) -> None:
    """Where the item lets the result wait for the fee, only the organ that made it reads it before."""
    if Part.HANDLING in held.relation(actor).parts:
        return
    if (no := _unpaid(held, actor)) is not None:
        raise no


def _granted(licence: Licence) -> Held | None:
    """The case that yielded it, until it was handed over; one that has ended may have been destroyed since."""
    is_open = licence.case_id is not None and Case.objects.filter(id=licence.case_id, state__in=GIVEN).exists()
    return read(licence.case_id) if licence.case_id is not None and is_open else None


def _unpaid(held: Held, actor: Actor) -> Refusal | None:
    if held.state is None or held.state not in GIVEN:
        return None
    return paid_before_result(held.situation(clock.now(), held.state), actor)
