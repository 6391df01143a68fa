# SPDX-License-Identifier: Apache-2.0
"""Which limits an item's cases have: read off the item version, with the law where the item leaves it open. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from tongban.cases.clocks import Clock, Extension, Nature, Pause, Regime, Unit
from tongban.standards.clock import local_date

LAW = "《中华人民共和国行政许可法》"
BY_LAW = "法律规定"
OURS = "本系统默认时限，可由事项另行规定"
LICENSING = "licensing"  # 行政许可: for no other type does this law set limits
# The units of the catalogue, of which the short ones are opening time of the organization that decides.
UNITS = {"hour": Unit.WORKING_HOUR, "minute": Unit.WORKING_MINUTE}


def _by_law(kind: str, amount: int, clause: str, nature: Nature = Nature.STATUTORY) -> Regime:
    return Regime(kind, amount, Unit.WORKING_DAY, LAW, clause, BY_LAW, nature)


def _ours(kind: str, amount: int, nature: Nature = Nature.PROMISED) -> Regime:
    return Regime(kind, amount, Unit.WORKING_DAY, "", "", OURS, nature)


# 行政许可法: 5 days to ask for corrections (32), 20 to decide (42), 45 where organs decide together (42), 10 to hand
# over (44), 5 for the applicant to ask for a hearing and 20 to hold it (47). Its days are working days (82); that
# the applicant's 5 are so too is our reading, which takes nothing from the applicant.
LICENCE = {
    each.kind: each
    for each in (
        _by_law("acceptance", 5, "第三十二条"),
        _by_law("decision", 20, "第四十二条"),
        _by_law("delivery", 10, "第四十四条"),
        _by_law("hearing_request", 5, "第四十七条", Nature.APPLICANT),
        _by_law("hearing", 20, "第四十七条"),
    )
}
JOINT_DECISION = _by_law("decision", 45, "第四十二条第二款")  # 统一办理、联合办理、集中办理
# What no law sets. Supplements: as 台州 gives them for 容缺受理; the others are ours without a model.
DEFAULTS = {
    each.kind: each
    for each in (
        _ours("acceptance", 5),
        _ours("delivery", 10),
        Regime("transit", 10, Unit.NATURAL_DAY, "", "", OURS, Nature.TRANSIT),
        _ours("supplement", 15, Nature.APPLICANT),
        _ours("verification", 40),
        _ours("problem", 2),
    )
}
# Which of them an item may declare for itself, and whose limit each is.
DECLARED = {each.kind: each.nature for each in (*LICENCE.values(), *DEFAULTS.values())} | {
    "correction": Nature.APPLICANT,
    "acceptance": Nature.PROMISED,
    "delivery": Nature.PROMISED,
    "hearing": Nature.PROMISED,
}

PROMISES = {"grace": Nature.APPLICANT, "verification": Nature.PROMISED, "put_right": Nature.APPLICANT}


@dataclass(frozen=True)
class Lengthening:
    """By how much the decision may be put off, once, by whom the law says so."""

    amount: int
    unit: Unit
    law: str
    clause: str
    source: str

    def granted(self, at: datetime) -> Extension:
        """The extension as it is decided at this instant."""
        return Extension(self.amount, self.unit, self.law or self.source, self.clause, at)


LICENCE_LENGTHENING = Lengthening(10, Unit.WORKING_DAY, LAW, "第四十二条", BY_LAW)
JOINT_LENGTHENING = Lengthening(15, Unit.WORKING_DAY, LAW, "第四十二条第二款", BY_LAW)


@dataclass(frozen=True)
class Procedure:
    """A special procedure (特别程序); of a licence the law leaves its time out of the limit, and says so in writing."""

    code: str
    name: str
    law: str
    clause: str

    def pause(self, at: datetime, *, by_law: bool) -> Pause:
        """The pause that begins with it. Where the law does not apply, only what was promised stops."""
        if not by_law:
            return Pause("", self.name, at, None, "promised")
        return Pause(f"{self.law}{self.clause}", self.name, at, None, "all")


SPECIAL_PROCEDURES = {
    code: Procedure(code, name, LAW, "第四十五条")
    for code, name in (
        ("hearing", "听证"),
        ("tender", "招标"),
        ("auction", "拍卖"),
        ("inspection", "检验"),
        ("testing", "检测"),
        ("quarantine", "检疫"),
        ("appraisal", "鉴定"),
        ("expert_review", "专家评审"),
    )
}


def of_item(content: Mapping[str, Any]) -> dict[str, Regime]:
    """The regimes of an item version by kind of clock; `decision` only where the statutory limit is known."""
    limits, is_licence = content["limits"], content["item_type"] == LICENSING
    found = dict(DEFAULTS) | (_of_licence(content) if is_licence else {})
    found["promised"] = _read("promised", limits["promised"], Nature.PROMISED)
    if limits["statutory"]:
        found["decision"] = _read("decision", limits["statutory"], Nature.STATUTORY)
    found |= {kind: _read(kind, content[kind], whose) for kind, whose in DECLARED.items() if _declares(content, kind)}
    found |= _of_promises(content) | _of_fee(content)
    parts = (_named("part", each, each) for each in content.get("parts", ()))
    steps = (_named("step", each, each["limit"]) for each in content.get("examination", ()) if each.get("limit"))
    return found | {each.kind: each for each in (*parts, *steps)}


def lengthening(content: Mapping[str, Any]) -> Lengthening | None:
    """By how much the decision on this item may be put off. None when nothing says that it may."""
    given = content.get("extension")
    if given:
        return Lengthening(_amount(given), _unit(given), given["law"], given["clause"], given["source"])
    if content["item_type"] != LICENSING or content["limits"]["statutory"]:
        return None
    return JOINT_LENGTHENING if content["mode"] == "joint" else LICENCE_LENGTHENING


def deemed_accepted_on(clock: Clock) -> date | None:
    """For a licence whose applicant is told nothing in time: the day of receipt, from which it counts as accepted.

    行政许可法 art. 32. None where silence has no such consequence. The decision's clock begins with this one.
    """
    declared = LICENCE["acceptance"]
    is_licence = (clock.regime.kind, clock.regime.law, clock.regime.clause) == (
        declared.kind,
        declared.law,
        declared.clause,
    )
    return local_date(clock.started_at) if is_licence and clock.ended_at is None else None


def _of_licence(content: Mapping[str, Any]) -> dict[str, Regime]:
    return LICENCE | ({"decision": JOINT_DECISION} if content["mode"] == "joint" else {})


def _of_promises(content: Mapping[str, Any]) -> dict[str, Regime]:
    """What the item adds for 容缺受理 beyond the limit itself, and for 告知承诺."""
    later, promised = content.get("supplement") or {}, content.get("commitment") or {}
    given = {
        "grace": later | {"days": later["grace"]} if later.get("grace") else None,
        "verification": promised.get("verification"),
        "put_right": promised.get("put_right"),
    }
    return {kind: _read(kind, limit, PROMISES[kind]) for kind, limit in given.items() if limit}


def _of_fee(content: Mapping[str, Any]) -> dict[str, Regime]:
    """How long the applicant has to pay, where the item says so."""
    payment = content.get("fee", {}).get("payment") or {}
    return {"payment": _read("payment", payment, Nature.APPLICANT)} if payment.get("days") else {}


def _declares(content: Mapping[str, Any], kind: str) -> bool:
    return isinstance(content.get(kind), Mapping) and "days" in content[kind]


def _named(what: str, given: Mapping[str, Any], limit: Mapping[str, Any]) -> Regime:
    nature = Nature.STATUTORY if limit.get("law") else Nature.PROMISED
    return replace(_read(f"{what}:{given['code']}", limit, nature), label=given["name"])


def _read(kind: str, given: Mapping[str, Any], nature: Nature) -> Regime:
    law, clause, source = (given.get(name, "") for name in ("law", "clause", "source"))
    whose = Nature.STATUTORY if law and nature is Nature.PROMISED and kind != "promised" else nature
    return Regime(kind, _amount(given), _unit(given), law, clause, source, whose)


def _amount(given: Mapping[str, Any]) -> int:
    return int(given["days"])


def _unit(given: Mapping[str, Any]) -> Unit:
    return UNITS.get(given["unit"]) or Unit(given["unit"])
