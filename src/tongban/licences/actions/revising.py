# SPDX-License-Identifier: Apache-2.0
"""New editions of a licence: asked for with reason and basis, by two persons where its type says so.

The edition before lapses in the same transaction, with the change that every node is told of; the new one has the same
number, the next version in its identifier, and a file of its own that the worker makes.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from uuid_utils.compat import uuid7

from tongban.ledger import actions as ledger
from tongban.licences import identifier, revisions
from tongban.licences.actions.issuing import blank, facts_context, facts_of
from tongban.licences.errors import AnotherPersonNeeded, ChangeNotPossible, RevisionOpen
from tongban.licences.models import Licence, LicenceChange, LicenceType, Revision, State
from tongban.licences.queries import data_key, stands
from tongban.licences.said import require_said
from tongban.licences.standings import Standing
from tongban.licences.types.content import TypeContent, read
from tongban.standards.actor import Actor, Role
from tongban.standards.canonical import canonical, parse
from tongban.standards.clock import local_date
from tongban.standards.refusal import BadInput, NotAllowed, NotFound
from tongban.standards.workdays import long_day
from tongban.vault import keys

MADE = (State.READY, State.TAKEN_OVER)  # a licence whose file is under way has its first edition coming


@transaction.atomic
def revise(
    licence_id: UUID, name: str, typed: Mapping[str, str], *, reason: str, basis: str, actor: Actor, at: datetime
) -> Revision:
    """Ask for a new edition; where its type does not take two persons it is made at once.

    NotFound for licences of others, as for those that do not exist; ChangeNotPossible for one that does not count or
    was replaced; RevisionOpen; BadInput and FactsMissing for what cannot stand on it.
    """
    row, kind = _mine(licence_id, actor), revisions.KINDS.get(name)
    if kind is None:
        raise BadInput("kind", "请选择怎样处理。")
    reason, basis = require_said("reason", reason, "原因"), require_said("basis", basis, "依据")
    content = content_of(row)
    made = _ask(row, kind, content, typed, reason=reason, basis=basis, actor=actor, at=at)
    if content is None or not content.two_persons:
        _allow(row, made, content, actor, at)
    return made


@transaction.atomic
def renew_by_order(
    licence_id: UUID, until: date, *, reason: str, basis: str, asker: Actor, other: Actor, at: datetime
) -> Revision:
    """Renew a licence as one of many that two persons have agreed on; its file is one of the order's.

    Refusals as of `revise`.
    """
    row, kind = _mine(licence_id, asker), revisions.KINDS["renew"]
    content, typed = content_of(row), {"valid_until": until.isoformat()}
    made = _ask(row, kind, content, typed, reason=reason, basis=basis, actor=asker, at=at)
    _allow(row, made, content, other, at, state=State.QUEUED)
    return made


def _ask(
    row: Licence,
    kind: revisions.Kind,
    content: TypeContent | None,
    typed: Mapping[str, str],
    *,
    reason: str,
    basis: str,
    actor: Actor,
    at: datetime,
) -> Revision:
    _require_counting(row, kind.label, at)
    if Revision.objects.filter(licence_id=row.id, answer="").exists():
        raise RevisionOpen(kind=kind.label)
    told = revisions.said(kind, typed, content, facts_of(row), row.valid_until, local_date(at))
    made = Revision.objects.create(
        id=(revision_id := uuid7()),
        licence_id=row.id,
        kind=kind.name,
        told_sealed=keys.seal(data_key(row.subject), canonical(told), _context(revision_id)),
        valid_until=date.fromisoformat(told["valid_until"]) if "valid_until" in told else row.valid_until,
        reason=reason,
        basis=basis,
        asked_by=actor.pseudonym,
        asked_name=actor.name,
        asked_at=at,
        answer="",
        answered_by="",
        answered_name="",
    )
    _tell(row, "revision_asked", made, actor, at)
    return made


@transaction.atomic
def answer_revision(revision_id: UUID, *, allow: bool, actor: Actor, at: datetime) -> Revision:
    """Let a new edition be made, or not, as the second person. NotFound for strangers; AnotherPersonNeeded."""
    asked = Revision.objects.select_for_update().filter(id=revision_id, answer="").first()
    if asked is None:
        raise NotFound(what="等待复核的证照处理")
    row = _mine(asked.licence_id, actor)
    if asked.asked_by.partition(":")[2] == str(actor.id):
        raise AnotherPersonNeeded(what="证照处理的复核")
    if allow:
        _require_counting(row, revisions.KINDS[asked.kind].label, at)
        _allow(row, asked, content_of(row), actor, at)
    else:
        _answer(asked, "refused", actor, at)
        _tell(row, "revision_refused", asked, actor, at)
    return asked


def content_of(row: Licence) -> TypeContent | None:
    """The version of the type that a licence was given by; None for those of none."""
    kept = LicenceType.objects.filter(code=row.definition, version=row.definition_version).first()
    return read(bytes(kept.document)) if kept else None


def _allow(
    row: Licence,
    asked: Revision,
    content: TypeContent | None,
    actor: Actor,
    at: datetime,
    state: State = State.PENDING,
) -> None:
    key, day = data_key(row.subject), local_date(at)
    told = parse(keys.unseal(key, bytes(asked.told_sealed), _context(asked.id)))
    facts = revisions.edition(row.type_code, facts_of(row), told, content, long_day(day))
    new_id = uuid7()
    kept = {field.attname: getattr(row, field.attname) for field in Licence._meta.concrete_fields}
    fresh = {
        **{"id": new_id, "edition": row.edition + 1, "identifier": _next(row.identifier, row.edition + 1)},
        **{"facts_sealed": keys.seal(key, canonical(facts), facts_context(new_id)), "issued_at": at},
        **{"granted_by": actor.pseudonym, "valid_until": asked.valid_until},
        **{"definition": row.definition, "definition_version": row.definition_version, "stock_id": row.stock_id},
        "state": State.TAKEN_OVER if row.state == State.TAKEN_OVER and state is State.PENDING else state,
    }
    Licence.objects.create(**kept | blank() | fresh)
    _answer(asked, "allowed", actor, at, new_id)
    _end(row, new_id, asked, actor, at)
    _tell(row, "replaced", asked, actor, at)


def _end(row: Licence, new_id: UUID, asked: Revision, actor: Actor, at: datetime) -> None:
    """The edition before counts no more, and every node hears of it."""
    row.replaced_by, row.standing, row.standing_since = new_id, Standing.LAPSED.value, at
    row.changes += 1
    row.save(update_fields=["replaced_by", "standing", "standing_since", "changes"])
    LicenceChange.objects.create(
        licence_id=row.id,
        number=row.changes,
        change=asked.kind,
        standing=row.standing,
        reason=asked.reason,
        basis=asked.basis,
        actor=actor.pseudonym,
        organization=actor.organization,
        at=at,
    )


def _answer(asked: Revision, answer: str, actor: Actor, at: datetime, edition_id: UUID | None = None) -> None:
    asked.answer, asked.answered_by, asked.answered_name, asked.answered_at = answer, actor.pseudonym, actor.name, at
    asked.edition_id = edition_id
    asked.save(update_fields=["answer", "answered_by", "answered_name", "answered_at", "edition_id"])


def _mine(licence_id: UUID, actor: Actor) -> Licence:
    """A licence of the actor's organization, locked."""
    if actor.role is not Role.APPROVER:
        raise NotAllowed()
    mine = Licence.objects.select_for_update().filter(issuer_organization=actor.organization, is_notice=False)
    row = mine.filter(id=licence_id).first() if actor.organization else None
    if row is None:
        raise NotFound(what="证照")
    return row


def _require_counting(row: Licence, wanted: str, at: datetime) -> None:
    """Renewing what has just lapsed by its date is no new edition but a new application."""
    standing = stands(row, local_date(at))
    if not standing.counts or row.replaced_by is not None or row.state not in MADE:
        label = standing.label if not standing.counts else State(row.state).label
        raise ChangeNotPossible(wanted=wanted, standing=label)


def _next(before: str, edition: int) -> str:
    made = identifier.parse(before)
    return str(identifier.Identifier(made.type_code, made.issuer, made.serial, f"{edition:03d}")) if made else ""


def _tell(row: Licence, verb: str, asked: Revision, actor: Actor, at: datetime) -> None:
    facts: dict[str, Any] = {"number": row.number, "revision": str(asked.id), "kind": asked.kind}
    facts |= {"reason": asked.reason, "basis": asked.basis}
    facts |= {"edition": str(asked.edition_id)} if asked.edition_id else {}
    ledger.write(f"licence:{row.id}", verb=f"licence.{verb}", actor=actor, at=at, facts=facts)


def _context(revision_id: UUID) -> bytes:
    """What is asked of one edition cannot be moved to another unseen."""
    return b"revision:" + revision_id.bytes
