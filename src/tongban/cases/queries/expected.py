# SPDX-License-Identifier: Apache-2.0
"""How long cases of an item have taken here, looked up now and then: what a page forecasts from."""

from collections.abc import Callable
from typing import Any

from tongban.cases import clocks
from tongban.cases.clocks import MINUTES, Unit
from tongban.cases.forecast import Forecast, forecast
from tongban.cases.situation import Situation
from tongban.cases.states import DECIDED, ENDED
from tongban.cases.transitions import EXAMINING, NEW
from tongban.database import reading
from tongban.standards import clock
from tongban.standards.node import here

LAST = 100  # decided cases that are looked at; older ones say little of today
FRESH = 600.0  # seconds for which a process keeps what it found
KEPT = 500  # items of a process
ENDS = "', '".join(sorted(DECIDED))
TOOK = (  # the promised limit stands from acceptance to decision, and ends with it
    "SELECT t.words::json FROM cases_case c JOIN cases_clock t ON t.case_id = c.id AND t.kind = 'promised' "  # noqa: S608
    f"WHERE c.task_code = %s AND c.ended AND c.state IN ('{ENDS}') AND t.ended_at IS NOT NULL "
    "ORDER BY c.submitted_at DESC LIMIT %s"
)
_kept: dict[tuple[str, str, Unit], tuple[float, Forecast | None]] = {}


def expected(task_code: str, case: Situation) -> Forecast | None:
    """What is to be expected of a case that is not decided yet. None where too few have gone before it.

    At most one SELECT in ten minutes for an item, and none for a case in another state.
    """
    declared = case.rules.regimes.get("promised")
    if declared is None or case.state in ENDED or case.state not in NEW | EXAMINING:
        return None
    unit = _counted_in(declared.unit)
    return _fresh((here().code, task_code, unit), lambda: _forecast(task_code, unit, case))


def forget() -> None:
    """Look again next time."""
    _kept.clear()


def _fresh(place: tuple[str, str, Unit], make: Callable[[], Forecast | None]) -> Forecast | None:
    now = clock.monotonic()
    looked_at, found = _kept.get(place, (0.0, None))
    if place not in _kept or now - looked_at >= FRESH:
        if len(_kept) >= KEPT:
            _kept.pop(next(iter(_kept)), None)
        found = make()
        _kept[place] = now, found
    return found


def _forecast(task_code: str, unit: Unit, case: Situation) -> Forecast | None:
    found = [clocks.clock(words) for words in _words(task_code)]
    took = [_took(each, case) for each in found if _counted_in(each.regime.unit) is unit]
    return forecast(took, unit)


def _words(task_code: str) -> list[Any]:
    return [words for (words,) in reading.rows(TOOK, (task_code, LAST))]


def _took(ended: clocks.Clock, case: Situation) -> int:
    assert ended.ended_at is not None
    return clocks.spent(ended, ended.ended_at, case.hours)


def _counted_in(unit: Unit) -> Unit:
    """Minutes for hours, days for months: as clocks say what was spent."""
    if unit in MINUTES:
        return Unit.WORKING_MINUTE
    return Unit.WORKING_DAY if unit is Unit.WORKING_DAY else Unit.NATURAL_DAY
