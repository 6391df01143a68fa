# SPDX-License-Identifier: Apache-2.0
"""Hours in which no telephone rings. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from tongban.standards.clock import SHANGHAI


@dataclass(frozen=True)
class Quiet:
    """From one time of the day until another, mostly of the next day; the same twice: never."""

    begins: time
    ends: time

    @classmethod
    def of(cls, words: str) -> "Quiet":
        """22:00-08:00; empty for none. ValueError for anything else."""
        begins, _, ends = (words or "00:00-00:00").partition("-")
        return cls(time.fromisoformat(begins), time.fromisoformat(ends))

    def over(self, at: datetime) -> datetime:
        """This instant, or the end of the quiet hours that it falls into."""
        here = at.astimezone(SHANGHAI)
        begins, ends = (here.replace(hour=t.hour, minute=t.minute, second=0, microsecond=0) for t in self._times)
        if self.begins < self.ends:
            return ends if begins <= here < ends else at
        if self.begins > self.ends and (here >= begins or here < ends):
            return ends + timedelta(days=1) if here >= begins else ends
        return at

    @property
    def _times(self) -> tuple[time, time]:
        return self.begins, self.ends
