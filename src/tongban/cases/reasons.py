# SPDX-License-Identifier: Apache-2.0
"""Why a due date is what it is: the days of a limit, the lines that say so, and what moved it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Literal

from tongban.cases.clocks import (
    UNITS,
    Clock,
    Extension,
    Pause,
    Regime,
    Unit,
    course,
    course_in_hours,
    due_at,
    in_hours,
    is_provisional,
    last_day,
    settled,
    total,
)
from tongban.standards.clock import SHANGHAI, local_date
from tongban.standards.opening import Hours
from tongban.standards.workdays import Calendar, Run, long_day, short_day, span

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Leg:
    """Some days of a limit, what they count for it in days or minutes, and the line that says so."""

    first: date
    last: date
    kind: Literal["ordinary", "makeup", "holiday", "paused", "moved", "open"]
    counted: int
    says: str
    pause: Pause | None = None


@dataclass(frozen=True)
class Moved:
    """What a new calendar does to a due date, and why."""

    old_due: datetime
    new_due: datetime
    why: list[str]


def steps(clock: Clock, hours: Hours) -> list[Leg]:
    """The days of the limit in order, up to where it is due or its open pause began; what they count adds up to it."""
    if clock.regime.is_in_hours:
        return list(_open_legs(clock, hours))
    return list(_day_legs(clock, hours.calendar))


def explain(clock: Clock, hours: Hours, now: datetime) -> list[str]:
    """Line by line how the date comes about, in words for anybody; the lines add up to it."""
    legs = steps(clock, hours)
    lines = [_heading(clock.regime), _beginning(clock)]
    lines += [_extended(each) for each in clock.extensions]
    lines += [leg.says for leg in legs]
    took_time = [leg.pause for leg in legs]
    lines += [_took_no_time(each) for each in clock.pauses if each.until is not None and each not in took_time]
    ending = _pausing if due_at(clock, hours) is None else _ending
    return [*lines, *ending(clock, hours, now)]


def moved(clock: Clock, old_hours: Hours, new_hours: Hours) -> Moved | None:
    """What new days and hours do to its due date, with the days that differ. None when it stays, or is not known."""
    old, new = due_at(clock, old_hours), due_at(clock, new_hours)
    if old is None or new is None or old == new:
        return None
    return Moved(old, new, list(_differences(clock, local_date(max(old, new)), old_hours, new_hours)))


def _day_legs(clock: Clock, calendar: Calendar) -> Iterator[Leg]:
    found, day, rest = course(clock, calendar), local_date(clock.started_at), total(clock)
    for pause in found.stopped:
        for leg in _run(clock, day, local_date(pause.since), rest, calendar):
            rest -= leg.counted
            yield leg
        day = local_date(pause.since)
        if pause.until is not None:
            until = local_date(pause.until) if found.last is None else min(local_date(pause.until), found.last)
            if until > day:
                yield Leg(day + _DAY, until, "paused", 0, _paused(pause, clock.regime.unit, calendar), pause)
            day = until
    if found.last is not None:
        yield from _run(clock, day, found.last, rest, calendar)
        last = last_day(clock, calendar)
        if last is not None and last > found.last:
            yield Leg(found.last + _DAY, last, "moved", 0, _put_off(found.last, last))


def _run(clock: Clock, day: date, until: date, rest: int, calendar: Calendar) -> Iterator[Leg]:
    """The days after one until another; when nothing is left to count, they are given because one was off."""
    if rest > 0 or clock.regime.unit is Unit.MONTH:
        yield from _counted(clock.regime.unit, day + _DAY, until, calendar)
    elif until > day:
        yield Leg(day + _DAY, until, "moved", 0, _put_off(day, until))


def _counted(unit: Unit, first: date, last: date, calendar: Calendar) -> Iterator[Leg]:
    if first > last:
        return
    if unit is Unit.WORKING_DAY:
        yield from (_leg(run, calendar) for run in calendar.runs(first, last))
    else:
        days = (last - first).days + 1
        yield Leg(first, last, "ordinary", days, f"{span(first, last)}计 {days} 个自然日。")


def _leg(run: Run, calendar: Calendar) -> Leg:
    return Leg(run.first, run.last, run.kind, run.worked, _about(run, calendar))


def _about(run: Run, calendar: Calendar) -> str:
    if run.kind == "makeup":
        return f"{span(run.first, run.last)}调休上班，计 {run.worked} 个工作日。"
    if run.kind == "holiday":
        return f"{span(run.first, run.last)}{_holiday(run.names)}，不计入。"
    if not run.worked:
        return f"{span(run.first, run.last)}为周末，不计入。"
    first, last = calendar.next_workday(run.first), calendar.workday_before(run.last, 0)
    weekends = "，周末不计入" if (last - first).days + 1 > run.worked else ""
    return f"{span(first, last)}计 {run.worked} 个工作日{weekends}。"


def _holiday(names: Sequence[str]) -> str:
    return f"为{'、'.join(names)}放假" if names else "为法定节假日"


def _open_legs(clock: Clock, hours: Hours) -> Iterator[Leg]:
    found, at = course_in_hours(clock, hours), clock.started_at
    for pause in found.stopped:
        yield from _opened(at, pause.since, hours)
        if pause.until is not None:
            first, last = local_date(pause.since), local_date(pause.until)
            yield Leg(first, last, "paused", 0, _paused_in_hours(pause, hours), pause)
            at = pause.until
    if found.last is not None:
        yield from _opened(at, found.last, hours)


def _opened(a: datetime, b: datetime, hours: Hours) -> Iterator[Leg]:
    for since, until in hours.open_between(a, b):
        minutes = int((until - since).total_seconds()) // 60
        says = f"{short_day(since.date())}{since:%H:%M}至{until:%H:%M}计 {minutes} 分钟。"
        yield Leg(since.date(), since.date(), "open", minutes, says)


def _heading(declared: Regime) -> str:
    return f"{declared.name}为 {declared.amount} {UNITS[declared.unit]}，依据：{declared.basis}。"


def _beginning(clock: Clock) -> str:
    day = long_day(local_date(clock.started_at))
    if clock.regime.is_in_hours:
        return f"{day}{_time(clock.started_at)}开始计时，只计办理机关的办公时间。"
    return f"{day}为起算日，当日不计入期限。" if clock.regime.amount else f"{day}开始计时。"


def _extended(extension: Extension) -> str:
    day = long_day(local_date(extension.at))
    added = f"{extension.amount} {UNITS[extension.unit]}"
    return f"{day}经批准延长 {added}，依据：{extension.law}{extension.clause}。"


def _paused(pause: Pause, unit: Unit, calendar: Calendar) -> str:
    assert pause.until is not None
    since, until = local_date(pause.since), local_date(pause.until)
    is_working = unit is Unit.WORKING_DAY
    days = calendar.count_workdays(since, until) if is_working else (until - since).days
    taken = f"{days} {UNITS[Unit.WORKING_DAY if is_working else Unit.NATURAL_DAY]}"
    said = f"{short_day(since)}因{pause.basis}暂停计时，{short_day(until)}恢复，其间 {taken}不计入"
    return f"{said}，依据：{_clause(pause)}。"


def _paused_in_hours(pause: Pause, hours: Hours) -> str:
    assert pause.until is not None
    since, until = (f"{short_day(local_date(at))}{_time(at)}" for at in (pause.since, pause.until))
    taken = in_hours(hours.working_minutes_between(pause.since, pause.until))
    return f"{since}因{pause.basis}暂停计时，{until}恢复，其间办公时间 {taken}不计入，依据：{_clause(pause)}。"


def _took_no_time(pause: Pause) -> str:
    return f"{short_day(local_date(pause.since))}因{pause.basis}暂停计时，不影响到期日，依据：{_clause(pause)}。"


def _clause(pause: Pause) -> str:
    return pause.clause or "办事指南（只停止承诺时限）"


def _put_off(last: date, moved_to: date) -> str:
    law = "《中华人民共和国民法典》第二百零三条"
    return f"{short_day(last)}为休息日，期限顺延到其后第一个工作日{short_day(moved_to)}，参照{law}。"


def _pausing(clock: Clock, hours: Hours, now: datetime) -> Iterator[str]:
    pause = clock.pauses[-1]
    yield f"{long_day(local_date(pause.since))}起因{pause.basis}暂停计时，依据：{_clause(pause)}。"
    due = _due(settled(clock, now), hours)
    yield f"暂停结束之前不计时，也没有到期日；如果今天（{short_day(local_date(now))}）结束，{due}。"


def _ending(clock: Clock, hours: Hours, now: datetime) -> Iterator[str]:
    length = total(clock)
    if clock.regime.unit is Unit.MONTH:  # a month of an extension is as long as the month that it falls into
        length = sum(leg.counted for leg in steps(clock, hours))
    if clock.regime.is_in_hours:
        yield f"以上共 {in_hours(length)}，{_due(clock, hours)}。"
    elif length:
        unit = Unit.WORKING_DAY if clock.regime.unit is Unit.WORKING_DAY else Unit.NATURAL_DAY
        yield f"以上共 {length} {UNITS[unit]}，{_due(clock, hours)}。"
    else:
        yield f"应当当日办结，{_due(clock, hours)}。"
    if is_provisional(clock, hours):
        yield f"{long_day(hours.calendar.published_until)}以后的放假安排尚未公布，到期日为暂定。"


def _due(clock: Clock, hours: Hours) -> str:
    due = due_at(clock, hours)
    assert due is not None
    if clock.regime.is_in_hours:
        return f"到期时间为{long_day(local_date(due))}{_time(due)}"
    return f"到期日为{long_day(local_date(due) - _DAY)}"


def _time(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%H:%M}"


def _differences(clock: Clock, last: date, old: Hours, new: Hours) -> Iterator[str]:
    """The days up to the later due date that the two see differently, next to each other in one line."""
    first = local_date(clock.started_at)
    days = [first + n * _DAY for n in range((last - first).days + 1)]
    seen = [(day, _kind(day, old, clock.regime), _kind(day, new, clock.regime)) for day in days]
    for (before, after), same in groupby(seen, lambda each: each[1:]):
        if before != after:
            found = [day for day, *_ in same]
            yield f"{span(found[0], found[-1])}由{before}改为{after}。"


def _kind(day: date, hours: Hours, declared: Regime) -> str:
    """What a day is called, with its opening hours where the limit is counted in them."""
    if declared.is_in_hours:
        opens = [
            f"{since // 60:02}:{since % 60:02}至{until // 60:02}:{until % 60:02}" for since, until in hours.spans(day)
        ]
        return f"办公时间{'、'.join(opens)}" if opens else "不办公"
    calendar = hours.calendar
    if day in calendar.makeup:
        return "调休上班"
    if day in calendar.holidays:
        return f"{calendar.names.get(day, '法定节假日')}放假"
    return "工作日" if calendar.is_workday(day) else "周末"
