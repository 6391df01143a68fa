# SPDX-License-Identifier: Apache-2.0
"""What goes out comes back as it was: any item, in every form of file."""

import pytest
from hypothesis import given

from tongban.catalogue import content as contents
from tongban.catalogue.content import ItemContent
from tongban.catalogue.tables import items
from tongban.catalogue.tables.columns import EXACT, ITEM, OURS, Table, columns
from tongban.catalogue.tables.tests.things import any_item, back, exported, tables_of
from tongban.catalogue.tables.writing import Form
from tongban.catalogue.tests.items import content, material


@pytest.mark.parametrize("form", list(Form))
@given(item=any_item())
def test_any_item_comes_back_with_the_same_bytes(form: Form, item: ItemContent) -> None:
    name = f"items.{'zip' if form is Form.CSV else form}"
    assert contents.document(back(exported(item, form), name)) == contents.document(item)


@given(item=any_item())
def test_gbk_holds_every_character_too(item: ItemContent) -> None:
    data = exported(item, Form.CSV, encoding="gb18030")
    assert contents.document(back(data, "items.zip")) == contents.document(item)


def test_chinese_headers_are_read_as_well_as_the_columns_names() -> None:
    item = contents.convert(content())
    assert contents.document(back(exported(item, Form.XLSX, chinese=True), "a.xlsx")) == contents.document(item)


def test_what_the_columns_hold_needs_nothing_beside_them() -> None:
    rows = tables_of(contents.convert(content()))[Table.OWN]
    assert rows[1][rows[0].index(EXACT)] == ""


def test_what_is_longer_than_a_cell_comes_back_from_a_workbook() -> None:
    item = contents.convert(content(conditions=["很长的条件。" * 300] * 30))
    assert contents.document(back(exported(item, Form.XLSX), "a.xlsx")) == contents.document(item)


def test_no_cell_begins_as_a_formula_does() -> None:
    item = contents.convert(content(summary="=HYPERLINK(1)", materials=[material("m", name="+86", accept_note="@x")]))
    text = exported(item, Form.CSV)
    assert back(text, "a.zip").summary == "=HYPERLINK(1)"


def test_columns_are_named_once_and_ours_bear_their_prefix() -> None:
    for table in (*ITEM, Table.ORGANIZATION):
        names, titles = [[getattr(each, word) for each in columns(table)] for word in ("name", "title")]
        assert len(set(names)) == len(names)
        assert len(set(titles)) == len(titles)
    assert all(each.name.startswith(OURS) for each in columns(Table.OWN) if each.path)


def test_every_element_of_an_item_has_a_column() -> None:
    said = {each.path.split(".")[0] for table in (Table.BASIC, Table.EXTEND, Table.OWN) for each in columns(table)}
    said |= {"materials", "fee", "faq", "format"}
    assert set(ItemContent.__struct_fields__) <= said


def test_the_key_of_an_item_is_the_same_in_every_file() -> None:
    assert items.key_of("x") == items.key_of("x") != items.key_of("y")
