# SPDX-License-Identifier: Apache-2.0
"""An item's limits are the law's where it is a licence, its own where it declares them, and ours only as said."""

from datetime import date
from typing import Any

import pytest

from tongban.cases import clocks, regimes
from tongban.cases.clocks import Nature, Regime, Unit, begin
from tongban.cases.tests.clocks_at_work import HOURS, at

MONDAY = at(date(2026, 11, 23))
PROMISED = {"days": 7, "unit": "working_day", "law": "", "clause": "", "source": "办事指南"}
STATUTORY = {
    "days": 30,
    "unit": "working_day",
    "law": "某条例",
    "clause": "第一条",
    "source": "法律规定",
}


def item(item_type: str = "public_service", mode: str = "online", **more: Any) -> dict[str, Any]:
    limits = {"promised": PROMISED, "statutory": more.pop("statutory", None)}
    return {"item_type": item_type, "mode": mode, "limits": limits} | more


def short(declared: Regime) -> tuple[int, str, str, str]:
    return declared.amount, str(declared.unit), str(declared.nature), declared.clause


def test_a_licence_has_the_limits_of_the_licensing_law() -> None:
    found = regimes.of_item(item("licensing"))

    assert {kind: short(found[kind]) for kind in regimes.LICENCE} == {
        "acceptance": (5, "working_day", "statutory", "第三十二条"),
        "decision": (20, "working_day", "statutory", "第四十二条"),
        "delivery": (10, "working_day", "statutory", "第四十四条"),
        "hearing_request": (5, "working_day", "applicant", "第四十七条"),
        "hearing": (20, "working_day", "statutory", "第四十七条"),
    }
    assert short(found["promised"]) == (7, "working_day", "promised", "")
    assert regimes.lengthening(item("licensing")) == regimes.LICENCE_LENGTHENING


def test_a_licence_that_organs_decide_together_has_forty_five_days_and_fifteen_more() -> None:
    found = regimes.of_item(item("licensing", mode="joint"))
    more = regimes.lengthening(item("licensing", mode="joint"))

    assert short(found["decision"]) == (45, "working_day", "statutory", "第四十二条第二款")
    assert more is not None
    assert (more.amount, more.clause) == (15, "第四十二条第二款")


def test_what_the_item_declares_goes_before_the_licensing_law() -> None:
    declared = item("licensing", statutory=STATUTORY)

    assert short(regimes.of_item(declared)["decision"]) == (30, "working_day", "statutory", "第一条")
    assert regimes.lengthening(declared) is None


def test_other_items_have_no_limit_of_the_law_unless_they_declare_one() -> None:
    found = regimes.of_item(item())

    assert "decision" not in found
    assert "hearing" not in found
    assert {each.law for each in found.values()} == {""}
    assert found["acceptance"].source == regimes.OURS
    assert regimes.lengthening(item()) is None
    assert short(regimes.of_item(item(statutory=STATUTORY))["decision"]) == (
        30,
        "working_day",
        "statutory",
        "第一条",
    )


def test_an_item_declares_corrections_extension_and_parts() -> None:
    correction = {"days": 15, "unit": "natural_day", "consequence": "withdrawn", "source": "办事指南"}
    extension = {
        "days": 30,
        "unit": "natural_day",
        "law": "《居民身份证法》",
        "clause": "第十二条",
        "source": "法律规定",
    }
    part = {"code": "old_place", "name": "原参保地转出", **STATUTORY}
    steps = [
        {"code": "site_visit", "name": "现场勘验", "limit": PROMISED},
        {"code": "check", "name": "审查", "limit": None},
    ]
    declared = item(correction=correction, extension=extension, parts=[part], examination=steps)
    found, more = regimes.of_item(declared), regimes.lengthening(declared)

    assert short(found["correction"]) == (15, "natural_day", "applicant", "")
    assert more is not None
    assert more.granted(MONDAY) == clocks.Extension(30, Unit.NATURAL_DAY, "《居民身份证法》", "第十二条", MONDAY)
    assert (found["part:old_place"].name, found["part:old_place"].nature) == ("原参保地转出", Nature.STATUTORY)
    assert (found["step:site_visit"].name, found["step:site_visit"].nature) == ("现场勘验", Nature.PROMISED)
    assert {kind for kind in found if ":" in kind} == {"part:old_place", "step:site_visit"}


@pytest.mark.parametrize(
    ("unit", "read"),
    [
        ("hour", Unit.WORKING_HOUR),
        ("minute", Unit.WORKING_MINUTE),
        ("working_hour", Unit.WORKING_HOUR),
        ("month", Unit.MONTH),
    ],
)
def test_short_limits_are_in_opening_time(unit: str, read: Unit) -> None:
    declared = item()
    declared["limits"]["promised"] = PROMISED | {"unit": unit}

    assert regimes.of_item(declared)["promised"].unit is read


def test_papers_on_their_way_have_a_clock_that_nobody_is_measured_by() -> None:
    assert regimes.of_item(item("licensing"))["transit"].nature is Nature.TRANSIT


def test_silence_accepts_a_licence_as_of_the_day_of_receipt_and_nothing_else() -> None:
    silent = begin(regimes.of_item(item("licensing"))["acceptance"], MONDAY)
    other = begin(regimes.of_item(item())["acceptance"], MONDAY)

    assert clocks.state(silent, at(date(2026, 12, 1)), HOURS) is clocks.Standing.OVERDUE
    assert regimes.deemed_accepted_on(silent) == date(2026, 11, 23)
    assert regimes.deemed_accepted_on(other) is None
    assert regimes.deemed_accepted_on(silent.end(MONDAY)) is None


def test_every_special_procedure_of_the_law_stops_also_what_the_law_set() -> None:
    names = [each.name for each in regimes.SPECIAL_PROCEDURES.values()]

    assert names == ["听证", "招标", "拍卖", "检验", "检测", "检疫", "鉴定", "专家评审"]
    for each in regimes.SPECIAL_PROCEDURES.values():
        assert each.pause(MONDAY, by_law=True).reaches(regimes.LICENCE["decision"])
        assert not each.pause(MONDAY, by_law=False).reaches(regimes.LICENCE["decision"])  # the law is not theirs


def test_parts_of_the_procedure_are_limits_that_the_item_declares() -> None:
    """养老保险关系转移 15 + 15 + 15 by 国办发〔2009〕66号 art. 8; 户口迁移 5 + 2, which no law sets."""
    law = {
        "law": "《城镇企业职工基本养老保险关系转移接续暂行办法》",
        "clause": "第八条",
        "source": "国办发〔2009〕66号",
    }
    pension = {"check": "新参保地审核", "transfer": "原参保地转出", "conclude": "新参保地办结"}
    household = {"new_place": ("迁入地审核", 5), "old_place": ("迁出地办理", 2)}
    parts = [{"code": code, "name": name, "days": 15, "unit": "working_day", **law} for code, name in pension.items()]
    parts += [PROMISED | {"code": code, "name": name, "days": days} for code, (name, days) in household.items()]
    found = regimes.of_item(item(parts=parts))

    assert {found[f"part:{code}"].name for code in pension} == set(pension.values())
    assert {short(found[f"part:{code}"]) for code in pension} == {(15, "working_day", "statutory", "第八条")}
    assert [short(found[f"part:{code}"])[::2] for code in household] == [(5, "promised"), (2, "promised")]


def test_what_an_item_says_of_promises_are_limits_of_its_cases() -> None:
    later = {"days": 3, "unit": "working_day", "grace": 15, "source": "台州的做法", "law": "", "clause": ""}
    promise = {"verification": PROMISED | {"days": 20}, "put_right": PROMISED | {"days": 10, "unit": "natural_day"}}
    found = regimes.of_item(item(supplement=later, commitment=promise))

    assert {kind: short(found[kind])[:3] for kind in ("supplement", "grace", "verification", "put_right")} == {
        "supplement": (3, "working_day", "applicant"),
        "grace": (15, "working_day", "applicant"),
        "verification": (20, "working_day", "promised"),
        "put_right": (10, "natural_day", "applicant"),
    }
    plain = regimes.of_item(item(supplement=later | {"grace": 0}, commitment=promise | {"put_right": None}))
    assert not {"grace", "put_right"} & plain.keys()
