# SPDX-License-Identifier: Apache-2.0
"""The table of moves: whatever it does not allow is refused by name, and nobody is ever stuck."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product

import pytest

from tests.procedure import CASE, CHARGED, CHARGED_LATER, PEOPLE, RELATIONS, STRICT, TOLERANT, Person, facts_of
from tongban.cases import transitions
from tongban.cases.errors import FactMissing, GuardRefusal, MoveUnknown, NotConfirmed, NotNow, NotOffered, NotYours
from tongban.cases.regimes import DEFAULTS, LICENCE
from tongban.cases.rules import Rules
from tongban.cases.situation import (
    APPLICANT,
    COURIER,
    TO_APPLICANT,
    TO_WINDOW,
    Paper,
    Problem,
    Progress,
    Situation,
)
from tongban.cases.states import ENDED, Delivery, Mode, Part, State
from tongban.cases.transitions import MOVES, Move, Relation
from tongban.standards.actor import Role

EVERYWHERE = list(product(State, Mode, Delivery))
AFTERWARDS = {"confirm_promise", "order_to_correct", "report_correction", "revoke"}
OUTLIVING = {  # papers have to come back and problems to be settled, whatever became of the case
    *("raise_problem", "offer_problem", "take_problem", "settle_problem"),
    *("send_originals", "receive_originals", "return_originals", "send_back_originals", "receive_back"),
    "hand_back_originals",
}
MADE_BY_TIME = {name for names in transitions.WHEN_DUE.values() for name in names}


@cache  # looked at by everybody, in every relation, for every move
def standing(state: State, mode: Mode, way: Delivery) -> Situation:
    """A case in that state; whose examination is over has been signed by somebody."""
    signed = {"review": ("approver:9",)} if state is State.EXAMINED else {}
    return replace(CASE, state=state, mode=mode, way=way, progress=Progress(signed=signed))


def mine(move: Move, who: Person, relation: Relation, case: Situation) -> bool:
    """Whose move it is, said another way."""
    if who.role is Role.CLERK and move.entrusted and move.name in case.entrusted:
        return Part.INTAKE in relation.parts
    if who.role not in move.by:
        return False
    if who.role is Role.SYSTEM:
        return True
    if who.role is Role.APPLICANT:
        return relation.applied
    side = {Part.INTAKE} if who.role is Role.CLERK else {Part.HANDLING, Part.LEAD}
    return bool(side & move.parts & relation.parts)


def answered(move: Move, case: Situation, who: Person, relation: Relation) -> type[Exception] | None:
    try:
        transitions.check(move, case, who.actor, relation, facts_of(move, case, who.actor))
    except (NotYours, NotNow, GuardRefusal, NotOffered) as no:
        return type(no)
    return None


@pytest.mark.parametrize("move", MOVES.values(), ids=lambda move: move.name)
def test_every_state_role_part_and_way_is_answered_as_the_table_says(move: Move) -> None:
    allowed = 0
    for (state, mode, way), who, relation in product(EVERYWHERE, PEOPLE, RELATIONS):
        case = standing(state, mode, way)
        came = answered(move, case, who, relation)
        if not mine(move, who, relation, case):
            assert came is NotYours, (state, mode, way, who, relation)
        elif state not in move.sources or mode not in move.modes or way not in move.ways:
            assert came is NotNow, (state, mode, way, who, relation)
        else:
            objects = transitions.refused(move, case, who.actor)
            assert came is (type(objects) if objects else None), (state, mode, way, who, relation)
            allowed += came is None
    assert allowed or move.guards or not move.sources


def acting() -> list[Person]:
    """One in each role that makes any move, and one in none of them: the table tells the others apart by nothing."""
    makes_any = {who.role: any(who.role in move.by for move in MOVES.values()) for who in PEOPLE}
    others = [who for who in PEOPLE if not makes_any[who.role]]
    return [who for who in PEOPLE if makes_any[who.role]] + others[:1]


def test_a_page_offers_exactly_the_moves_that_are_then_allowed() -> None:
    for (state, mode, way), who, relation in product(EVERYWHERE, acting(), RELATIONS):
        case = standing(state, mode, way)
        offered = list(transitions.open_moves(case, who.actor, relation))
        assert offered == [m for m in MOVES.values() if answered(m, case, who, relation) is None]


def situations() -> Iterator[Situation]:
    """Cases in which guards have something to say."""
    for state in State:
        yield replace(CASE, state=state)
        for progress in (
            Progress(told=True),
            Progress(signed={"review": ("approver:1",)}),
            Progress(proposed_by="approver:1"),
            Progress(extended=True),
            Progress(assignee="approver:1"),
            Progress(archived=True),
            Progress(hearing="offered"),
            Progress(hearing="requested"),
            Progress(problems=(Problem("lost", Part.INTAKE), Problem("returned", Part.HANDLING, offered=True))),
        ):
            yield replace(CASE, state=state, progress=progress, papers=(Paper("户口簿", 1), Paper("身份证", 0, "SF1")))
        for holder in (1, 2, COURIER, APPLICANT, TO_WINDOW, TO_APPLICANT):
            yield replace(CASE, state=state, mode=Mode.PROXY, papers=(Paper("户口簿", holder),))
        for progress in (
            Progress(),
            Progress(promised=("supplement",)),
            Progress(promised=("supplement", "commitment"), credit="clear"),
            Progress(promised=("commitment",), credit="serious"),
            Progress(promised=("supplement",), credit="clear", awaited=("letter",), supplied=("map",)),
            Progress(verification="due"),
            Progress(verification="ordered"),
            Progress(verification="reported"),
        ):
            for lacking, of in product(((), ("letter",), ("letter", "map")), (TOLERANT, STRICT)):
                yield replace(CASE, state=state, progress=progress, rules=of, lacking=lacking)
        for progress, of in product(
            (
                Progress(signed={"review": ("approver:9",)}),
                Progress(fee="asked", charges=("1", "2")),
                Progress(fee="asked", charges=("2",), spared=("1",)),
                Progress(fee="paid", charges=("1",)),
                Progress(fee="waived", spared=("1", "2")),
            ),
            (CHARGED, CHARGED_LATER),
        ):
            yield replace(CASE, state=state, progress=progress, rules=of)
            for way in Delivery:
                yield replace(CASE, state=state, progress=progress, rules=of, mode=Mode.PROXY, way=way)


@pytest.mark.parametrize("name", sorted(MOVES))
def test_a_guard_that_objects_hides_the_button_and_names_itself(name: str) -> None:
    move = MOVES[name]
    for case, who in product(situations(), acting()):
        relation = Relation(parts=frozenset(Part), applied=True)
        if not transitions.is_open(move, case.state, case.mode, case.way):
            continue
        objects = transitions.refused(move, case, who.actor)
        is_offered = move in list(transitions.open_moves(case, who.actor, relation))
        assert is_offered == (objects is None and mine(move, who, relation, case))
        if objects is not None:
            assert objects.code != GuardRefusal.code, "a refusal has its own name"
            assert objects.sentence.endswith("。")


@pytest.mark.parametrize("move", [move for move in MOVES.values() if move.needs], ids=lambda move: move.name)
def test_every_fact_that_a_move_needs_must_be_stated(move: Move) -> None:
    facts = {need.name: "写明。" for need in move.needs}
    for need in (each for each in move.needs if not each.optional):
        for value in (None, "", "  \n", "字" * (need.most + 1)):
            told = {name: said for name, said in facts.items() if name != need.name}
            with pytest.raises((FactMissing, NotConfirmed)) as no:
                transitions.stated(move, told if value is None else told | {need.name: value})
            assert no.value.field == need.name
            assert need.label in no.value.sentence


def test_only_what_the_move_needs_is_kept_of_what_was_said() -> None:
    move = MOVES["not_accept"]
    told = transitions.stated(move, {"reason": " 不归我们管。 ", "where_to_go": "兰州市公安局", "licence_number": "1"})

    assert told == {"reason": "不归我们管。", "where_to_go": "兰州市公安局"}


def test_what_is_internal_is_told_apart() -> None:
    for move in MOVES.values():
        told, internal = transitions.split(move, {need.name: "写明。" for need in move.needs})
        assert set(internal) == {need.name for need in move.needs if need.internal}
        assert told.keys() | internal.keys() == {need.name for need in move.needs}
        assert not told.keys() & internal.keys()


def test_a_choice_that_is_not_offered_is_refused_by_its_field() -> None:
    case = replace(CASE, state=State.ACCEPTED)
    approver = next(who for who in PEOPLE if who.role is Role.APPROVER)
    relation = Relation(parts=frozenset({Part.HANDLING}), applied=False)
    facts = {"step": "decide", "opinion": "同意。"}
    with pytest.raises(NotOffered) as no:
        transitions.check(MOVES["sign_step"], case, approver.actor, relation, facts)
    assert no.value.field == "step"


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


def test_an_ended_case_is_only_put_on_file_or_opened_by_a_superior_decision() -> None:
    moved = {move.name for move in MOVES.values() if move.sources & ENDED} - OUTLIVING
    assert moved - AFTERWARDS == {"archive", "remake", "reckon", "reopen_acceptance", "reopen_decision", "reinstate"}
    for name in AFTERWARDS:  # what was decided on a promise is verified, also when the result has long been delivered
        assert MOVES[name].guards
        assert MOVES[name].sources == {State.ISSUED, State.DELIVERED}
    for name in OUTLIVING:
        assert MOVES[name].target is None
        assert MOVES[name].guards


def test_what_a_person_may_ask_for_elsewhere_is_never_a_decision() -> None:
    asked = [move for move in MOVES.values() if move.asked]
    decisions = {"accept", "not_accept", "not_require", "sign_step", "examine", "grant", "deny", "issue", "terminate"}
    decisions |= {"accept_lacking", "grant_on_promise", "check_credit", "confirm_promise", "order_to_correct", "revoke"}
    decisions |= {"ask_fee", "confirm_payment", "waive_fee"}
    assert not decisions & {move.name for move in asked}
    assert all(Part.INTAKE in move.parts for move in asked)


def test_an_agreement_lets_a_window_do_no_more_than_accept_ask_and_refuse() -> None:
    assert {move.name for move in MOVES.values() if move.entrusted} == {"accept", "request_correction", "not_accept"}
    clerk = next(who for who in PEOPLE if who.role is Role.CLERK)
    there = Relation(parts=frozenset({Part.INTAKE}), applied=False)
    alone = replace(CASE, state=State.SUBMITTED, mode=Mode.PROXY)
    rules = Rules(entrusted={"620000": frozenset({"accept"})})
    agreed = replace(alone, rules=rules, entrusted=rules.entrusted_to("620102"))
    elsewhere = replace(alone, rules=rules, entrusted=rules.entrusted_to("430102"))

    assert answered(MOVES["accept"], alone, clerk, there) is NotYours
    assert answered(MOVES["accept"], agreed, clerk, there) is None
    assert answered(MOVES["accept"], elsewhere, clerk, there) is NotYours
    assert answered(MOVES["not_accept"], agreed, clerk, there) is NotYours


def test_what_only_time_brings_is_the_systems_and_guarded() -> None:
    for name in MADE_BY_TIME:
        assert MOVES[name].by == {Role.SYSTEM}
        assert MOVES[name].guards


def test_the_clocks_that_the_table_names_exist() -> None:
    named = {kind for m in MOVES.values() for kind in (*m.starts, *m.stops, *m.pauses, *m.resumes, *m.extends)}
    assert named - {"steps"} <= {*CASE.rules.regimes, *LICENCE, "correction", "grace", "put_right", "payment"}
    begun = {kind for move in MOVES.values() for kind in move.starts}
    assert {*LICENCE, *DEFAULTS, "correction", "grace", "put_right", "promised", "payment"} <= begun, (
        "declared, and never runs"
    )
