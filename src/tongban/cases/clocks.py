# SPDX-License-Identifier: Apache-2.0
"""Limits, due dates and the explanation of each. Pure: instants and an organization's hours in, dates out.

Limits come from a regime that the item declares with law and clause, never from mode or type by accident. Days are
those of the deciding organization, in Asia/Shanghai; the first day does not count. Of a pause, the day on which it
begins counts and the days after it do not, up to and with the day on which it ends: as many days as it takes are
added to the limit. That rule is ours, no law sets one; supervision in 山东 adds paused days alike. What begins when
the limit is over already changes nothing. `reasons` says why a date is what it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Literal

from tongban.standards.clock import SHANGHAI, local_date
from tongban.standards.opening import Hours
from tongban.standards.workdays import Calendar

# A clock is due soon when this much of its time is spent, or on its last day. Ours, as supervision in 榆林 warns
# (电子监察预警纠错实施细则: 黄色预警 at 90 % of the promised time); no national rule sets it.
DUE_SOON_PERCENT = 90
# What no limit that anybody declares comes near; beyond it dates would run out.
MOST = 1200  # of any unit
MOST_EVENTS = 50  # pauses and extensions of one clock
YEARS = range(1900, 2200)

NAMES = {
    "acceptance": "受理时限",
    "decision": "法定办结时限",
    "promised": "承诺办结时限",
    "correction": "补正期限",
    "delivery": "送达时限",
    "hearing_request": "申请听证期限",
    "hearing": "组织听证时限",
    "transit": "材料在途时限",
    "supplement": "容缺补齐期限",
    "grace": "容缺补齐宽限期",
    "verification": "承诺核查时限",
    "put_right": "承诺不实改正期限",
    "payment": "缴费期限",
    "problem": "问题处理时限",
}
_DAY = timedelta(days=1)


class Unit(StrEnum):
    """What a limit is counted in."""

    WORKING_DAY = "working_day"
    NATURAL_DAY = "natural_day"
    MONTH = "month"  # 民法典 art. 202: the day of the same number, or the last of a shorter month
    WORKING_HOUR = "working_hour"  # of the deciding organization's opening time
    WORKING_MINUTE = "working_minute"


UNITS = {
    Unit.WORKING_DAY: "个工作日",
    Unit.NATURAL_DAY: "个自然日",
    Unit.MONTH: "个月",
    Unit.WORKING_HOUR: "个工作小时",
    Unit.WORKING_MINUTE: "个工作分钟",
}
MINUTES = {Unit.WORKING_HOUR: 60, Unit.WORKING_MINUTE: 1}


class Nature(StrEnum):
    """Whose limit it is."""

    STATUTORY = "statutory"  # the law's, for the organ
    PROMISED = "promised"  # the organ's own, shorter
    APPLICANT = "applicant"  # for the applicant
    TRANSIT = "transit"  # papers on their way; nobody's duty is measured by it


class Standing(StrEnum):
    """How a clock stands."""

    RUNNING = "running"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    PAUSED = "paused"
    ENDED_IN_TIME = "ended_in_time"
    ENDED_LATE = "ended_late"


@dataclass(frozen=True)
class Regime:
    """One limit as the item or the law declares it."""

    kind: str  # one of NAMES, step:CODE, part:CODE or problem:NUMBER
    amount: int
    unit: Unit
    law: str
    clause: str
    source: str
    nature: Nature
    label: str = ""  # of a step, part or problem: its name

    def __post_init__(self) -> None:
        if not 0 <= self.amount <= MOST:
            raise ValueError("a limit is not negative, nor longer than lives")
        object.__setattr__(self, "unit", Unit(self.unit))
        object.__setattr__(self, "nature", Nature(self.nature))

    @property
    def name(self) -> str:
        """What people call it."""
        return self.label or NAMES.get(self.kind, "办理时限")

    @property
    def basis(self) -> str:
        """What it rests on: the clause, or where it is declared."""
        return f"{self.law}{self.clause}" if self.law else self.source

    @property
    def is_in_hours(self) -> bool:
        """Whether opening time is counted rather than days."""
        return self.unit in MINUTES

    def plain(self) -> dict[str, Any]:
        """As it is stored and sent."""
        words = {name: getattr(self, name) for name in ("kind", "law", "clause", "source")}
        told = {"amount": self.amount, "unit": str(self.unit), "nature": str(self.nature)}
        return words | told | ({"label": self.label} if self.label else {})


@dataclass(frozen=True)
class Pause:
    """Time that does not count. One without a clause of law stops only what was promised, where the guide says so."""

    clause: str  # law and article, empty when it rests on the guide alone
    basis: str  # what for, in words: 听证, 专家评审
    since: datetime
    until: datetime | None
    stops: Literal["all", "promised"]

    def __post_init__(self) -> None:
        if self.stops == "all" and not self.clause:
            raise ValueError("only a clause of law stops a limit of the law")
        if self.until is not None and self.until < self.since:
            raise ValueError("a pause does not end before it begins")

    def reaches(self, regime: Regime) -> bool:
        """Whether it stops a clock of this regime: never the applicant's, nor papers on their way."""
        if regime.nature is Nature.PROMISED:
            return True
        return self.stops == "all" and regime.nature is Nature.STATUTORY

    def plain(self) -> dict[str, Any]:
        """As it is stored and sent."""
        until = None if self.until is None else stamp(self.until)
        words = {"clause": self.clause, "basis": self.basis, "stops": self.stops}
        return words | {"since": stamp(self.since), "until": until}


@dataclass(frozen=True)
class Extension:
    """Time added at the end, in the limit's own unit."""

    amount: int
    unit: Unit
    law: str
    clause: str
    at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", Unit(self.unit))
        if not 0 < self.amount <= MOST:
            raise ValueError("an extension is longer than nothing, and shorter than lives")

    def plain(self) -> dict[str, Any]:
        """As it is stored and sent."""
        words = {"amount": self.amount, "unit": str(self.unit), "law": self.law, "clause": self.clause}
        return words | {"at": stamp(self.at)}


@dataclass(frozen=True)
class Left:
    """What is left, in working days, natural days or minutes of opening time; below zero when late."""

    amount: int
    unit: Unit

    @property
    def words(self) -> str:
        """剩余 3 个工作日, 剩余 2 小时 15 分钟, 今天到期, 已超期 1 个工作日"""
        if self.unit is Unit.WORKING_MINUTE:
            return ("剩余 " if self.amount >= 0 else "已超期 ") + in_hours(abs(self.amount))
        if self.amount == 0:
            return "今天到期"
        return f"{'剩余' if self.amount > 0 else '已超期'} {abs(self.amount)} {UNITS[self.unit]}"


@dataclass(frozen=True)
class Clock:
    """A limit that has begun. Every change gives another clock; ValueError for one that makes no sense."""

    regime: Regime
    started_at: datetime
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Extension, ...] = ()
    ended_at: datetime | None = None

    @property
    def is_paused(self) -> bool:
        """Whether the last pause is still open."""
        return bool(self.pauses) and self.pauses[-1].until is None

    def pause(self, pause: Pause) -> "Clock":
        """Stop it. Only one pause at a time, after the one before, and only if it reaches this clock."""
        self._require_running(pause.since)
        if self.is_paused:
            raise ValueError("the clock is paused already")
        if not pause.reaches(self.regime):
            raise ValueError("this pause does not stop this clock")
        return replace(self, pauses=(*self.pauses, pause))

    def resume(self, at: datetime) -> "Clock":
        """Let it run again."""
        self._require_running(at)
        if not self.is_paused:
            raise ValueError("the clock is not paused")
        return replace(self, pauses=(*self.pauses[:-1], replace(self.pauses[-1], until=at)))

    def extend(self, extension: Extension) -> "Clock":
        """Lengthen it, in its own unit."""
        self._require_running(extension.at)
        if extension.unit is not self.regime.unit:
            raise ValueError("an extension is in the unit of the limit")
        return replace(self, extensions=(*self.extensions, extension))

    def end(self, at: datetime) -> "Clock":
        """Stop it for good; an open pause ends with it."""
        self._require_running(at)
        running = self.resume(at) if self.is_paused else self
        return replace(running, ended_at=at)

    def _require_running(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("an instant has a zone")
        if self.ended_at is not None:
            raise ValueError("the clock has ended")
        if at < max((self.started_at, *(pause.until or pause.since for pause in self.pauses))):
            raise ValueError("nothing happens to a clock before what has happened already")


@dataclass(frozen=True)
class Course:
    """Where a limit in days ends, unless a pause is open, and the pauses that stopped it."""

    last: date | None
    stopped: list[Pause]


@dataclass(frozen=True)
class CourseInHours:
    """The same of a limit in hours or minutes."""

    last: datetime | None
    stopped: list[Pause]


def begin(declared: Regime, at: datetime) -> Clock:
    """A clock that begins at this instant."""
    if at.tzinfo is None:
        raise ValueError("an instant has a zone")
    return Clock(declared, at)


def due_at(clock: Clock, hours: Hours) -> datetime | None:
    """The instant from which it is overdue: the end of the last day, or the minute. None while a pause is open."""
    if clock.regime.is_in_hours:
        return course_in_hours(clock, hours).last
    last = last_day(clock, hours.calendar)
    return None if last is None else _end_of(last)


def due_on(clock: Clock, hours: Hours) -> date | None:
    """The last day on which it is in time. None while a pause is open."""
    due = due_at(clock, hours)
    return None if due is None else local_date(due - timedelta(microseconds=1))


def due_if_resumed(clock: Clock, now: datetime, hours: Hours) -> datetime:
    """When it is due, or would be if the open pause ended now."""
    due = due_at(settled(clock, now), hours)
    assert due is not None
    return due


def due_and_soon(clock: Clock, hours: Hours) -> tuple[datetime, datetime] | tuple[None, None]:
    """The instants from which it is overdue and due soon. None for both while a pause is open."""
    due = due_at(clock, hours)
    return (None, None) if due is None else (due, _soon(clock, due, hours))


def is_provisional(clock: Clock, hours: Hours) -> bool:
    """Whether the due date rests on days that are not published yet, so that it may move."""
    due = due_on(clock, hours)
    rests = clock.regime.unit not in {Unit.NATURAL_DAY, Unit.MONTH} or _ends_on_a_workday(clock.regime)
    return due is not None and rests and hours.calendar.is_provisional(due)


def state(clock: Clock, now: datetime, hours: Hours) -> Standing:
    """How it stands."""
    due = due_at(clock, hours)
    if clock.ended_at is not None:
        return Standing.ENDED_LATE if due is not None and clock.ended_at >= due else Standing.ENDED_IN_TIME
    if due is None:
        return Standing.PAUSED
    if now >= due:
        return Standing.OVERDUE
    return Standing.DUE_SOON if now >= _soon(clock, due, hours) else Standing.RUNNING


def left(clock: Clock, now: datetime, hours: Hours) -> Left:
    """What is left after today, or of the minutes; 0 on the last day, below zero as soon as it is late.

    While it is paused: what was left when the pause began, whichever day it is looked at.
    """
    at, due = clock.ended_at or now, due_at(clock, hours)
    if due is None:
        at = clock.pauses[-1].since
        due = due_if_resumed(clock, at, hours)
    amount, unit = _between(clock.regime, at, due, hours)
    return Left(min(amount, -1) if at >= due else max(amount, 0), unit)


def spent(clock: Clock, now: datetime, hours: Hours) -> int:
    """How much it has taken until now or until it ended, in days or minutes and without pauses; for forecasts too."""
    return max(total(clock) - left(clock, now, hours).amount, 0)


def total(clock: Clock) -> int:
    """How long the limit is with its extensions, in days or minutes; months are as long as they are."""
    amounts = [clock.regime.amount, *(each.amount for each in clock.extensions)]
    if clock.regime.unit is Unit.MONTH:
        first = last = local_date(clock.started_at)
        for amount in amounts:
            last = _months_after(last, amount)
        return (last - first).days
    return sum(amounts) * MINUTES.get(clock.regime.unit, 1)


def plain(clock: Clock) -> dict[str, Any]:
    """A clock as it is stored and sent."""
    return {
        "regime": clock.regime.plain(),
        "started_at": stamp(clock.started_at),
        "pauses": [pause.plain() for pause in clock.pauses],
        "extensions": [extension.plain() for extension in clock.extensions],
        "ended_at": None if clock.ended_at is None else stamp(clock.ended_at),
    }


def clock(given: Mapping[str, Any]) -> Clock:
    """A clock as it was stored or sent, lived through again. ValueError, KeyError or TypeError for nonsense."""
    extensions = tuple(_extension(each) for each in given.get("extensions", ()))
    found = begin(regime(given["regime"]), instant(given["started_at"]))
    pauses, ended_at = given.get("pauses", ()), given.get("ended_at")
    if len(pauses) + len(extensions) > MOST_EVENTS:
        raise ValueError("no clock is stopped and extended so often")
    for each in map(_pause, pauses):
        found = found.pause(replace(each, until=None))
        found = found if each.until is None else found.resume(each.until)
    if any(each.unit is not found.regime.unit or each.at < found.started_at for each in extensions):
        raise ValueError("an extension is in the unit of the limit, and after its beginning")
    found = replace(found, extensions=extensions)
    return found if ended_at is None else found.end(instant(ended_at))


def regime(given: Mapping[str, Any]) -> Regime:
    """A regime as it was stored or sent; an older one has days and no nature, and its decision is the promised one."""
    kind, law, clause, source = (_text(given, name) for name in ("kind", "law", "clause", "source"))
    unit = Unit(given["unit"])
    if "days" in given:
        kind = "promised" if kind == "decision" else kind
        nature = Nature.STATUTORY if law and kind != "promised" else Nature.PROMISED
        return Regime(kind, _whole(given, "days"), unit, law, clause, source, nature)
    label = _text(given, "label") if "label" in given else ""
    return Regime(kind, _whole(given, "amount"), unit, law, clause, source, Nature(given["nature"]), label)


def stamp(at: datetime) -> str:
    """An instant as it is stored and sent: UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def instant(text: str) -> datetime:
    """What `stamp` wrote."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None or at.year not in YEARS:
        raise ValueError("an instant has a zone, and lies in a time that has calendars")
    return at.astimezone(UTC)


def _pause(given: Mapping[str, Any]) -> Pause:
    until = None if given["until"] is None else instant(given["until"])
    if given["stops"] not in {"all", "promised"}:
        raise ValueError("a pause stops all or what was promised")
    return Pause(_text(given, "clause"), _text(given, "basis"), instant(given["since"]), until, given["stops"])


def _extension(given: Mapping[str, Any]) -> Extension:
    law, clause = _text(given, "law"), _text(given, "clause")
    return Extension(_whole(given, "amount"), Unit(given["unit"]), law, clause, instant(given["at"]))


def _text(given: Mapping[str, Any], name: str) -> str:
    if not isinstance(given[name], str):
        raise TypeError(f"{name} is a text")
    return str(given[name])


def _whole(given: Mapping[str, Any], name: str) -> int:
    if type(given[name]) is not int:
        raise TypeError(f"{name} is a whole number")
    return int(given[name])


def settled(clock: Clock, now: datetime) -> Clock:
    """The same with its open pause ended now."""
    if not clock.is_paused:
        return clock
    open_pause = clock.pauses[-1]
    return replace(clock, pauses=(*clock.pauses[:-1], replace(open_pause, until=max(now, open_pause.since))))


def _happened(clock: Clock) -> list[Pause | Extension]:
    """Pauses and extensions in the order of time."""
    if not clock.extensions:
        return list(clock.pauses)
    return sorted((*clock.pauses, *clock.extensions), key=lambda e: e.since if isinstance(e, Pause) else e.at)


def course(clock: Clock, calendar: Calendar) -> Course:
    """How the days go. What begins when the clock is late already changes nothing."""
    unit, stopped = clock.regime.unit, []
    day = _later(local_date(clock.started_at), clock.regime.amount, unit, calendar)
    for each in _happened(clock):
        if isinstance(each, Extension):
            day = _later(day, each.amount, unit, calendar)
        elif local_date(each.since) <= _put_off(day, clock.regime, calendar):
            stopped.append(each)
            if each.until is None:
                return Course(None, stopped)
            day = _after_pause(day, local_date(each.since), local_date(each.until), unit, calendar)
    return Course(day, stopped)


def last_day(clock: Clock, calendar: Calendar) -> date | None:
    last = course(clock, calendar).last
    return None if last is None else _put_off(last, clock.regime, calendar)


def _soon(clock: Clock, due: datetime, hours: Hours) -> datetime:
    rest = total(clock) * (100 - DUE_SOON_PERCENT) // 100
    if clock.regime.is_in_hours:
        return max(clock.started_at, hours.back(due, rest))
    last = local_date(due) - _DAY
    if clock.regime.unit is Unit.WORKING_DAY:
        return max(clock.started_at, _beginning_of(hours.calendar.workday_before(last, rest)))
    return max(clock.started_at, _beginning_of(last - rest * _DAY))


def _later(day: date, amount: int, unit: Unit, calendar: Calendar) -> date:
    if unit is Unit.WORKING_DAY:
        return calendar.add_workdays(day, amount)
    return _months_after(day, amount) if unit is Unit.MONTH else day + amount * _DAY


def _after_pause(day: date, since: date, until: date, unit: Unit, calendar: Calendar) -> date:
    """Later by the days of the pause, and not before it ended: nobody is late for having been stopped."""
    if unit is Unit.WORKING_DAY:
        return max(until, calendar.add_workdays(day, calendar.count_workdays(since, until)))
    return max(until, day + (until - since))


def _put_off(last: date, declared: Regime, calendar: Calendar) -> date:
    """The last day as it is told."""
    return calendar.next_workday(last) if _ends_on_a_workday(declared) else last


def _months_after(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    next_first = (first + 31 * _DAY).replace(day=1)
    return min(first + (day.day - 1) * _DAY, next_first - _DAY)


def _ends_on_a_workday(declared: Regime) -> bool:
    """What ends on a day off lasts until the next working day: working days, when a pause took the last of them and
    ended on a day off, and natural days of an applicant (民法典 art. 203).

    Not natural days of an organ: nothing says that it may take longer than the law has it.
    """
    return declared.unit is Unit.WORKING_DAY or declared.nature is Nature.APPLICANT


def course_in_hours(clock: Clock, hours: Hours) -> CourseInHours:
    factor, stopped = MINUTES[clock.regime.unit], []
    at = hours.add_working_minutes(clock.started_at, clock.regime.amount * factor)
    for each in _happened(clock):
        if isinstance(each, Extension):
            at = hours.add_working_minutes(at, each.amount * factor)
        elif each.since < at:
            stopped.append(each)
            if each.until is None:
                return CourseInHours(None, stopped)
            at = hours.add_working_minutes(at, hours.working_minutes_between(each.since, each.until))
    return CourseInHours(at, stopped)


def _between(declared: Regime, at: datetime, due: datetime, hours: Hours) -> tuple[int, Unit]:
    if declared.is_in_hours:
        return hours.working_minutes_between(at, due), Unit.WORKING_MINUTE
    today, last = local_date(at), local_date(due) - _DAY
    if declared.unit is Unit.WORKING_DAY:
        return hours.calendar.count_workdays(today, last), Unit.WORKING_DAY
    return (last - today).days, Unit.NATURAL_DAY


def _beginning_of(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def _end_of(day: date) -> datetime:
    return _beginning_of(day + _DAY)


def in_hours(minutes: int) -> str:
    """2 小时 15 分钟"""
    hours, rest = divmod(minutes, 60)
    return " ".join([*([f"{hours} 小时"] if hours else []), *([f"{rest} 分钟"] if rest or not hours else [])])
