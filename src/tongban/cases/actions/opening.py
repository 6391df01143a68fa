# SPDX-License-Identifier: Apache-2.0
"""Opening a case, online or at a window: one statement, once, however often it is sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from tongban.cases import transitions
from tongban.cases.actions.acting import Act, insert_case, kept_progress, material_rows
from tongban.cases.application import Applicant, Application
from tongban.cases.chain import Head, plain
from tongban.cases.custody import Holding, Party
from tongban.cases.errors import ItemNotInForce, KeyReused, ModeNotOffered
from tongban.cases.models import Material, Number, Submission
from tongban.cases.queries.held import Held
from tongban.cases.sealed import envelope, envelope_context
from tongban.cases.states import Delivery, Mode, Part
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.queries import in_force, item_cached
from tongban.database import reading
from tongban.database.statement import Statement
from tongban.exchange.actions import Letter
from tongban.identity.sealing import id_index
from tongban.ledger.lines import START
from tongban.licences.actions import Grant, issue_rows, take_serial
from tongban.regions.models import Organization
from tongban.regions.queries import organization, region_names, trust_list
from tongban.standards import numbers
from tongban.standards.actor import Actor, system
from tongban.standards.canonical import canonical
from tongban.standards.clock import local_date
from tongban.standards.node import here
from tongban.vault import keys
from tongban.vault.actions import keep_key

OPENED = "case.opened"
RECEIPT = "SELECT nextval('cases_receipt_serial'), (SELECT epoch FROM exchange_myself WHERE id = 1)"


@dataclass(frozen=True)
class Submitted:
    """What the applicant gets."""

    case_id: UUID
    receipt_no: str
    is_new: bool


@dataclass(frozen=True)
class Keyed:
    """A case id with its data key: made before the case, so that files could be kept for it."""

    case_id: UUID
    key: bytes
    wrapped: bytes


@dataclass(frozen=True, kw_only=True)
class Opening:
    """All that a case begins with."""

    move: str  # submit or collect
    application: Application
    version: ItemVersion
    applicant: Applicant
    actor: Actor
    intake: Party
    keyed: Keyed
    delivery: Delivery = Delivery.NET
    facts: Mapping[str, Any] = field(default_factory=dict)  # what the first line says beside its move
    paper: Callable[[Held, datetime], Grant] | None = None  # the notice that the first move gives


def new_keyed() -> Keyed:
    """A case to be."""
    key, wrapped = keys.new_key()
    return Keyed(case_id=uuid7(), key=key, wrapped=wrapped)


def open_case(opening: Opening, *, key: str, at: datetime) -> Submitted:
    """Open the case, or find the one that this key opened. KeyReused when it was for something else.

    Writes case, parties, materials, events, ledger lines, numbers and letters in one statement.
    """
    digest = _digest(opening.application)
    receipt_no, epoch = _receipt_no(opening.intake, at)
    held = _held(opening, receipt_no, epoch)
    write = Statement()
    write.guard(
        "INSERT INTO cases_submission (key, case_id, receipt_no, digest, at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (key) DO NOTHING RETURNING case_id",
        [key, held.id, receipt_no, digest, at],
    )
    _write(write, held, opening, at)
    if write.run() is None:
        return _opened_before(key, digest)
    return Submitted(case_id=held.id, receipt_no=receipt_no, is_new=True)


def version_in_force(task_code: str, version: int, mode: Mode, at: datetime) -> ItemVersion:
    """The item version, if it can be asked for in this way today. ItemNotInForce or ModeNotOffered."""
    found = item_cached(task_code, version)
    if not in_force(found, local_date(at)):
        raise ItemNotInForce()
    if found.mode != mode:
        raise ModeNotOffered()
    return found


def _write(write: Statement, held: Held, opening: Opening, at: datetime) -> None:
    act = Act(held, at)
    act.move(transitions.MOVES[opening.move], opening.actor, more=opening.facts)
    act.move(transitions.MOVES["offer"], system(here().code))
    if not act.peers():
        act.move(transitions.MOVES["take"], system(here().code))
    assert act.case is not None
    facts = {"item_digest": opening.version.digest, "submitted_at": at, "changed_at": at}
    insert_case(write, held, act.head, act.state, {**act.changes, "progress": kept_progress(act.case)}, facts)
    write.insert(Material, material_rows(held, told_files(opening.application), opening.version.item))
    write.insert(Number, [{"number": held.receipt_no, "case_id": held.id}])
    keep_key(write, held.subject, opening.keyed.wrapped)
    act.write(write, _letters(act, opening))
    if opening.paper is not None:
        paper = issue_rows(opening.paper(held, at), serial=take_serial(), key=held.key, at=at)
        for model, row in paper.items():
            write.insert(model, [row])


def _letters(act: Act, opening: Opening) -> list[Letter]:
    """The whole case, for the node that is to take it."""
    held, application = act.held, opening.application
    body = {
        "case": str(held.id),
        "receipt_no": held.receipt_no,
        "mode": str(held.mode),
        "delivery": str(held.delivery),
        "item": {"task_code": held.task_code, "version": held.item_version, "digest": opening.version.digest},
        "parties": [told_party(party) for party in held.parties],
        "applicant": opening.applicant.plain(),
        "answers": dict(application.answers),
        "form": dict(application.form),
        "materials": told_files(application),
        "events": [plain(told) for told in act.told],
    }
    files = [file.digest for file in application.materials]
    return [Letter(recipient=code, kind=OPENED, subject=held.subject, body=body, files=files) for code in act.peers()]


def told_files(application: Application) -> list[dict[str, Any]]:
    """The files as peers are told of them."""
    return [file.plain() for file in application.materials]


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


def _held(opening: Opening, receipt_no: str, epoch: int) -> Held:
    """The case as it is before its first line."""
    application, version, applicant, keyed = opening.application, opening.version, opening.applicant, opening.keyed
    kept = envelope(applicant.plain(), application.answers, application.form)
    return Held(
        id=keyed.case_id,
        receipt_no=receipt_no,
        project_no=None,
        task_code=version.task_code,
        item_version=version.version,
        item_name=version.name,
        mode=Mode(version.mode),
        delivery=opening.delivery,
        state=None,
        state_word="",
        revision=0,
        applicant_index=id_index(applicant.id_type, applicant.id_number),
        applicant_name=applicant.name,
        head=Head(length=0, digest="", holding=Holding(holder=1)),
        sealed=keys.seal(keyed.key, canonical(kept), envelope_context(keyed.case_id)),
        licence_number="",
        file_digest="",
        key=keyed.key,
        tip=START,
        parties=(opening.intake, handling_party(version)),
        sent={},
        asked=(),
        materials=0,
        epoch=epoch,
    )


def _receipt_no(intake: Party, at: datetime) -> tuple[str, int]:
    """A fresh number from the sequence, never from a maximum; and the epoch, in the same breath."""
    ((serial, epoch),) = reading.rows(RECEIPT, ())
    return numbers.receipt_no(intake.region, local_date(at), serial), epoch or 1


def _opened_before(key: str, digest: str) -> Submitted:
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


_handling_kept: dict[tuple[str, int, str, int], Party] = {}


def handling_party(version: ItemVersion) -> Party:
    """The organization that decides: the item's publisher, at the node that speaks for its region."""
    listed = trust_list()
    place = (here().code, listed.serial, version.task_code, version.version)
    if place not in _handling_kept:
        found = organization(version.publisher)
        node = listed.node_for_region(found.region_code).code
        _handling_kept[place] = party_of(2, Part.HANDLING, found, node)
    return _handling_kept[place]


def party_of(number: int, part: Part, found: Organization, node: str) -> Party:
    """An organization's part in a case."""
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


def originals_told(names: Sequence[str], parcel_no: str) -> list[dict[str, Any]]:
    """Paper originals as the first line tells of them; with a parcel number they are on their way."""
    return [{"number": number, "name": name, "parcel_no": parcel_no} for number, name in enumerate(names, start=1)]
