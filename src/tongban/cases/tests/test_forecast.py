# SPDX-License-Identifier: Apache-2.0
"""A forecast comes from enough ended cases and says what it is."""

from hypothesis import given
from hypothesis import strategies as st

from tongban.cases.clocks import Unit
from tongban.cases.forecast import FEWEST, forecast

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
        "根据本事项已办结的 10 件推算：一半在 3 个工作日内办结，九成在 8 个工作日内办结。"
        "这只是推算，不是承诺；办结以到期日为准。"
    )
    assert quick is not None
    assert "一半在办公时间 1 小时 35 分钟内办结" in quick.words
