# SPDX-License-Identifier: Apache-2.0
"""Accepted cases go out in the columns of the national exchange, and the applicant can read that they did."""

import csv
import io
import zipfile
from typing import Any

from tests import story
from tests.desks import Desk
from tests.federation.test_api import ask, counted, give_token
from tests.people import CHEN, GUO, ZHANG
from tests.world import World
from tongban.cases.tables.columns import COLUMNS, Table
from tongban.cases.tables.writing import ENCODING
from tongban.identity.models import Look
from tongban.ledger.models import Line
from tongban.standards.actor import Actor

HUNAN, GANSU = "430000", "620000"
SINCE = "/case-tables?since=2020-01-01"


def decided(world: World, times: int = 1) -> tuple[Actor, Actor]:
    """Somebody's cases that were granted, and the approver."""
    zhang, chen = story.visitor(world, ZHANG, GANSU), story.approver(world, CHEN)
    for _ in range(times):
        made = story.submit(world, zhang, story.item_of(world, GANSU, "430100"))
        world.settle()
        story.decide(world, chen, made.case_id)
        world.settle()
    give_token(world, chen)
    return zhang, chen


def only(told: dict[str, Any], table: Table) -> dict[str, str]:
    """The one row of a table of the one case."""
    ((row,),) = ([*case[table]] for case in told["cases"])
    return dict(row)


def test_a_decided_case_goes_out_with_all_that_the_exchange_demands(world: World) -> None:
    _, chen = decided(world)
    status, told = ask(world, chen, "GET", SINCE)

    assert (status, told["next"]) == (200, None)
    (case,) = told["cases"]
    lacking = {
        (table, column.name)
        for table, columns in COLUMNS.items()
        for column in columns
        for row in case[table]
        if column.must and not row[column.name]
    }
    assert lacking == set()
    accepted, result = only(told, Table.ACCEPT), only(told, Table.RESULT)
    assert (accepted["applyer_name"], accepted["applyer_page_code"]) == ("张伟", "99430119900307001X")
    assert (accepted["apply_type"], accepted["applyer_page_type"], accepted["handle_user_name"]) == ("2", "111", "陈静")
    assert accepted["accept_date"] <= result["result_date"] and accepted["promise_date"] > result["result_date"]
    assert (result["result_type"], result["result_explain"]) == ("准予", "同意出具。")
    assert result["result_cetr_no"]
    steps = [(row["process_name"], row["event_name"], row["handle_explain"]) for row in case[Table.PROCESS]]
    assert steps[:2] == [("受理", "通过", "受理"), ("审查", "通过", "材料齐全，核查无犯罪记录。")]
    assert [(row["get_type"], row["material_attach_name"]) for row in case[Table.MATERIAL]] == [("电子", "身份证.png")]
    assert ask(world, chen, "GET", SINCE) == (200, told)


def test_pages_follow_one_another_in_as_many_statements_whatever_they_hold(world: World) -> None:
    _, chen = decided(world, times=3)
    one, first = counted(world, chen, "GET", f"{SINCE}&limit=1")
    two, rest = counted(world, chen, "GET", f"{SINCE}&after={first['next']}&limit=2")
    _, none = ask(world, chen, "GET", f"{SINCE}&after={rest['next']}")

    numbers = [case[Table.ACCEPT][0]["project_no"] for told in (first, rest, none) for case in told["cases"]]
    assert (len(numbers), len({*numbers}), none) == (3, 3, {"cases": [], "next": None})
    assert one == two
    assert ask(world, chen, "GET", "/case-tables?since=2999-01-01") == (200, none)


def test_who_is_named_reads_that_it_went_out_and_nobody_else_gets_it(world: World) -> None:
    zhang, chen = decided(world)
    guo = story.approver(world, GUO)
    give_token(world, zhang)
    give_token(world, guo)
    ask(world, chen, "GET", SINCE)

    with world.at(HUNAN):
        assert Look.objects.get(purpose="export", staff=chen.id).subject_index
        assert Line.objects.filter(subject=f"exports:{chen.organization}").count() == 1
    assert ask(world, zhang, "GET", SINCE)[0] == 403
    assert ask(world, chen, "GET", "/case-tables?since=yesterday")[1]["field"] == "since"
    assert ask(world, guo, "GET", SINCE) == (200, {"cases": [], "next": None})


def test_the_desk_downloads_the_same_as_tables(world: World) -> None:
    decided(world)
    desk = Desk(world, CHEN)
    assert "国家办件交换表" in desk.get("/desk/case-tables/")
    refused = desk.post("/desk/case-tables/download/", {"since": "去年"})
    assert (desk.answer.status_code, "请填写日期" in refused, 'value="去年"' in refused) == (422, True, True)
    with world.at(HUNAN):
        answer = desk.client.post("/desk/case-tables/download/", {"since": "2020-01-01"})
        file = b"".join(answer.streaming_content)
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert archive.namelist() == [f"{table}.csv" for table in Table]
        (row,) = csv.DictReader(io.TextIOWrapper(archive.open(f"{Table.ACCEPT}.csv"), ENCODING))
    assert row["applyer_name"] == "张伟"
