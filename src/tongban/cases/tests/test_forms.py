# SPDX-License-Identifier: Apache-2.0
"""What a case page says covers the whole table: every state its sentence, every move its place."""

from tongban.cases.notices import CONSEQUENCES
from tongban.cases.queries.forms import FORWARD, GROUPS, HEADINGS
from tongban.cases.queries.sentences import NEXT, REMEDIES
from tongban.cases.queries.timeline import CHARGED, CHOSEN, MATERIALS, SHOWN
from tongban.cases.states import ENDED, State
from tongban.cases.transitions import ISSUING, MOVES
from tongban.standards.actor import Role

STAFF = {Role.CLERK, Role.APPROVER}
# Put in words by the case itself, or by the move alone.
TOLD_APART = {"fields", "corrected", "step", "problem", "papers", "confirmed", "paid"}


def test_every_state_says_what_comes_next() -> None:
    assert set(NEXT) == set(State)
    assert all(sentence.endswith("。") for sentence in (*NEXT.values(), *CONSEQUENCES.values()))


def test_every_end_without_a_result_stands_with_its_reason() -> None:
    assert ENDED - set(REMEDIES) == {State.DELIVERED}


def test_every_move_of_the_staff_has_one_place_on_the_page() -> None:
    offered = {move.name for move in MOVES.values() if move.by & STAFF and move.sources}
    assert offered <= {*FORWARD, *HEADINGS}
    assert not {*FORWARD} & {*HEADINGS}
    assert {*FORWARD, *HEADINGS} <= set(MOVES)
    assert len(HEADINGS) == sum(map(len, GROUPS.values()))


def test_every_fact_that_is_told_is_read_on_the_timeline() -> None:
    told = {need.name for m in MOVES.values() if m.name not in ISSUING for need in m.needs if not need.internal}
    assert told - {*SHOWN, *CHOSEN, *MATERIALS, *CHARGED, *TOLD_APART} == set()
