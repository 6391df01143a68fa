# SPDX-License-Identifier: Apache-2.0
"""The table of moves: whatever it does not allow is refused by name, and nobody is ever stuck."""

from collections.abc import Iterator
from itertools import product
from uuid import UUID

import pytest

from tongban.cases import transitions
from tongban.cases.errors import FactMissing, MoveUnknown, NotNow, NotYours
from tongban.cases.transitions import ENDED, MOVES, Delivery, Mode, Move, Part, Relation, State
from tongban.standards.actor import Actor, Role

RELATIONS = [
    Relation(parts=frozenset(parts), applied=applied)
    for parts in ((), (Part.INTAKE,), (Part.HANDLING,), (Part.LEAD,), (Part.INTAKE, Part.HANDLING))
    for applied in (False, True)
]


def actor(role: Role) -> Actor:
    return Actor(id=UUID(int=1), role=role, name="", node="430000")


def facts(move: Move) -> dict[str, str]:
    return {need.name: "写明。" for need in move.needs}


def mine(move: Move, role: Role, relation: Relation) -> bool:
    """Whose move it is, said another way."""
    if role is Role.SYSTEM:
        return Role.SYSTEM in move.by
    stands = relation.applied if role is Role.APPLICANT else move.part in relation.parts
    return role in move.by and stands


def situations() -> Iterator[tuple[Move, State, Mode, Delivery, Role, Relation]]:
    return product(MOVES.values(), State, Mode, Delivery, Role, RELATIONS)


def test_every_situation_is_answered_as_the_table_says() -> None:
    allowed = 0
    for move, state, mode, way, role, relation in situations():
        expected: type[Exception] | None = None
        if not mine(move, role, relation):
            expected = NotYours
        elif state not in move.sources or mode not in move.modes or way not in move.ways:
            expected = NotNow
        assert answered(move, state, mode, way, role, relation) is expected, (move.name, state, mode, way, role)
        allowed += expected is None
    assert allowed > 100


def answered(
    move: Move, state: State, mode: Mode, way: Delivery, role: Role, relation: Relation
) -> type[Exception] | None:
    try:
        transitions.check(move, state, mode, actor(role), relation, facts(move), way)
    except (NotYours, NotNow) as no:
        return type(no)
    return None


def test_a_page_offers_exactly_the_moves_that_are_then_allowed() -> None:
    for state, mode, way, role, relation in product(State, Mode, Delivery, Role, RELATIONS):
        offered = list(transitions.open_moves(state, mode, actor(role), relation, way))
        assert offered == [m for m in MOVES.values() if answered(m, state, mode, way, role, relation) is None]


@pytest.mark.parametrize("move", [move for move in MOVES.values() if move.needs], ids=lambda move: move.name)
def test_every_fact_that_a_move_needs_must_be_stated(move: Move) -> None:
    for need in move.needs:
        for value in (None, "", "  \n", "字" * (need.most + 1)):
            told = {name: said for name, said in facts(move).items() if name != need.name}
            with pytest.raises(FactMissing) as no:
                transitions.stated(move, told if value is None else told | {need.name: value})
            assert no.value.field == need.name
            assert need.label in no.value.sentence


def test_only_what_the_move_needs_is_kept_of_what_was_said() -> None:
    move = MOVES["not_accept"]
    told = transitions.stated(move, {"reason": " 不归我们管。 ", "where_to_go": "兰州市公安局", "licence_number": "1"})

    assert told == {"reason": "不归我们管。", "where_to_go": "兰州市公安局"}


def test_what_is_internal_is_told_apart() -> None:
    for move in MOVES.values():
        told, internal = transitions.split(move, facts(move))
        assert set(internal) == {need.name for need in move.needs if need.internal}
        assert told.keys() | internal.keys() == {need.name for need in move.needs}
        assert not told.keys() & internal.keys()


def test_a_move_that_no_table_has_is_unknown_by_name() -> None:
    with pytest.raises(MoveUnknown):
        transitions.move_named("bribe")


@pytest.mark.parametrize(("mode", "way"), list(product(Mode, Delivery)))
def test_every_unfinished_state_can_be_left_towards_an_end(mode: Mode, way: Delivery) -> None:
    begun = {move.target for move in MOVES.values() if not move.sources and mode in move.modes}
    if way is not Delivery.NET and mode is not Mode.PROXY:
        return  # only a window offers other ways
    steps = {state: reached(state, mode, way) for state in State}
    open_states, seen = {state for state in begun if state}, set[State]()
    while open_states:
        state = open_states.pop()
        seen.add(state)
        open_states |= steps[state] - seen
    for state in seen - ENDED:
        assert steps[state] - {state}, f"{state} cannot be left"
        assert ends(state, steps), f"no end can be reached from {state}"
    assert begun
    assert seen & ENDED


def reached(state: State, mode: Mode, way: Delivery) -> set[State]:
    return {move.leads_to(state) for move in MOVES.values() if transitions.is_open(move, state, mode, way)}


def ends(state: State, steps: dict[State, set[State]]) -> bool:
    known, found = set[State](), {state}
    while found:
        known |= found
        found = {after for each in found for after in steps[each]} - known
    return bool(known & ENDED)


def test_an_ended_case_is_never_moved_again() -> None:
    assert not [move.name for move in MOVES.values() if move.sources & ENDED]


def test_what_a_person_may_ask_for_elsewhere_is_never_a_decision() -> None:
    asked = {move.name for move in MOVES.values() if move.asked}
    assert asked.isdisjoint({"accept", "not_accept", "examine", "grant", "deny", "issue", "offer", "take"})
    assert all(MOVES[name].part is Part.INTAKE for name in asked)
