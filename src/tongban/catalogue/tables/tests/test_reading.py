# SPDX-License-Identifier: Apache-2.0
"""Files as offices make them are read with the place of everything; what is no table is told, never guessed."""

import io
import random
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter
from hypothesis import example, given
from hypothesis import strategies as some

from tongban.catalogue.tables.reading import Book, Bounds, read

ROWS = [["名称", "编码"], ["甲", "001"], ["", ""], ["乙，丙", "0002"]]
TEXT = "\r\n".join(",".join(row) for row in ROWS) + "\r\n"
SEEN = [(2, {"名称": "甲", "编码": "001"}), (4, {"名称": "乙，丙", "编码": "0002"})]


def rows(book: Book) -> list[tuple[int, dict[str, str]]]:
    """What was read."""
    return [(row.number, row.values) for sheet in book.sheets for row in sheet.rows(book.report)]


def codes(data: bytes, name: str = "表.csv", bounds: Bounds | None = None) -> list[str]:
    """The faults of a file."""
    book = read(data, name, bounds) if bounds else read(data, name)
    rows(book)
    return [fault.code for fault in book.report.faults]


def workbook(fill: Callable[[Any, Any], None]) -> bytes:
    """A workbook with one sheet."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    fill(book, book.add_worksheet("表"))
    book.close()
    return made.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    mark = "\ufeff" if encoding.endswith("e") else ""
    book = read((mark + TEXT).encode(encoding), "表.csv")
    assert rows(book) == SEEN
    assert book.sheets[0].name == "表"
    assert not book.report.faults


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_usual_delimiter_is_read(delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in ROWS)
    assert rows(read(text.encode(), "a.csv")) == SEEN


def test_a_workbook_is_read_where_its_rows_stand() -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(2, 0, ["名称*", "日期", "有", "值"])
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_string(4, 0, " 甲 ")
        sheet.write_number(4, 1, 45293, day)
        sheet.write_boolean(4, 2, True)
        sheet.write_formula(4, 3, "=6*7", None, 42)

    book = read(workbook(fill), "a.xlsx")
    assert rows(book) == [(5, {"名称": " 甲 ", "日期": "2024-01-02", "有": "1", "值": "42"})]
    assert not book.report.faults


def test_merged_cells_and_broken_formulas_are_told_with_their_place() -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["甲", "乙"])
        sheet.merge_range(1, 0, 2, 1, "x")
        sheet.write_formula(4, 0, "=NA()", None, "#N/A")
        sheet.write_formula(5, 1, "=A1", None, "")

    book = read(workbook(fill), "a.xlsx")
    told = {fault.code: (fault.sheet, fault.row) for fault in book.report.faults}
    assert told == {"merged_cells": ("表", 2), "formula_error": ("表", 5), "formula_without_value": ("表", 6)}
    assert book.report.stops


def test_a_code_that_a_spreadsheet_made_a_number_of_is_told() -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["编码", "小"])
        sheet.write_row(1, 0, [1.23456789012345e17, 101])

    book = read(workbook(fill), "a.xlsx")
    row = next(book.sheets[0].rows(book.report))
    assert (row.code("小", book.report), book.report.errors) == ("101", 0)
    row.code("编码", book.report)
    assert [(fault.code, fault.row, fault.column) for fault in book.report.faults] == [("code_rounded", 2, "编码")]


def test_a_rounded_code_in_text_is_told_too() -> None:
    book = read("编码\n1.2E+11\n".encode(), "a.csv")
    next(book.sheets[0].rows(book.report)).code("编码", book.report)
    assert [fault.code for fault in book.report.faults] == ["code_rounded"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "empty"),
        (b"\r\n\r\n", "empty"),
        ("名称,编码\n甲,001\n".encode() + b"\xff\xff,2\n", "encoding"),
        (("名" * 400 + ",编码\n").encode() + b"\x80", "encoding"),
        ("名称,编码".encode("utf-16-le"), "not_text"),
        (b"a,b\x00c\n", "not_text"),
        ('名称,编码\n甲,"00\n'.encode(), "not_csv"),
        ('名称,编码\n甲,"0"0\n'.encode(), "not_csv"),
        ("甲,甲\n1,2\n".encode(), "column_twice"),
        ("甲,乙\n1,2,3\n".encode(), "too_many_cells"),
        ("甲,,乙\n1,2,3\n".encode(), "column_unnamed"),
        (b"[1,2]", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b'{"a":', "not_json"),
        (b"PK\x03\x04 no archive", "broken_archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_workbook"),
    ],
)
def test_what_is_wrong_has_a_name(data: bytes, expected: str) -> None:
    assert expected in codes(data)


def test_ten_megabytes_of_nonsense_are_told_in_few_words() -> None:
    drawn = random.Random(7)
    for data in (drawn.randbytes(10_000_000), b"x" * 10_000_000, b"x," * 5_000_000, b"PK" + drawn.randbytes(1_000_000)):
        found = codes(data)
        assert found
        assert len(found) <= 2


def test_an_archive_that_unpacks_to_very_much_is_not_opened() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"0" * 300_000_000)
    assert codes(made.getvalue(), "a.zip") == ["archive_bomb"]


def test_an_archive_that_lies_about_its_size_is_not_read() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"a,b\n" * 1000)
    told = made.getvalue()
    at = told.rindex(b"PK\x01\x02") + 24  # the size in the central directory
    lying = told[:at] + (40).to_bytes(4, "little") + told[at + 4 :]
    assert codes(lying, "a.zip") == ["broken_archive"]


def test_an_archive_in_an_archive_and_what_is_no_table_are_told() -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", "a\n1\n")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("b.csv", inner.getvalue())
        archive.writestr("说明.docx", "x")
    assert codes(made.getvalue(), "a.zip") == ["archive_in_archive", "unknown_member"]


def test_names_in_an_archive_of_chinese_windows_are_read() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("x" * 12 + ".csv", TEXT.encode("gbk"))
    data = made.getvalue().replace(b"x" * 12, "基本信息清单".encode("gbk"))
    assert [sheet.name for sheet in read(data, "a.zip").sheets] == ["基本信息清单"]


def test_a_cell_very_far_away_does_not_take_all_memory() -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write(0, 0, "a")
        sheet.write(1_048_575, 16_383, "b")

    assert codes(workbook(fill), "a.xlsx") == ["too_many_cells"]


def test_bounds_are_kept() -> None:
    assert codes(TEXT.encode(), bounds=Bounds(bytes=10)) == ["too_large"]
    assert codes(TEXT.encode(), bounds=Bounds(rows=2)) == ["too_many_rows"]
    assert codes(TEXT.encode(), bounds=Bounds(columns=1)) == ["too_many_columns"]


def test_json_is_read_by_tables_by_items_and_line_by_line() -> None:
    by_table = b'{"basic":[{"a":1,"b":null,"c":true}],"m":[{"x":"y"}]}'
    assert [(sheet.name, sheet.header) for sheet in read(by_table, "a.json").sheets] == [
        ("basic", ("a", "b", "c")),
        ("m", ("x",)),
    ]
    assert rows(read(by_table, "a.json"))[0] == (1, {"a": "1", "c": "1"})
    assert rows(read(b'{"a":"1"}\n{"a":"2"}\n', "a.jsonl")) == [(1, {"a": "1"}), (2, {"a": "2"})]
    by_item = b'[{"basic":{"a":"1"},"m":[{"x":"1"},{"x":"2"}]},{"basic":{"a":"2"},"m":[]}]'
    assert rows(read(by_item, "a.json"))[2:] == [(1, {"x": "1"}), (1, {"x": "2"})]


@given(some.binary(max_size=400), some.sampled_from(["a.csv", "a.xlsx", "a.json", "a.zip"]))
def test_nothing_that_is_handed_over_breaks_the_reader(data: bytes, name: str) -> None:
    rows(read(data, name))


@given(some.binary(min_size=1, max_size=60), some.integers(0, 10**6))
@example(b"\x00\x00\x00", 25822)  # a member without a name
def test_a_workbook_with_wrong_bytes_in_it_breaks_nothing(noise: bytes, at: int) -> None:
    whole = workbook(lambda book, sheet: sheet.write_row(0, 0, ["甲", "乙"]))
    place = at % len(whole)
    rows(read(whole[:place] + noise + whole[place + len(noise) :], "a.xlsx"))


def test_archives_with_altered_bytes_are_told_or_read() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
    drawn = random.Random(5)
    for whole in (made.getvalue(), workbook(lambda book, sheet: sheet.write_row(0, 0, ["甲", "乙"]))):
        for _ in range(300):
            altered = bytearray(whole)
            for _ in range(drawn.randrange(1, 6)):
                altered[-1 - drawn.randrange(min(len(altered), 1500))] = drawn.randrange(256)
            rows(read(bytes(altered), "a.xlsx"))


def test_a_report_lists_so_many_faults_and_counts_the_rest() -> None:
    book = read(("甲\n" + "1,2\n" * 3000).encode(), "a.csv")
    rows(book)
    assert (book.report.errors, len(book.report.faults), book.report.left_out) == (3000, 1000, 2000)
    assert len(list(book.report.rows())) == 1002
