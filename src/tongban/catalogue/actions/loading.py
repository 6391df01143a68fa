# SPDX-License-Identifier: Apache-2.0
"""Loading lists: what is known of the national ones, and the entries of the basic catalogue."""

import csv
from collections.abc import Iterable
from pathlib import Path

from django.db import transaction

from tongban.catalogue.models import BasicItem, KnownItem

KNOWN_ITEMS = Path(__file__).parent.parent / "data" / "known_items.csv"


@transaction.atomic
def load_known_items() -> int:
    """Bring the table to what the data file says. How many entries it has."""
    with KNOWN_ITEMS.open(encoding="utf-8", newline="") as lines:
        rows = [KnownItem(**{**row, "number": int(row["number"])}) for row in csv.DictReader(lines)]
    KnownItem.objects.exclude(number__in=[row.number for row in rows]).delete()
    fields = [field.name for field in KnownItem._meta.concrete_fields if not field.primary_key]
    KnownItem.objects.bulk_create(rows, update_conflicts=True, unique_fields=["number"], update_fields=fields)
    return len(rows)


def load_basic_items(items: Iterable[BasicItem]) -> int:
    """Enter entries of the basic catalogue, or what has changed about them."""
    rows = list(items)
    fields = ["name", "item_type", "demonstration", "source"]
    BasicItem.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=fields)
    return len(rows)
