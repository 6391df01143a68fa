# SPDX-License-Identifier: Apache-2.0
"""Scenario guidance (情形引导): from answers to the next question, what applies then, or why not here."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tongban.catalogue import conditions
from tongban.catalogue.content import ItemContent, Material, Option, Question
from tongban.catalogue.errors import AnswerUnknown, NotEligible
from tongban.standards.refusal import BadInput


@dataclass(frozen=True)
class Guidance:
    """Where the answers so far lead."""

    question: Question | None  # to be asked next; None = all answered, or ended
    ended: Option | None  # the answer by which the item cannot be asked for here
    materials: tuple[Material, ...]  # needed by the answers so far
    chosen: tuple[tuple[Question, Option], ...]  # what was answered, in order

    @property
    def conditions(self) -> tuple[str, ...]:
        """The conditions that these answers add to those of everybody."""
        return tuple(dict.fromkeys(text for _, option in self.chosen for text in option.conditions))


def guide(item: ItemContent, answers: Mapping[str, str]) -> Guidance:
    """Follow the answers (question code → option code). AnswerUnknown for an option not offered."""
    chosen: list[tuple[Question, Option]] = []
    said: set[str] = set()
    for question in item.questions:
        if not conditions.holds(question.only_if, said, {}):
            continue
        if not answers.get(question.code):
            return Guidance(question, None, needed(item, chosen), tuple(chosen))
        option = _option(question, answers[question.code])
        chosen.append((question, option))
        said.add(answer(question, option))
        if option.ends:
            return Guidance(None, option, (), tuple(chosen))
    return Guidance(None, None, needed(item, chosen), tuple(chosen))


def settled(item: ItemContent, answers: Mapping[str, str]) -> Guidance:
    """The guidance when everything asked is answered. BadInput or NotEligible otherwise."""
    guidance = guide(item, answers)
    if guidance.ended is not None:
        raise NotEligible(advice=guidance.ended.advice)
    if guidance.question is not None:
        raise BadInput(guidance.question.code, f"请回答：{guidance.question.text}")
    return guidance


def given(item: ItemContent, answers: Mapping[str, str]) -> frozenset[str]:
    """What was answered to the questions that are asked, as "question:option"; not on a way that was left behind.

    Whatever else is said is left aside: who follows the answers refuses it.
    """
    said: set[str] = set()
    for question in item.questions:
        if conditions.holds(question.only_if, said, {}):
            told = answers.get(question.code)
            said |= {answer(question, option) for option in question.options if option.code == told}
    return frozenset(said)


def is_asked(question: Question, chosen: list[tuple[Question, Option]]) -> bool:
    """Whether one of the answers it hangs on was given; a question that hangs on none is always asked."""
    return conditions.holds(question.only_if, {answer(*each) for each in chosen}, {})


def needed(item: ItemContent, chosen: Iterable[tuple[Question, Option]]) -> tuple[Material, ...]:
    """The materials that no answer is about, and those that a given answer asks for."""
    return asked_for(item, chosen, conditional(item))


def asked_for(
    item: ItemContent, chosen: Iterable[tuple[Question, Option]], hanging: Collection[str]
) -> tuple[Material, ...]:
    """The same for whoever follows many ways and has looked at once which materials hang on answers."""
    asked = {code for _, option in chosen for code in option.materials}
    return tuple(m for m in item.materials if m.code not in hanging or m.code in asked)


def conditional(item: ItemContent) -> frozenset[str]:
    """The materials that some answer is about."""
    return frozenset(code for question in item.questions for code in _codes(question))


def answer(question: Question, option: Option) -> str:
    """An answer as conditions name it."""
    return f"{question.code}:{option.code}"


def _codes(question: Question) -> Iterator[str]:
    return (code for option in question.options for code in option.materials)


def _option(question: Question, code: str) -> Option:
    for option in question.options:
        if option.code == code:
            return option
    raise AnswerUnknown(question.code)
