# SPDX-License-Identifier: Apache-2.0
"""Reads of the catalogue: what is published, here and by other nodes."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q, QuerySet

from tongban.catalogue.models import BasicItem, ItemVersion, KnownItem
from tongban.standards import identifiers
from tongban.standards.node import here
from tongban.standards.refusal import NotFound

MOST_WORDS = 8  # of a search; the rest is left out
KEPT = 500  # item versions in this process, all nodes together

_kept: dict[tuple[str, str, int], ItemVersion] = {}


def item(task_code: str, version: int | None = None) -> ItemVersion:
    """One version, or the published one. NotFound when there is none."""
    rows = ItemVersion.objects.filter(task_code=task_code)
    rows = rows.filter(status="published") if version is None else rows.filter(version=version)
    found = rows.first()
    if found is None:
        raise NotFound(what="这个事项")
    return found


def item_cached(task_code: str, version: int) -> ItemVersion:
    """A version from this process's memory; its content never changes, its status may have."""
    key = (here().code, task_code, version)
    if key not in _kept:
        if len(_kept) >= KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[key] = item(task_code, version)
    return _kept[key]


def versions(task_code: str) -> list[ItemVersion]:
    """Every version of an item, newest first."""
    return list(ItemVersion.objects.filter(task_code=task_code).order_by("-version"))


def published() -> QuerySet[ItemVersion]:
    """What can be asked for, wherever it was published."""
    return ItemVersion.objects.filter(status="published")


def search(q: str, region: str | None = None, limit: int = 20) -> list[ItemVersion]:
    """Published items whose name, publisher or region holds every word; in one statement.

    `region` is a code: a province's finds its cities' items too.
    """
    rows = published().filter(in_region(region)) if region else published()
    for word in words(q):
        rows = rows.filter(search_text__contains=word)
    return list(rows.order_by("name", "region_code", "task_code")[:limit])


def words(q: str) -> Sequence[str]:
    """The words of a question as the search text holds them."""
    return identifiers.tidy(q).lower().split()[:MOST_WORDS]


def in_region(region: str) -> Q:
    """Items of this region or of one inside it, by the prefix of its code (GB/T 2260)."""
    prefix = region[:2] if region.endswith("0000") else region[:4] if region.endswith("00") else region
    return Q() if prefix == "00" else Q(region_code__startswith=prefix)


def in_force(version: ItemVersion, day: date) -> bool:
    """Whether an application of this day is handled under this version."""
    return version.effective_from <= day and (version.effective_to is None or day <= version.effective_to)


def known_items() -> list[KnownItem]:
    """The national lists as far as they are known, in our order."""
    return list(KnownItem.objects.order_by("number"))


def basic_items() -> list[BasicItem]:
    """The basic catalogue, by code."""
    return list(BasicItem.objects.order_by("code"))


def forget() -> None:
    """Drop what is kept in this process, between tests."""
    _kept.clear()
