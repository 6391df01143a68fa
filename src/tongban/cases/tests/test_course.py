# SPDX-License-Identifier: Apache-2.0
"""What one move brings about, where it would be easy to get wrong."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.procedure import CASE, PROMISED, RULES, rules
from tongban.cases import course, transitions
from tongban.cases.clocks import Unit, begin
from tongban.cases.errors import (
    HearingAwaited,
    NoExtension,
    NoHearing,
    NoProblem,
    PapersAbout,
    ProblemsOpen,
    TooLate,
    TooLateToAsk,
)
from tongban.cases.regimes import LICENCE, LICENCE_LENGTHENING
from tongban.cases.situation import APPLICANT, COURIER, TO_APPLICANT, TO_WINDOW, Paper, Situation
from tongban.cases.states import Mode, State
from tongban.cases.transitions import MOVES
from tongban.catalogue.tests.items import promised
from tongban.standards.actor import Role, system

NODE = system("430000")


def after(case: Situation, move: str, by: Role = Role.APPROVER, **facts: str) -> Situation:
    return course.after(case, MOVES[move], facts, actor=f"{by}:1")[0]


def test_an_extension_that_would_make_nothing_longer_is_refused() -> None:
    in_days = replace(PROMISED, unit=Unit.NATURAL_DAY)
    rules = replace(RULES, lengthening=LICENCE_LENGTHENING)
    case = replace(CASE, state=State.ACCEPTED, rules=rules, clocks={"promised": begin(in_days, CASE.at)})

    assert isinstance(transitions.refused(MOVES["propose_extension"], case, NODE), NoExtension)
    working = replace(case, clocks={"promised": begin(PROMISED, CASE.at)})
    assert transitions.refused(MOVES["propose_extension"], working, NODE) is None


def test_an_organ_that_posts_the_result_does_not_send_papers_that_lie_at_the_window() -> None:
    papers = (Paper("户口簿", CASE.intake), Paper("照片", CASE.handling))
    posted = after(replace(CASE, state=State.ISSUED, papers=papers), "post", parcel_no="SF1")

    assert posted.papers == (Paper("户口簿", CASE.intake), Paper("照片", TO_APPLICANT, "SF1"))
    assert after(posted, "confirm_post", proof="本人签收").papers[1] == Paper("照片", APPLICANT)


def test_the_window_sends_only_what_lies_there() -> None:
    papers = (Paper("户口簿", CASE.intake), Paper("照片", CASE.handling))
    sent = after(replace(CASE, state=State.COLLECTED, papers=papers), "send_originals", parcel_no="SF2")

    assert sent.papers == (Paper("户口簿", COURIER, "SF2"), Paper("照片", CASE.handling))


def test_each_problem_has_a_limit_of_its_own() -> None:
    one = after(CASE, "raise_problem", kind="lost", note="查不到。")
    other = after(
        replace(one, at=CASE.at + timedelta(days=1)), "raise_problem", Role.CLERK, kind="lost", note="查不到。"
    )
    solved = after(other, "settle_problem", problem="1", outcome="solved", note="找到了。")

    assert [each.started_at for each in other.clocks.values()] == [CASE.at, CASE.at + timedelta(days=1)]
    assert [each.regime.name for each in other.clocks.values()] == ["问题1处理时限", "问题2处理时限"]
    assert not solved.is_running("problem:1")
    assert solved.is_running("problem:2")


def test_a_problem_outlives_the_case_and_keeps_it_from_the_file_until_it_is_settled() -> None:
    case = after(after(replace(CASE, state=State.EXAMINED), "raise_problem", kind="lost", note="查不到。"), "deny")
    archive = MOVES["archive"]

    assert case.state is State.DENIED
    assert case.is_running("problem:1")
    assert not case.is_over
    assert isinstance(transitions.refused(archive, case, NODE), ProblemsOpen)
    settled = after(case, "settle_problem", problem="1", outcome="solved", note="找到了。")
    assert settled.is_over
    assert not settled.is_running("problem:1")
    assert transitions.refused(archive, settled, NODE) is None


def test_a_problem_that_nobody_has_taken_yet_can_be_settled_by_whoever_offered_it() -> None:
    case = after(
        after(CASE, "raise_problem", kind="lost", note="查不到。"), "offer_problem", problem="1", note="请接手。"
    )

    assert transitions.refused(MOVES["settle_problem"], case, NODE) is None
    assert isinstance(transitions.refused(MOVES["offer_problem"], case, NODE), NoProblem)


@pytest.mark.parametrize(
    ("days", "statutory", "is_allowed", "longer"),
    [
        (3, 20, True, ["decision", "promised"]),  # both in time
        (10, 20, True, ["decision"]),  # the promise is broken and stays so; the law's limit runs
        (40, 20, False, []),  # the law's is over too
        (3, None, True, ["promised"]),  # nothing but a promise
        (10, None, False, []),
    ],
)
def test_it_is_the_laws_limit_that_is_extended_and_a_broken_promise_stays_broken(
    days: int, statutory: int | None, is_allowed: bool, longer: list[str]
) -> None:
    law = {} if statutory is None else {"decision": replace(LICENCE["decision"], amount=statutory)}
    limits = {"promised": PROMISED, **law}
    case = replace(
        CASE,
        state=State.ACCEPTED,
        rules=replace(RULES, lengthening=LICENCE_LENGTHENING),
        clocks={kind: begin(each, CASE.at) for kind, each in limits.items()},
        at=CASE.at + timedelta(days=days),
    )
    no = transitions.refused(MOVES["propose_extension"], case, NODE)
    assert no is None if is_allowed else isinstance(no, TooLate)
    if is_allowed:
        extended = after(case, "extend", note="情况复杂。")
        assert sorted(kind for kind, each in extended.clocks.items() if each.extensions) == longer


def test_originals_go_back_from_the_organ_through_the_window_to_the_applicant() -> None:
    papers = (Paper("户口簿", CASE.handling), Paper("照片", CASE.handling))
    denied = replace(CASE, state=State.DENIED, mode=Mode.PROXY, papers=papers)
    assert denied.is_over, "what the organ has is part of its file"

    sent = after(denied, "send_back_originals", papers="1", to="window", parcel_no="SF4")
    assert sent.papers == (Paper("户口簿", TO_WINDOW, "SF4"), papers[1])
    assert sent.is_running("transit")
    assert not sent.is_over
    assert isinstance(transitions.refused(MOVES["archive"], sent, NODE), PapersAbout)
    there = after(sent, "receive_back", Role.CLERK, papers="1")
    assert there.papers[0] == Paper("户口簿", CASE.intake)
    assert not there.is_running("transit")
    back = after(there, "return_originals", Role.CLERK, papers="1", proof="本人当面签收")
    assert back.papers[0] == Paper("户口簿", APPLICANT)
    assert back.is_over


def test_an_original_that_was_given_back_to_be_put_right_is_awaited_again() -> None:
    rules = replace(RULES, on_paper=frozenset({"户口簿"}))
    case = replace(CASE, state=State.COLLECTED, mode=Mode.PROXY, rules=rules, papers=(Paper("户口簿", CASE.intake),))

    back = after(case, "return_originals", Role.CLERK, papers="1", proof="本人当面签收")
    assert back.awaits_originals
    again = after(back, "take_originals", Role.CLERK, papers="1")
    arrived = after(after(again, "send_originals", parcel_no="SF5"), "receive_originals")
    assert arrived.papers == (Paper("户口簿", CASE.handling),)
    assert arrived.is_running("acceptance")


def test_a_paper_that_there_is_not_is_given_to_nobody() -> None:
    case = replace(CASE, state=State.COLLECTED, mode=Mode.PROXY, papers=(Paper("户口簿", CASE.intake),))

    for told in ("2", "0", "x", ""):
        with pytest.raises(ValueError, match=r"paper|literal"):
            after(case, "return_originals", Role.CLERK, papers=told, proof="本人当面签收")


def test_a_hearing_that_was_offered_is_waited_for_and_one_that_was_asked_for_is_held_before_the_decision() -> None:
    rules = replace(RULES, regimes={**RULES.regimes, **LICENCE}, is_licence=True)
    case = replace(CASE, state=State.ACCEPTED, rules=rules)
    deny, ask = MOVES["deny"], MOVES["request_hearing"]
    offered = after(case, "offer_hearing", reason="涉及重大利益。")
    later = replace(offered, at=CASE.at + timedelta(days=8))

    assert offered.is_running("hearing_request")
    assert isinstance(transitions.refused(MOVES["offer_hearing"], offered, NODE), NoHearing)
    assert isinstance(transitions.refused(deny, offered, NODE), HearingAwaited)
    assert transitions.refused(deny, later, NODE) is None  # nobody asked for it in five working days
    assert isinstance(transitions.refused(ask, later, NODE), TooLateToAsk)

    asked = after(offered, "request_hearing", Role.APPLICANT, note="请求听证。")
    assert asked.is_running("hearing")
    assert not asked.is_running("hearing_request")
    assert isinstance(transitions.refused(deny, replace(asked, at=later.at), NODE), HearingAwaited)
    other = after(asked, "start_special", procedure="appraisal", reason="须鉴定。")
    assert other.is_running("hearing")
    held = after(asked, "start_special", procedure="hearing", reason="举行听证。")
    assert not held.is_running("hearing")
    assert transitions.refused(deny, held, NODE) is None
    assert isinstance(transitions.refused(MOVES["offer_hearing"], CASE, NODE), NoHearing)  # no limits, no hearing


def test_a_part_of_the_procedure_has_its_limit_while_its_step_is_open() -> None:
    """养老保险关系转移接续: 15, 15 and 15 working days, one after the other."""
    law = {
        "law": "《城镇企业职工基本养老保险关系转移接续暂行办法》",
        "clause": "第八条",
        "source": "国办发〔2009〕66号",
    }
    names = {"check": "新参保地审核", "transfer": "原参保地转出", "conclude": "新参保地办结"}
    parts = [{"code": code, "name": name, **promised(15), **law} for code, name in names.items()]
    steps = [
        {"code": code, "name": name, "after": after}
        for (code, name), after in zip(names.items(), ([], ["check"], ["transfer"]), strict=True)
    ]
    case = replace(CASE, rules=rules(examination=steps, parts=parts, supplement=None, commitment=None, materials=[]))

    accepted = after(case, "accept")
    assert {"part:check"} == {kind for kind in accepted.clocks if kind.startswith("part:")}
    signed = after(replace(accepted, at=CASE.at + timedelta(days=2)), "sign_step", step="check", opinion="同意。")
    assert not signed.is_running("part:check")
    assert signed.is_running("part:transfer")
    assert signed.clocks["part:transfer"].regime.basis.endswith("第八条")


def test_papers_on_their_way_when_a_case_is_opened_again_are_in_transit_again() -> None:
    papers = (Paper("户口簿", COURIER, "SF3"),)
    opened = after(replace(CASE, state=State.NOT_ACCEPTED, papers=papers), "reopen_acceptance")

    assert opened.is_running("transit")
