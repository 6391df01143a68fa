# SPDX-License-Identifier: Apache-2.0
"""The holidays of China as the `holidays` package knows them; the seed of a table that people then keep."""

from collections.abc import Iterator
from datetime import date
from importlib.metadata import version

import holidays

from tongban.regions.plans import Day, Year
from tongban.standards.workdays import MAKEUP, MOVED


def year(number: int) -> Year:
    """The days of one year. Without make-up days it holds the statutory days only, so it is provisional."""
    known = holidays.country_holidays("CN", years=number, language="zh_CN")
    makeup = sorted(day for day in known.weekend_workdays if day.year == number)
    days = (*_days_off(known), *(Day(day, "makeup", MAKEUP) for day in makeup))
    return Year(number, not makeup, days, f"holidays {version('holidays')} (MIT)")


def _days_off(known: dict[date, str]) -> Iterator[Day]:
    return (Day(day, "holiday", _name(said)) for day, said in sorted(known.items()))


def _name(said: str) -> str:
    """国庆节 of 国庆节（补假）; a day moved from a weekend is called 调休."""
    name = said.partition("（")[0]
    return MOVED if name == "休息日" else name
