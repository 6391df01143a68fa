# SPDX-License-Identifier: Apache-2.0
"""Cases and people for tests of the procedure's pure rules."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain, combinations
from uuid import UUID

from tongban.cases.clocks import Nature, Regime, Unit
from tongban.cases.regimes import DEFAULTS
from tongban.cases.rules import Rules
from tongban.cases.situation import Situation
from tongban.cases.states import Mode, Part, State
from tongban.cases.transitions import Move, Relation
from tongban.standards.actor import Actor, Role
from tongban.standards.opening import Hours
from tongban.standards.workdays import Calendar

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday, 10:00 in China
WEEKS = Hours(Calendar(frozenset(), frozenset(), date(2030, 12, 31)))  # weekends and nothing else
PROMISED = Regime("promised", 5, Unit.WORKING_DAY, "", "", "测试", Nature.PROMISED)
RULES = Rules(regimes={**DEFAULTS, "promised": PROMISED})
CASE = Situation(state=State.SUBMITTED, mode=Mode.ONLINE, rules=RULES, hours=WEEKS, at=AT)
RELATIONS = [
    Relation(parts=frozenset(parts), applied=applied)
    for parts in chain.from_iterable(combinations(Part, size) for size in range(len(Part) + 1))
    for applied in (False, True)
]


@dataclass(frozen=True)
class Person:
    """Somebody in one role."""

    role: Role
    number: int = 1

    @property
    def actor(self) -> Actor:
        """The same for actions."""
        return Actor(id=UUID(int=self.number), role=self.role, name="", node="430000")


PEOPLE = [Person(role) for role in Role]


def facts_of(move: Move, case: Situation, who: Actor) -> dict[str, str]:
    """What somebody would state: of the options the first, else some words."""
    facts = {}
    for need in move.needs:
        options = [value for value, _ in need.options(case, who)] if need.options else []
        facts[need.name] = options[0] if options else "写明。"
    return facts
