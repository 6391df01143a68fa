# SPDX-License-Identifier: Apache-2.0
"""Types of licences: who defines them, from when a version holds, and what a licence keeps of its version."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from tests.world import START as AT
from tongban.demo.people import DATA
from tongban.ledger.models import Line
from tongban.licences.errors import AnotherPersonNeeded, FactsMissing, ListOdd, TypeNotDraft, TypeOdd
from tongban.licences.recognition import Accepted, recognised
from tongban.licences.types import actions, queries
from tongban.licences.types.content import (
    Holder,
    TypeContent,
    Validity,
    convert,
    differences,
    document,
    facts,
    last_day,
    read,
    satisfies,
    values,
)
from tongban.licences.types.listing import in_text, typed
from tongban.standards.actor import Actor, Role
from tongban.standards.clock import local_date
from tongban.standards.node import Node
from tongban.standards.refusal import BadInput, NotAllowed, NotFound

OFFICE = "11994301000000035F"
CODE = f"{OFFICE}901"
TODAY, TOMORROW = local_date(AT), local_date(AT) + timedelta(days=1)
TOLD: dict[str, Any] = {
    "code": CODE,
    "name": "居住证明",
    "definer_name": "长沙市公安局（演示）",
    "holders": ["person"],
    "fields": [
        {"name": "address", "label": "住址"},
        {"name": "until", "label": "有效期截止", "kind": "date", "required": False, "personal": False},
    ],
    "validity": {"rule": "field", "field": "until"},
    "wording": {"style": "certificate", "paragraphs": ["{holder}住在{address}。"]},
    "satisfies": ["identity"],
}
CONTENT = convert(TOLD)


def keeper(organization: str = OFFICE) -> Actor:
    return Actor(uuid4(), Role.ITEM_MANAGER, "唐艺", "430000", "430100", organization)


def test_a_version_holds_from_its_day_on_and_the_one_before_until_then(hunan: Node) -> None:
    one, other = keeper(), keeper()
    actions.draft_type(TOLD, actor=one, at=AT)
    actions.publish_type(CODE, TOMORROW, actor=other, at=AT)
    actions.draft_type(TOLD | {"name": "居住登记证明"}, actor=one, at=AT)
    actions.publish_type(CODE, TOMORROW + timedelta(days=9), actor=other, at=AT)

    assert CODE not in queries.in_force(TODAY)
    assert queries.in_force(TOMORROW)[CODE].content.name == "居住证明"
    assert queries.in_force(TOMORROW + timedelta(days=9))[CODE].version == 2
    assert [row.version for row in queries.versions(CODE)] == [2, 1]
    assert list(Line.objects.filter(subject=f"licence-type/{CODE}").values_list("verb", flat=True)) == [
        *("licence_type.drafted", "licence_type.published") * 2
    ]


def test_who_wrote_a_version_does_not_publish_it_and_nothing_holds_before_tomorrow(hunan: Node) -> None:
    one, other = keeper(), keeper()
    actions.draft_type(TOLD, actor=one, at=AT)

    with pytest.raises(AnotherPersonNeeded):
        actions.publish_type(CODE, TOMORROW, actor=one, at=AT)
    with pytest.raises(BadInput):
        actions.publish_type(CODE, TODAY, actor=other, at=AT)
    actions.publish_type(CODE, TOMORROW, actor=other, at=AT)
    with pytest.raises(TypeNotDraft):
        actions.publish_type(CODE, TOMORROW, actor=other, at=AT)


def test_another_authority_neither_defines_nor_sees_the_draft(hunan: Node) -> None:
    stranger = keeper("119943000000000276")
    actions.draft_type(TOLD, actor=keeper(), at=AT)

    with pytest.raises(NotAllowed):
        actions.draft_type(TOLD, actor=stranger, at=AT)
    for refused in (
        lambda: queries.versions(CODE, stranger),
        lambda: queries.version(CODE, 1),
        lambda: actions.publish_type(CODE, TOMORROW, actor=stranger, at=AT),
        lambda: actions.drop_type(CODE, actor=stranger, at=AT),
    ):
        with pytest.raises(NotFound):
            refused()
    assert CODE not in [row.code for row in queries.newest(stranger)]


@pytest.mark.parametrize(
    ("field", "odd"),
    [
        ("code", {"code": "11994301000000035G901"}),
        ("wording.style", {"wording": {"style": "poem"}}),
        ("wording.paragraphs", {"wording": {"style": "certificate", "paragraphs": ["{address.__class__}"]}}),
        ("validity.field", {"validity": {"rule": "field", "field": "address"}}),
        ("validity.length", {"validity": {"rule": "years"}}),
        ("fields", {"fields": [TOLD["fields"][0], TOLD["fields"][0]], "validity": {"rule": "none"}}),
        ("items", {"items": ["1"]}),
        ("satisfies[0]", {"satisfies": ["beauty"]}),
    ],
)
def test_what_is_no_type_is_refused_by_its_field(field: str, odd: dict[str, Any]) -> None:
    with pytest.raises(TypeOdd) as no:
        convert(TOLD | odd)
    assert no.value.field == field


@pytest.mark.parametrize(
    ("field", "odd"),
    [
        ("name", {"name": "居住\0证明"}),
        ("validity.length", {"validity": {"rule": "years", "length": 9000}}),  # beyond any calendar
    ],
)
def test_what_cannot_be_kept_or_reckoned_is_refused_where_it_is_written(
    hunan: Node, field: str, odd: dict[str, Any]
) -> None:
    with pytest.raises(TypeOdd) as no:
        actions.draft_type(TOLD | odd, actor=keeper(), at=AT)
    assert no.value.field == field


def test_the_words_of_a_licence_are_filled_from_its_fields_once() -> None:
    said = values(CONTENT, {"address": "长沙市{id_number}街", "until": "2027-01-01", "other": "x"})

    told = facts(CONTENT, Holder("张伟", id_number="1"), said, item="", day="")

    assert told["paragraphs"] == ["张伟住在长沙市{id_number}街。"]
    assert told["rows"] == [["住址", "长沙市{id_number}街"], ["有效期截止", "2027-01-01"]]
    assert last_day(CONTENT, TODAY, said) == date(2027, 1, 1)
    with pytest.raises(FactsMissing):
        values(CONTENT, {"until": "2027-01-01"})
    with pytest.raises(FactsMissing):
        values(CONTENT, {"address": "长沙", "until": "明年"})


@pytest.mark.parametrize(
    ("issued", "last"),
    [
        (date(2026, 11, 23), date(2031, 11, 22)),
        (date(2027, 1, 1), date(2031, 12, 31)),
        (date(2028, 2, 29), date(2033, 2, 28)),
        (date(2028, 3, 1), date(2033, 2, 28)),
    ],
)
def test_five_years_end_the_day_before_the_same_day(issued: date, last: date) -> None:
    years = msgspec.structs.replace(CONTENT, validity=Validity("years", 5))

    assert last_day(years, issued, {}) == last
    assert last_day(msgspec.structs.replace(CONTENT, validity=Validity("none")), issued, {}) is None
    assert last_day(msgspec.structs.replace(CONTENT, validity=Validity("days", 1)), issued, {}) == issued


def test_a_type_satisfies_what_names_it_or_what_it_is_good_for() -> None:
    assert all(satisfies(CONTENT, asked) for asked in (CODE, "居住证明", "identity"))
    assert not any(satisfies(CONTENT, asked) for asked in ("", "居住", "driving"))


def test_two_versions_are_compared_part_by_part() -> None:
    newer = msgspec.structs.replace(CONTENT, name="居住登记证明", validity=Validity("years", 1))

    assert [label for label, _, _ in differences(CONTENT, newer)] == ["名称", "有效期规则"]
    assert read(document(newer)) == newer


def test_the_types_of_the_demo_are_types(hunan: Node) -> None:
    shown = msgspec.json.decode((DATA / "licence_types.json").read_bytes(), type=list[TypeContent])

    assert {each.code for each in shown} <= set(queries.in_force(TODAY))
    assert {"居民身份证", "护照", "驾驶证", "营业执照", "结婚证", "社会保障卡", "食品生产许可证"} <= {
        each.name for each in shown
    }


LINE = Accepted(CODE, "220000", "000199011000", TODAY, TODAY + timedelta(days=30))


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([LINE], ""),
        ([replace(LINE, item="", issuer_region="000000", until=None)], ""),
        ([], "没有列入“居住证明”"),
        ([replace(LINE, type_code=f"{OFFICE}902")], "没有列入“居住证明”"),
        ([replace(LINE, issuer_region="430000")], "没有列入该地区签发的"),
        ([replace(LINE, item="000199012000")], "用于这个事项"),
        ([replace(LINE, since=TOMORROW)], "2026年11月24日起才生效"),
        ([replace(LINE, since=date(2026, 1, 1), until=date(2026, 11, 22))], "已于2026年11月22日到期"),
    ],
)
def test_what_is_not_recognised_is_refused_with_the_first_reason(lines: list[Accepted], why: str) -> None:
    told = recognised(
        lines,
        type_code=CODE,
        type_name="居住证明",
        issuer_region="220100",
        here_region="620000",
        item="000199011000",
        day=TODAY,
    )
    assert (told.accepted, why in told.reason) == (not why, True)


def test_what_the_same_province_issued_needs_no_list() -> None:
    where = {"type_code": CODE, "type_name": "居住证明", "issuer_region": "620100", "here_region": "620000"}
    assert recognised([], **where, item="", day=TODAY).accepted


def test_the_recognition_list_is_published_in_versions_by_the_regions_own_organization(hunan: Node) -> None:
    centre, police = keeper("119943000000000276"), keeper()
    text = in_text([LINE])

    first = actions.publish_recognition(text, reason="增加一条。", actor=centre, at=AT)
    assert queries.accepted_here() == [LINE]
    second = actions.publish_recognition("", reason="收回。", actor=centre, at=AT)

    assert queries.accepted_here() == []
    assert queries.recognition_lists()[:2] == [second, first]
    assert second.version == first.version + 1
    with pytest.raises(NotAllowed):
        actions.publish_recognition(text, reason="不归我管。", actor=police, at=AT)
    with pytest.raises(BadInput):
        actions.publish_recognition(text, reason=" ", actor=centre, at=AT)


def test_a_typed_list_reads_as_it_was_written_and_names_its_odd_line() -> None:
    assert typed(in_text([LINE, replace(LINE, until=None, item="")])) == [LINE, replace(LINE, until=None, item="")]
    for odd in ("x", f"{CODE},22,,2026-01-01", f"{CODE},220000,,1月", f"{CODE},220000,,2026-02-01,2026-01-01"):
        with pytest.raises(ListOdd) as no:
            typed(f"{in_text([LINE])}\n{odd}")
        assert "第 2 行" in no.value.sentence
    with pytest.raises(ListOdd):
        typed(in_text([LINE, LINE]))
