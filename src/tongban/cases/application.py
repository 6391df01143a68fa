# SPDX-License-Identifier: Apache-2.0
"""An application: what an applicant says and gives, checked against the item version. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tongban.cases.errors import FormRefused, NotComplete
from tongban.catalogue.content import Field, ItemContent, Material
from tongban.catalogue.scenario import settled
from tongban.standards import identifiers


@dataclass(frozen=True)
class GivenFile:
    """A file that is already kept under the case's key."""

    requirement: str
    filename: str
    digest: str
    size: int  # bytes
    media_type: str

    def plain(self) -> dict[str, Any]:
        """As it is sent and kept in facts."""
        return {
            "requirement": self.requirement,
            "filename": self.filename,
            "digest": self.digest,
            "size": self.size,
            "media_type": self.media_type,
        }


@dataclass(frozen=True)
class Application:
    """One application for one item version."""

    task_code: str
    version: int
    answers: Mapping[str, str]
    form: Mapping[str, str]
    materials: Sequence[GivenFile] = ()


@dataclass(frozen=True)
class Applicant:
    """Who applies, from their verified sign-in."""

    name: str
    id_type: str
    id_number: str
    phone: str
    home_region: str
    level: str

    def plain(self) -> dict[str, Any]:
        """As it is sealed and sent."""
        return {
            "name": self.name,
            "id_type": self.id_type,
            "id_number": self.id_number,
            "phone": self.phone,
            "home_region": self.home_region,
            "level": self.level,
        }


def tidied(item: ItemContent, values: Mapping[str, str]) -> dict[str, str]:
    """The form's values with stray spaces and full-width digits put right; nothing else is changed."""
    return {field.name: _tidy(field, str(values.get(field.name, ""))) for field in item.form}


def merged(
    item: ItemContent, stored: Mapping[str, str], typed: Mapping[str, str], seen: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """What two devices wrote, field by field: what is kept, and what the other one wrote where both changed it.

    `seen` is what stood in the form when typing began; without it whoever saves has seen what is there.
    """
    kept, theirs = {}, {}
    for field in item.form:
        there = stored.get(field.name, "")
        mine, before = typed.get(field.name, ""), _tidy(field, seen.get(field.name, there))
        clash = len({mine, there, before}) == 3
        kept[field.name] = there if clash or mine == before else mine
        if clash:
            theirs[field.name] = there
    return kept, theirs


def check_form(item: ItemContent, values: Mapping[str, str]) -> None:
    """FormRefused with a sentence for every field that is not as asked."""
    errors = {}
    for field in item.form:
        if (sentence := _fault(field, values.get(field.name, ""))) is not None:
            errors[field.name] = sentence
    if errors:
        raise FormRefused(errors)


def missing_materials(item: ItemContent, answers: Mapping[str, str], given: Sequence[GivenFile]) -> list[Material]:
    """Required materials that are not given yet. NotEligible or BadInput when the answers are not settled."""
    have = {file.requirement for file in given}
    needed = settled(item, answers).materials
    return [m for m in needed if m.necessity == "required" and m.code not in have]


def check(item: ItemContent, application: Application) -> None:
    """Everything at once, at the moment of submission: scenario, form, materials."""
    missing = missing_materials(item, application.answers, application.materials)
    check_form(item, application.form)
    if missing:
        raise NotComplete(field=missing[0].code, what=f"请补充材料：{missing[0].name}。")


def _tidy(field: Field, value: str) -> str:
    if field.type == "textarea":
        return value.replace("\r\n", "\n").strip()
    return identifiers.tidy_number(value) if field.type == "phone" else identifiers.tidy(value)


def _fault(field: Field, value: str) -> str | None:
    """What is wrong with one value, as a sentence that says what to do."""
    if not value:
        return f"请填写{field.label}。" if field.required else None
    if len(value) > field.max:
        return f"{field.label}不能超过 {field.max} 个字。"
    check_kind = KINDS.get(field.type)
    return check_kind(field, value) if check_kind else None


def _date_fault(field: Field, value: str) -> str | None:
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):  # Python reads other ISO forms too
            raise ValueError
        date.fromisoformat(value)
    except ValueError:
        return f"{field.label}请按“年-月-日”填写，例如 2026-05-03。"
    return None


def _phone_fault(field: Field, value: str) -> str | None:
    if re.fullmatch(r"1[3-9][0-9]{9}", value):
        return None
    return f"{field.label}应为 11 位手机号码。"


def _choice_fault(field: Field, value: str) -> str | None:
    if value in {choice.code for choice in field.choices}:
        return None
    return f"请选择{field.label}。"


KINDS = {"date": _date_fault, "phone": _phone_fault, "choice": _choice_fault}
