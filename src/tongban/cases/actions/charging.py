# SPDX-License-Identifier: Apache-2.0
"""What a payment system tells of a case: the sum that came in, and under which number."""

from datetime import datetime

from tongban.cases import once
from tongban.cases.actions.moving import make_move
from tongban.cases.errors import Changed, FeeSettled, NotNow
from tongban.cases.queries.pages import visible
from tongban.standards.actor import Actor

PAY = "confirm_payment"


def confirm_paid(number_or_id: str, *, fen: int, bill: str, actor: Actor, at: datetime) -> bool:
    """The fee of a case is paid. False when the same bill said so before, which may be told again at any time."""
    held = visible(number_or_id, actor)
    token = f"bill:{bill}"
    facts = {"paid": str(fen), "bill": bill, "proved": "system"}
    try:
        make_move(held.id, PAY, actor=actor, at=at, facts=facts, once=token)
    except (FeeSettled, NotNow, Changed):
        if once.is_spent(held.id, token):
            return False
        raise
    return True
