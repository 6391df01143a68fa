# SPDX-License-Identifier: Apache-2.0
"""People with habits: how soon they look, what they then do of all they may, what they write."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tongban.cases import fees
from tongban.cases.said import told
from tongban.cases.situation import Situation
from tongban.cases.states import ENDED, Delivery, State
from tongban.cases.transitions import MANY, OF_FIELDS, Move
from tongban.standards.actor import Actor, Role


@dataclass(frozen=True)
class Habit:
    """How long somebody takes when it is their turn, in minutes of opening time. Everybody acts at last."""

    name: str
    minutes: int
    just_in_time: bool = False  # looks a second before a limit of theirs runs out


DILIGENT = Habit("diligent", 5 * 60)
SLOW = Habit("slow", 4 * 6 * 60)
SILENT = Habit("silent", 40 * 6 * 60)
LAST_MINUTE = Habit("last-minute", 20 * 6 * 60, just_in_time=True)
HABITS = (DILIGENT, DILIGENT, SLOW, SILENT, LAST_MINUTE)
ELSEWHERE = 10 * 6 * 60  # until somebody looks whose turn it is not
OLD = timedelta(days=90)  # an age at which everybody is twice as quick
OPENING_MINUTES = 6 * 60 + 30  # of a day, where somebody lives by natural days

IDLE, WAITING = 1.0, 5.0  # the weight of leaving it for another day: whose turn it is, and whose it is not
LIKELY = {  # how often a move is made when it may be; most cases go on, few end early
    "accept": 5.0,
    "request_correction": 4.0,
    "return_correction": 3.0,
    "not_accept": 0.5,
    "not_require": 0.25,
    "sign_step": 9.0,
    "send_back": 0.8,
    "start_special": 0.6,
    "end_special": 6.0,
    "offer_hearing": 0.3,
    "request_hearing": 3.0,
    "propose_extension": 2.5,
    "extend": 12.0,
    "assign": 0.3,
    "grant": 9.0,
    "deny": 1.2,
    "terminate": 0.12,
    "withdraw": 0.12,
    "urge": 0.3,
    "archive": 1.0,
    "remake": 0.1,
    "raise_problem": 0.12,
    "offer_problem": 0.8,
    "take_problem": 3.0,
    "settle_problem": 3.0,
    "correct_on_spot": 0.4,
    "post": 4.0,
    "return_originals": 2.0,
    "receive_back": 3.0,
    "send_back_originals": 0.2,
    "hand_back_originals": 0.6,
    "reopen_acceptance": 2.0,
    "reopen_decision": 2.0,
    "take_promise": 5.0,
    "withdraw_promise": 0.3,
    "accept_lacking": 8.0,
    "supplement": 3.0,
    "return_supplement": 0.7,
    "grant_on_promise": 9.0,
    "order_to_correct": 5.0,
    "revoke": 4.0,
    "reinstate": 12.0,
    "ask_fee": 7.0,
    "confirm_payment": 5.0,
    "waive_fee": 1.0,
}
USUAL = 6.0
AGAIN = 0.45  # what is left of the weight each time that it was done before
ON = frozenset({"sign_step", "grant", "deny", "settle_problem", "return_originals", "receive_back"})  # nobody tires of

WORDS = "按规定办理。"
VALUES = "fields"  # kind of need: corrected values, which only who knows the form could give


def actor(role: Role, number: int) -> Actor:
    """Somebody in one role."""
    return Actor(id=UUID(int=number), role=role, name=f"{role} {number}", node="430000")


def chosen(dice: random.Random, moves: Sequence[Move], made: Counter[str], idle: float = IDLE) -> Move | None:
    """What somebody does of all they may; nothing, now and then."""
    weights = [LIKELY.get(move.name, USUAL) * (1 if move.name in ON else AGAIN ** made[move.name]) for move in moves]
    if dice.random() * (sum(weights) + idle) < idle:
        return None
    return dice.choices(moves, weights)[0]


def stated(
    dice: random.Random, move: Move, case: Situation, who: Actor, colleagues: Sequence[str], mark: str = ""
) -> dict[str, str]:
    """What somebody states: of the options any that is offered just now, else some words."""
    facts = {}
    for need in move.needs:
        if need.kind == "colleague":
            facts[need.name] = dice.choice(colleagues)
        elif need.kind in (*MANY, *OF_FIELDS) and need.options is not None:
            offered = [value for value, _ in need.options(case, who)]
            if need.kind == VALUES or (need.optional and (not offered or dice.random() < 0.5)):
                continue
            some = dice.sample(offered, dice.randint(1, len(offered)))
            facts[need.name] = told(dict.fromkeys(some, WORDS)) if need.kind in OF_FIELDS else ",".join(some)
        elif need.name == "credit":
            facts[need.name] = dice.choice(("clear", "clear", "clear", "serious"))
        elif need.options is not None:
            facts[need.name] = dice.choice([value for value, _ in need.options(case, who)])
        else:
            facts[need.name] = f"{mark or 'SF1' if need.kind == 'text' else WORDS}"
    return facts


def turn(case: Situation) -> frozenset[Role]:
    """Whom everybody waits for."""
    if case.state is State.CORRECTION:
        return frozenset({Role.APPLICANT, Role.CLERK})
    is_lacking = bool(case.progress.awaited or (case.lacking and not case.progress.promised))
    if case.progress.verification == "ordered" or is_lacking:
        return frozenset({Role.APPLICANT, Role.CLERK, Role.APPROVER})
    is_owed = case.progress.fee == fees.ASKED or fees.awaits(case, fees.RESULT)
    if case.state is State.ISSUED and not is_owed:
        by = {Delivery.NET: Role.APPLICANT, Delivery.WINDOW: Role.CLERK, Delivery.POST: Role.APPROVER}
        return frozenset({by[case.way]})
    at_window = any(paper.holder == case.intake for paper in case.papers)
    if case.state in ENDED and at_window:
        return frozenset({Role.CLERK})
    if (case.state is State.COLLECTED and at_window) or (case.state in ENDED and case.loose_papers):
        return frozenset({Role.CLERK, Role.APPROVER})
    return frozenset({Role.APPROVER})


def minutes(dice: random.Random, habit: Habit, is_turn: bool, age: timedelta) -> int:
    """How much opening time passes until somebody looks again; the older the case, the more they hurry."""
    usual = habit.minutes if is_turn else max(habit.minutes, ELSEWHERE)
    return 1 + int(dice.expovariate(1 / usual) / (1 + age / OLD))
