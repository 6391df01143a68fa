# SPDX-License-Identifier: Apache-2.0
"""A person's copies of their own data."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tongban.cases.queries import FileView
from tongban.identity.queries import SignedIn
from tongban.space.errors import NotReady
from tongban.space.models import Export
from tongban.standards.refusal import NotFound
from tongban.vault import files
from tongban.vault.queries import subject_key

# What the resident worker asks: is a copy to be made, or over?
EXPORT_DUE = "SELECT 1 FROM space_export WHERE try_at <= %(at)s OR ends_at <= %(at)s"


@dataclass(frozen=True)
class ExportView:
    """One copy."""

    id: UUID
    asked_at: datetime
    made_at: datetime | None
    ends_at: datetime
    size: int | None


def subject(export: UUID) -> str:
    """What the vault calls a copy."""
    return f"export:{export}"


def exports(own: SignedIn, at: datetime) -> list[ExportView]:
    """A person's own copies, latest first. One select."""
    rows = Export.objects.filter(person=own.actor.id, ends_at__gt=at).order_by("-asked_at")
    return [ExportView(row.id, row.asked_at, row.made_at, row.ends_at, row.size) for row in rows]


def export_file(export: UUID, own: SignedIn, at: datetime) -> FileView:
    """The copy, for the person it is about and nobody else. NotFound, NotReady."""
    row = Export.objects.filter(id=export, person=own.actor.id, ends_at__gt=at).first()
    if row is None:
        raise NotFound(what="这份个人数据")
    if row.made_at is None:
        raise NotReady()
    name = subject(row.id)
    filename = f"我的数据_{row.asked_at:%Y%m%d}.zip"
    return FileView(filename, "application/zip", row.size, files.read(name, subject_key(name) or b"", row.digest))
