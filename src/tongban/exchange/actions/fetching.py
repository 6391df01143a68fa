# SPDX-License-Identifier: Apache-2.0
"""Files follow their message: pulled by digest, checked, kept under the subject's key."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from tongban.database.statement import Statement
from tongban.exchange import hop, keys, trust
from tongban.exchange.errors import Tampered, Unreachable
from tongban.exchange.models import Wanted
from tongban.exchange.transport import Transport
from tongban.standards.node import here
from tongban.standards.refusal import Refusal
from tongban.vault import files
from tongban.vault.queries import subject_key

log = structlog.get_logger()

PATH = "/exchange/files/{subject}/{digest}"
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


def fetch_once(at: datetime, transport: Transport) -> bool:
    """Fetch the next file that is wanted. False when none is due."""
    row = Wanted.objects.filter(fetched_at=None, not_before__lte=at).order_by("not_before").first()
    if row is None:
        return False
    try:
        _fetch(row, at, transport)
    except (Refusal, OSError) as failed:  # an erased case, an expired list: the next file may be luckier
        _try_later(row, at, str(failed))
    else:
        Wanted.objects.filter(sender=row.sender, subject=row.subject, digest=row.digest).update(
            fetched_at=at, failure=""
        )
    return True


def _fetch(row: Wanted, at: datetime, transport: Transport) -> None:
    key = subject_key(row.subject)
    if key is None or files.has(row.subject, row.digest):
        return
    peer = trust.peer(row.sender, at)
    url = peer.dial + PATH.format(subject=row.subject, digest=row.digest)
    request = hop.Hop(method="GET", url=url, headers={})
    hop.sign(request, node=here().code, signer=keys.signer(), at=at)
    came = transport.ask("GET", url, request.headers, b"")
    if came.status != 200:
        raise Unreachable(why=f"{came.status}")
    if files.digest_of(came.body) != row.digest:  # before anything is kept: a peer must not fill our disk
        raise Tampered()
    files.store(row.subject, key, [came.body])


def _try_later(row: Wanted, at: datetime, why: str) -> None:
    wait = min(LONGEST_WAIT, 0.5 * 2 ** min(row.tries + 1, 20))
    Wanted.objects.filter(sender=row.sender, subject=row.subject, digest=row.digest).update(
        tries=row.tries + 1, not_before=at + timedelta(seconds=wait), failure=why[:300]
    )
    log.warning("file_not_fetched", sender=row.sender, tries=row.tries + 1)
