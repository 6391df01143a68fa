# SPDX-License-Identifier: Apache-2.0
"""The words of a promise say what it is about, until when, and what follows; a later line never loses them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.procedure import CASE, STRICT, TOLERANT, Person
from tongban.cases import clocks, course, promises, transitions
from tongban.cases.errors import GuardRefusal, NotOffered
from tongban.cases.situation import BEGINNING, Progress, Situation, progress
from tongban.cases.states import State
from tongban.cases.transitions import MOVES, Relation
from tongban.standards.actor import Role

ANYBODY = Relation(frozenset(), applied=True)


def made(case: Situation, name: str, **facts: str) -> Situation:
    """The case after a move, ten minutes later."""
    later = replace(case, at=case.at + timedelta(minutes=10))
    return course.after(later, MOVES[name], facts, actor="approver:1")[0]


@pytest.fixture
def lacking() -> Situation:
    return replace(CASE, rules=STRICT, lacking=("letter", "map"))


def test_the_words_of_a_promise_are_the_items_with_papers_limit_and_consequence() -> None:
    assert promises.words("supplement", TOLERANT, ["letter", "map"]).splitlines() == [
        "我承诺。",
        "需要补齐的材料：材料letter、材料map。",
        "补齐期限：自受理之日起 5 个工作日。",
        "到期没有补齐的，视为撤回申请，办理就此结束；以后需要时可以重新申请。",
    ]
    assert "暂停计算；再过 15 个工作日仍没有补齐的，终止办理" in promises.words("supplement", STRICT, ["map"])
    assert "责令在 10 个工作日内改正" in promises.words("commitment", TOLERANT, [])
    assert "撤销已经作出的决定" in promises.words("commitment", STRICT, [])


def test_what_is_to_come_is_counted_down_paper_by_paper(lacking: Situation) -> None:
    case = made(replace(lacking, progress=Progress(promised=("supplement",))), "accept_lacking", lacking="letter,map")
    assert (case.state, case.progress.awaited) == (State.ACCEPTED, ("letter", "map"))
    half = made(case, "supplement", handed="map")
    assert half.is_running("supplement") and half.progress.awaited == ("letter",)
    whole = made(half, "supplement", handed="letter")
    assert not whole.is_running("supplement") and not whole.progress.awaited
    again = made(whole, "return_supplement", returned="map", note="不清楚。")
    assert again.is_running("supplement") and again.progress.awaited == ("map",)
    assert again.clocks["supplement"].started_at > case.clocks["supplement"].started_at


def test_a_clock_that_two_reasons_keep_still_goes_on_when_the_last_is_gone(lacking: Situation) -> None:
    case = made(lacking, "accept_lacking", lacking="letter")
    stalled = made(made(case, "stall"), "start_special", procedure="appraisal", reason="须鉴定。")
    assert stalled.clocks["promised"].is_paused and stalled.is_running("grace")
    handed = made(stalled, "supplement", handed="letter")
    assert handed.clocks["promised"].is_paused and not handed.is_running("grace")
    assert not made(handed, "end_special", note="已鉴定。").clocks["promised"].is_paused
    ended = made(stalled, "end_special", note="已鉴定。")
    assert ended.clocks["promised"].is_paused
    assert not made(ended, "supplement", handed="letter").clocks["promised"].is_paused


def test_the_verification_outlives_the_delivery_and_nothing_else_does(lacking: Situation) -> None:
    case = replace(lacking, state=State.ACCEPTED, progress=Progress(promised=("commitment",), credit="clear"))
    granted = made(case, "grant_on_promise", note="依承诺准予。")
    issued = replace(granted, state=State.ISSUED)
    delivered = made(issued, "deliver")
    assert {kind for kind in delivered.clocks if delivered.is_running(kind)} == {"verification"}
    assert not delivered.is_over
    assert course.due_on(delivered) == clocks.due_on(delivered.clocks["verification"], delivered.hours)
    revoked = made(delivered, "revoke", reason="不属实。", basis="一", remedies="二")
    assert revoked.is_over
    assert not any(revoked.is_running(kind) for kind in revoked.clocks)


def test_a_superior_decision_does_not_forgive_what_is_still_to_come(lacking: Situation) -> None:
    case = made(made(lacking, "accept_lacking", lacking="letter"), "terminate", reason="一", basis="二")
    again = made(case, "reopen_decision", organ="某机关", document="一号")
    assert again.progress.awaited == ("letter",) and again.is_running("supplement")
    assert not again.progress.promised


def test_several_are_chosen_only_of_those_that_are_offered(lacking: Situation) -> None:
    clerk = Person(Role.APPLICANT).actor
    for handed in ("letter,id_card", "id_card", "letter,", ","):
        with pytest.raises(NotOffered) as no:
            transitions.check(MOVES["supplement"], lacking, clerk, ANYBODY, {"handed": handed})
        assert no.value.field == "handed"
    assert transitions.check(MOVES["supplement"], lacking, clerk, ANYBODY, {"handed": "map,letter"})


def test_nobody_can_promise_what_the_item_does_not_offer() -> None:
    applicant = Person(Role.APPLICANT).actor
    for case in (CASE, replace(CASE, rules=TOLERANT, progress=Progress(promised=("supplement", "commitment")))):
        with pytest.raises(GuardRefusal) as no:
            transitions.check(MOVES["promise"], case, applicant, ANYBODY, {"promise": "commitment", "confirmed": "yes"})
        assert no.value.code == "nothing_to_promise"


def test_progress_is_read_as_it_was_kept_and_older_progress_too() -> None:
    went = Progress(promised=("supplement",), awaited=("letter",), supplied=("map",), stalled=True, credit="clear")
    assert progress(went.plain()) == went
    assert progress({"told": True}) == replace(BEGINNING, told=True)
