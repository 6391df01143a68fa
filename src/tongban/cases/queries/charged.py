# SPDX-License-Identifier: Apache-2.0
"""The fee of a case as a page shows it."""

from collections.abc import Sequence

from tongban.cases import fees
from tongban.cases.queries.progress import clock_views
from tongban.cases.queries.timeline import Line, last, lines_of
from tongban.cases.queries.views import ClockView, FeeView
from tongban.cases.queries.whole import whole
from tongban.cases.situation import Situation
from tongban.cases.states import State
from tongban.standards import clock
from tongban.standards.actor import Actor


def fee_view(case: Situation, lines: Sequence[Line], running: Sequence[ClockView]) -> FeeView | None:
    """How the fee stands. None while nobody is asked for one and nothing is let off."""
    asked, went, stands = case.rules.fee.payment, case.progress, fees.stands(case)
    if asked is None or not stands:
        return None
    limit = next((each for each in running if each.kind == "payment" and each.ended_at is None), None)
    confirmed = last(lines, "confirm_payment")
    charged, spared = (fees.lines(case.rules, numbers).values() for numbers in (went.charges, went.spared))
    return FeeView(
        stands=stands,
        amount=0 if stands == fees.OVER else fees.amount(case),
        lines=tuple((line.name, line.fen, line.basis) for line in charged),
        spared=tuple(line.name for line in spared),
        basis=case.rules.fee.basis,
        payee=asked.payee,
        how=asked.how,
        due_on=limit.due_on if limit else None,
        left=limit.left if limit else "",
        standing=limit.standing if limit else "",
        consequence=fees.consequence(case.rules) if stands == fees.ASKED else "",
        bill=confirmed.stated["bill"] if confirmed and stands == fees.PAID else "",
    )


def fee_of(number_or_id: str, actor: Actor) -> FeeView | None:
    """The fee of one case, once somebody is asked for it. NotFound when the case is not the actor's to see."""
    found = whole(number_or_id, actor)
    held = found.held
    case = held.situation(clock.now(), held.state or State.SUBMITTED)
    return fee_view(case, lines_of(held, found.events), clock_views(case))
