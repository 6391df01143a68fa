# SPDX-License-Identifier: Apache-2.0
"""What goes out comes back as it was: any item, in every form of file."""

import pytest
from hypothesis import given

from tongban.catalogue import content as contents
from tongban.catalogue.content import ItemContent
from tongban.catalogue.tables import items
from tongban.catalogue.tables.columns import EXACT, ITEM, OURS, Table, columns
from tongban.catalogue.tables.reading import read
from tongban.catalogue.tables.report import Report
from tongban.catalogue.tables.tests.things import any_item, back, exported, out, tables_of
from tongban.catalogue.tables.writing import ENDINGS, Form, as_record, export
from tongban.catalogue.tests.items import POLICE, content, material


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


NATIONAL = {  # the columns of up_task_general_*, as a province has them
    "basic": """row_guid task_name catalog_code local_catalog_code task_type by_law power_source use_level task_code
        local_task_code task_handle_item task_state task_version dept_name dept_type dept_code entrust_name
        anticipate_day anticipate_type anticipate_explain promise_day promise_type promise_explain accept_condition
        handle_flow is_fee fee_basis server_type project_type handle_type limit_scene_num special_procedure
        is_single_login app_is_single_login link_addr mobile_terminal_url transact_addr transact_time link_way
        supervise_way plan_effective_date plan_cancel_date cd_operation cd_time cd_batch data_source""",
    "extend": """task_guid is_entry_center handle_area other_dept service_type limit_explain result_type result_name
        result_guid is_schedule is_pay_online is_express is_service_terminals user_topic_type
        user_character_topic_type corp_topic_type corp_character_topic_type is_online online_handle_depth
        online_handle_url limit_scene_explain town_name town_code village_name village_code extend_field""",
    "material": """task_guid task_code material_name material_type material_format is_need source_type source_explain
        page_num page_format form_guid example_guid fill_explain accept_stand by_law order_num remark""",
    "fee_project": "task_guid task_code fee_name fee_stand by_law is_desc desc_explain order_num",
    "questions": "task_guid task_code question answer order_num",
    "zone_organization": "org_name org_short_name org_code credit_code exist_task order_num",
}


def test_every_column_of_the_national_tables_goes_out() -> None:
    record = as_record(out(contents.convert(content())), short_names={POLICE: "公安局"})

    lacking = {table: {*names.split()} - record[table][0].keys() for table, names in NATIONAL.items() if record[table]}
    lacking |= {table: {*NATIONAL[table].split()} - {each.name for each in columns(Table(table))} for table in NATIONAL}
    assert {table: names for table, names in lacking.items() if names} == {}


@pytest.mark.parametrize("form", [Form.CSV, Form.XLSX])
def test_each_organization_stands_in_the_file_once(form: Form) -> None:
    item = contents.convert(content())
    data = b"".join(export([out(item), out(item, 2)], form, short_names={POLICE: "公安局"}))

    (sheet,) = (sheet for sheet in read(data, f"a.{ENDINGS[form]}").sheets if sheet.name == "zone_organization")
    (row,) = sheet.rows(Report())
    told = [row[name] for name in ("org_name", "org_short_name", "org_code", "credit_code", "exist_task")]
    assert told == [item.publisher.name, "公安局", POLICE[8:17], POLICE, "1"]


def test_every_element_of_an_item_has_a_column() -> None:
    said = {each.path.split(".")[0] for table in (Table.BASIC, Table.EXTEND, Table.OWN) for each in columns(table)}
    said |= {"materials", "fee", "faq", "format"}
    assert set(ItemContent.__struct_fields__) <= said


def test_the_key_of_an_item_is_the_same_in_every_file() -> None:
    assert items.key_of("x") == items.key_of("x") != items.key_of("y")
