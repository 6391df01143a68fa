# SPDX-License-Identifier: Apache-2.0
"""Gaps: messages of a subject that must have been sent and are not here are asked for once more."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection

from tongban.exchange.acknowledgement import DUPLICATE, STORED
from tongban.exchange.calling import call
from tongban.exchange.models import Gap
from tongban.exchange.transport import Transport
from tongban.standards.canonical import canonical, parse
from tongban.standards.refusal import Refusal

log = structlog.get_logger()

PATH = "/exchange/again"
PATIENCE = timedelta(seconds=10)  # what came in two batches may come in the wrong order
LONGEST_WAIT = 3600.0  # seconds between two questions about one gap
MANY = 500  # messages that one question lets go again
NOTE = """
INSERT INTO exchange_gap (sender, subject, after, before, seen_at, tries, next_try_at, answer)
SELECT w.sender, w.subject, COALESCE(max(f.last), 0), min(w.sequence), %(at)s, 0, %(at)s, ''
FROM (SELECT sender, subject, sequence, received_at FROM exchange_inbox WHERE state = 'received'
      UNION ALL SELECT sender, subject, sequence, received_at FROM exchange_inbox WHERE state = 'parked') w
LEFT JOIN exchange_followed f ON f.sender = w.sender AND f.subject = w.subject
GROUP BY w.sender, w.subject
HAVING min(w.sequence) > COALESCE(max(f.last), 0) + 1 AND min(w.received_at) <= %(before)s
ON CONFLICT (sender, subject) DO UPDATE SET after = EXCLUDED.after, before = EXCLUDED.before
"""
CLOSE = (
    "DELETE FROM exchange_gap g USING exchange_followed f "
    "WHERE f.sender = g.sender AND f.subject = g.subject AND f.last >= g.before - 1"
)
REOPEN = (
    "UPDATE exchange_outbox SET answered_at = NULL, answer = NULL WHERE position IN (SELECT position "
    "FROM exchange_outbox WHERE recipient = %s AND subject = %s AND sequence > %s AND sequence < %s "
    "AND answer IN (%s, %s) ORDER BY sequence LIMIT %s)"
)
REFUSED = (
    "SELECT sequence, answer FROM exchange_outbox WHERE recipient = %s AND subject = %s AND sequence > %s "
    "AND sequence < %s AND answer NOT IN (%s, %s) ORDER BY sequence LIMIT %s"
)


def mend_gaps_once(at: datetime, transport: Transport) -> bool:
    """Note gaps that have been open for a while, and ask about one of them. True when one was asked about."""
    with connection.cursor() as cursor:
        cursor.execute(CLOSE)
        cursor.execute(NOTE, {"at": at, "before": at - PATIENCE})
    gap = Gap.objects.filter(next_try_at__lte=at).order_by("next_try_at").first()
    if gap is None:
        return False
    asked = {"v": 1, "subject": gap.subject, "after": gap.after, "before": gap.before}
    try:
        answer = _told(call(gap.sender, "POST", PATH, canonical(asked), at, transport))
    except Refusal as no:
        answer = no.sentence
    wait = min(LONGEST_WAIT, 10.0 * 2 ** min(gap.tries, 20))
    Gap.objects.filter(sender=gap.sender, subject=gap.subject).update(
        tries=gap.tries + 1, next_try_at=at + timedelta(seconds=wait), answer=answer[:300]
    )
    log.info("gap_asked", sender=gap.sender, tries=gap.tries + 1)
    return True


def _told(data: bytes) -> str:
    """What the sender says about the missing ones, for the operator."""
    try:
        told: Any = parse(data)
        refused = "、".join(f"第 {each['sequence']} 件（{each['answer']}）" for each in told["refused"])
        return f"对方重新发送 {int(told['again'])} 件" + (f"；被拒收、等待对方处理：{refused}" if refused else "")
    except (ValueError, KeyError, TypeError, RecursionError):
        return "对方的答复无法识别"


def send_again(code: str, subject: str, after: int, before: int) -> dict[str, Any]:
    """Let what a peer misses of a subject go once more; what it once refused stays with our operator, and it is told.

    The earlier acknowledgement stays kept with its batch: it proves that the peer had them.
    """
    these: list[Any] = [code, subject, after, before, STORED, DUPLICATE, MANY]
    with connection.cursor() as cursor:
        cursor.execute(REOPEN, these)
        again = cursor.rowcount
        cursor.execute(REFUSED, these)
        refused = [{"sequence": sequence, "answer": answer} for sequence, answer in cursor.fetchall()]
    return {"again": again, "refused": refused}
