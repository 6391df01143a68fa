# SPDX-License-Identifier: Apache-2.0
"""Fees for the payment system of an organ: what a case owes, and that it was paid."""

from ninja import Router

from tongban.cases import actions, queries
from tongban.standards import clock
from tongban.web.api.schemas import Due, Moved, Paid
from tongban.web.api.speech import Answer, Asked, accepts, actor_of, declared, heard, told

router = Router(tags=["payments"])


@router.get("/{number}", summary="The fee of a case", openapi_extra=declared({200: Due}, 401, 403, 404))
def due(request: Asked, number: str) -> Answer:
    """How much, to whom, until when, and how it stands."""
    return told(Due.of(queries.fee_of(number, actor_of(request))))


@router.post(
    "/{number}",
    summary="A fee was paid",
    openapi_extra=accepts(Paid) | declared({200: Moved}, 401, 403, 404, 409, 422),
)
def paid(request: Asked, number: str) -> Answer:
    """Confirm what the case was asked for: exactly that sum, else 422. The same bill may be told again.

    For the organ that decides, with a token of its own for `payments:write` and nothing else.
    """
    said = heard(request, Paid)
    actions.confirm_paid(number, fen=said.fen, bill=said.bill, actor=actor_of(request), at=clock.now())
    return told(Moved(real=True))
