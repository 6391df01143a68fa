# SPDX-License-Identifier: Apache-2.0
"""How far an echo of ours has come."""

from dataclasses import dataclass
from datetime import datetime

from tongban.exchange.models import Inbox, Outbox


@dataclass(frozen=True)
class EchoView:
    """An echo: when it was written, when the peer acknowledged it, when it came back and was applied."""

    written_at: datetime
    answer: str  # of the peer's acknowledgement; empty while there is none
    answered_at: datetime | None
    applied_at: datetime | None

    @property
    def sentence(self) -> str:
        """What an operator reads."""
        if self.applied_at is not None:
            return f"回声已回，来回 {(self.applied_at - self.written_at).total_seconds():.2f} 秒。"
        if self.answered_at is None:
            return "还没有送到：对方没有回执。它留在待发队列里，线路通了会自动送出。"
        after = (self.answered_at - self.written_at).total_seconds()
        if self.answer not in ("stored", "duplicate"):
            return f"对方 {after:.2f} 秒后拒收：{self.answer}。"
        return f"对方 {after:.2f} 秒后已收下，回声还没有回来。"


def echo(code: str, subject: str) -> EchoView:
    """The one that was written under this subject."""
    letter = Outbox.objects.get(recipient=code, subject=subject)
    back = Inbox.objects.filter(sender=code, subject=subject, state="applied").values_list("applied_at", flat=True)
    return EchoView(letter.written_at, letter.answer or "", letter.answered_at, back.first())
