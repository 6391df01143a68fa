# SPDX-License-Identifier: Apache-2.0
"""Reading data keys."""

from tongban.vault import keys
from tongban.vault.errors import KeyDestroyed
from tongban.vault.models import Rotation, SubjectKey


def subject_key(subject: str) -> bytes | None:
    """The data key of a subject; None when it has none yet. KeyDestroyed when it was erased."""
    row = SubjectKey.objects.filter(subject=subject).values_list("wrapped").first()
    if row is None:
        return None
    if row[0] is None:
        raise KeyDestroyed()
    return keys.unwrap(row[0])


def rotations() -> list[tuple[int, bool]]:
    """Number of each index key after the first, and whether every value has been moved to it."""
    return [(row.number, row.finished_at is not None) for row in Rotation.objects.order_by("number")]
