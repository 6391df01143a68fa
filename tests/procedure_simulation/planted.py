# SPDX-License-Identifier: Apache-2.0
"""Faults as somebody might make them one day, planted to see whether ten thousand lives find them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tongban.cases import clocks, course, fees, reasons, situation, transitions
from tongban.cases.rules import Rules
from tongban.cases.states import Part

Planting = Callable[[pytest.MonkeyPatch], None]


def a_pause_that_takes_no_time(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clocks, "_after_pause", lambda day, *_: day)


def a_first_day_that_counts(patch: pytest.MonkeyPatch) -> None:
    later = clocks._later
    patch.setattr(clocks, "_later", lambda day, *rest: later(day - timedelta(days=1), *rest))


def a_silence_that_counts_from_the_day_it_is_noticed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(course, "_since", lambda case, move: case.at)


def a_silence_without_consequence(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(transitions.WHEN_DUE, "correction", ())  # type: ignore[arg-type]


def an_end_that_leaves_a_clock_running(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(course, "_end", lambda running, at: running)


def a_second_extension(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(course.EFFECTS, "extend", lambda progress, said: replace(progress, proposed_by=""))  # type: ignore[arg-type]


def a_person_who_signs_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Rules, "may_sign", lambda *_: True)


def a_problem_that_is_always_the_organs(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(course, "_side", lambda actor: Part.HANDLING)


def an_acceptance_that_does_not_wait_for_the_papers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(situation.Situation, "awaits_originals", False)


def an_explanation_with_another_date(patch: pytest.MonkeyPatch) -> None:
    due = reasons._due
    patch.setattr(reasons, "_due", lambda clock, hours: due(replace(clock, pauses=()), hours))


def a_promised_limit_that_runs_while_papers_are_awaited(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(transitions.WHEN_DUE, "supplement", transitions.WHEN_DUE["grace"])  # type: ignore[arg-type]


def a_pause_that_ends_with_the_first_of_two_reasons(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(course, "_stands_still", lambda running, case: False)


def a_verification_that_ends_with_the_delivery(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(course, "AFTER_THE_END", ())


def a_grant_that_does_not_wait_for_what_is_to_come(patch: pytest.MonkeyPatch) -> None:
    grant = transitions.MOVES["grant"]
    patch.setitem(transitions.MOVES, "grant", replace(grant, guards=grant.guards[1:]))  # type: ignore[arg-type]


def a_promise_that_is_believed_whatever_the_credit(patch: pytest.MonkeyPatch) -> None:
    lacking = transitions.MOVES["accept_lacking"]
    patch.setitem(transitions.MOVES, "accept_lacking", replace(lacking, guards=lacking.guards[:2]))  # type: ignore[arg-type]


def a_grant_that_does_not_wait_for_the_fee(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fees, "awaits", lambda case, what: False)


def a_fee_that_lets_the_limits_go_on_although_a_procedure_stops_them(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fees, "stands_still", lambda case: False)


def a_fee_for_which_silence_means_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(transitions.WHEN_DUE, "payment", ())  # type: ignore[arg-type]


PLANTED: tuple[Planting, ...] = (
    a_pause_that_takes_no_time,
    a_first_day_that_counts,
    a_silence_that_counts_from_the_day_it_is_noticed,
    a_silence_without_consequence,
    an_end_that_leaves_a_clock_running,
    a_second_extension,
    a_person_who_signs_twice,
    a_problem_that_is_always_the_organs,
    an_acceptance_that_does_not_wait_for_the_papers,
    an_explanation_with_another_date,
    a_promised_limit_that_runs_while_papers_are_awaited,
    a_pause_that_ends_with_the_first_of_two_reasons,
    a_verification_that_ends_with_the_delivery,
    a_grant_that_does_not_wait_for_what_is_to_come,
    a_promise_that_is_believed_whatever_the_credit,
    a_grant_that_does_not_wait_for_the_fee,
    a_fee_that_lets_the_limits_go_on_although_a_procedure_stops_them,
    a_fee_for_which_silence_means_nothing,
)
