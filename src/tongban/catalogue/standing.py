# SPDX-License-Identifier: Apache-2.0
"""How a published version stands: not yet in force, in force, suspended, superseded, retired."""

from datetime import date

from tongban.standards.enums import Labelled


class Standing(Labelled):
    """Of one version. At most one of an item is published or suspended; several may wait for their day."""

    SCHEDULED = "scheduled", "待生效"
    PUBLISHED = "published", "在用"
    SUSPENDED = "suspended", "暂停"
    SUPERSEDED = "superseded", "已有新版本"
    RETIRED = "retired", "取消"


SCHEDULED, PUBLISHED, SUSPENDED, SUPERSEDED, RETIRED = (standing.value for standing in Standing)
TOLD = frozenset({PUBLISHED, SUSPENDED, RETIRED})  # what a publisher tells of a version beside its content


def on(standing: str, effective_from: date, effective_to: date | None, day: date) -> bool:
    """Whether an application of this day is handled under a version that stands so."""
    if standing == SUSPENDED:
        return False
    return effective_from <= day and (effective_to is None or day <= effective_to)
