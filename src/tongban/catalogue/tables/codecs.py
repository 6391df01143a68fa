# SPDX-License-Identifier: Apache-2.0
"""How one element stands in one cell: its text both ways, by the codes of the source that the table comes from."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import msgspec

from tongban.standards.enums import BETWEEN, CODES, Labelled, Source, from_code

NUMBER = re.compile("[0-9]{1,15}")
DAY = re.compile(r"([0-9]{4})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})日?")
TRUE, FALSE = frozenset({"1", "是", "true", "TRUE", "True"}), frozenset({"0", "否", "false", "FALSE", "False"})
STEP = "："  # between the name of a step and what is done in it


class Wrong(Exception):
    """What stands in a cell is not what the column holds; the sentence says what it should be."""


@dataclass(frozen=True)
class Codec:
    """Of one column; an empty cell is not read, what is not said is written as one."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]


def _same(text: str) -> str:
    return text


def _int(text: str) -> int:
    if not NUMBER.fullmatch(text.strip()):
        raise Wrong("须是不带小数和单位的整数。")
    return int(text)


def _flag(text: str) -> bool:
    told = text.strip()
    if told not in TRUE and told not in FALSE:
        raise Wrong("须是 1（是）或 0（否）。")
    return told in TRUE


def _day(text: str) -> str:
    found = DAY.fullmatch(text.strip().removesuffix(" 00:00:00"))
    try:
        return date(*map(int, found.groups())).isoformat() if found else _no_day()
    except ValueError:
        return _no_day()


def _no_day() -> str:
    raise Wrong("须是“年-月-日”的日期，例如 2027-01-31。")


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as why:
        raise Wrong("须是导出时写下的 JSON。") from why


def _parts(text: str) -> list[str]:
    return [part for part in (each.strip() for each in text.split(BETWEEN)) if part]


def _steps(text: str) -> list[dict[str, str]]:
    found = []
    for part in _parts(text):
        name, _, told = part.partition(STEP)
        found.append({"name": name.strip(), "text": told.strip() or name.strip()})
    return found


def _write_steps(steps: Sequence[Any]) -> str:
    return BETWEEN.join(f"{step['name']}{STEP}{step['text']}" for step in steps)


TEXT = Codec(_same, str)
INT = Codec(_int, str)
FLAG = Codec(_flag, lambda value: "1" if value else "0")
DATE = Codec(_day, str)
JSON = Codec(_json, lambda value: msgspec.json.encode(value, order="deterministic").decode())
LINES = Codec(_parts, BETWEEN.join)
STEPS = Codec(_steps, _write_steps)
BODIES = Codec(
    lambda text: [{"name": name} for name in _parts(text)],
    lambda bodies: BETWEEN.join(body["name"] for body in bodies),
)
CODE = Codec(lambda text: text.strip().upper(), str)


@cache
def one_of(kind: type[Labelled], source: Source) -> Codec:
    """A member by the code that a source gives it; its Chinese word is read too."""
    codes, words = _codes(kind, source)

    def read(text: str) -> str:
        told = text.strip()
        if told in words:
            return words[told]
        try:  # codes that are read and never written
            return str(from_code(kind, told, source))
        except ValueError:
            offered = "、".join(f"{code} {kind(value).label}" for value, code in codes.items())
            raise Wrong(f"没有这个代码，可填：{offered}。") from None

    return Codec(read, lambda value: codes.get(value, ""))


@cache
def some_of(kind: type[Labelled], source: Source) -> Codec:
    """Several members in one cell."""
    single = one_of(kind, source)

    def read(text: str) -> list[str]:
        return list(dict.fromkeys(single.read(part) for part in _parts(text)))

    return Codec(read, lambda values: BETWEEN.join(code for code in map(single.write, values) if code))


def _codes(kind: type[Labelled], source: Source) -> tuple[dict[str, str], dict[str, str]]:
    """Value to code, by this source or another that lists them, otherwise by the Chinese word; and what is read."""
    sources = (source, Source.EXCHANGE, Source.GBT39046)
    listed = next((CODES[kind, each] for each in sources if (kind, each) in CODES), None)
    codes = {str(member): code for member, code in listed.items()} if listed else dict(kind.choices())
    words = {str(member): str(member) for member in kind} | {member.label: str(member) for member in kind}
    return codes, words | {code: value for value, code in codes.items()}
