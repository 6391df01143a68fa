# SPDX-License-Identifier: Apache-2.0
"""Keeping and destroying data keys."""

from datetime import datetime

from tongban.database.statement import Statement
from tongban.vault.models import SubjectKey


def keep_key(write: Statement, subject: str, wrapped: bytes) -> None:
    """Keep a new subject's key with the act that needs it; a key already there stays."""
    row = {"subject": subject, "wrapped": wrapped, "destroyed_at": None}
    write.insert(SubjectKey, [row], on_conflict="ON CONFLICT (subject) DO NOTHING")


def destroy_key(subject: str, *, at: datetime) -> None:
    """Erase everything sealed for a subject. There is no way back."""
    SubjectKey.objects.filter(subject=subject).update(wrapped=None, destroyed_at=at)
