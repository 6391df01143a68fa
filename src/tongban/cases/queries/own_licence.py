# SPDX-License-Identifier: Apache-2.0
"""What a case has yielded, for whoever applied for it."""

from tongban.cases.fees import paid_before_result
from tongban.cases.models import Case
from tongban.cases.queries.held import Held, read
from tongban.cases.queries.pages import visible
from tongban.cases.states import GIVEN, Part
from tongban.licences.models import Licence
from tongban.standards import clock
from tongban.standards.actor import Actor
from tongban.standards.refusal import NotFound


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
    case_id = licence.case_id
    # Once the case has ended it was handed over, and one that was destroyed cannot be read.
    if case_id is not None and Case.objects.filter(id=case_id, state__in=GIVEN).exists():
        require_paid(read(case_id), actor)


def require_paid(held: Held, actor: Actor) -> None:
    """Where the item lets the result wait for the fee, only the organ that made it reads it before."""
    if held.state is None or Part.HANDLING in held.relation(actor).parts:
        return
    no = paid_before_result(held.situation(clock.now(), held.state), actor)
    if no is not None and held.state in GIVEN:
        raise no
