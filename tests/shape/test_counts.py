# SPDX-License-Identifier: Apache-2.0
"""How many statements the hot paths take is pinned by a test beside them; a page may not grow one by accident."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shape.tree import FUNCTIONS, ROOT, SOURCE

HOT = {  # noun: what is called so often that its statements are counted
    "cases": {"submit", "make_move", "worklist", "case_page"},
    "catalogue": {"search"},
    "exchange": {"apply_once"},
    "identity": {"signed_in"},
    "regions": {"trust_list"},
}
COUNTER = "CaptureQueriesContext"


def _counted(file: Path) -> Iterator[str]:
    """What the tests of this file speak of that count statements and then assert the number."""
    for test in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(test, FUNCTIONS) and test.name.startswith("test_") and _counts(test):
            yield from (word.attr for word in ast.walk(test) if isinstance(word, ast.Attribute))
            yield from (word.id for word in ast.walk(test) if isinstance(word, ast.Name))


def _counts(test: ast.AST) -> bool:
    counts = any(COUNTER in ast.unparse(item) for w in ast.walk(test) if isinstance(w, ast.With) for item in w.items)
    return counts and any(isinstance(a, ast.Assert) and "len(" in ast.unparse(a.test) for a in ast.walk(test))


@pytest.mark.parametrize("noun", sorted(HOT))
def test_statement_counts_of_hot_paths_are_pinned(noun: str) -> None:
    files = [*(SOURCE / noun / "tests").rglob("test_*.py"), *(ROOT / "tests").glob("*/test_*.py")]
    counted = {name for file in files for name in _counted(file)}
    assert HOT[noun] - counted == set()
