# SPDX-License-Identifier: Apache-2.0
"""Submitting an application: one statement, once, however often it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection
from uuid_utils.compat import uuid7

from tongban.cases import transitions
from tongban.cases.actions.acting import Act, insert_case
from tongban.cases.application import Applicant, Application, check
from tongban.cases.chain import Head, plain
from tongban.cases.custody import Holding, Party
from tongban.cases.errors import ItemNotInForce, KeyReused, ModeNotOffered, NoPortal
from tongban.cases.models import Material, Number, Submission
from tongban.cases.queries.held import Held
from tongban.cases.sealed import envelope, envelope_context
from tongban.cases.transitions import Mode, Part
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.queries import in_force, item, item_cached
from tongban.database.statement import Statement
from tongban.exchange.actions import Letter
from tongban.ledger.lines import START
from tongban.regions.fresh import Fresh
from tongban.regions.models import Organization
from tongban.regions.queries import organization, region_names, trust_list
from tongban.standards import numbers
from tongban.standards.actor import Actor, Role, system
from tongban.standards.canonical import canonical
from tongban.standards.clock import local_date
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed
from tongban.vault import keys
from tongban.vault.actions import keep_key

OPENED = "case.opened"
PORTAL = "网上收件"  # the duty of the organization that runs a node's portal


@dataclass(frozen=True)
class Submitted:
    """What the applicant gets."""

    case_id: UUID
    receipt_no: str
    is_new: bool


@dataclass(frozen=True)
class Keyed:
    """A case id with its data key: made with the draft, so that files could be kept before submission."""

    case_id: UUID
    key: bytes
    wrapped: bytes


def new_keyed() -> Keyed:
    """A case to be, for programs that submit in one call."""
    key, wrapped = keys.new_key()
    return Keyed(case_id=uuid7(), key=key, wrapped=wrapped)


def submit(
    application: Application,
    *,
    applicant: Applicant,
    actor: Actor,
    at: datetime,
    key: str,
    keyed: Keyed | None = None,
) -> Submitted:
    """Take an application in; the same key and content gives the same case. `key` is unique to the applicant.

    Writes case, parties, materials, events, ledger lines, numbers and letters in one statement.
    """
    if actor.role is not Role.APPLICANT or not actor.index:
        raise NotAllowed()
    version = _version(application, at)
    check(version.item, application)
    keyed = keyed or new_keyed()
    digest = _digest(application)
    receipt_no, epoch = _receipt_no(at)
    held = _held(application, version, applicant, actor, keyed, receipt_no, epoch)
    write = Statement()
    write.guard(
        "INSERT INTO cases_submission (key, case_id, receipt_no, digest, at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (key) DO NOTHING RETURNING case_id",
        [f"{actor.id}:{key}", held.id, receipt_no, digest, at],
    )
    _open(write, held, application, version, applicant, keyed, actor, at)
    if write.run() is None:
        return _submitted_before(f"{actor.id}:{key}", digest)
    return Submitted(case_id=held.id, receipt_no=receipt_no, is_new=True)


def _version(application: Application, at: datetime) -> ItemVersion:
    version = item_cached(application.task_code, application.version)
    if not in_force(version, local_date(at)):
        raise ItemNotInForce()
    if version.mode != Mode.ONLINE:
        raise ModeNotOffered()
    return version


def _open(
    write: Statement,
    held: Held,
    application: Application,
    version: ItemVersion,
    applicant: Applicant,
    keyed: Keyed,
    actor: Actor,
    at: datetime,
) -> None:
    act = Act(held, at)
    act.move(transitions.MOVES["submit"], actor)
    act.move(transitions.MOVES["offer"], system(here().code))
    if not act.peers():
        act.move(transitions.MOVES["take"], system(here().code))
    assert act.state is not None
    facts = {"item_digest": version.digest, "submitted_at": at, "changed_at": at}
    insert_case(write, held, act.head, act.state, act.changes, facts)
    write.insert(Material, material_rows(held, application, version))
    write.insert(Number, [{"number": held.receipt_no, "case_id": held.id}])
    keep_key(write, held.subject, keyed.wrapped)
    act.write(write, _letters(act, application, version, applicant))


def _letters(act: Act, application: Application, version: ItemVersion, applicant: Applicant) -> list[Letter]:
    """The whole case, for the node that is to take it."""
    held = act.held
    body = {
        "case": str(held.id),
        "receipt_no": held.receipt_no,
        "mode": str(held.mode),
        "item": {"task_code": held.task_code, "version": held.item_version, "digest": version.digest},
        "parties": [told_party(party) for party in held.parties],
        "applicant": applicant.plain(),
        "answers": dict(application.answers),
        "form": dict(application.form),
        "materials": [
            {
                "requirement": file.requirement,
                "filename": file.filename,
                "digest": file.digest,
                "size": file.size,
                "media_type": file.media_type,
            }
            for file in application.materials
        ],
        "events": [plain(told) for told in act.told],
    }
    files = [file.digest for file in application.materials]
    return [Letter(recipient=code, kind=OPENED, subject=held.subject, body=body, files=files) for code in act.peers()]


def told_party(party: Party) -> dict[str, Any]:
    """A party as peers are told."""
    return {
        "number": party.number,
        "part": str(party.part),
        "organization": party.organization,
        "organization_name": party.organization_name,
        "region": party.region,
        "region_name": party.region_name,
        "node": party.node,
        "phone": party.phone,
    }


def material_rows(held: Held, application: Application, version: ItemVersion) -> list[dict[str, Any]]:
    """The files as the case keeps them; their names are personal and stay in the sealed envelope."""
    return [
        {
            "case": held.id,
            "number": number,
            "requirement": file.requirement,
            "name": _material_name(version, file.requirement),
            "media_type": file.media_type,
            "size": file.size,
            "digest": file.digest,
        }
        for number, file in enumerate(application.materials, start=1)
    ]


def _material_name(version: ItemVersion, requirement: str) -> str:
    material = version.item.material(requirement)
    return material.name if material else requirement


def _held(
    application: Application,
    version: ItemVersion,
    applicant: Applicant,
    actor: Actor,
    keyed: Keyed,
    receipt_no: str,
    epoch: int,
) -> Held:
    """The case as it is before its first line."""
    filenames = [file.filename for file in application.materials]
    kept = envelope(applicant.plain(), application.answers, application.form, filenames)
    sealed = keys.seal(keyed.key, canonical(kept), envelope_context(keyed.case_id))
    return Held(
        id=keyed.case_id,
        receipt_no=receipt_no,
        project_no=None,
        task_code=version.task_code,
        item_version=version.version,
        item_name=version.name,
        mode=Mode(version.mode),
        state=None,
        revision=0,
        applicant_index=actor.index,
        applicant_name=applicant.name,
        head=Head(length=0, digest="", holding=Holding(holder=1)),
        sealed=sealed,
        licence_number="",
        file_digest="",
        key=keyed.key,
        tip=START,
        parties=(_intake(), _handling(version)),
        sent={},
        asked=(),
        epoch=epoch,
    )


def _receipt_no(at: datetime) -> tuple[str, int]:
    """A fresh number from the sequence, never from a maximum; and the epoch, in the same breath."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('cases_receipt_serial'), (SELECT epoch FROM exchange_myself WHERE id = 1)")
        serial, epoch = cursor.fetchone()
    return numbers.receipt_no(_intake().region, local_date(at), serial), epoch or 1


def _submitted_before(key: str, digest: str) -> Submitted:
    """The case that this key gave. KeyReused when it was for something else."""
    before = Submission.objects.get(key=key)
    if before.digest != digest:
        raise KeyReused()
    return Submitted(case_id=before.case_id, receipt_no=before.receipt_no, is_new=False)


def _digest(application: Application) -> str:
    """What makes two submissions the same; files count by content."""
    files = [[file.requirement, file.digest] for file in application.materials]
    words = [application.task_code, application.version, dict(application.answers), dict(application.form), files]
    return sha256(canonical(words)).hexdigest()


def _find_portal() -> Party | None:
    """The organization that takes in what comes through this node's portal."""
    found = Organization.objects.filter(node_code=here().code, role_note__contains=PORTAL).first()
    return None if found is None else _party(1, Part.INTAKE, found, here().code)


_portal: Fresh[Party | None] = Fresh(lambda: 0, _find_portal, seconds=30.0)


def _intake() -> Party:
    found = _portal.get()
    if found is None:
        _portal.forget()
        raise NoPortal()
    return found


_handling_kept: dict[tuple[str, int, str, int], Party] = {}


def _handling(version: ItemVersion) -> Party:
    """The organization that decides: the item's publisher, at the node that speaks for its region."""
    listed = trust_list()
    place = (here().code, listed.serial, version.task_code, version.version)
    if place not in _handling_kept:
        found = organization(version.publisher)
        node = listed.node_for_region(found.region_code).code
        _handling_kept[place] = _party(2, Part.HANDLING, found, node)
    return _handling_kept[place]


def _party(number: int, part: Part, found: Organization, node: str) -> Party:
    names: Mapping[str, str] = region_names([found.region_code])
    return Party(
        number=number,
        part=part,
        organization=found.code,
        organization_name=found.name,
        region=found.region_code,
        region_name=names.get(found.region_code, ""),
        node=node,
        phone=found.phone,
    )


def current_version(task_code: str) -> int:
    """The version that is published now, for programs that name none."""
    return item(task_code).version
