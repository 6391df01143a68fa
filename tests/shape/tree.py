# SPDX-License-Identifier: Apache-2.0
"""The codebase as values: files, parsed modules, calls and strings, for the tests beside this file."""

import ast
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "tongban"
NOT_NOUNS = {"config", "database", "demo", "standards", "web"}
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.config.settings")
django.setup()  # the tests here read models and views, but touch no database
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

WRITES_ROWS = re.compile(  # a statement that changes rows, at its start or behind WITH
    r"(?:^|[(;]|\bAS\s*\()\s*(?:INSERT\s+INTO|UPDATE\s+\S+\s+(?:AS\s+\w+\s+)?SET|DELETE\s+FROM|TRUNCATE|MERGE\s+INTO|COPY\s+\S+\s*(?:\([^)]*\))?\s*FROM)\b",
    re.IGNORECASE,
)


def nouns() -> list[Path]:
    """The folders that keep rows: every Django app except the faces and the ground."""
    return sorted(file.parent for file in SOURCE.glob("*/apps.py") if file.parent.name not in NOT_NOUNS)


def here(file: Path) -> str:
    """A path as a reader of the tree writes it."""
    return file.relative_to(ROOT).as_posix()


@cache
def sources() -> tuple[Path, ...]:
    """Every module of the product, without its tests."""
    return tuple(sorted(f for f in SOURCE.rglob("*.py") if "tests" not in f.parts))


def rules_sources() -> tuple[Path, ...]:
    """The modules that act in service: no migrations, and not the demo's content."""
    return tuple(f for f in sources() if "migrations" not in f.parts and "demo" not in f.parts)


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def calls(file: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(parsed(file)) if isinstance(node, ast.Call))


@cache
def docstrings(file: Path) -> frozenset[int]:
    """The identities of the constants that are documentation, which may say anything."""
    owners = (ast.Module, ast.ClassDef, *FUNCTIONS)
    return frozenset(
        id(node.body[0].value)
        for node in ast.walk(parsed(file))
        if isinstance(node, owners) and node.body and isinstance(node.body[0], ast.Expr)
    )


def strings(file: Path) -> Iterator[ast.Constant]:
    """Every piece of text that the program itself uses, parts of f-strings included."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings(file):
            yield node


def nothing(found: Iterable[str]) -> None:
    """Fail with one line for each finding."""
    listed = [str(one) for one in found]
    assert not listed, "\n" + "\n".join(listed)


def place(file: Path, node: ast.AST) -> str:
    return f"{here(file)}:{getattr(node, 'lineno', 0)}"


def is_action(file: Path) -> bool:
    """True for actions.py and for the files of an actions folder."""
    return file.stem == "actions" or "actions" in file.parent.parts[-1:]


@cache
def kept_files() -> tuple[Path, ...]:
    """What a clone of the repository would hold: tracked files and those about to be."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive has no git
        return tuple(_walked())
    return tuple(sorted(ROOT / name for name in listed if name and (ROOT / name).is_file()))


def _walked() -> Iterator[Path]:
    for folder, inner, names in os.walk(ROOT):
        inner[:] = [name for name in inner if not name.startswith(".") or name == ".ci"]
        yield from (Path(folder) / name for name in names)


def text_of(file: Path) -> str:
    """The file as text; what is not text cannot hold a sentence and reads as empty."""
    raw = file.read_bytes()
    return "" if b"\0" in raw[:8192] else raw.decode("utf-8", errors="replace")
