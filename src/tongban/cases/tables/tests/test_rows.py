# SPDX-License-Identifier: Apache-2.0
"""What a case's lines become in the exchange tables, whatever way the case went."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tongban.cases.custody import Party
from tongban.cases.states import Delivery, Mode, Part
from tongban.cases.tables.columns import COLUMNS, Table
from tongban.cases.tables.rows import ENDING, Row, Step, Told, rows
from tongban.cases.transitions import MOVES
from tongban.catalogue.content import convert
from tongban.catalogue.tests.items import content

BEGAN = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)  # 9:30 in Shanghai
CHEN = "approver:01a202c0-13e6-7377-84a7-7988392f6d10"
POLICE = Party(2, Part.HANDLING, "11430100006122244L", "长沙市公安局", "430100", "长沙市", "430000", "")
ZHANG = {"name": "张伟", "id_type": "resident_id", "id_number": "99430119900307001X", "phone": "19900000001"}


def lived(*moves: str, **stated: dict[str, str]) -> Told:
    """A case that went through these moves, an hour apart, with what some of them stated."""
    steps = [
        Step(move, BEGAN + timedelta(hours=n), CHEN, {"stated": stated.get(move, {})}, {})
        for n, move in enumerate(moves)
    ]
    return Told(
        id=UUID(int=7),
        project_no="4300002026112300000056",
        item=convert(content()),
        examination={"review": "审查"},
        version=1,
        mode=Mode.PROXY,
        delivery=Delivery.POST,
        applicant=ZHANG,
        handling=POLICE,
        steps=steps,
        files=[],
        papers=["户口簿"],
        names={CHEN: "陈静"},
        changed_at=BEGAN,
    )


def only(case: Told, table: Table) -> Row:
    (row,) = rows(case)[table]
    return row


def test_every_row_has_every_column_in_order() -> None:
    told = rows(lived("collect", "accept", "sign_step", "deny", sign_step={"step": "review"}))

    assert {table: [*row] for table, found in told.items() for row in found} == {
        table: [column.name for column in COLUMNS[table]] for table, found in told.items() if found
    }


@pytest.mark.parametrize("move", ENDING)
def test_every_way_to_end_has_a_word_that_the_column_holds(move: str) -> None:
    row = only(lived("submit", "accept", move), Table.RESULT)

    assert len(row["result_type"]) == 2
    assert row["result_explain"] == MOVES[move].told


def test_a_special_procedure_goes_out_once_it_is_over() -> None:
    said: dict[str, Any] = {
        "start_special": {"procedure": "expert_review", "reason": "须组织专家评审。"},
        "end_special": {"note": "评审通过。"},
    }
    assert rows(lived("submit", "accept", "start_special", **said))[Table.SPECIAL] == []
    row = only(lived("submit", "accept", "start_special", "end_special", **said), Table.SPECIAL)

    assert (row["special_type"], row["special_name"], row["special_reason"]) == ("2", "专家评审", "须组织专家评审。")
    assert (row["special_time"], row["end_time"]) == ("2026-11-02 11:30:00", "2026-11-02 12:30:00")
    assert (row["result"], row["handle_user"]) == ("评审通过。", "陈静")


def test_an_extension_counts_among_the_special_procedures() -> None:
    said = {"propose_extension": {"reason": "情况复杂。"}, "extend": {"note": "同意。"}}
    row = only(lived("submit", "accept", "propose_extension", "extend", **said), Table.SPECIAL)

    assert (row["special_type"], row["special_reason"], row["result"]) == ("1", "情况复杂。", "同意。")


def test_a_company_applies_through_its_agent() -> None:
    company = {"name": "长沙星河科技有限公司", "id_type": "credit_code", "id_number": "99430100MA00000001", "phone": ""}
    case = replace(lived("collect", "accept"), applicant=company | {"agent": ZHANG})
    row = only(case, Table.ACCEPT)

    assert (row["applyer_type"], row["applyer_page_type"], row["apply_type"]) == ("2", "001", "1")
    assert (row["contact_name"], row["contact_type"], row["contact_code"]) == ("张伟", "111", ZHANG["id_number"])


def test_what_the_list_has_no_code_for_is_another_document() -> None:
    case = replace(lived("collect", "accept"), applicant=ZHANG | {"id_type": "residence_permit"})

    assert only(case, Table.ACCEPT)["applyer_page_type"] == "999"


def test_what_only_the_window_or_a_newer_table_does_is_no_step_of_the_office() -> None:
    case = lived("collect", "offer", "take", "send_originals", "accept", "a_move_of_tomorrow", "examine")

    assert [row["process_name"] for row in rows(case)[Table.PROCESS]] == ["受理", "审查完毕"]


def test_the_keys_of_rows_stay_when_a_case_goes_on() -> None:
    before, after = lived("collect", "accept"), lived("collect", "accept", "sign_step")

    assert only(before, Table.ACCEPT)["row_guid"] == only(after, Table.ACCEPT)["row_guid"]
    assert rows(after)[Table.PROCESS][0] == rows(before)[Table.PROCESS][0]
    assert only(before, Table.MATERIAL)["get_type"] == "纸质"
