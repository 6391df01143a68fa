# SPDX-License-Identifier: Apache-2.0
"""A list as a file: every fault with its row and column, all or nothing, and the same file twice changes nothing."""

import io
import random

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from tongban.catalogue.actions import KNOWN_ITEMS
from tongban.catalogue.lists.rows import Taken, day_in, taken
from tongban.catalogue.lists.tests.samples import entry, made
from tongban.catalogue.tables import reading

HEAD = "编号,事项名称,批次,办理模式,牵头单位,责任单位,时间表,应用场景,基本编码,完成时限,备注"
EMPTY = made(entries=[], batches=[])


def csv(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join((head, *rows)).encode()


def tried(data: bytes, before: object = EMPTY, name: str = "清单.csv") -> Taken:
    return taken(reading.read(data, name), before)  # type: ignore[arg-type]


def faults(of: Taken) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.code) for fault in of.report.faults if fault.stops]


def test_a_file_becomes_entries_and_batches() -> None:
    found = tried(
        csv(
            "a-1,学历公证,2020,全程网办,省司法厅,各市州司法局；各公证处,系统对接：2020-10-31；上线,网上申请,,2020-12-31,方案",
            "a-2,失业登记,2021年之后,,,,,,,,",
        )
    )

    first, second = found.words.entries
    assert (first.mode, first.mode_basis, first.lead) == ("online", "local", "省司法厅")
    assert first.responsible == ("各市州司法局", "各公证处")
    assert [(step.name, str(step.due)) for step in first.timetable] == [("系统对接", "2020-10-31"), ("上线", "None")]
    assert [(batch.name, str(batch.deadline)) for batch in found.words.batches] == [
        ("2020", "2020-12-31"),
        ("2021年之后", "None"),
    ]
    assert (second.mode, second.batch) == (None, found.words.batches[1].code)
    assert (found.added, found.changed, found.removed, found.same) == (["学历公证", "失业登记"], [], [], 0)


def test_the_same_file_twice_changes_nothing() -> None:
    data = csv(",学历公证,2020,全程网办,,,,,,2020-12-31,", ",失业登记,2020,,,,,,,,")
    first = tried(data)
    again = tried(data, first.words)

    assert first.added
    assert [each.code for each in first.words.entries] == ["2020-001", "2020-002"]
    assert again.changes_nothing
    assert (again.same, again.words) == (2, first.words)


def test_a_whole_list_leaves_out_what_the_file_leaves_out_and_keeps_codes() -> None:
    before = made(entry("k-1", "学历公证"), entry("k-2", "失业登记"))
    found = tried(csv(",失业登记,第一批,,省人社厅,,,,,,"), before)

    assert [(each.code, each.lead) for each in found.words.entries] == [("k-2", "省人社厅")]
    assert (found.removed, found.changed, found.added) == (["学历公证"], ["失业登记"], [])


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("a-1,,2020,,,,,,,,", "事项名称", "name_missing"),
        ("a-1,失业登记,,,,,,,,,", "批次", "batch_missing"),
        ("a-1,失业登记,2020,半程网办,,,,,,,", "办理模式", "word_unknown"),
        ("a-1,失业登记,2020,,,,,,12,,", "基本编码", "basic_code_wrong"),
        ("a-1,失业登记,2020,,,,,,1.2E+11,,", "基本编码", "code_rounded"),
        ("a-1,失业登记,2020,,,,,,,去年,", "完成时限", "day_wrong"),
        ("编号一,失业登记,2020,,,,,,,,", "编号", "code_wrong"),
        (f"a-1,{'长' * 201},2020,,,,,,,,", "事项名称", "too_long"),
    ],
)
def test_every_fault_has_its_row_and_column_and_nothing_is_taken_over(row: str, column: str, code: str) -> None:
    before = made(entry("k-1", "婚姻登记"))
    found = tried(csv("ok,学历公证,2020,,,,,,,,", row), before)

    assert (3, column, code) in faults(found)
    assert found.words == before


def test_everything_wrong_with_a_row_is_told_at_once_and_in_order() -> None:
    found = tried(csv("a,学历公证,2020,半网,,,,,,,", "b,学历公证,,,,,,,1.2E+11,去年,"))

    assert [(row, code) for row, _, code in faults(found)] == [
        (2, "word_unknown"),
        (3, "name_repeated"),
        (3, "day_wrong"),
        (3, "batch_missing"),
        (3, "code_rounded"),
        (3, "basic_code_wrong"),
    ]


def test_repeated_names_codes_and_deadlines_are_faults() -> None:
    twice = tried(csv("a,学历公证,2020,,,,,,,,", "b,学历 公证,2020,,,,,,,,"))
    codes = tried(csv("a,学历公证,2020,,,,,,,,", "a,失业登记,2020,,,,,,,,"))
    days = tried(csv("a,学历公证,2020,,,,,,,2020-12-31,", "b,失业登记,2020,,,,,,,2020年11月30日,"))

    assert faults(twice) == [(3, "事项名称", "name_repeated")]
    assert faults(codes) == [(3, "编号", "code_repeated")]
    assert faults(days) == [(3, "完成时限", "deadline_differs")]


def test_a_file_without_its_columns_says_which() -> None:
    assert faults(tried(csv("x", head="事项名称"))) == [(0, "批次", "column_missing")]
    assert [code for *_, code in faults(tried(b"\x00\x01\x02" * 3000))]
    assert [code for *_, code in faults(tried(b""))] == ["empty"]
    assert [code for *_, code in faults(tried(csv()))] == ["no_rows"]
    both = tried(csv("a,学历公证,2020,公证", head="编号,事项名称,批次,名称"))
    assert faults(both) == [(0, "名称", "column_repeated")]
    strange = tried(csv("a,学历公证,2020,晴", head="编号,事项名称,批次,天气"))
    assert [(fault.column, fault.stops) for fault in strange.report.faults] == [("天气", False)]


def test_the_projects_own_list_of_known_items_is_one_accepted_form() -> None:
    found = tried(KNOWN_ITEMS.read_bytes(), name="known_items.csv")

    assert found.report.errors == 0
    assert len(found.words.entries) == 99
    assert {str(each.mode) for each in found.words.entries} == {"online", "proxy", "joint", "None"}
    assert tried(KNOWN_ITEMS.read_bytes(), found.words).changes_nothing


def test_a_workbook_is_read_as_a_file_is() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("清单")
        rows = [HEAD.split(","), ["a-1", "学历公证", "2020", "全程网办", "省司法厅"], ["a-2", "失业登记", 2020]]
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        other = book.add_worksheet("说明")
        other.write(0, 0, "这里不是清单")
    found = tried(buffer.getvalue(), name="清单.xlsx")

    assert found.report.errors == 0
    assert [(each.name, each.batch) for each in found.words.entries] == [("学历公证", "2020"), ("失业登记", "2020")]
    assert [fault.sheet for fault in found.report.faults] == ["说明"]


@pytest.mark.parametrize(
    ("text", "day"),
    [("2020-12-31", "2020-12-31"), ("2020年12月31日前", "2020-12-31"), ("2020/2/30", "None"), ("2020年底", "None")],
)
def test_a_day_is_read_as_people_write_it_and_never_guessed(text: str, day: str) -> None:
    assert str(day_in(text)) == day


WORD = st.text("学历公证失业登记户口迁移甲乙丙0123a，,;\"'\n ", max_size=12)


@given(st.lists(st.tuples(WORD, WORD, WORD, WORD), max_size=8), st.integers(0, 9))
def test_any_file_is_taken_whole_twice_the_same_or_not_at_all(rows: list[tuple[str, str, str, str]], seed: int) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    random.Random(seed).shuffle(quoted)
    data = csv(*quoted, head="编号,事项名称,批次,时间表")
    before = made(entry("k-1", "学历公证"))
    found = tried(data, before)

    if found.report.stops:
        assert found.words == before
    else:
        again = tried(data, found.words)
        assert again.changes_nothing
        assert again.words == found.words
