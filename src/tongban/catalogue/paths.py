# SPDX-License-Identifier: Apache-2.0
"""Every way through the questions of an item: where each ends, and what is asked on it. Pure, and bounded."""

from collections.abc import Iterator
from dataclasses import dataclass

from tongban.catalogue import conditions, filling
from tongban.catalogue.content import ItemContent, Material, Option, Question
from tongban.catalogue.forms import Field
from tongban.catalogue.scenario import Guidance, answer, asked_for, conditional

MOST = 2000  # ways that are followed
Chosen = tuple[tuple[Question, Option], ...]


@dataclass(frozen=True)
class Path:
    """One way: the answers, and where they lead."""

    guidance: Guidance
    fields: tuple[Field, ...]  # that may come to apply

    @property
    def chosen(self) -> Chosen:
        """What was answered, in order."""
        return self.guidance.chosen

    @property
    def ended(self) -> Option | None:
        """The answer by which it cannot be asked for here."""
        return self.guidance.ended

    @property
    def materials(self) -> tuple[Material, ...]:
        """What is asked for."""
        return self.guidance.materials


@dataclass(frozen=True)
class Coverage:
    """All ways, as far as they were followed, and what is wrong with them."""

    paths: tuple[Path, ...]
    is_whole: bool  # all of them were followed
    faults: tuple[tuple[str, str], ...]  # place, and what is wrong


def coverage(item: ItemContent) -> Coverage:
    """Whether every way reaches a form that can be filled in, and everything is reached by one."""
    found: list[Path] = []
    ways = Ways(item).on(0)
    for path in ways:
        found.append(path)
        if len(found) == MOST:
            break
    is_whole = next(ways, None) is None
    return Coverage(tuple(found), is_whole, tuple(_faults(item, found, is_whole=is_whole)))


class Ways:
    """A walk along all of them; each costs as much as the item is long, however many questions lie behind."""

    def __init__(self, item: ItemContent) -> None:
        self._item = item
        self._chosen: list[tuple[Question, Option]] = []
        self._said: set[str] = set()
        self._hanging = conditional(item)
        self._forks = bool(item.sections or any(field.only_if for field in item.form))

    def on(self, place: int) -> Iterator[Path]:
        """Every way on from the question at this place, the first options first."""
        for number in range(place, len(self._item.questions)):
            question = self._item.questions[number]
            if conditions.holds(question.only_if, self._said, {}):
                for option in question.options:
                    yield from self._by(question, option, number + 1)
                return
        materials = asked_for(self._item, self._chosen, self._hanging)
        yield Path(Guidance(None, None, materials, tuple(self._chosen)), self._fields())

    def _by(self, question: Question, option: Option, place: int) -> Iterator[Path]:
        self._chosen.append((question, option))
        self._said.add(answer(question, option))
        if option.ends:
            yield Path(Guidance(None, option, (), tuple(self._chosen)), ())
        else:
            yield from self.on(place)
        self._said.discard(answer(question, option))
        self._chosen.pop()

    def _fields(self) -> tuple[Field, ...]:
        if not self._forks:
            return self._item.form
        return tuple(field for field, _ in filling.possible_by(self._item, self._said))


def _faults(item: ItemContent, paths: list[Path], *, is_whole: bool) -> Iterator[tuple[str, str]]:
    going_on = [path for path in paths if path.ended is None]
    if not going_on and is_whole:
        yield "questions", "每一种回答都终止办理，没有人能申请。"
    for path in going_on:
        if (why := _unfillable(path)) is not None:
            yield "form", f"回答{told(path)}的，{why}"
            break
    if is_whole:  # otherwise what was not reached may lie on a way that was not followed
        yield from _unreached(item, paths, going_on)


def _unreached(item: ItemContent, paths: list[Path], going_on: list[Path]) -> Iterator[tuple[str, str]]:
    asked = {question.code for path in paths for question, _ in path.chosen}
    for question in item.questions:
        if question.code not in asked:
            yield f"questions.{question.code}", f"问题“{question.text}”在任何一条路径上都问不到。"
    if not going_on:
        return
    shown = {field.name for path in going_on for field in path.fields}
    for field in item.form:
        if field.name not in shown:
            yield f"form.{field.name}", f"字段“{field.label}”在任何一条路径上都不会出现。"
    needed = {material.code for path in going_on for material in path.materials}
    for material in item.materials:
        if material.code not in needed:
            yield f"materials.{material.code}", f"材料“{material.name}”在任何一条路径上都不会要求提交。"


def _unfillable(path: Path) -> str | None:
    """Why nobody can fill in the form at the end of this way."""
    if not path.fields:
        return "申请表没有任何字段。"
    names = {field.name for field in path.fields}
    for field in path.fields:
        hanging = [term for term in conditions.named(field.only_if) if not term.is_answer and not term.negated]
        if field.required and hanging and not any(term.name in names for term in hanging) and len(field.only_if) == 1:
            return f"字段“{field.label}”所依的字段不会出现，它也就不会出现。"
    return None


def told(path: Path) -> str:
    """The answers of a way, in words."""
    return "、".join(f"“{option.text}”" for _, option in path.chosen) or "（没有问题）"
