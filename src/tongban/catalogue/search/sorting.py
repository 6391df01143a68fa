# SPDX-License-Identifier: Apache-2.0
"""Under which headings a name stands: the department that handles it, the themes of what people are about."""

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


@cache
def _headings() -> dict[str, list[tuple[str, str]]]:
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    with (DATA / "sorting.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found[row["kind"]].append((row["word"], row["heading"]))
    return found


def department(publisher: str) -> str:
    """The kind of organization, the same in every region; empty when its name does not tell."""
    return next((heading for word, heading in _headings()["department"] if word in publisher), "")


def themes(name: str) -> tuple[str, ...]:
    """What an item of this name is about."""
    return tuple(dict.fromkeys(heading for word, heading in _headings()["theme"] if word in name))


def all_themes() -> list[str]:
    """Every theme, in the order of the table."""
    return list(dict.fromkeys(heading for _, heading in _headings()["theme"]))


def all_departments() -> list[str]:
    """Every kind of organization, in the order of the table."""
    return list(dict.fromkeys(heading for _, heading in _headings()["department"]))
