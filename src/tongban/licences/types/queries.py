# SPDX-License-Identifier: Apache-2.0
"""Reading types of licences and the mutual recognition list. What is published everybody may read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tongban.licences.models import LicenceType, RecognitionList, ToldRecognition, ToldType
from tongban.licences.recognition import Accepted
from tongban.licences.types.content import TypeContent, read
from tongban.licences.types.listing import read_list
from tongban.standards.actor import Actor, Role
from tongban.standards.node import here
from tongban.standards.refusal import NotFound

KEPT = 64  # days and versions in memory


@dataclass(frozen=True)
class InForce:
    """A version of a type as it holds on a day."""

    version: int
    content: TypeContent


# What is in force on a day is known before the day begins: what people publish begins tomorrow at the earliest.
_days: dict[tuple[str, date], Mapping[str, InForce]] = {}


def forget() -> None:
    """Read anew what is in force; the node itself may have changed it for today."""
    _days.clear()


def in_force(day: date) -> Mapping[str, InForce]:
    """Every type with the version that holds on this day, by code. From this process's memory after the first time."""
    key = (here().code, day)
    if key not in _days:
        if len(_days) >= KEPT:
            _days.clear()
        rows = LicenceType.objects.filter(effective_from__lte=day).order_by("code", "version")
        _days[key] = {row.code: InForce(row.version, read(bytes(row.document))) for row in rows}
    return _days[key]


def type_of_item(basic_code: str, day: date) -> InForce | None:
    """The type that a basic item issues on this day; None for items of no type."""
    return next((each for each in in_force(day).values() if basic_code in each.content.items), None)


def type_of_name(asked: str, day: date) -> InForce | None:
    """The type with this code or name, as it holds on this day."""
    found = in_force(day)
    return found.get(asked) or next((each for each in found.values() if asked and each.content.name == asked), None)


def version(code: str, number: int, actor: Actor | None = None) -> LicenceType:
    """One version of a type. NotFound for a draft, but to whoever keeps it."""
    row = LicenceType.objects.filter(code=code, version=number).first()
    if row is None or not (row.effective_from or (actor and keeps(actor, code))):
        raise NotFound(what="这一版证照类型")
    return row


def versions(code: str, actor: Actor | None = None) -> Sequence[LicenceType]:
    """Every published version of a type, newest first, and the draft for whoever keeps it. NotFound without any."""
    rows = LicenceType.objects.filter(code=code).order_by("-version")
    found = list(rows if actor and keeps(actor, code) else rows.exclude(effective_from=None))
    if not found:
        raise NotFound(what="这一类证照")
    return found


def newest(actor: Actor | None = None) -> list[LicenceType]:
    """The newest version of each type that may be seen, by code."""
    rows = LicenceType.objects.order_by("code", "version")
    mine = actor.organization if actor and actor.role is Role.ITEM_MANAGER else ""
    return list({row.code: row for row in rows if row.effective_from or (mine and row.definer == mine)}.values())


def keeps(actor: Actor, code: str) -> bool:
    """Whether somebody defines types under this code: an item manager of the organization that it begins with."""
    return actor.role is Role.ITEM_MANAGER and bool(actor.organization) and actor.organization == code[:18]


def recognition_lists() -> list[RecognitionList]:
    """Every version of this region's mutual recognition list, newest first."""
    return list(RecognitionList.objects.order_by("-version"))


def accepted_here() -> list[Accepted]:
    """What this node's region accepts of others now: the lines of the newest list. One select."""
    row = RecognitionList.objects.order_by("-version").first()
    return read_list(bytes(row.document)) if row else []


def accepted_by(node: str) -> list[Accepted] | None:
    """What the region of a node accepts of others, as it last said; None when it never said. One select."""
    if node == here().code:
        return accepted_here()
    row = told_list(node)
    return read_list(bytes(row.document)) if row else None


def told_list(node: str) -> ToldRecognition | None:
    """The newest list that another node has told of. One select."""
    return ToldRecognition.objects.filter(node_code=node).order_by("-version").first()


def tellers() -> list[str]:
    """The nodes that have told what their regions accept, by code. One select."""
    return list(ToldRecognition.objects.order_by("node_code").values_list("node_code", flat=True).distinct())


def defined_by(node: str, code: str, day: date) -> TypeContent | None:
    """A type as a node goes by it on a day; None when that node has not told of it. One select, none for our own."""
    if node == here().code:
        found = in_force(day).get(code)
        return found.content if found else None
    rows = ToldType.objects.filter(node_code=node, code=code, effective_from__lte=day)
    row = rows.order_by("-version").first()
    return read(bytes(row.document)) if row else None
