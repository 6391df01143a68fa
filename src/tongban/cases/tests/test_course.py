# SPDX-License-Identifier: Apache-2.0
"""What one move brings about, where it would be easy to get wrong."""

from dataclasses import replace

from tests.procedure import CASE, PROMISED, RULES
from tongban.cases import course, transitions
from tongban.cases.clocks import Unit, begin
from tongban.cases.errors import NoExtension
from tongban.cases.regimes import LICENCE_LENGTHENING
from tongban.cases.situation import COURIER, Paper, Problem, Progress, Situation
from tongban.cases.states import Part, State
from tongban.cases.transitions import MOVES
from tongban.standards.actor import Role, system

NODE = system("430000")


def after(case: Situation, move: str, **facts: str) -> Situation:
    return course.after(case, MOVES[move], facts, actor=f"{Role.APPROVER}:1", holder=case.handling)[0]


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

    assert posted.papers == (Paper("户口簿", CASE.intake), Paper("照片", COURIER, "SF1"))


def test_the_window_sends_only_what_lies_there() -> None:
    papers = (Paper("户口簿", CASE.intake), Paper("照片", CASE.handling))
    sent = after(replace(CASE, state=State.COLLECTED, papers=papers), "send_originals", parcel_no="SF2")

    assert sent.papers == (Paper("户口簿", COURIER, "SF2"), Paper("照片", CASE.handling))


def test_a_problem_that_is_open_when_a_case_is_opened_again_has_its_limit_again() -> None:
    problem = Progress(problems=(Problem("lost", Part.HANDLING),))
    for ended, move in ((State.DENIED, "reopen_decision"), (State.NOT_ACCEPTED, "reopen_acceptance")):
        assert after(replace(CASE, state=ended, progress=problem), move).is_running("problem")
        assert not after(replace(CASE, state=ended), move).is_running("problem")


def test_papers_on_their_way_when_a_case_is_opened_again_are_in_transit_again() -> None:
    papers = (Paper("户口簿", COURIER, "SF3"),)
    opened = after(replace(CASE, state=State.NOT_ACCEPTED, papers=papers), "reopen_acceptance")

    assert opened.is_running("transit")
