# SPDX-License-Identifier: Apache-2.0
"""What a move says of single fields of the form: JSON by their names. Pure."""

import json
from collections.abc import Mapping


def by_field(text: str) -> dict[str, str]:
    """By name of the field what was said of it. ValueError for what is no such thing."""
    try:
        said = json.loads(text or "{}")
    except RecursionError as deep:
        raise ValueError("too deep") from deep
    if not isinstance(said, dict) or not all(isinstance(each, str) for each in said.values()):
        raise ValueError("not words by name")
    return said


def told(said: Mapping[str, str]) -> str:
    """The same as it is stated; nothing where nothing is said."""
    return json.dumps(dict(said), ensure_ascii=False, separators=(",", ":")) if said else ""
