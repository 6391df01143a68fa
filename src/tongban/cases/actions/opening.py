# SPDX-License-Identifier: Apache-2.0
"""Opening a case, online or at a window: one statement, once, however often it is sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from uuid_utils.compat import uuid7

from tongban.cases import transitions
from tongban.cases.actions.acting import Act, insert_case, kept_progress, material_rows
from tongban.cases.application import Applicant, Application
from tongban.cases.chain import Head, plain
from tongban.cases.custody import Holding, Party
from tongban.cases.errors import Changed, ItemNotInForce, KeyReused, ModeNotOffered
from tongban.cases.models import Material, Number, Submission
from tongban.cases.models import Signer as SignerRow
from tongban.cases.notices import TEMPLATES
from tongban.cases.papers import Given, give
from tongban.cases.queries.held import Held
from tongban.cases.queries.repeats import ASKED, Other, applied_before, others, values
from tongban.cases.sealed import envelope, envelope_context, signer_context
from tongban.cases.signing import CONFIRMED, Signer
from tongban.cases.situation import Situation
from tongban.cases.states import Delivery, Mode, Part
from tongban.catalogue import standing
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.queries import item_cached
from tongban.database import reading
from tongban.database.statement import Statement
from tongban.exchange.actions import Letter
from tongban.identity.sealing import id_index
from tongban.ledger.lines import START
from tongban.licences.actions import take_serial
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
LONGEST_REASON = 300  # characters
TRIES = 4  # two devices at the same instant: the later one looks again
BEFORE = (  # a fresh number, and all that may stand against opening, in the same breath
    "SELECT nextval('cases_receipt_serial'), (SELECT epoch FROM exchange_myself WHERE id = 1), "  # noqa: S608
    "COALESCE((SELECT json_build_array(s.case_id, s.receipt_no, s.digest) FROM cases_submission s WHERE s.key = %s), "
    "(SELECT json_build_array(c.id, c.receipt_no, '') FROM cases_case c WHERE c.id = %s)), "
    "(SELECT l.case_id FROM cases_latest l WHERE l.key = %s), "
    "(SELECT json_build_array(v.status, v.effective_from, v.effective_to) FROM catalogue_item_version v "
    "WHERE v.task_code = %s AND v.version = %s), "
    f"({ASKED})"
)
SPENT = "INSERT INTO cases_submission (key, case_id, receipt_no, digest, at) VALUES (%s, %s, %s, %s, %s)"
LATEST = (  # whoever opens a case for this person and item has seen the last one, or does not open it
    "INSERT INTO cases_latest (key, case_id) VALUES (%s, %s) ON CONFLICT (key) "
    "DO UPDATE SET case_id = EXCLUDED.case_id WHERE cases_latest.case_id = %s RETURNING case_id"
)


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
    signers: Sequence[Signer] = ()  # who confirmed beside the applicant
    again: str = ""  # why another case of the same item is wanted although there is one
    received: Mapping[str, str] = field(default_factory=dict)  # what the notice of the first move says was taken in


def new_keyed() -> Keyed:
    """A case to be."""
    key, wrapped = keys.new_key()
    return Keyed(case_id=uuid7(), key=key, wrapped=wrapped)


@dataclass(frozen=True)
class Before:
    """What was found just before a case is opened."""

    receipt_no: str
    epoch: int
    opened: Submitted | None  # by this very key, or under this very id where a restore has lost the key
    digest: str  # of what that key was used for; empty when it is lost
    latest: UUID | None
    in_force: bool  # the item version, today
    others: tuple[Other, ...]


def open_case(opening: Opening, *, key: str, at: datetime) -> Submitted:
    """Open the case, or find the one that this key opened. KeyReused when it was for something else.

    ItemNotInForce when the version does not stand today.
    AppliedBefore when the same person has another case of the same item and gives no reason for one more.
    Writes case, parties, materials, events, ledger lines, numbers and letters in one statement.
    """
    digest = _digest(opening.application)
    for _ in range(TRIES):
        before = _before(opening, key, at)
        if before.opened is not None:
            if before.digest not in ("", digest):
                raise KeyReused()
            return before.opened
        if not before.in_force:
            raise ItemNotInForce()
        _require_first(opening, before.others)
        if (made := _open(opening, before, key, digest, at)) is not None:
            return made
    raise Changed()


def _open(opening: Opening, before: Before, key: str, digest: str, at: datetime) -> Submitted | None:
    """None when another device was faster."""
    held = _held(opening, before.receipt_no, before.epoch)
    spent = {"key": key, "case_id": held.id, "receipt_no": held.receipt_no, "digest": digest, "at": at}
    write = Statement()
    if before.others:  # one more, with a reason: it waits for nobody
        write.guard(f"{SPENT} ON CONFLICT (key) DO NOTHING RETURNING case_id", list(spent.values()))
    else:
        write.guard(LATEST, [latest_key(held.applicant_index, held.task_code), held.id, before.latest])
        write.insert(Submission, [spent])
    _write(write, held, opening, before.others, at)
    try:
        if write.run() is None:
            return None
    except IntegrityError:  # the same key for something else
        return None
    return Submitted(case_id=held.id, receipt_no=held.receipt_no, is_new=True)


def latest_key(index: bytes, task_code: str) -> str:
    """One person and one item, without saying who."""
    return f"{bytes(index).hex()}:{task_code}"


def _require_first(opening: Opening, others: Sequence[Other]) -> None:
    """AppliedBefore unless there is no other case, or the item lets a reason do."""
    if not others:
        return
    repeat = opening.version.item.repeat
    may = repeat is None or repeat.while_open == "ask"
    if not (may and opening.again.strip()):
        raise applied_before(others[0], opening.actor, may=may)


def version_offered(task_code: str, version: int, mode: Mode) -> ItemVersion:
    """The item version, if it can be asked for in this way. ModeNotOffered.

    Whether it is in force is asked when the case is opened: of what never changes a process keeps a copy, of that not.
    """
    found = item_cached(task_code, version)
    if found.mode != mode:
        raise ModeNotOffered()
    return found


def _write(write: Statement, held: Held, opening: Opening, others: Sequence[Other], at: datetime) -> None:
    act = Act(held, at)
    act.move(
        transitions.MOVES[opening.move],
        opening.actor,
        more=_first_facts(opening, others),
        notice=_giving(held, opening),
    )
    act.move(transitions.MOVES["offer"], system(here().code))
    if not act.peers():
        act.move(transitions.MOVES["take"], system(here().code), more=told_beside(others))
    assert act.case is not None
    facts = {"item_digest": opening.version.digest, "submitted_at": at, "changed_at": at}
    insert_case(write, held, act.head, act.state, {**act.changes, "progress": kept_progress(act.case)}, facts)
    write.insert(Material, material_rows(held, told_files(opening.application), opening.version.item))
    write.insert(Number, [{"number": held.receipt_no, "case_id": held.id}])
    people, said = [each.plain() for each in opening.signers], [each.told() for each in opening.signers]
    write.insert(SignerRow, signer_rows(held, people, said), on_conflict="ON CONFLICT DO NOTHING")  # a draft has them
    keep_key(write, held.subject, opening.keyed.wrapped)
    act.write(write, _letters(act, opening))


def _giving(held: Held, opening: Opening) -> Callable[[Situation], Given] | None:
    """How the receipt of the window is made; an application on the net has its own page."""
    if opening.move not in TEMPLATES:
        return None
    by, serial = opening.actor, take_serial()
    return lambda case: give(held, opening.move, {}, case, by=by, serial=serial, more=opening.received)


def _first_facts(opening: Opening, others: Sequence[Other]) -> dict[str, Any]:
    """What the first line says: who confirmed in which role and when, by pseudonym; why one more."""
    confirmed = {"signers": [each.told() for each in opening.signers]} if opening.signers else {}
    return {**opening.facts, **confirmed, **_told_again(opening, others)}


def _told_again(opening: Opening, others: Sequence[Other]) -> dict[str, Any]:
    """That there was another case, and why one more is wanted; its number only where this actor may know it."""
    if not others:
        return {}
    number = others[0].receipt_no if others[0].is_for(opening.actor) else ""
    return {"again": {"number": number, "reason": opening.again.strip()[:LONGEST_REASON]}}


def told_beside(others: Sequence[Other]) -> dict[str, Any]:
    """What the line that takes a case says of open ones of the same person and item: their numbers."""
    numbers = [each.receipt_no for each in others if not each.ended]
    return {"beside": numbers} if numbers else {}


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
    if opening.signers:
        body["signers"] = [each.plain() for each in opening.signers]
    files = [file.digest for file in application.materials]
    return [Letter(recipient=code, kind=OPENED, subject=held.subject, body=body, files=files) for code in act.peers()]


def signer_rows(
    held: Held, people: Sequence[Mapping[str, Any]], told: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Those who confirmed, as a node keeps them that was not there: found by its own blind index."""
    rows = []
    for each, said in zip(people, told, strict=True):
        words = {name: str(each[name]) for name in ("name", "id_type", "id_number")}
        rows.append(
            {
                "case_id": held.id,
                "number": int(each["number"]),
                "role": str(each["role"]),
                "person_index": id_index(words["id_type"], words["id_number"]),
                "sealed": keys.seal(held.key, canonical(words), signer_context(held.id, int(each["number"]))),
                "state": CONFIRMED,
                "digest": "",
                "actor": str(said["by"]),
                "answered_at": datetime.fromisoformat(said["at"]) if said["at"] else None,
            }
        )
    return rows


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
    signers = [each.plain() for each in opening.signers]
    kept = envelope(applicant.plain(), application.answers, application.form, signers)
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


def _before(opening: Opening, key: str, at: datetime) -> Before:
    """A fresh number from the sequence, never from a maximum; the epoch; what this key, this person opened before."""
    version, index = opening.version, id_index(opening.applicant.id_type, opening.applicant.id_number)
    asked = values(index, version.task_code, opening.keyed.case_id, version.item, at)
    mine, last = opening.keyed.case_id, latest_key(index, version.task_code)
    asked_for = [version.task_code, version.version]
    ((serial, epoch, used, latest, stands, told),) = reading.rows(BEFORE, [key, mine, last, *asked_for, *asked])
    return Before(
        receipt_no=numbers.receipt_no(opening.intake.region, local_date(at), serial),
        epoch=epoch or 1,
        opened=Submitted(case_id=UUID(used[0]), receipt_no=used[1], is_new=False) if used else None,
        digest=used[2] if used else "",
        latest=latest,
        in_force=_is_in_force(stands, local_date(at)),
        others=others(told),
    )


def _is_in_force(stands: Sequence[str | None], day: date) -> bool:
    word, begins, ends = stands
    return standing.on(
        str(word), date.fromisoformat(str(begins)), None if ends is None else date.fromisoformat(ends), day
    )


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
