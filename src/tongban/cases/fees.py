# SPDX-License-Identifier: Apache-2.0
"""缴费: what a case may be charged, what waits for it, and how it is settled; guards and options of those moves. Pure.

行政许可法 art. 58, 59: nothing is charged unless a law or an administrative regulation says so, and then only the
items and sums that are published. So nobody types a sum: it is that of lines which the item declares. When it is
asked for, until when, and what follows otherwise, no law says for all; the item does, with its source.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from tongban.cases import errors
from tongban.cases.clocks import Pause
from tongban.cases.errors import GuardRefusal
from tongban.cases.rules import Rules
from tongban.cases.situation import Situation
from tongban.cases.states import ENDED, GIVEN
from tongban.catalogue.fees import Charge
from tongban.standards.actor import Actor
from tongban.standards.money import yuan

ASKED, PAID, WAIVED = "asked", "paid", "waived"  # how a fee stands; empty before anybody asked for it
OVER = "over"  # asked for, and the case ended before it was paid: nobody owes it any more
DECISION, RESULT = "decision", "result"  # what an item lets wait for the fee
WAITING = "等待缴费"  # why a limit stands still
PROVED = {"bill": "申请人出示的财政电子票据", "system": "非税收入收缴系统的到账信息"}  # ours
WITHDRAWN = "到期没有缴费的，视为撤回申请，办理就此结束；以后需要时可以重新申请。"
WAITS = {DECISION: "缴费以前，办理机关不作出准予的决定。", RESULT: "缴费以前，办理机关不交付办理结果。"}


def lines(rules: Rules, numbers: Collection[str] | None = None) -> dict[str, Charge]:
    """What can be charged under the item, by number from 1: all of it, or what these numbers name."""
    priced = {str(n): line for n, line in enumerate(rules.fee.lines, start=1) if line.fen and rules.fee.payment}
    return priced if numbers is None else {number: priced[number] for number in numbers}


def amount(case: Situation) -> int:
    """What is to be paid, in fen; once it is paid, what was."""
    return sum(line.fen for line in lines(case.rules, case.progress.charges).values())


def stands(case: Situation) -> str:
    """How the fee stands for whoever would pay it."""
    return OVER if case.progress.fee == ASKED and case.state in ENDED else case.progress.fee


def words(rules: Rules, numbers: Collection[str]) -> str:
    """Lines as people read them, each with its sum and its basis."""
    told = (f"{line.name} {yuan(line.fen)}（依据：{line.basis}）" for line in lines(rules, numbers).values())
    return "；".join(told)


def consequence(rules: Rules) -> str:
    """What follows when nobody pays, and when nobody pays in time."""
    asked = rules.fee.payment
    assert asked is not None
    if asked.consequence:
        return WAITS[asked.before] + WITHDRAWN
    return WAITS[asked.before] + ("到期没有缴费的，仍可以缴费。" if asked.days else "")


def pause(rules: Rules, at: datetime) -> Pause | None:
    """The pause of the organ's limits while a fee is awaited. None where the item names no clause for one."""
    clause = rules.fee.payment.stops_by if rules.fee.payment else ""
    return Pause(clause, WAITING, at, None, "all") if clause else None


def stands_still(case: Situation) -> bool:
    """Whether limits stand still because a fee is awaited."""
    return case.progress.fee == ASKED and pause(case.rules, case.at) is not None


def awaits(case: Situation, what: str) -> bool:
    """Whether the decision, or the result, waits for the fee: also while nobody is asked for it yet."""
    asked = case.rules.fee.payment
    return asked is not None and asked.before == what and case.progress.fee not in (PAID, WAIVED)


# Guards


def fee_may_be_asked(case: Situation, actor: Actor) -> GuardRefusal | None:
    """行政许可法 art. 58, 59: only what the item declares, when it declares it, and once."""
    asked = case.rules.fee.payment
    if asked is None:
        return errors.NoFee()
    if case.progress.fee:
        return errors.FeeAsked() if case.progress.fee == ASKED else errors.FeeSettled()
    return None if (case.state in GIVEN) is (asked.before == RESULT) else errors.FeeNotNow(**_when(case))


def fee_is_awaited(case: Situation, actor: Actor) -> GuardRefusal | None:
    """What was asked for can be paid, also late."""
    if case.rules.fee.payment is None:
        return errors.NoFee()
    if case.progress.fee in (PAID, WAIVED):
        return errors.FeeSettled()
    return None if case.progress.fee == ASKED else errors.FeeNotAsked()


def fee_can_be_waived(case: Situation, actor: Actor) -> GuardRefusal | None:
    """As long as it is not paid, before it is asked for too; never a line of which the item says otherwise."""
    if case.rules.fee.payment is None:
        return errors.NoFee()
    if case.progress.fee in (PAID, WAIVED):
        return errors.FeeSettled()
    return None if list(waivable(case, actor)) else errors.NotReducible()


def unpaid_too_long(case: Situation, actor: Actor) -> GuardRefusal | None:
    """The item declares that whoever does not pay in time has taken the application back."""
    asked = case.rules.fee.payment
    if asked is None or not asked.consequence or case.progress.fee != ASKED:
        return errors.SilenceMeansNothing()
    return None if case.is_overdue("payment") else errors.NotDue()


def paid_before_decision(case: Situation, actor: Actor) -> GuardRefusal | None:
    """Where the item lets the decision wait for the fee, it is paid or waived first."""
    return _unsettled(case) if awaits(case, DECISION) else None


def paid_before_result(case: Situation, actor: Actor) -> GuardRefusal | None:
    """Where the item lets the result wait for the fee, nobody is handed it before that is paid or waived."""
    return _unsettled(case) if awaits(case, RESULT) else None


def _unsettled(case: Situation) -> GuardRefusal:
    return errors.FeeUnpaid(amount=yuan(amount(case))) if case.progress.fee == ASKED else errors.FeeToAsk()


# Options


def charges(case: Situation, actor: Actor) -> Iterator[tuple[str, str]]:
    """The lines that can be asked for."""
    yield from (each for each in _told(case) if each[0] not in case.progress.spared)


def waivable(case: Situation, actor: Actor) -> Iterator[tuple[str, str]]:
    """The lines that can be let off: of those asked for, else of all; not where the item says that none may be."""
    for number, words in _told(case):
        more = lines(case.rules)[number].more
        is_open = number in case.progress.charges if case.progress.fee else number not in case.progress.spared
        if is_open and not (more and more.reducible is False):
            yield number, words


def sums(case: Situation, actor: Actor) -> Iterator[tuple[str, str]]:
    """The one sum that is to be paid, in fen."""
    if case.progress.fee == ASKED:
        yield str(amount(case)), yuan(amount(case))


def proofs(case: Situation, actor: Actor) -> Iterator[tuple[str, str]]:
    """By what somebody knows that it was paid."""
    yield from PROVED.items()


def _told(case: Situation) -> Iterator[tuple[str, str]]:
    return ((number, f"{line.name}，{yuan(line.fen)}") for number, line in lines(case.rules).items())


def _when(case: Situation) -> dict[str, str]:
    before = case.rules.fee.payment and case.rules.fee.payment.before
    return {"when": "准予以后、交付结果以前" if before == RESULT else "作出决定以前"}
