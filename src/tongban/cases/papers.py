# SPDX-License-Identifier: Apache-2.0
"""The papers of a case: what it yields when it is granted, and the notice that a step gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db.models import Model

from tongban.cases import custody, notices
from tongban.cases.notices import Occasion, Words
from tongban.cases.queries.held import Held
from tongban.cases.sealed import open_envelope
from tongban.cases.situation import Situation
from tongban.cases.states import Part
from tongban.catalogue.queries import item_cached
from tongban.licences.actions import Grant, issue_rows
from tongban.licences.documents import NUMBER, STYLES
from tongban.licences.models import Licence
from tongban.licences.types.content import Holder, facts, last_day, values
from tongban.licences.types.queries import InForce, type_of_item
from tongban.regions.models import Organization
from tongban.standards.actor import Actor
from tongban.standards.clock import local_date
from tongban.standards.enums import IdType
from tongban.standards.workdays import long_day

NO_CRIMINAL_RECORD = "no_criminal_record"
NOTHING: Mapping[str, str] = MappingProxyType({})
PLAIN = "certificate"  # the style of an item whose template has no paper of its own yet


def grant_of(held: Held, stated: Mapping[str, str], at: datetime) -> Grant:
    """The paper that a grant yields: of the type that its item issues on this day, or a plain one."""
    content = item_cached(held.task_code, held.item_version).content
    deciding = custody.with_part(held.parties, Part.HANDLING)
    kept = open_envelope(held)
    told = type_of_item(content["basic_code"], local_date(at))
    return Grant(
        holder_name=kept["applicant"]["name"],
        holder_index=held.applicant_index,
        issuer=deciding.organization,
        issuer_name=deciding.organization_name,
        region=deciding.region,
        task_code=held.task_code,
        case_id=held.id,
        subject=held.subject,
        **(_typed(told, kept, held, at) if told else _untyped(content["result"], kept, held, at)),
    )


def _typed(told: InForce, kept: Mapping[str, Any], held: Held, at: datetime) -> dict[str, Any]:
    """By a type in force: its words and its end are those of today's version for good."""
    content, day = told.content, local_date(at)
    person = _person(kept["applicant"])
    said = values(content, kept["form"] | person)
    holder = Holder(person["name"], person["id_type"], person["id_number"])
    return {
        "type_code": content.wording.style,
        "name": content.name,
        "facts": facts(content, holder, said, item=held.item_name, day=long_day(day)),
        "valid_until": last_day(content, day, said),
        "definition": content.code,
        "definition_version": told.version,
    }


def _untyped(result: Mapping[str, Any], kept: Mapping[str, Any], held: Held, at: datetime) -> dict[str, Any]:
    """Of an item whose result is of no type."""
    style = result["template"] if result["template"] in STYLES else PLAIN
    return {"type_code": style, "name": result["name"], "facts": _facts(style, kept, held, at)}


def _facts(style: str, kept: Mapping[str, Any], held: Held, at: datetime) -> dict[str, Any]:
    """What the paper says of the holder; a style reads what it knows."""
    person, form = _person(kept["applicant"]), kept["form"]
    if style == NO_CRIMINAL_RECORD:
        return person | {name: form[name] for name in ("from", "until") if form.get(name)}
    day = long_day(local_date(at))
    whose = f"{person['name']}（{person['id_type']}号码：{person['id_number']}）"
    return {"paragraphs": [f"{whose}申请的“{held.item_name}”，已于{day}准予办理。"]}


def _person(applicant: Mapping[str, Any]) -> dict[str, str]:
    return {
        "name": applicant["name"],
        "id_type": IdType[applicant["id_type"].upper()].label,
        "id_number": applicant["id_number"],
    }


def notice(
    *,
    title: str,
    pattern: str,
    paragraphs: Sequence[str],
    addressee: str,
    office: Organization,
    subject: str,
    task_code: str,
) -> Grant:
    """A numbered 文书 that an organization gives where there is no case."""
    return Grant(
        type_code="decision",
        is_notice=True,
        name=title,
        facts={"paragraphs": list(paragraphs), "addressee": addressee},
        holder_name=addressee,
        holder_index=None,
        issuer=office.code,
        issuer_name=office.name,
        region=office.region_code,
        task_code=task_code,
        case_id=None,
        subject=subject,
        number_pattern=pattern,
    )


@dataclass(frozen=True)
class Given:
    """A notice with its number: what the line of its move says, and the rows for the worker who makes the file."""

    told: Mapping[str, Any]
    rows: Mapping[type[Model], dict[str, Any]]


def notice_of(held: Held, move: str, words: Mapping[str, Any], pattern: str) -> Grant:
    """The paper of a notice of a case, from its words as they are kept."""
    giver = custody.with_part(held.parties, notices.giver(move))
    return Grant(
        type_code="decision",
        is_notice=True,
        name=words["name"],
        facts=words,
        holder_name=words["addressee"],
        holder_index=None,
        issuer=giver.organization,
        issuer_name=giver.organization_name,
        region=giver.region,
        task_code=held.task_code,
        case_id=held.id,
        subject=held.subject,
        number_pattern=pattern,
    )


def give(
    held: Held,
    move: str,
    stated: Mapping[str, str],
    case: Situation,
    *,
    by: Actor,
    serial: int,
    more: Mapping[str, str] = NOTHING,
) -> Given:
    """The notice that a move gives; `case` is as it stands once the move is made."""
    words = words_of(held, move, stated, case, more)
    grant = notice_of(held, move, words.plain(), words.template.pattern)
    rows = issue_rows(grant, serial=serial, key=held.key, at=case.at, by=by.pseudonym)
    return Given({"number": rows[Licence]["number"], **words.plain()}, rows)


def grant_again(held: Held, move: str, told: Mapping[str, Any]) -> Grant:
    """The paper of a notice whose line has come back; it has its number."""
    words = {name: said for name, said in told.items() if name != "number"}
    return notice_of(held, move, words, NUMBER)


def words_of(
    held: Held, move: str, stated: Mapping[str, str], case: Situation, more: Mapping[str, str] = NOTHING
) -> Words:
    """What the notice of a move says."""
    organ, window = (custody.with_part(held.parties, part) for part in (Part.HANDLING, Part.INTAKE))
    occasion = Occasion(
        move=move,
        case=case,
        stated=stated,
        applicant=_applicant(held),
        item=held.item_name,
        receipt_no=held.receipt_no,
        project_no=held.project_no or more.get("project_no", ""),
        place=organ.region_name,
        organ=organ.organization_name,
        phone=organ.phone,
        window=window.organization_name,
        result=item_cached(held.task_code, held.item_version).content["result"]["name"],
        licence_number=held.licence_number,
        more=more,
    )
    return notices.words(occasion)


def _applicant(held: Held) -> str:
    """Who applied, and who acted for them."""
    agent = open_envelope(held)["applicant"].get("agent")
    return f"{held.applicant_name}（由{agent['name']}代为办理）" if agent else held.applicant_name
