# SPDX-License-Identifier: Apache-2.0
"""An application while it is filled in: a draft of somebody online, or an intake at a window."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.cases.application import GivenFile
from tongban.catalogue.models import ItemVersion


@dataclass(frozen=True)
class Folder:
    """What whoever has a material fetched must know of it. Its row is locked while it is in hand."""

    id: UUID  # which becomes the case's
    name: str  # by which the ledger knows it
    version: ItemVersion
    key: bytes
    is_over: bool  # a case, or turned away: nothing is fetched for it any more
    files: Callable[[], Sequence[Mapping[str, Any]]]  # handed in so far
    keep: Callable[[GivenFile, datetime], None]  # put one more among them


Finder = Callable[[UUID], Folder | None]
FINDERS: list[Finder] = []  # of whoever fills in applications; each knows its own


def folder_of(id: UUID) -> Folder | None:
    """The application with this id, locked; None when it is no more."""
    return next((found for find in FINDERS if (found := find(id)) is not None), None)
