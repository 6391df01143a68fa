# SPDX-License-Identifier: Apache-2.0
"""A list keeps its rules; two lists are compared; an agreement says whom it binds, and when."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.catalogue.lists import agreement as agreements
from tongban.catalogue.lists import comparing, content
from tongban.catalogue.lists.agreement import Agreement
from tongban.catalogue.lists.content import TongbanList
from tongban.catalogue.lists.errors import ListRefused
from tongban.catalogue.lists.tests.samples import entry, made, plain
from tongban.demo.lists import contents
from tongban.demo.people import ORGANIZATIONS

LANZHOU = ORGANIZATIONS["lanzhou-centre"]
BASIC = "002099777000"


def told(of: TongbanList) -> list[str]:
    return [problem.field for problem in content.problems(of)]


def test_a_list_comes_back_from_its_own_bytes() -> None:
    of = made(entry(mode="online", mode_basis="stated", timetable=[{"name": "对接", "due": "2021-06-30"}]))

    assert content.read(content.document(of)) == of
    assert content.document(content.read(content.document(of))) == content.document(of)
    assert told(of) == []
    assert of.entry("a-1") is not None
    assert (of.entry("b"), of.batch("b")) == (None, None)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"entries": [entry(), entry()]}, "entries"),
        ({"entries": [entry(), entry("a-2")]}, "entries.a-2"),
        ({"entries": [entry(batch="1999")]}, "entries.a-1"),
        ({"entries": [entry(basic_code="002099777")]}, "entries[0].basic_code"),
        ({"entries": [entry(mode="online")]}, "entries.a-1"),
        ({"batches": [{"code": "2020", "name": "一"}, {"code": "2020", "name": "二"}]}, "batches"),
        ({"scope": "regional"}, "regions"),
        ({"scope": "regional", "regions": ["430000", "220000"]}, "regions"),
        ({"regions": ["430000"]}, "regions"),
        ({"scope": "city"}, "scope"),
        ({"scope": "moon"}, "scope"),
        ({"regions": ["湖南"]}, "regions[0]"),
        ({"weather": "晴"}, "content"),
    ],
)
def test_what_breaks_a_rule_is_named_with_its_place(words: dict[str, Any], field: str) -> None:
    with pytest.raises(ListRefused) as refused:
        content.check(content.convert(plain(**words)))
    assert refused.value.field == field
    if field != "content":
        assert not re.search("[A-Za-z]{4}", refused.value.sentence.replace("a-1", ""))


def test_lists_between_regions_and_within_one_keep_the_rules_too() -> None:
    assert told(made(scope="regional", regions=["620000", "430000"], feature=True)) == []
    assert told(made(office=LANZHOU, scope="city")) == []
    assert told(made(scope="province")) == []


def test_what_is_no_list_at_all_is_refused() -> None:
    for data in (b"[]", b"{", b'{"code":"x"}', b"{}" + b" " * content.MOST_BYTES):
        with pytest.raises(ListRefused):
            content.read(data)


def test_every_list_of_the_demo_keeps_the_rules() -> None:
    found = [content.convert(words) for _, words in contents()]

    assert [told(of) for of in found] == [[]] * len(found)
    assert {str(of.scope) for of in found} == {"cross_province", "regional", "province", "city"}
    (nation,) = (of for of in found if of.publisher.region == "000000")
    assert [batch.announced for batch in nation.batches[:3]] == [58, 74, 8]
    assert len(nation.entries) == 99
    assert all(each.mode_basis for each in nation.entries if each.mode)


def test_two_publishers_lists_are_matched_by_code_of_the_item_or_by_name() -> None:
    ours = made(entry("a", "学历公证", lead="省司法厅"), entry("b", "户口迁移（投靠）"), entry("c", "失业登记"))
    theirs = made(
        entry("x", "学历公证", lead="市司法局", batch="2021"),
        entry("y", "户口迁移(投靠)"),
        entry("z", "婚姻登记"),
        office=LANZHOU,
    )

    found = comparing.compare(ours, theirs)

    assert [pair.name for pair in found.only_before] == ["失业登记"]
    assert [pair.name for pair in found.only_after] == ["婚姻登记"]
    told = {pair.name: {each.field: (each.before, each.after) for each in pair.differences} for pair in found.differing}
    assert told["学历公证"] == {
        "batch": ("第一批（2020年12月31日前）", "第二批（2021年12月31日前）"),
        "lead": ("省司法厅", "市司法局"),
    }
    assert set(told["户口迁移（投靠）"]) == {"name"}


def test_versions_of_one_list_are_matched_by_the_entrys_own_code() -> None:
    before, after = made(entry("a", "学历公证")), made(entry("a", "学历、学位公证"), entry("b", "学历公证"))

    found = comparing.compare(before, after)

    assert [(pair.name, pair.differences[0].after) for pair in found.differing] == [("学历公证", "学历、学位公证")]
    assert [pair.name for pair in found.only_after] == ["学历公证"]


NAMES = st.sampled_from(["学历公证", "失业登记", "户口迁移", "婚姻登记", "生育登记", "纳税证明"])
ENTRIES = st.lists(st.tuples(NAMES, st.sampled_from(["", "甲", "乙"])), unique_by=lambda each: each[0], max_size=6)


def listed(given: list[tuple[str, str]], office: Any) -> TongbanList:
    return made(entries=[entry(f"n-{n}", name, lead=lead) for n, (name, lead) in enumerate(given)], office=office)


@given(ENTRIES, ENTRIES)
def test_comparing_leaves_nothing_out_and_is_the_same_from_both_sides(
    left: list[tuple[str, str]], right: list[tuple[str, str]]
) -> None:
    ours, theirs = listed(left, ORGANIZATIONS["gansu-centre"]), listed(right, LANZHOU)
    there, back = comparing.compare(ours, theirs), comparing.compare(theirs, ours)

    assert len(there.only_before) + len(there.differing) + there.same == len(ours.entries)
    assert len(there.only_after) + len(there.differing) + there.same == len(theirs.entries)
    assert {pair.name for pair in there.only_before} == {pair.name for pair in back.only_after}
    assert there.is_equal == back.is_equal == (dict(left) == dict(right))
    assert comparing.compare(ours, ours).is_equal


def agreed(**said: Any) -> Agreement:
    fund, centre = ORGANIZATIONS["changsha-fund"], ORGANIZATIONS["lanzhou-centre"]
    words = {
        "id": "01970000-0000-7000-8000-000000000001",
        "title": "点对点协议",
        "handling": {"code": fund.code, "name": fund.name, "region": fund.region},
        "intake": {"code": centre.code, "name": centre.name, "region": centre.region},
        "begins": "2026-01-01",
        "basis": "演示",
        "moves": ["accept"],
    }
    return agreements.convert(words | said)


def test_an_agreement_binds_the_organ_that_signed_and_the_windows_inside_the_region() -> None:
    of, fund = agreed(), ORGANIZATIONS["changsha-fund"]

    assert of.lets(fund.code, fund.region, BASIC, "620102")
    assert not of.lets(fund.code, fund.region, BASIC, "620000")  # the city has signed, not the province
    assert not of.lets(fund.code, fund.region, BASIC, "430102")
    assert not agreed(items=[BASIC]).lets(fund.code, fund.region, "002099778000", "620102")
    assert agreements.read(agreements.document(of)) == of
    assert (of.is_signed_by(fund.code), of.is_signed_by(LANZHOU.code)) == (True, False)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"moves": []}, "moves"),
        ({"moves": ["accept", "accept"]}, "moves"),
        ({"items": ["999999999999"]}, "items"),
        ({"items": [BASIC, BASIC]}, "items"),
        ({"until": "2025-12-31"}, "until"),
        ({"intake": {"code": "1", "name": "x", "region": "997000"}}, "intake"),
        ({"handling": {"code": LANZHOU.code, "name": "x", "region": "620100"}}, "intake"),
    ],
)
def test_an_agreement_that_contradicts_itself_is_refused(said: dict[str, Any], field: str) -> None:
    with pytest.raises(ListRefused) as refused:
        agreements.check(agreed(**said))
    assert refused.value.field == field


def test_what_is_no_agreement_at_all_is_refused() -> None:
    for data in (b"[]", b"{", b'{"id":"x"}'):
        with pytest.raises(ListRefused):
            agreements.read(data)
    assert list(agreements.problems(agreed(moves=[], shares=[{"step": "原件核验"}]))) == []


DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(
    st.sampled_from(["offered", "confirmed", "refused", "retracted", "ended"]),
    DAYS,
    st.none() | DAYS,
    st.none() | DAYS,
    DAYS,
)
def test_an_agreement_holds_on_the_days_between_and_only_when_both_have_signed(
    standing: str, begins: date, until: date | None, ends_on: date | None, day: date
) -> None:
    holds = agreements.in_force(standing, begins, until, ends_on, day)
    last = min((each for each in (until, ends_on) if each), default=date.max)

    assert holds == (standing in ("confirmed", "ended") and begins <= day <= last)
    if holds and begins < day:
        assert agreements.in_force(standing, begins, until, ends_on, day - timedelta(days=1))
