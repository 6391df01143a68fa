# SPDX-License-Identifier: Apache-2.0
"""Clocks for tests of clocks: the published days of 2020 to 2026, and random lives of a clock."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from tongban.cases.clocks import Clock, Extension, Nature, Pause, Regime, Unit, begin
from tongban.regions import holidays
from tongban.standards.clock import SHANGHAI
from tongban.standards.opening import Hours
from tongban.standards.workdays import Calendar

DAYS = [day for year in range(2020, 2027) for day in holidays.year(year).days]
PUBLISHED = Calendar(
    holidays=frozenset(day.date for day in DAYS if day.kind == "holiday"),
    makeup=frozenset(day.date for day in DAYS if day.kind == "makeup"),
    published_until=date(2026, 12, 31),
    names={day.date: day.name for day in DAYS},
)
HOURS = Hours(PUBLISHED)
CLAUSE = "《中华人民共和国行政许可法》第四十五条"


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def a_regime(amount: int, unit: Unit = Unit.WORKING_DAY, **changed: str) -> Regime:
    words = {"kind": "promised", "law": "", "clause": "", "source": "测试"} | changed
    nature = Nature(words.pop("nature", "promised"))
    return Regime(amount=amount, unit=unit, nature=nature, **words)


def paused(clock: Clock, since: datetime, until: datetime | None) -> Clock:
    stopped = clock.pause(Pause(CLAUSE, "听证", since, None, "all"))
    return stopped if until is None else stopped.resume(until)


instants = st.timedeltas(timedelta(0), timedelta(days=2300)).map(lambda later: at(date(2020, 1, 1)) + later)
amounts = {
    Unit.WORKING_DAY: st.integers(0, 60),
    Unit.NATURAL_DAY: st.integers(0, 90),
    Unit.MONTH: st.integers(0, 6),
    Unit.WORKING_HOUR: st.integers(0, 24),
    Unit.WORKING_MINUTE: st.integers(0, 900),
}
natures = st.sampled_from([Nature.STATUTORY, Nature.PROMISED])
gaps = st.timedeltas(timedelta(0), timedelta(days=25))


@st.composite
def clocks(draw: st.DrawFn, units: tuple[Unit, ...] = tuple(Unit), ends: bool = False) -> Clock:
    """A clock with some pauses and extensions, the last pause perhaps open."""
    unit = draw(st.sampled_from(units))
    regime = replace(a_regime(draw(amounts[unit]), unit), nature=draw(natures))
    clock = begin(regime, draw(instants))
    now = clock.started_at
    for event in draw(st.lists(st.sampled_from(["pause", "extend", "pause"]), max_size=4)):
        now += draw(gaps)
        if event == "extend":
            clock = clock.extend(Extension(draw(st.integers(1, 10)), unit, "某法", "第一条", now))
        else:
            until = now + draw(gaps)
            clock, now = paused(clock, now, until), until
    if not ends and draw(st.booleans()):
        return paused(clock, now + draw(gaps), None)
    return clock.end(now + draw(gaps)) if ends else clock
