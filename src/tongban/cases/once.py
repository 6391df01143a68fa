# SPDX-License-Identifier: Apache-2.0
"""A form is taken once: its token is kept in the same write as what the form changes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.cases.errors import Repeated
from tongban.cases.models import Submission

MOST = 100  # tokens that a draft remembers; who comes back later than that finds what is there
LONGEST = 64  # characters of a token


def spend(kept: dict[str, Any], once: str) -> None:
    """Remember the token in what is about to be written. Repeated when it came before."""
    if not once:
        return
    once, spent = once[:LONGEST], kept.get("once", [])
    if once in spent:
        raise Repeated()
    kept["once"] = [*spent, once][-MOST:]


def rows(case_id: UUID, receipt_no: str, once: str, at: datetime) -> list[dict[str, Any]]:
    """The row that only the first of two equal forms can write."""
    key = key_of(case_id, once)
    return [{"key": key, "case_id": case_id, "receipt_no": receipt_no, "digest": "", "at": at}] if once else []


def is_spent(case_id: UUID, once: str) -> bool:
    """Whether a form with this token has changed this case before."""
    return bool(once) and Submission.objects.filter(key=key_of(case_id, once)).exists()


def key_of(case_id: UUID, once: str) -> str:
    """A token counts for one case: nobody can spend another's."""
    return f"form:{case_id}:{once[:LONGEST]}"
