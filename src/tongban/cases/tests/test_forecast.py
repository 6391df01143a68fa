# SPDX-License-Identifier: Apache-2.0
"""A forecast comes from enough ended cases and says what it is."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from tests import story
from tests.people import CHEN, ZHANG
from tests.world import World
from tongban.cases import actions, clocks, queries
from tongban.cases.clocks import Unit
from tongban.cases.forecast import FEWEST, forecast
from tongban.cases.queries import expected
from tongban.standards.actor import Actor

GANSU, HUNAN = "620000", "430000"

durations = st.lists(st.integers(0, 200), min_size=FEWEST, max_size=60)


def test_too_few_cases_say_nothing() -> None:
    assert forecast([3] * 9) is None
    assert forecast([3] * 10) is not None


@given(durations)
def test_half_were_as_fast_as_likely_and_nine_in_ten_as_latest(durations: list[int]) -> None:
    found = forecast(durations)

    assert found is not None
    assert found.n == len(durations)
    assert sum(each <= found.likely for each in durations) * 2 >= len(durations)
    assert sum(each < found.likely for each in durations) * 2 < len(durations)
    assert sum(each <= found.latest for each in durations) * 10 >= len(durations) * 9
    assert sum(each < found.latest for each in durations) * 10 < len(durations) * 9
    assert found.likely <= found.latest


def test_it_says_that_it_is_no_promise() -> None:
    found, quick = forecast([0, 1, 2, 3, 3, 4, 5, 5, 8, 20]), forecast([95] * 12, Unit.WORKING_MINUTE)

    assert found is not None
    assert found.words == (
        "根据本事项最近作出决定的 10 件推算：受理后，一半在 3 个工作日内决定，九成在 8 个工作日内决定。"
        "这只是推算，不是承诺；期限以到期日为准。"
    )
    assert quick is not None
    assert "一半在办公时间 1 小时 35 分钟内决定" in quick.words


BEFORE = """
WITH made AS (INSERT INTO cases_case SELECT (jsonb_populate_record(c,
    jsonb_build_object('id', gen_random_uuid(), 'ended', %(over)s, 'state', 'delivered'))).*
  FROM cases_case c, generate_series(1, %(many)s) WHERE c.id = %(case)s RETURNING id)
INSERT INTO cases_clock SELECT (jsonb_populate_record(t, jsonb_build_object('case_id', made.id,
    'ended_at', %(at)s::text, 'words', t.words || jsonb_build_object('ended_at', %(at)s::text)))).*
  FROM cases_clock t, made WHERE t.case_id = %(case)s AND t.kind = 'promised'
"""  # cases like this one, decided at that instant


def test_both_sides_read_what_the_items_own_history_lets_expect_and_it_costs_one_look_in_ten_minutes(
    federation: World,
) -> None:
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    given = story.submit(federation, zhang, story.item_of(federation, GANSU, "430100"))
    federation.settle()
    at = federation.clock.now()

    def looked(who: Actor, node: str) -> tuple[str, int]:
        with federation.at(node), CaptureQueriesContext(connection) as asked:
            page = queries.case_page(given.receipt_no, who)
            return page.forecast, len([one for one in asked if "t.kind = 'promised'" in one["sql"]])

    with federation.at(HUNAN):
        actions.make_move(given.case_id, "accept", actor=chen, at=at)
    assert looked(chen, HUNAN) == ("", 1)
    federation.settle()
    for node in (GANSU, HUNAN):
        with federation.at(node), connection.cursor() as cursor:
            told: dict[str, Any] = {
                "case": given.case_id,
                "at": clocks.stamp(at + timedelta(days=1)),
                "many": 12,
                "over": True,
            }
            cursor.execute(BEFORE, told)
            later: dict[str, Any] = {
                "at": clocks.stamp(at + timedelta(days=30)),
                "many": 50,
                "over": False,
            }  # not over: says nothing
            cursor.execute(BEFORE, told | later)
    expected._kept.clear()

    said, asked = looked(chen, HUNAN)
    assert "最近作出决定的 12 件" in said and "不是承诺" in said
    assert asked == 1
    assert looked(chen, HUNAN) == (said, 0)
    assert looked(zhang, GANSU)[0] == said
    with federation.at(HUNAN):
        actions.make_move(given.case_id, "terminate", actor=chen, at=at, facts={"reason": "试。", "basis": "试。"})
    assert looked(chen, HUNAN)[0] == ""
