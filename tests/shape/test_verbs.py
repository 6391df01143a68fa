# SPDX-License-Identifier: Apache-2.0
"""Every verb that the program can write into the ledger has words for whoever reads it."""

import ast
import importlib
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import product
from pathlib import Path

from tests.shape.tree import SOURCE, calls, nothing, parsed, place, rules_sources
from tongban.cases.transitions import MOVES
from tongban.catalogue.stages import BASIC, CLAIMED, DECLINED, ITEM
from tongban.licences.seals.states import CHANGES as OF_SEALS
from tongban.licences.standings import CHANGES as OF_LICENCES
from tongban.web.verbs import KINDS, VERBS, kind_of, words_of
from tongban.windows.formal import Verdict

PASSES_ON = {"ledger", "dossier"}  # what is written elsewhere goes through their hands
TABLES: dict[str, Iterable[str]] = {  # what an expression of a file stands for, where no constant says it
    "acting.py told.line.move": MOVES,
    "messages.py told.line.move": MOVES,
    "restoring.py told.line.move": MOVES,
    "moving.py move.name": MOVES,
    "drafting.py draft.kind": (ITEM, BASIC),
    "claiming.py said['standing']": (CLAIMED, DECLINED),
    "standing.py wanted.name": OF_LICENCES,
    "seals.py wanted.name": OF_SEALS,
    "taking_in.py verdict": set(Verdict) - {Verdict.COLLECT},
}
MADE = {"changed.verb": ("regions/membership.py", "Changed", 2)}  # read off what is made there: which argument of it


@cache
def written() -> dict[str, str]:
    """Every verb, and one place that writes it."""
    found: dict[str, str] = {}
    for file in rules_sources():
        if file.relative_to(SOURCE).parts[0] not in PASSES_ON or file.name == "export.py":
            for verb, where in _written_in(file):
                found[verb] = where
    return found | {"ledger.restarted": "ledger/actions.py"}


def _written_in(file: Path) -> Iterator[tuple[str, str]]:
    text = file.read_text()
    makes_lines = "tongban.ledger.lines import" in text
    for call in calls(file):
        name = ast.unparse(call.func)
        if name == "ledger.write" or (makes_lines and name == "Entry"):
            given = next(
                (word.value for word in call.keywords if word.arg == "verb"), call.args[0] if call.args else None
            )
            assert given is not None, place(file, call)
            yield from ((verb, place(file, call)) for verb in _values(file, given))


def _values(file: Path, said: ast.expr) -> set[str]:
    """What an expression can be, as the constants and tables of the source have it."""
    if isinstance(said, ast.FormattedValue):
        said = said.value
    if isinstance(said, ast.Constant):
        return {str(said.value)}
    if isinstance(said, ast.JoinedStr):
        return {"".join(parts) for parts in product(*(_values(file, part) for part in said.values))}
    if (known := TABLES.get(f"{file.name} {ast.unparse(said)}")) is not None:
        return {str(each) for each in known}
    if isinstance(said, ast.Name | ast.Subscript):
        return _named(file, said) if isinstance(said, ast.Name) else _held(file, said)
    if (made := MADE.get(ast.unparse(said))) is not None:
        there, name, at = made
        given = [call.args[at] for call in calls(SOURCE / there) if ast.unparse(call.func) == name]
        return {verb for each in given for verb in _values(SOURCE / there, each)}
    raise AssertionError(f"{place(file, said)}: nobody knows what {ast.unparse(said)} can be")


def _named(file: Path, name: ast.Name) -> set[str]:
    """A parameter is what its callers hand in, a constant what its module holds, a name what it was given."""
    holder = _function_around(file, name)
    if holder is not None and name.id in (names := [each.arg for each in holder.args.args]):
        handed = _handed(file, holder.name, names.index(name.id), name.id)
        return {verb for where, given in handed for verb in _values(where, given)}
    for node in ast.walk(holder) if holder is not None else ():
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name.id:
            return _held(file, node.value)
    return _held(file, name)


def _held(file: Path, said: ast.expr) -> set[str]:
    """The constants behind NAME, NAME[…] and NAME.get(…), as the module has them."""
    root = next(node.id for node in ast.walk(said) if isinstance(node, ast.Name))
    held = getattr(importlib.import_module(_module(file)), root)
    return {str(each) for each in held.values()} if isinstance(held, dict) else {str(held)}


def _module(file: Path) -> str:
    return "tongban." + ".".join(file.relative_to(SOURCE).with_suffix("").parts)


def _function_around(file: Path, node: ast.AST) -> ast.FunctionDef | None:
    """The innermost one."""
    around = [each for each in ast.walk(parsed(file)) if isinstance(each, ast.FunctionDef) and node in ast.walk(each)]
    return around[-1] if around else None


def _handed(file: Path, function: str, at: int, name: str) -> Iterator[tuple[Path, ast.expr]]:
    """What every call of this function hands in at this place."""
    for each in rules_sources():
        if each == file or _imports(each, _module(file), function):
            for call in calls(each):
                if ast.unparse(call.func) == function:
                    by_name = [word.value for word in call.keywords if word.arg == name]
                    yield each, by_name[0] if by_name else call.args[at]


def _imports(file: Path, module: str, name: str) -> bool:
    return any(
        isinstance(node, ast.ImportFrom) and node.module == module and name in {each.name for each in node.names}
        for node in ast.walk(parsed(file))
    )


def test_every_verb_that_can_be_written_has_words_and_a_kind() -> None:
    assert len(written()) > len(MOVES) * 4
    nothing(f"{where} {verb}" for verb, where in written().items() if verb not in VERBS or not kind_of(verb))


def test_no_words_stand_for_what_nobody_writes() -> None:
    nothing(sorted(VERBS.keys() - written().keys()))
    nothing(start for start in KINDS if not any(verb.startswith(start) for verb in VERBS))


def test_each_verb_belongs_to_one_kind() -> None:
    """So that the filter and the column say the same."""
    nothing(verb for verb in VERBS if sum(verb.startswith(start) for start in KINDS) != 1)


def test_a_step_that_only_a_newer_table_knows_is_said_to_be_one() -> None:
    assert words_of("case.followed.teleport") == "另一节点办理的步骤，本节点的版本还没有它的名称"
    assert words_of("case.accept") == "受理"
    assert words_of("weather.changed") == "weather.changed"
