# SPDX-License-Identifier: Apache-2.0
"""Items as different as the law lets them be: their limits, steps, consequences, agreements and papers."""

import random
from typing import Any

from tongban.cases.rules import Rules, rules_of
from tongban.catalogue import content as contents
from tongban.catalogue.tests.items import content, material

REGION = "620102"  # where things are taken in
PROMISES = (  # days, unit
    (5, "working_day"),
    (10, "working_day"),
    (1, "working_day"),
    (0, "working_day"),
    (7, "natural_day"),
    (1, "month"),
    (4, "hour"),
    (45, "minute"),
)
LAW = {"law": "《某某条例》", "clause": "第九条", "source": "模拟用的假定"}
NO_LAW = {"law": "", "clause": "", "source": "模拟用的假定"}
LATER = ("letter", "map")  # codes of what may come later
SUPPLEMENTS = ((3, "working_day"), (1, "working_day"), (10, "natural_day"), (1, "month"))
ENTRUSTED = ("accept", "request_correction", "not_accept")


def drawn(dice: random.Random, *modes: str) -> dict[str, Any]:
    """What one item says about its procedure, to be put over any content."""
    is_licence, mode = dice.random() < 0.45, dice.choice(modes or ("online", "proxy", "proxy", "joint"))
    promised = dice.choice(PROMISES)
    limits = {"statutory": _statutory(dice, is_licence), "promised": _limit(*promised)}
    steps = _steps(dice)
    return {
        "item_type": "licensing" if is_licence else "public_service",
        "mode": mode,
        "project_type": "promised" if promised[0] and promised[1] not in ("hour", "minute") else "at_once",
        "limits": limits,
        "examination": steps,
        "parts": [{"code": steps[0]["code"], "name": "第一段", **_limit(15, "working_day", LAW)}] if steps else [],
        "two_persons": dice.random() < 0.4,
        "correction": _correction(dice),
        "extension": _extension(dice, {each["unit"] for each in limits.values() if each}),
        "entrusted": _entrusted(dice) if mode == "proxy" else [],
        "supplement": _supplement(dice, *promised),
        "commitment": _commitment(dice),
        "fee": _fee(dice),
    }


def later(words: dict[str, Any]) -> list[dict[str, Any]]:
    """Materials that may come later, where the item has a way for it."""
    codes = LATER if words["supplement"] else words["commitment"]["covers"] if words["commitment"] else ()
    return [material(code, necessity="tolerated") for code in codes]


def originals(dice: random.Random) -> list[dict[str, Any]]:
    """Materials of which the organ must have the paper."""
    return [material(f"paper_{n}", name=f"原件{n}", form="paper") for n in range(dice.choice((0, 1, 1, 2)))]


def rules_drawn(dice: random.Random) -> tuple[dict[str, Any], Rules]:
    """An item of no particular organization, and what the procedure makes of it."""
    words = content(**drawn(dice), materials=[], questions=[])
    words["materials"] = [material("id_card"), *originals(dice), *later(words)]
    return words, rules_of(contents.convert(words), words)


def told(words: dict[str, Any]) -> str:
    """One line for people."""
    limits = words["limits"]
    said = [
        f"{words['item_type']} {words['mode']}",
        f"promised {_told(limits['promised'])}",
        f"by law {_told(limits['statutory'])}",
        f"correction {_told(words['correction'])} {(words['correction'] or {}).get('consequence') or 'no consequence'}",
        f"extension {_told(words['extension'])}",
        f"steps {[step['code'] for step in words['examination']] or 'one'}",
    ]
    said += (
        [f"supplement {_told(words['supplement'])}, then {words['supplement']['grace']}"] if words["supplement"] else []
    )
    said += [f"commitment {words['commitment']['consequence']}"] if words["commitment"] else []
    said += [f"fee before the {words['fee']['payment']['before']}"] if words["fee"].get("payment") else []
    said += ["two persons"] if words["two_persons"] else []
    said += [f"entrusted {words['entrusted'][0]['moves']}"] if words["entrusted"] else []
    return ", ".join(said)


def _told(limit: dict[str, Any] | None) -> str:
    return f"{limit['days']} {limit['unit']}" if limit else "none"


def _limit(days: int, unit: str, basis: dict[str, str] = NO_LAW) -> dict[str, Any]:
    return {"days": days, "unit": unit, **basis}


def _statutory(dice: random.Random, is_licence: bool) -> dict[str, Any] | None:
    """A licence without one of its own has the law's twenty days."""
    if dice.random() < (0.8 if is_licence else 0.5):
        return None
    return _limit(*dice.choice(((15, "working_day"), (60, "natural_day"), (2, "month"))), LAW)


def _steps(dice: random.Random) -> list[dict[str, Any]]:
    three = dice.choice((None, _limit(3, "working_day"), _limit(2, "working_day", LAW)))
    check = {"code": "check", "name": "书面审查", "limit": three}
    review = {"code": "review", "name": "复核", "after": ["check"], "apart_from": ["check"], "limit": three}
    site = {"code": "site", "name": "现场勘验", "persons": 2, "limit": _limit(5, "natural_day")}
    whole = {"code": "whole", "name": "审核", "after": ["check", "site"], "apart_from": ["site"]}
    return dice.choice(([], [], [check, review], [check, site, whole]))  # type: ignore[arg-type]


def _correction(dice: random.Random) -> dict[str, Any] | None:
    if dice.random() < 0.15:
        return None
    days, unit = dice.choice(((15, "working_day"), (30, "natural_day"), (7, "natural_day"), (1, "month"), (8, "hour")))
    consequence = dice.choice(("withdrawn", "not_accepted", ""))
    return {"days": days, "unit": unit, "consequence": consequence, "source": NO_LAW["source"]}


def _extension(dice: random.Random, units: set[str]) -> dict[str, Any] | None:
    """One that makes all of its limits longer."""
    if len(units) > 1 or dice.random() < 0.4:
        return None
    (unit,) = units
    return _limit(30 if unit == "minute" else dice.choice((1, 3, 5)), unit, dice.choice((LAW, NO_LAW)))


def _supplement(dice: random.Random, promised: int, unit: str) -> dict[str, Any] | None:
    """No longer than what was promised."""
    ways = [(days, each) for days, each in SUPPLEMENTS if each != unit or days <= promised]
    if dice.random() < 0.45:
        return None
    days, each = dice.choice(ways)
    more = {"grace": dice.choice((0, 15, 5)), "consequence": dice.choice(("withdrawn", "terminated"))}
    return {"days": days, "unit": each, "promise": "我承诺按时补齐。", "source": NO_LAW["source"]} | more


def _commitment(dice: random.Random) -> dict[str, Any] | None:
    if dice.random() < 0.6:
        return None
    first = dice.choice((True, True, False))
    return {
        "covers": [*dice.choice((LATER, LATER[:1]))],
        "promise": "我承诺符合条件。",
        "at_once": dice.random() < 0.6,
        "verification": _limit(*dice.choice(((20, "working_day"), (60, "natural_day")))),
        "consequence": "put_right" if first else "revoked",
        "excluded": [],
        "basis": "模拟用的假定",
        "source": NO_LAW["source"],
        "put_right": _limit(*dice.choice(((10, "working_day"), (15, "natural_day")))) if first else None,
    }


def _fee(dice: random.Random) -> dict[str, Any]:
    """None mostly; where there is one, of several lines, some of which nobody is let off."""
    if dice.random() < 0.6:
        return {"charged": False}
    before = dice.choice(("decision", "result"))
    days, unit = dice.choice(((5, "working_day"), (15, "natural_day"), (1, "month"), (0, "working_day")))
    may_lapse = before == "decision" and days and dice.random() < 0.6
    more = dice.choice((None, {"reducible": True}, {"reducible": False}))
    lines = [
        {"name": f"费用{n}", "fen": fen, "basis": LAW["law"], "more": more} for n, fen in enumerate((4000, 0, 10050))
    ]
    payment = {
        "before": before,
        "payee": "国库（模拟）",
        "how": "凭缴款码缴纳。",
        "source": NO_LAW["source"],
        "days": days,
        "unit": unit,
        "consequence": "withdrawn" if may_lapse else "",
        "stops_by": dice.choice(("", LAW["law"])),
    }
    return {"charged": True, "basis": LAW["law"], "lines": lines, "payment": payment}


def _entrusted(dice: random.Random) -> list[dict[str, Any]]:
    if dice.random() < 0.6:
        return []
    moves = dice.sample(ENTRUSTED, dice.randint(1, 3))
    return [{"region": dice.choice((REGION, "620100", "620000")), "moves": moves, "basis": "两地协议（模拟）"}]
