# SPDX-License-Identifier: Apache-2.0
"""Refusals, messages and settings: every word we use towards others is declared once."""

import ast
import importlib
import pkgutil
import re
from collections import Counter
from functools import cache
from pathlib import Path

import tongban
from tests.shape.tree import ROOT, SOURCE, calls, nothing, nouns, parsed, place, rules_sources, text_of
from tongban.exchange.registry import ANSWERS, KINDS
from tongban.standards.refusal import Refusal

SAID_TO_PROGRAMS = {"token_refused"}  # RFC 6749 §5.2 allows ASCII only, and no person reads it
SAID_TO_OURSELVES = {
    "exchange_refused",
    "unreachable",
    "not_refused",
    "not_parked",
    "not_recovering",
}  # never on the wire
CHINESE = re.compile(r"[\u4e00-\u9fff]")
KIND = re.compile(r"^[a-z]+\.[a-z_]+$")
SAYS_WHAT_IT_IS_TOLD = re.compile(r"\{\w+\}")  # the sentence is an argument, checked where it is raised


@cache
def refusals() -> tuple[type[Refusal], ...]:
    """Every refusal that the program can give, after all its modules have been read."""
    for found in pkgutil.walk_packages(tongban.__path__, "tongban."):
        if ".tests" not in found.name and ".migrations" not in found.name and not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    return tuple(sorted(_below(Refusal), key=lambda refusal: refusal.code))


def _below(cls: type[Refusal]) -> set[type[Refusal]]:
    ours = {sub for sub in cls.__subclasses__() if sub.__module__.startswith("tongban.")}
    return ours.union(*(_below(sub) for sub in ours))


def test_every_refusal_has_a_code_of_its_own() -> None:
    own = [cls for cls in refusals() if "code" in vars(cls)]
    assert own
    twice = [code for code, times in Counter(cls.code for cls in own).items() if times > 1]
    misspelt = [cls.code for cls in own if not re.fullmatch(r"[a-z][a-z0-9_]+", cls.code)]
    nameless = [cls.__qualname__ for cls in refusals() if cls.code == Refusal.code]
    assert (twice, misspelt, nameless) == ([], [], [])


def test_every_refusal_has_a_chinese_sentence() -> None:
    spoken = [cls for cls in refusals() if not SAYS_WHAT_IT_IS_TOLD.fullmatch(cls.says)]
    wordless = [cls.code for cls in spoken if not CHINESE.search(cls.says)]
    unfinished = [cls.code for cls in spoken if cls.says[-1] not in "。！？"]
    assert (wordless, unfinished) == ([], [])


def test_every_refusal_answers_with_a_status_that_says_no() -> None:
    nothing([cls.code for cls in refusals() if not 400 <= cls.status < 600])


def test_every_refusal_of_a_noun_stands_in_its_errors() -> None:
    elsewhere = [
        f"{place(file, node)} {node.name}"
        for noun in nouns()
        for file in noun.rglob("*.py")
        if "tests" not in file.parts and file.name != "errors.py"
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("Refusal") for base in node.bases)
    ]
    nothing(elsewhere)


def test_what_a_refusal_is_told_to_say_is_chinese() -> None:
    told = {
        cls.__name__
        for cls in refusals()
        if SAYS_WHAT_IT_IS_TOLD.fullmatch(cls.says) and cls.code not in SAID_TO_PROGRAMS
    }
    silent = [
        place(file, call)
        for file in rules_sources()
        for call in calls(file)
        if ast.unparse(call.func).rpartition(".")[2] in told and _is_plain_latin(call)
    ]
    nothing(silent)


def _is_plain_latin(call: ast.Call) -> bool:
    """True when a sentence is written out here, and none of it is Chinese."""
    given = [*call.args, *(word.value for word in call.keywords if word.arg != "field")]
    texts = [n.value for one in given for n in ast.walk(one) if isinstance(n, ast.Constant)]
    sentences = [text for text in texts if isinstance(text, str) and " " in text.strip()]
    return bool(sentences) and not any(CHINESE.search(text) for text in sentences)


def _kinds_sent() -> dict[str, str]:
    """Every kind of message that some module posts or question that it asks, and where it says so."""
    said = (
        (_value(file, word.value), place(file, call))
        for file in rules_sources()
        for call in calls(file)
        for word in call.keywords
        if word.arg == "kind"
    )
    return {kind: where for kind, where in said if isinstance(kind, str) and KIND.match(kind)}


def _value(file: Path, node: ast.expr) -> object:
    """A constant, or what a name of the module stands for."""
    if isinstance(node, ast.Constant):
        return node.value
    module = ".".join(file.relative_to(SOURCE.parent).with_suffix("").parts)
    return getattr(importlib.import_module(module), node.id, None) if isinstance(node, ast.Name) else None


def test_every_message_we_send_somebody_reads() -> None:
    refusals()  # reads all modules, so that every handler is declared
    sent = _kinds_sent()
    assert sent
    assert {kind: where for kind, where in sent.items() if kind not in {*KINDS, *ANSWERS}} == {}
    assert sorted(set(KINDS) - set(sent)) == []


def test_every_reader_of_a_message_stands_in_messages() -> None:
    refusals()
    nothing([kind.name for kind in KINDS.values() if not kind.handler.__module__.endswith(".messages")])


def test_every_kind_of_message_is_in_the_protocol() -> None:
    refusals()
    told = text_of(ROOT / "docs" / "protocol" / "messages.md")
    nothing([kind for kind in KINDS if f"`{kind}`" not in told])


def test_every_answer_of_the_exchange_is_in_the_protocol() -> None:
    told = text_of(ROOT / "docs" / "protocol" / "README.md")
    ours = [cls.code for cls in refusals() if cls.__module__ == "tongban.exchange.errors"]
    nothing([code for code in ours if f"`{code}`" not in told and code not in SAID_TO_OURSELVES])
