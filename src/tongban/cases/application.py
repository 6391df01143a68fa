# SPDX-License-Identifier: Apache-2.0
"""An application: what an applicant says and gives, checked against the item version. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tongban.cases.errors import FormRefused, NotComplete
from tongban.catalogue import filling
from tongban.catalogue.content import ItemContent, Material
from tongban.catalogue.filling import Day
from tongban.catalogue.scenario import settled


@dataclass(frozen=True)
class GivenFile:
    """A file that is already kept under the case's key."""

    requirement: str
    filename: str
    digest: str
    size: int  # bytes
    media_type: str
    scanned: bool = False  # for malware, and nothing was found

    def plain(self) -> dict[str, Any]:
        """As it is sent and kept in facts; what is not so is left out."""
        told = {
            "requirement": self.requirement,
            "filename": self.filename,
            "digest": self.digest,
            "size": self.size,
            "media_type": self.media_type,
        }
        return told | ({"scanned": True} if self.scanned else {})


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
    agent: Mapping[str, str] | None = None  # who acts for them: name, number and role

    def plain(self) -> dict[str, Any]:
        """As it is sealed and sent."""
        acting = {"agent": dict(self.agent)} if self.agent else {}
        return acting | {
            "name": self.name,
            "id_type": self.id_type,
            "id_number": self.id_number,
            "phone": self.phone,
            "home_region": self.home_region,
            "level": self.level,
        }


def tidied(item: ItemContent, values: Mapping[str, str]) -> dict[str, str]:
    """The form's values with stray spaces and full-width digits put right; nothing else is changed."""
    return {field.name: filling.tidied(field, str(values.get(field.name, ""))) for field in item.form}


def merged(
    item: ItemContent, stored: Mapping[str, str], typed: Mapping[str, str], seen: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """What two devices wrote, field by field: what is kept, and what the other one wrote where both changed it.

    `seen` is what stood in the form when typing began; without it whoever saves has seen what is there.
    """
    kept, theirs = {}, {}
    for field in item.form:
        there = stored.get(field.name, "")
        mine, before = typed.get(field.name, ""), filling.tidied(field, seen.get(field.name, there))
        clash = len({mine, there, before}) == 3
        kept[field.name] = there if clash or mine == before else mine
        if clash:
            theirs[field.name] = there
    return kept, theirs


def prefilled(item: ItemContent, known: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What need not be typed again, and which of it may not be changed; `known` by source, e.g. person.name."""
    form = {field.name: known[field.prefill] for field in item.form if known.get(field.prefill)}
    return form, {field.name: form[field.name] for field in item.form if field.is_proved and field.name in form}


def proved(item: ItemContent, kept: Mapping[str, Any]) -> dict[str, str]:
    """What the sign-in or the verification told and nobody may change; a draft begun before keeps it in its form."""
    if "proved" in kept:
        return dict(kept["proved"])
    form: Mapping[str, str] = kept["form"]
    return {field.name: form[field.name] for field in item.form if field.is_proved and form.get(field.name)}


def check_form(item: ItemContent, answers: Mapping[str, str], values: Mapping[str, str], day: Day) -> None:
    """FormRefused with a sentence for every field that applies and is not as asked."""
    if errors := filling.faults(item, answers, values, day):
        raise FormRefused(errors)


def is_demanded(material: Material) -> bool:
    """Whether nothing goes on without it: what the office fetches itself is not the applicant's to bring."""
    return material.necessity == "required" and not (material.more and material.more.spared)


def missing_materials(item: ItemContent, answers: Mapping[str, str], given: Sequence[GivenFile]) -> list[Material]:
    """Required materials that are not given yet. NotEligible or BadInput when the answers are not settled."""
    have = {file.requirement for file in given}
    return [m for m in settled(item, answers).materials if is_demanded(m) and m.code not in have]


def check(item: ItemContent, application: Application, day: Day) -> None:
    """Everything at once, at the moment of submission: scenario, form, materials."""
    missing = missing_materials(item, application.answers, application.materials)
    check_form(item, application.answers, application.form, day)
    if missing:
        raise NotComplete(field=missing[0].code, what=f"请补充材料：{missing[0].name}。")


def as_kept(item: ItemContent, application: Application) -> Application:
    """The application with the answers that were asked for and the fields that apply, and nothing else."""
    return replace(application, form=filling.kept(item, application.answers, application.form))
