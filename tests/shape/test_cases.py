# SPDX-License-Identifier: Apache-2.0
"""What may happen to a case stands in one table, and nowhere else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.shape.tree import SOURCE, here, nothing, parsed, place, rules_sources, strings
from tongban.cases import transitions
from tongban.cases.states import ENDED, NAMES, Custody, State
from tongban.cases.transitions import MOVES
from tongban.standards.actor import Role

CASES = SOURCE / "cases"
KNOW_STATES = {CASES / name for name in ("states.py", "transitions.py", "clocks.py", "custody.py", "models.py")}
FINISHED = {  # which a superior decision may open again
    *(State.DELIVERED, State.DENIED, State.NOT_ACCEPTED, State.NOT_REQUIRED, State.WITHDRAWN, State.TERMINATED),
    State.REVOKED,
}
UNDOING = {"reopen_acceptance", "reopen_decision", "reinstate", "revoke"}  # what was decided is decided otherwise
WORDS = {str(state.value) for state in State}
OF_AN_ITEM = "what an item declares, in the words of the end that follows"
OF_A_REQUEST = "how a request stands, which shares some words with a case"
NO_JUDGEMENT = {  # (file, how the words begin): why they judge no case
    ("src/tongban/catalogue/content.py", "('withdrawn', 'terminated')"): OF_AN_ITEM,
    ("src/tongban/cases/actions/following.py", "state = 'accepted'"): OF_A_REQUEST,
    ("src/tongban/cases/actions/moving.py", "{'case': held.id, 'id': request_id"): OF_A_REQUEST,
    ("src/tongban/cases/messages.py", "{'state': 'accepted', 'answered_at'"): OF_A_REQUEST,
    ("src/tongban/cases/actions/settling.py", "state = 'submitted'"): OF_A_REQUEST,
    ("src/tongban/cases/restoring.py", "{'state': 'accepted', 'answered_at'"): OF_A_REQUEST,
    ("src/tongban/cases/queries/held.py", "state = 'submitted'"): OF_A_REQUEST,
    ("src/tongban/cases/queries/lists.py", "state = 'submitted'"): OF_A_REQUEST,
}


def _is_state(node: ast.AST) -> bool:
    """State.GRANTED, or the word itself in quotes."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
        owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
        return owner == "State" and node.attr in State.__members__
    return isinstance(node, ast.Constant) and node.value in WORDS


def _names_state(node: ast.AST) -> bool:
    return any(
        (isinstance(n, ast.Attribute) and n.attr == "state")
        or (isinstance(n, ast.Name) and n.id == "state")
        or (isinstance(n, ast.Constant) and n.value == "state")
        for n in ast.walk(node)
    )


def _holds_state(node: ast.AST) -> bool:
    return any(_is_state(n) for n in ast.walk(node))


def _judges(node: ast.AST) -> bool:
    """True where a state is compared, matched or given outside the table."""
    if isinstance(node, ast.Set | ast.Tuple | ast.List):  # a list of states is a judgement kept for later
        return bool(node.elts) and all(map(_is_state, node.elts))
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        enum = any(isinstance(n, ast.Attribute) and _is_state(n) for side in sides for n in ast.walk(side))
        return enum or (any(map(_names_state, sides)) and any(map(_holds_state, sides)))
    if isinstance(node, ast.keyword):
        return (node.arg or "").split("__")[0] == "state" and _holds_state(node.value)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return node.value is not None and any(map(_names_state, targets)) and _holds_state(node.value)
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return any(isinstance(k, ast.Constant) and k.value == "state" and _is_state(v) for k, v in pairs)
    return isinstance(node, ast.MatchValue) and _is_state(node.value)


def _judgements(file: Path) -> Iterator[tuple[str, str]]:
    """Where a file judges, and in which words."""
    for node in ast.walk(parsed(file)):
        if _judges(node):
            yield place(file, node), ast.unparse(node)
    words = "|".join(WORDS)
    in_sql = re.compile(rf"\bstate\s*(?:=|<>|!=|(?:NOT\s+)?IN\s*\()\s*'(?:{words})'", re.IGNORECASE)
    for text in strings(file):
        yield from ((place(file, text), found[0]) for found in in_sql.finditer(str(text.value)))


def test_the_rule_sees_each_way_of_judging_a_state() -> None:
    ways = [
        "case.state == State.GRANTED", "case.state in ('granted', 'denied')", "x = row['state'] != 'issued'",
        "case.state = 'granted'", "f(state=State.GRANTED)", "q.filter(state__in=[State.ISSUED])",
        "d = {'state': 'granted'}", "DECIDED = {'granted', 'denied'}",
        "match s:\n case State.GRANTED: pass",
    ]  # fmt: skip
    nothing([way for way in ways if not any(map(_judges, ast.walk(ast.parse(way))))])


def test_no_other_file_compares_or_assigns_a_case_state() -> None:
    found = [
        f"{where}: {words}"
        for file in rules_sources()
        if file not in KNOW_STATES
        for where, words in _judgements(file)
        if not _excepted(file, words)
    ]
    nothing(found)


def _excepted(file: Path, words: str) -> tuple[str, str] | None:
    return next((known for known in NO_JUDGEMENT if known[0] == here(file) and words.startswith(known[1])), None)


def test_every_exception_for_a_state_is_still_needed() -> None:
    used = {_excepted(file, words) for file in rules_sources() for _, words in _judgements(file)}
    assert set(NO_JUDGEMENT) - used == set()


def test_no_template_compares_a_case_state() -> None:
    compares = re.compile(r"\{%[^%]*\bcase\.state\b\s*(?:==|!=|in\b)[^%]*%\}")
    nothing([here(f) for f in SOURCE.rglob("*.html") if compares.search(f.read_text(encoding="utf-8"))])


def test_every_unfinished_state_can_be_left() -> None:
    left = {state for move in MOVES.values() if move.target for state in move.sources if move.name not in UNDOING}
    assert set(State) - left == FINISHED == set(ENDED)


def test_every_state_can_be_reached() -> None:
    reached = {move.target for move in MOVES.values() if move.target is not None}
    assert set(State) - reached == set()


def test_every_state_has_a_name_on_the_screen() -> None:
    assert set(NAMES) == set(State)


def test_every_move_names_itself_and_has_somebody_to_make_it() -> None:
    nothing([name for name, move in MOVES.items() if move.name != name or not (move.by and move.modes)])


def test_custody_moves_are_made_by_the_node_itself() -> None:
    passing = {name for name, move in MOVES.items() if move.custody is not Custody.KEEP}
    assert passing == {"offer", "take"}
    nothing([name for name in passing if MOVES[name].by != {Role.SYSTEM}])


def test_the_table_of_moves_has_a_version() -> None:
    assert transitions.VERSION >= 1
