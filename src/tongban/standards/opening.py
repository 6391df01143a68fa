# SPDX-License-Identifier: Apache-2.0
"""Opening hours: when an organization's counters are open, and the minutes of them that a limit takes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise

from tongban.standards.clock import SHANGHAI
from tongban.standards.tally import Tally
from tongban.standards.workdays import Calendar

Spans = tuple[tuple[int, int], ...]  # from and to, in minutes of the local day, in order and apart
DAY = 24 * 60
_MINUTE = timedelta(minutes=1)
# Ours, where an organization has entered nothing: no law sets one opening time for the country.
USUAL: Spans = ((9 * 60, 12 * 60), (13 * 60 + 30, 17 * 60))


@dataclass(frozen=True)
class Opening:
    """A week of spans from Monday, those of a weekend day that is worked, and the days that differ."""

    week: tuple[Spans, ...] = (USUAL,) * 5 + ((), ())
    makeup: Spans = USUAL
    overrides: Mapping[date, Spans] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError("a week has seven days")
        for spans in (*self.week, self.makeup, *self.overrides.values()):
            _require_in_order(spans)


@dataclass(frozen=True)
class Hours:
    """An organization's days and opening hours. Instants are rounded up to the minute: a begun one does not count."""

    calendar: Calendar
    opening: Opening = field(default_factory=Opening)

    def spans(self, day: date) -> Spans:
        """When it is open on this day: not on holidays, also on make-up days, unless it says otherwise of this day."""
        if day in self.opening.overrides:
            return self.opening.overrides[day]
        if day in self.calendar.makeup:
            return self.opening.makeup
        return () if day in self.calendar.holidays else self.opening.week[day.weekday()]

    def working_minutes_between(self, a: datetime, b: datetime) -> int:
        """Minutes open from a to b; negative when b is before a."""
        return self._position(b) - self._position(a)

    def add_working_minutes(self, a: datetime, n: int) -> datetime:
        """The first instant by which n more minutes were open; a itself, to the minute, for 0."""
        if n < 0:
            raise ValueError("a limit is not negative")
        return self._at(self._position(a) + n, a) if n else _whole(a).astimezone(UTC)

    def back(self, a: datetime, n: int) -> datetime:
        """The first instant from which at most n minutes were open until a."""
        return self._at(self._position(a) - n, a)

    def open_between(self, a: datetime, b: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of opening time from a to b, local, each within one day."""
        first, last = _whole(a), _whole(b)
        for offset in range((last.date() - first.date()).days + 1):
            day = first.date() + timedelta(days=offset)
            for opens, shuts in self.spans(day):
                since, until = max(first, _instant(day, opens)), min(last, _instant(day, shuts))
                if since < until:
                    yield since, until

    @cached_property
    def _tally(self) -> Tally:
        differing = self.calendar.holidays | self.calendar.makeup | self.opening.overrides.keys()
        return Tally([_length(spans) for spans in self.opening.week], {d: _length(self.spans(d)) for d in differing})

    def _position(self, at: datetime) -> int:
        """Minutes open since the beginning of all days."""
        local = _whole(at)
        minute, day = local.hour * 60 + local.minute, local.date()
        past = sum(min(shuts, minute) - opens for opens, shuts in self.spans(day) if opens < minute)
        return self._tally.before(day.toordinal()) + past

    def _at(self, position: int, near: datetime) -> datetime:
        """The first instant of this position."""
        ordinal = self._tally.reaching(position, _whole(near).toordinal())
        left, day = position - self._tally.before(ordinal), date.fromordinal(ordinal)
        for opens, shuts in self.spans(day):
            if left <= shuts - opens:
                return _instant(day, opens + left).astimezone(UTC)
            left -= shuts - opens
        raise ValueError("the tally does not fit the opening hours")


def _require_in_order(spans: Spans) -> None:
    ends = [minute for span in spans for minute in span]
    if any(a >= b for a, b in pairwise(ends)) or not all(0 <= end <= DAY for end in ends):
        raise ValueError("opening hours are spans of one day, in order and apart")


def _length(spans: Sequence[tuple[int, int]]) -> int:
    return sum(shuts - opens for opens, shuts in spans)


def _whole(at: datetime) -> datetime:
    """Local, and up to the next whole minute."""
    local = at.astimezone(SHANGHAI)
    whole = local.replace(second=0, microsecond=0)
    return whole if whole == local else whole + _MINUTE


def _instant(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(), SHANGHAI) + timedelta(minutes=minute)
