# SPDX-License-Identifier: Apache-2.0
"""Confirming an application beside the applicant: named by the applicant, confirmed by each on their own device."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.cases.actions.drafting import Place, keep_draft
from tongban.cases.errors import ApplicationChanged, NameDiffers, SignerRefused
from tongban.cases.models import Draft
from tongban.cases.models import Signer as SignerRow
from tongban.cases.queries.drafts import content, draft_digest, opened, shared_content, signers_of
from tongban.cases.sealed import signer_context
from tongban.cases.signing import ASKED, CONFIRMED, DECLINED, Signer, asked, roles
from tongban.identity.sealing import id_index
from tongban.standards import identifiers
from tongban.standards.actor import Actor
from tongban.standards.canonical import canonical
from tongban.standards.node import here
from tongban.standards.refusal import BadInput, NotFound
from tongban.vault import keys

RESIDENT = "resident_id"
LONGEST_REASON = 300  # characters


def add_signer(
    draft_id: UUID, role: str, name: str, id_number: str, *, actor: Actor, at: datetime, device: str = ""
) -> None:
    """Name somebody who is to confirm. SignerRefused says why this person cannot be."""
    known = identifiers.name(name, field="signer_name")
    number = identifiers.resident_id(id_number, field="signer_id_number", demo=here().demo).number
    index = id_index(RESIDENT, number)
    with transaction.atomic():
        draft, version = content(draft_id, actor, lock=True)
        if draft.receipt_no:
            return
        kept, signers = opened(draft), signers_of(draft)
        wanted = asked(version.item, kept["answers"])
        if wanted is None:
            raise NotFound(what="这一步")
        if role not in {each.code for each in wanted.roles}:
            raise BadInput("signer_role", "请选择对方的身份。")
        if index == bytes(actor.index):
            raise SignerRefused(field="signer_id_number", why="这是您本人的证件号码，申请人不用再填写。")
        if any(each.index == index for each in signers):
            raise SignerRefused(field="signer_id_number", why="这个人已经填写过。")
        if len(signers) >= wanted.most:
            raise SignerRefused(field="signer_name", why=f"最多填写 {wanted.most} 名{roles(wanted)}。")
        place = max((each.number for each in signers), default=0) + 1
        words = {"name": known, "id_type": RESIDENT, "id_number": number}
        _add(draft, place, role, index, words)
        _keep(draft, kept, Place("signers", device), actor, at)


def remove_signer(draft_id: UUID, number: int, *, actor: Actor, at: datetime, device: str = "") -> None:
    """Take somebody off. One who is gone already is no error."""
    with transaction.atomic():
        draft, _ = content(draft_id, actor, lock=True)
        if draft.receipt_no:
            return
        SignerRow.objects.filter(case_id=draft_id, number=number).delete()
        _keep(draft, opened(draft), Place("signers", device), actor, at)


def _keep(draft: Draft, kept: dict[str, Any], place: Place, actor: Actor, at: datetime) -> None:
    """The people are part of what is confirmed: read anew before it is decided whose word still holds."""
    fresh, _ = content(draft.id, actor)
    keep_draft(fresh, kept, place, at)


def _add(draft: Draft, number: int, role: str, index: bytes, words: Mapping[str, str]) -> None:
    key = keys.unwrap(draft.wrapped)
    SignerRow.objects.create(
        case_id=draft.id,
        number=number,
        role=role,
        person_index=index,
        sealed=keys.seal(key, canonical(dict(words)), signer_context(draft.id, number)),
        state=ASKED,
    )


def confirm(draft_id: UUID, seen: str, *, actor: Actor, at: datetime) -> None:
    """Say yes to exactly what was seen. ApplicationChanged when it is that no longer, NameDiffers for another name."""
    with transaction.atomic():
        draft, _ = shared_content(draft_id, actor, lock=True)
        if draft.receipt_no:
            return
        kept, signers = opened(draft), signers_of(draft)
        mine = _mine(signers, actor)
        digest = draft_digest(draft, kept, signers)
        if seen != digest:
            raise ApplicationChanged(field="confirm")
        if identifiers.tidy_name(mine.name) != identifiers.tidy_name(actor.name):
            raise NameDiffers(field="confirm")
        _answer(draft, mine, CONFIRMED, actor, at, digest=digest)


def decline(draft_id: UUID, reason: str, *, actor: Actor, at: datetime) -> None:
    """Say no, with the reason; also after a yes, as long as it is not submitted."""
    told = reason.strip()[:LONGEST_REASON]
    if not told:
        raise BadInput("reason", "请写明不同意的理由，申请人会看到。")
    with transaction.atomic():
        draft, _ = shared_content(draft_id, actor, lock=True)
        if not draft.receipt_no:
            _answer(draft, _mine(signers_of(draft), actor), DECLINED, actor, at, reason=told)


def _mine(signers: Sequence[Signer], actor: Actor) -> Signer:
    return next(each for each in signers if each.index == bytes(actor.index))


def _answer(
    draft: Draft, mine: Signer, state: str, actor: Actor, at: datetime, *, digest: str = "", reason: str = ""
) -> None:
    words = {"name": mine.name, "id_type": mine.id_type, "id_number": mine.id_number}
    key, context = keys.unwrap(draft.wrapped), signer_context(draft.id, mine.number)
    SignerRow.objects.filter(case_id=draft.id, number=mine.number).update(
        state=state,
        digest=digest,
        actor=actor.pseudonym,
        answered_at=at,
        sealed=keys.seal(key, canonical(words | ({"reason": reason} if reason else {})), context),
    )
