# SPDX-License-Identifier: Apache-2.0
"""Files follow their message: pulled by digest, checked, kept under the subject's key."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from tongban.database.statement import Statement
from tongban.exchange import hop, keys, sealed_part
from tongban.exchange.calling import fetch
from tongban.exchange.errors import NotOffered, Oversize, SealedPartInvalid, Tampered, Unreachable
from tongban.exchange.models import Wanted
from tongban.exchange.registry import FILE_GONE
from tongban.exchange.sealed_part import Place
from tongban.exchange.transport import Answer, Transport
from tongban.standards.node import here
from tongban.standards.refusal import Refusal
from tongban.vault import files
from tongban.vault.errors import FileMissing
from tongban.vault.queries import subject_key

log = structlog.get_logger()

PATH = "/exchange/files/{subject}/{digest}"
PART = 4 * files.PIECE  # bytes asked for at once
LARGEST = 1_000_000_000  # bytes of one file that we are willing to keep
GONE = (NotOffered.code, FileMissing.code)  # a peer's words for a file that it has not
LONGEST_WAIT = 300.0  # seconds


def want_files(
    write: Statement, sender: str, subject: str, wanted: Sequence[Mapping[str, object]], at: datetime
) -> None:
    """Note the files that a message names (digest, size); they are fetched once it is applied."""
    rows = [
        {
            "sender": sender,
            "subject": subject,
            "digest": str(file["digest"]),
            "size": file["size"],
            "tries": 0,
            "not_before": at,
            "failure": "",
        }
        for file in {str(file["digest"]): file for file in wanted}.values()
    ]
    write.insert(Wanted, rows, on_conflict="ON CONFLICT DO NOTHING")


def unwant_file(write: Statement, subject: str, digest: str) -> None:
    """Another file has taken its place: it need not be fetched any more."""
    write.write(
        "DELETE FROM exchange_wanted WHERE subject = %s AND digest = %s AND fetched_at IS NULL "
        "AND EXISTS (SELECT 1 FROM guard)",
        [subject, digest],
    )


def fetch_once(code: str, at: datetime, transport: Transport) -> bool:
    """Fetch the next part of the file of this peer that has waited longest. False when none is due.

    Memory holds one part, whatever the size; a fetch that was cut off goes on where it stopped.
    """
    waiting = Wanted.objects.filter(sender=code, fetched_at=None, not_before__lte=at)
    row = waiting.order_by("not_before", "subject", "digest").first()
    if row is None:
        return False
    these = Wanted.objects.filter(sender=row.sender, subject=row.subject, digest=row.digest)
    try:
        if _fetch_part(row, at, transport):
            these.update(fetched_at=at, failure="")
        else:
            these.update(not_before=at, tries=0)  # the others that wait have their turn in between
    except (Refusal, OSError) as failed:  # an erased case, an expired list: the next file may be luckier
        _try_later(row, at, str(failed))
        if isinstance(failed, Unreachable) and failed.facts.get("why") in GONE:
            for tell in FILE_GONE:
                tell(row.subject, row.digest)
    return True


def _fetch_part(row: Wanted, at: datetime, transport: Transport) -> bool:
    """Whether the file is whole now. What is not what its digest says leaves nothing behind."""
    key = subject_key(row.subject)
    if key is None or files.has(row.subject, row.digest):
        return True
    if row.size > LARGEST:
        raise Oversize(limit=LARGEST)
    arriving = files.Arriving(row.subject, key, row.digest, row.size)
    path = hop.encoded(PATH.format(subject=row.subject, digest=row.digest))
    last = min(arriving.offset + PART, row.size) - 1
    place = Place(row.sender, here().code, row.subject, row.digest, row.size, arriving.offset, last)
    came = fetch(row.sender, path, place.first, last, at, transport) if row.size else Answer(200, b"")
    try:
        return arriving.add(_content(place, came, at))
    except (Tampered, SealedPartInvalid):
        arriving.forget()
        raise


def _content(place: Place, came: Answer, at: datetime) -> bytes:
    """The bytes of this part, opened when they are sealed. They may come open: the peer knows no key of ours yet."""
    key_id = sealed_part.key_in(came.content_type)
    content = came.body if key_id is None else sealed_part.unseal(place, came.body, keys.opener(key_id, at))
    if len(content) != place.last - place.first + 1:
        raise Tampered()
    return content


def _try_later(row: Wanted, at: datetime, why: str) -> None:
    wait = min(LONGEST_WAIT, 0.5 * 2 ** min(row.tries + 1, 20))
    Wanted.objects.filter(sender=row.sender, subject=row.subject, digest=row.digest).update(
        tries=row.tries + 1, not_before=at + timedelta(seconds=wait), failure=why[:300]
    )
    log.warning("file_not_fetched", sender=row.sender, tries=row.tries + 1)
