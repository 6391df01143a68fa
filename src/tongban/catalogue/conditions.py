# SPDX-License-Identifier: Apache-2.0
"""Conditions (`only_if`): when a question is asked, a section or a field of the form appears.

A condition is a list of alternatives. An alternative is one term, or several joined with &, which hold together:
"who:agent" the question `who` was answered with `agent`; "kind=full" the field `kind` holds `full`, or has it among its
choices; "note=*" the field `note` is filled in; "!" in front turns a term round. No alternative at all: always.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

FILLED = "*"
_TERM = re.compile(r"(!?)([a-z][a-z0-9_]{0,39})([:=])([a-z][a-z0-9_]{0,39}|\*)")


@dataclass(frozen=True)
class Term:
    """One thing that is so, or is not."""

    name: str  # of a question or a field
    value: str
    is_answer: bool
    negated: bool

    def __str__(self) -> str:
        return f"{'!' if self.negated else ''}{self.name}{':' if self.is_answer else '='}{self.value}"

    def holds(self, answers: Collection[str], filled: Mapping[str, str]) -> bool:
        """Whether it is so, by the answers "question:option" and what stands in the fields."""
        if self.is_answer:
            return (f"{self.name}:{self.value}" in answers) is not self.negated
        there = filled.get(self.name, "")
        return (bool(there) if self.value == FILLED else self.value in there.split(",")) is not self.negated


@lru_cache(4096)
def terms(alternative: str) -> tuple[Term, ...] | None:
    """The terms of one alternative; None where it is no condition."""
    found = [_TERM.fullmatch(word) for word in alternative.split("&")]
    if not all(found):
        return None
    return tuple(Term(m[2], m[4], m[3] == ":", bool(m[1])) for m in found if m)


def holds(only_if: Sequence[str], answers: Collection[str], filled: Mapping[str, str]) -> bool:
    """Whether one of the alternatives is so; what cannot be read never is."""
    if not only_if:
        return True
    return any(all(term.holds(answers, filled) for term in read) for each in only_if if (read := terms(each)))


def left_open(only_if: Sequence[str], answers: Collection[str]) -> tuple[tuple[Term, ...], ...] | None:
    """What the answers leave to the fields: None where it holds whatever they say, nothing where it never can."""
    if not only_if:
        return None
    rest = []
    for read in map(terms, only_if):
        if read is None or not all(term.holds(answers, {}) for term in read if term.is_answer):
            continue
        fields = tuple(term for term in read if not term.is_answer)
        if not fields:
            return None
        rest.append(fields)
    return tuple(rest)


def named(only_if: Iterable[str]) -> tuple[Term, ...]:
    """Every term in a condition."""
    return tuple(term for each in only_if for term in terms(each) or ())
