# SPDX-License-Identifier: Apache-2.0
"""Fees: a sum is that of lines which the item declares, limits stand still only by a clause, a paid fee stays paid."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.procedure import CASE, CHARGED, CHARGED_LATER, FEE, Person, rules
from tongban.cases import course, fees
from tongban.cases.clocks import begin
from tongban.cases.situation import BEGINNING, Progress, Situation, progress
from tongban.cases.states import State
from tongban.cases.transitions import MOVES
from tongban.standards.actor import Role

APPROVER = Person(Role.APPROVER).actor


def made(case: Situation, name: str, **facts: str) -> Situation:
    """The case after a move, ten minutes later."""
    later = replace(case, at=case.at + timedelta(minutes=10))
    return course.after(later, MOVES[name], facts, actor="approver:1")[0]


@pytest.fixture
def accepted() -> Situation:
    """With the promised limit running."""
    promised = {"promised": begin(CHARGED.regimes["promised"], CASE.at)}
    return replace(CASE, state=State.ACCEPTED, rules=CHARGED, clocks=promised)


def test_lines_without_a_sum_are_never_asked_for() -> None:
    lines = [*FEE["lines"], {"name": "复印费", "fen": 0, "basis": "《某条例》第五条"}]
    case = replace(CASE, rules=rules(fee=FEE | {"lines": lines}))
    assert list(fees.charges(case, APPROVER)) == [("1", "工本费，40.00 元"), ("2", "检验费，100.50 元")]
    assert list(fees.waivable(case, APPROVER)) == [("1", "工本费，40.00 元")], (
        "the item says that the other is not let off"
    )


def test_the_only_sum_that_can_be_confirmed_is_that_of_what_was_asked_for(accepted: Situation) -> None:
    assert list(fees.sums(accepted, APPROVER)) == []
    asked = made(accepted, "ask_fee", charges="1,2")
    assert list(fees.sums(asked, APPROVER)) == [("14050", "140.50 元")]
    less = made(asked, "waive_fee", spared="1")
    assert list(fees.sums(less, APPROVER)) == [("10050", "100.50 元")] and less.is_running("payment")
    assert list(fees.sums(made(less, "confirm_payment"), APPROVER)) == []


@pytest.mark.parametrize("charges", ["3", "1,3", "", "一"])
def test_a_line_that_names_what_the_item_has_not_fits_no_chain(accepted: Situation, charges: str) -> None:
    with pytest.raises(KeyError):
        made(accepted, "ask_fee", charges=charges)


def test_the_organs_limits_stand_still_by_the_clause_of_the_item_and_not_without_one(accepted: Situation) -> None:
    asked = made(accepted, "ask_fee", charges="1")
    (pause,) = asked.clocks["promised"].pauses
    assert (pause.clause, pause.basis) == ("《某条例》第七条", "等待缴费") and not asked.clocks["payment"].is_paused
    assert not made(asked, "confirm_payment").clocks["promised"].is_paused
    bare = rules(fee=FEE | {"payment": FEE["payment"] | {"stops_by": ""}})
    assert not made(replace(accepted, rules=bare), "ask_fee", charges="1").clocks["promised"].pauses


def test_a_limit_that_a_procedure_and_a_fee_keep_still_goes_on_when_both_are_over(accepted: Situation) -> None:
    both = made(made(accepted, "ask_fee", charges="1"), "start_special", procedure="appraisal", reason="须鉴定。")
    assert made(both, "confirm_payment").clocks["promised"].is_paused
    assert made(both, "end_special").clocks["promised"].is_paused
    assert not made(made(both, "end_special"), "confirm_payment").clocks["promised"].is_paused


def test_what_was_paid_stays_paid_when_the_matter_is_opened_again_and_what_was_not_is_asked_for_anew() -> None:
    for before, after in (("paid", "paid"), ("waived", "waived"), ("asked", "")):
        case = replace(CASE, state=State.DENIED, rules=CHARGED, progress=Progress(fee=before, charges=("1",)))
        again = made(case, "reopen_decision", organ="某法院", document="判决书")
        assert (again.progress.fee, again.progress.charges) == (after, ("1",) if after else ())


def test_what_follows_is_said_as_the_item_has_it() -> None:
    without_term = rules(fee=FEE | {"payment": FEE["payment"] | {"days": 0, "consequence": ""}})
    assert fees.consequence(CHARGED) == fees.WAITS["decision"] + fees.WITHDRAWN
    assert fees.consequence(CHARGED_LATER) == fees.WAITS["result"]
    assert fees.consequence(without_term) == fees.WAITS["decision"]
    assert "payment" in CHARGED.regimes and "payment" not in without_term.regimes


def test_the_fee_is_kept_and_read_back() -> None:
    kept = Progress(fee="asked", charges=("2",), spared=("1",))
    plain: dict[str, Any] = kept.plain()
    assert plain == {"fee": "asked", "charges": ["2"], "spared": ["1"]}
    assert progress(plain) == kept and progress({}) == BEGINNING
