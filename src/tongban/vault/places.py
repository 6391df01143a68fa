# SPDX-License-Identifier: Apache-2.0
"""Where a noun keeps what the node's keys made: data keys, seals of persons' fields, blind indexes.

Each noun lists its own columns in `sealed.py`, `sealing.py` or `places.py`, and the worker goes through all of them
after a key was changed; a test of the tree's shape finds a column that nobody listed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Wrapped:
    """A column of wrapped data keys."""

    table: str
    key: str  # of the table
    column: str = "wrapped"


@dataclass(frozen=True)
class Personal:
    """A column sealed by vault.keys.seal_personal."""

    table: str
    key: str
    column: str
    context: Callable[[Any], bytes]  # of the row of this key
    only: str = "true"  # which rows


@dataclass(frozen=True)
class Indexed:
    """A column of blind indexes."""

    table: str
    column: str
    only: str = "true"
