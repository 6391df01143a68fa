# SPDX-License-Identifier: Apache-2.0
"""An item that says everything that an item can say, every word of it different, so that none can be missed."""

import enum
import types
import typing
from datetime import date
from itertools import count
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from tongban.catalogue import content
from tongban.catalogue.content import ItemContent
from tongban.standards.enums import Mode

# Words that only machines read: codes by which parts of an item know each other, how a result is printed.
FOR_MACHINES = {
    "Material": {"code"},
    "Option": {"code", "materials"},
    "Question": {"code", "only_if"},
    "Choice": {"code"},
    "Section": {"code", "only_if"},
    "Check": {"than", "says"},
    "Column": {"name"},
    "Field": {"name", "section", "only_if"},
    "Attachment": {"digest"},
    "Result": {"template"},
    "CoApplicants": {"only_if"},
    "PartLimit": {"code"},
    "ItemContent": {"format"},
    "Examination": {"code"},
}


class Filler:
    """Makes a value of any type that an item has; `said` are the words that a reader should come upon."""

    def __init__(self) -> None:
        self.number = count(1)
        self.said: list[str] = []

    def make(self, kind: Any, *, told: bool = True, word: str = "") -> Any:
        origin, args = get_origin(kind), get_args(kind)
        if origin is typing.Annotated:
            return self._annotated(args, told=told, word=word)
        if origin in (typing.Union, types.UnionType):
            return self.make(next(arg for arg in args if arg is not type(None)), told=told, word=word)
        if origin is tuple:
            return (self.make(args[0], told=told, word=word),)
        if origin is Literal:
            return next(arg for arg in args if arg != "")
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self.struct(kind)
        return self._plain(kind, told=told, word=word)

    def _annotated(self, args: tuple[Any, ...], *, told: bool, word: str) -> Any:
        meta = next((each for each in args[1:] if isinstance(each, msgspec.Meta)), None)
        if args[0] is str and meta is not None and meta.pattern:
            return self._patterned(meta.pattern, told=told)
        return self.make(args[0], told=told, word=word)

    def _patterned(self, pattern: str, *, told: bool) -> str:
        at = next(self.number)
        made = next((each for start, each in self._shapes(at) if pattern.startswith(start)), f"w{at}:w{at}")
        if told and not made.isdigit():
            self.said.append(made)
        return made

    def _shapes(self, at: int) -> list[tuple[str, str]]:
        return [
            ("^(https?", f"https://www.example.cn/{at}"),
            ("^([0-9A-Z]{18}", f"ZZ{at:016d}"),
            ("^[0-9]{6}", "620100"),
            ("^(0[1-9]", "07"),
            ("^[0-9a-f]{64}", "a" * 64),
            ("^[a-z]", f"w{at}"),
        ]

    def _plain(self, kind: Any, *, told: bool, word: str) -> Any:
        if kind is bool:
            return True
        if kind is int:
            return 1
        if kind is date:
            return date(2031, 5, 3)
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            return next(iter(kind))
        assert kind is str, kind
        made = f"词{next(self.number)}号{word}"
        if told:
            self.said.append(made)
        return made

    def struct(self, kind: type[msgspec.Struct]) -> Any:
        hidden = FOR_MACHINES.get(kind.__name__, set())
        hints = get_type_hints(kind, include_extras=True)
        return kind(**{name: self.make(hints[name], told=name not in hidden) for name in kind.__struct_fields__})


def whole(task_code: str, publisher: dict[str, str], mode: Mode) -> tuple[ItemContent, list[str]]:
    """The item, and every word that its guide must say."""
    filler = Filler()
    made: ItemContent = filler.struct(ItemContent)
    code, step = made.materials[0].code, made.examination[0]
    question = made.questions[0]
    given = f"{question.code}:{question.options[0].code}"
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(made)) | {
        "task_code": task_code,
        "basic_code": task_code[19:],
        "publisher": publisher,
        "mode": mode,
        "format": content.FORMAT,
        "assurance": 3,
    }
    plain["examination"][0] |= {"after": [], "apart_from": []}
    plain["co_applicants"]["only_if"] = [given]
    plain["commitment"] |= {"covers": [code], "excluded": []}
    plain["questions"][0]["only_if"] = []
    plain["questions"][0]["options"][0]["materials"] = [code]
    plain["questions"][0]["options"].append({"code": "other", "text": "都不是"})
    plain["form"][0] |= {"section": plain["sections"][0]["code"], "only_if": [given]}
    gone = {made.task_code, made.basic_code, made.publisher.name, made.publisher.code, *made.commitment.covers}  # type: ignore[union-attr]
    gone |= {*step.after, *step.apart_from}
    item = content.convert(plain)
    return item, [word for word in filler.said if word not in gone]
