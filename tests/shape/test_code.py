# SPDX-License-Identifier: Apache-2.0
"""What no module may do, whoever writes it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.shape.tree import (
    FUNCTIONS,
    SOURCE,
    WRITES_ROWS,
    calls,
    here,
    is_action,
    nothing,
    parsed,
    place,
    rules_sources,
    sources,
    strings,
)

CLOCK = SOURCE / "standards" / "clock.py"
ALWAYS_WRITES = {"save", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
WRITES_ON_A_QUERY = {"create", "update", "delete"}
QUERY_WORDS = {"objects", "filter", "exclude", "all", "select_for_update", "get_queryset", "using"}
WRITES_BUT_NOT_ROWS = {  # (file, text of the call up to its bracket): why it writes no row
    ("src/tongban/licences/marking/pictures.py", "picture.save"): "a picture in memory",
    ("src/tongban/licences/typesetting.py", "segno.make_qr(address, error='m').save"): "a picture in memory",
    ("src/tongban/licences/ofd/pages.py", "segno.make_qr(address, error='m').save"): "a picture in memory",
}
READS_THE_CLOCK = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
    ("timezone", "now"), ("timezone", "localdate"), ("timezone", "localtime"),
    ("time", "time"), ("time", "time_ns"), ("time", "monotonic"), ("time", "monotonic_ns"),
    ("time", "perf_counter"), ("time", "perf_counter_ns"), ("time", "localtime"), ("time", "gmtime"),
}  # fmt: skip
CLOCK_IMPORTS = {("time", name) for name in ("time", "time_ns", "monotonic", "perf_counter", "perf_counter_ns")} | {
    ("django.utils.timezone", "now"),
    ("django.db.models.functions", "Now"),
}
SQL_CLOCK = re.compile(
    r"\bnow\s*\(\s*\)|\bcurrent_(?:timestamp|date|time)\b|\blocaltimestamp\b|\b(?:clock|statement|transaction)_timestamp\s*\(|'now'::",
    re.IGNORECASE,
)


def _words(node: ast.expr) -> set[str]:
    """Every name on the way to a call, e.g. Case, objects and filter for Case.objects.filter().update."""
    return {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)} | {
        n.id for n in ast.walk(node) if isinstance(n, ast.Name)
    }


def _writes(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Name):
        return call.func.id == "Statement"
    if not isinstance(call.func, ast.Attribute):
        return False
    if call.func.attr in ALWAYS_WRITES or call.func.attr == "Statement":
        return True
    return call.func.attr in WRITES_ON_A_QUERY and bool(_words(call.func.value) & QUERY_WORDS)


def _may_write(file: Path) -> bool:
    return is_action(file) or file.is_relative_to(SOURCE / "database")


def _may_hold_sql(file: Path) -> bool:
    """A reader of messages adds to the statement it is given; it can neither begin nor send one."""
    return _may_write(file) or file.name == "messages.py"


def test_only_actions_write_rows() -> None:
    found = [
        f"{place(file, call)} {ast.unparse(call.func)}"
        for file in rules_sources()
        if not _may_write(file)
        for call in calls(file)
        if _writes(call) and (here(file), ast.unparse(call.func)) not in WRITES_BUT_NOT_ROWS
    ]
    nothing(found)


def test_only_actions_hold_sql_that_writes() -> None:
    found = [
        place(file, text)
        for file in rules_sources()
        if not _may_hold_sql(file)
        for text in strings(file)
        if WRITES_ROWS.search(str(text.value))
    ]
    nothing(found)


def test_every_exception_to_the_rule_of_writing_is_still_needed() -> None:
    made = {(here(f), ast.unparse(c.func)) for f in rules_sources() for c in calls(f)}
    assert set(WRITES_BUT_NOT_ROWS) - made == set()


def _clock_calls(file: Path) -> Iterator[ast.AST]:
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else node.value.id
            if (owner, node.attr) in READS_THE_CLOCK:
                yield node
        elif isinstance(node, ast.ImportFrom):
            yield from (node for name in node.names if (node.module, name.name) in CLOCK_IMPORTS)


def test_nobody_but_the_clock_asks_what_time_it_is() -> None:
    assert list(_clock_calls(CLOCK)), "the rule can see a call when there is one"
    nothing([place(file, node) for file in sources() if file != CLOCK for node in _clock_calls(file)])


def test_no_sql_asks_what_time_it_is() -> None:
    found = [place(file, text) for file in sources() for text in strings(file) if SQL_CLOCK.search(str(text.value))]
    nothing(found)


def test_no_column_fills_in_its_own_time() -> None:
    found = [
        place(file, call)
        for file in sources()
        for call in calls(file)
        if any(word.arg in {"auto_now", "auto_now_add"} for word in call.keywords)
    ]
    nothing(found)


def test_imports_stand_at_the_top() -> None:
    found = [
        place(file, inner)
        for file in sources()
        if SOURCE / "cli" not in file.parents
        for node in ast.walk(parsed(file))
        if isinstance(node, FUNCTIONS) and not (file.name == "apps.py" and node.name == "ready")
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    nothing(found)  # in AppConfig.ready Django's models exist for the first time


def test_nothing_hides_behind_signals_routers_or_generic_keys() -> None:
    hidden = {
        "GenericForeignKey",
        "post_save",
        "pre_save",
        "post_delete",
        "pre_delete",
        "m2m_changed",
        "db_for_read",
        "db_for_write",
    }
    found = [
        f"{place(file, node)} {name}"
        for file in sources()
        for node in ast.walk(parsed(file))
        for name in [getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "name", None)]
        if name in hidden
    ]
    nothing(found)


def test_nobody_swallows_every_exception_in_silence() -> None:
    found = [
        place(file, node)
        for file in sources()
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and all(isinstance(line, ast.Pass | ast.Continue) for line in node.body)
    ]
    nothing(found)
