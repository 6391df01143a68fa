# SPDX-License-Identifier: Apache-2.0
"""Cases and people for tests of the procedure's pure rules."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import chain, combinations
from typing import Any
from uuid import UUID

from tongban.cases.clocks import Nature, Regime, Unit
from tongban.cases.regimes import DEFAULTS
from tongban.cases.rules import Rules, rules_of
from tongban.cases.situation import Situation
from tongban.cases.states import Mode, Part, State
from tongban.cases.transitions import Move, Relation
from tongban.catalogue import content as contents
from tongban.catalogue.tests.items import content, material, promised
from tongban.standards.actor import Actor, Role
from tongban.standards.opening import Hours
from tongban.standards.workdays import Calendar

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday, 10:00 in China
WEEKS = Hours(Calendar(frozenset(), frozenset(), date(2030, 12, 31)))  # weekends and nothing else
WORDS: dict[str, Any] = {
    "materials": [material(code, necessity="tolerated") for code in ("letter", "map")],
    "questions": [],
    "supplement": {
        "days": 5,
        "unit": "working_day",
        "consequence": "withdrawn",
        "promise": "我承诺。",
        "source": "测试",
    },
    "commitment": {
        "covers": ["letter"],
        "promise": "我承诺。",
        "at_once": True,
        "verification": {**promised(40), "source": "测试"},
        "consequence": "put_right",
        "excluded": [],
        "basis": "测试",
        "source": "测试",
        "put_right": {**promised(10), "source": "测试"},
    },
}

FEE: dict[str, Any] = {
    "charged": True,
    "basis": "《某条例》第五条",
    "lines": [
        {"name": "工本费", "fen": 4000, "basis": "《某条例》第五条"},
        {"name": "检验费", "fen": 10050, "basis": "《某条例》第六条", "more": {"reducible": False}},
    ],
    "payment": {
        "before": "decision",
        "payee": "某市财政局非税收入专户",
        "how": "凭缴款码在银行网点或者网上缴纳。",
        "source": "测试",
        "days": 5,
        "unit": "working_day",
        "consequence": "withdrawn",
        "stops_by": "《某条例》第七条",
    },
}
LATE_FEE = {  # paid before the result is handed over; nothing stands still, nothing follows
    **FEE,
    "payment": FEE["payment"] | {"before": "result", "days": 0, "consequence": "", "stops_by": ""},
}


def rules(**changes: Any) -> Rules:
    """An item that lets two papers come later, and one of them be promised."""
    words = content(**(WORDS | changes))
    return rules_of(contents.convert(words), words)


TOLERANT = rules()
STRICT = rules(  # pauses before it ends; examines before it trusts; revokes at once
    supplement=WORDS["supplement"] | {"grace": 15, "consequence": "terminated"},
    commitment={**WORDS["commitment"], "at_once": False, "consequence": "revoked", "put_right": None},
)
CHARGED, CHARGED_LATER = rules(fee=FEE), rules(fee=LATE_FEE)
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

    @cached_property
    def actor(self) -> Actor:
        """The same for actions."""
        return Actor(id=UUID(int=self.number), role=self.role, name="", node="430000")


PEOPLE = [Person(role) for role in Role]


def facts_of(move: Move, case: Situation, who: Actor) -> dict[str, str]:
    """What somebody would state: of the options the first, else some words."""
    facts = {}
    for need in move.needs:
        options = [value for value, _ in need.options(case, who)] if need.options else []
        if need.optional and not options:
            continue
        facts[need.name] = options[0] if options else "写明。"
    return facts
