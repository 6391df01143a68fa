# SPDX-License-Identifier: Apache-2.0
"""At every instant at most one node may move a case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.cases import custody
from tongban.cases.custody import Holding, Party
from tongban.cases.errors import InTransit, NotHere
from tongban.cases.states import Custody, Part
from tongban.cases.transitions import MOVES, Move
from tongban.standards.refusal import Refusal

GANSU, HUNAN, JILIN = "620000", "430000", "220000"
KEEPING = [move for move in MOVES.values() if move.custody is Custody.KEEP]


def party(number: int, part: Part, node: str) -> Party:
    return Party(number, part, f"org{number}", f"机构{number}", node, "", node)


ACROSS = (party(1, Part.INTAKE, GANSU), party(2, Part.HANDLING, HUNAN), party(3, Part.LEAD, JILIN))
AT_ONE = (party(1, Part.INTAKE, GANSU), party(2, Part.HANDLING, GANSU))


def may(holding: Holding, move: Move, parties: tuple[Party, ...], node: str) -> bool:
    try:
        custody.require(holding, move, parties, node)
    except Refusal as no:
        assert isinstance(no, InTransit | NotHere)
        return False
    return True


@given(
    st.sampled_from([ACROSS, AT_ONE]),
    st.lists(st.tuples(st.sampled_from(sorted(MOVES)), st.sampled_from([GANSU, HUNAN, JILIN])), max_size=30),
)
def test_whatever_is_tried_at_most_one_node_can_move_the_case(
    parties: tuple[Party, ...], tried: list[tuple[str, str]]
) -> None:
    holding = Holding(holder=1)
    for name, node in tried:
        for move in MOVES.values():
            assert sum(may(holding, move, parties, each) for each in (GANSU, HUNAN, JILIN)) <= 1
        if holding.offered_to is not None:
            assert not any(may(holding, move, parties, each) for move in KEEPING for each in (GANSU, HUNAN, JILIN))
        if may(holding, MOVES[name], parties, node):
            holding = custody.after(holding, MOVES[name], parties)
        assert holding.holder in {each.number for each in parties}


def test_a_case_passes_from_hand_to_hand() -> None:
    held = Holding(holder=1)
    offered = custody.after(held, MOVES["offer"], ACROSS)
    taken = custody.after(offered, MOVES["take"], ACROSS)

    assert (offered, taken) == (Holding(1, 2), Holding(2))
    assert custody.mover(held, MOVES["offer"], ACROSS) == ACROSS[0]
    assert custody.mover(offered, MOVES["take"], ACROSS) == ACROSS[1]
    assert custody.mover(offered, MOVES["withdraw"], ACROSS) is None
    assert custody.mover(taken, MOVES["accept"], ACROSS) == ACROSS[1]


def test_an_offer_is_never_taken_back_alone() -> None:
    with pytest.raises(InTransit) as no:
        custody.require(Holding(1, 2), MOVES["withdraw"], ACROSS, GANSU)
    assert "机构2" in no.value.sentence


def test_whoever_does_not_hold_the_case_learns_who_does() -> None:
    with pytest.raises(NotHere) as no:
        custody.require(Holding(2), MOVES["accept"], ACROSS, GANSU)
    assert "机构2" in no.value.sentence


def test_nothing_can_be_taken_that_was_not_offered() -> None:
    with pytest.raises(InTransit):
        custody.require(Holding(1), MOVES["take"], ACROSS, HUNAN)
