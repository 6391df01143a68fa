# SPDX-License-Identifier: Apache-2.0
"""Second factors of staff: set up, proven, used, taken away."""

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction
from uuid_utils.compat import uuid7

from tongban.identity import passkeys, sealing, totp
from tongban.identity.errors import FactorNeeded, PasskeyRefused, WrongFactor
from tongban.identity.models import Factor, Session, Staff
from tongban.identity.queries import SignedIn, staff_actor
from tongban.identity.queries.strength import factors, needs_factor
from tongban.ledger import actions as ledger
from tongban.standards.actor import Actor
from tongban.standards.base64url import decode
from tongban.standards.identifiers import tidy
from tongban.standards.refusal import NotAllowed, NotFound
from tongban.vault import keys

Kind = Factor.Kind
CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is taken for something else on paper
LONGEST = 40  # characters of a name


@transaction.atomic
def begin_totp(staff: Staff, *, at: datetime) -> None:
    """A new secret, which is asked for from its first right code on; one that waits for it already stays."""
    if Factor.objects.filter(staff=staff, kind=Kind.TOTP, ended_at=None, proven_at=None).exists():
        return
    row = Factor(id=uuid7(), staff=staff, kind=Kind.TOTP, name="手机动态码", created_at=at)
    row.secret = sealing.sealed(row.id, "totp", totp.new_secret().hex())
    row.save(force_insert=True)


@transaction.atomic
def prove_totp(staff: Staff, code: str, *, at: datetime) -> list[str]:
    """The first right code. The recovery codes, where these are the first; WrongFactor."""
    row = Factor.objects.filter(staff=staff, kind=Kind.TOTP, ended_at=None, proven_at=None).first()
    if row is None or not _is_right(row, code, at):
        raise WrongFactor(field="code")
    return _added(staff, row, at)


@transaction.atomic
def begin_passkey(own: SignedIn, *, at: datetime) -> str:
    """What the browser is asked to make a passkey with, JSON."""
    staff, challenge = _own(own), secrets.token_bytes(32)
    Session.objects.filter(digest=own.session).update(enrols=challenge)
    known = [bytes(each.credential) for each in factors(staff.id) if each.credential]
    return passkeys.to_make(staff.id.bytes, staff.login, staff.name, challenge, known)


@transaction.atomic
def add_passkey(own: SignedIn, answer: str, name: str, *, at: datetime) -> list[str]:
    """Keep the passkey that was made. The recovery codes, where it is the first factor; PasskeyRefused."""
    staff = _own(own)
    session = Session.objects.select_for_update().get(digest=own.session)
    if session.enrols is None:
        raise PasskeyRefused(field="passkey")
    made = passkeys.made(answer, bytes(session.enrols))
    Session.objects.filter(digest=own.session).update(enrols=None)
    if Factor.objects.filter(credential=made.credential).exists():
        raise PasskeyRefused(field="passkey")
    row = Factor(
        id=uuid7(),
        staff=staff,
        kind=Kind.PASSKEY,
        name=tidy(name)[:LONGEST] or "安全密钥",
        credential=made.credential,
        public=made.public,
        count=made.count,
        created_at=at,
    )
    row.save(force_insert=True)
    return _added(staff, row, at)


@transaction.atomic
def end_factor(own: SignedIn, factor: UUID, *, at: datetime) -> None:
    """Take one of one's own away. NotFound; FactorNeeded for the last one of who must have one."""
    staff = _own(own)
    held = list(factors(staff.id).select_for_update())
    if factor not in [each.id for each in held]:
        raise NotFound(what="这种验证方式")
    if len(held) == 1 and needs_factor(staff):
        raise FactorNeeded()
    Factor.objects.filter(id=factor).update(ended_at=at, secret=None)
    if len(held) == 1:
        Factor.objects.filter(staff=staff, kind=Kind.RECOVERY, ended_at=None).update(ended_at=at)
    _tell(staff, "factor.ended", str(next(each.kind for each in held if each.id == factor)), staff_actor(staff), at)


@transaction.atomic
def new_codes(own: SignedIn, *, at: datetime) -> list[str]:
    """Ten recovery codes, shown once; the earlier ones end. NotFound without a factor they would stand in for."""
    staff = _own(own)
    if not factors(staff.id).exists():
        raise NotFound(what="第二步验证")
    return _codes(staff, at)


@transaction.atomic
def end_all_factors(staff: Staff, *, actor: Actor, at: datetime) -> None:
    """For who lost them all: somebody who manages staff takes them away, and has seen the person."""
    Factor.objects.filter(staff=staff, ended_at=None).update(ended_at=at, secret=None)
    _tell(staff, "factor.ended", "all", actor, at)


def use_code(staff: UUID, code: str, *, at: datetime) -> bool:
    """Whether this is a code of theirs now, of a telephone or of the paper; each is good for once."""
    said = "".join(code.split()).replace("-", "").lower()
    for row in factors(staff).filter(kind=Kind.TOTP).select_for_update():
        if _is_right(row, said, at):
            return True
    paper = Factor.objects.filter(staff_id=staff, kind=Kind.RECOVERY, ended_at=None, secret=_digest(staff, said))
    return bool(paper.update(ended_at=at, used_at=at))


def use_passkey(staff: UUID, answer: str, challenge: bytes, *, at: datetime) -> None:
    """PasskeyRefused unless one of theirs has signed this."""
    try:
        named = decode(passkeys.credential_in(answer))
    except ValueError:
        raise PasskeyRefused(field="passkey") from None
    row = factors(staff).select_for_update().filter(credential=named).first()
    if row is None or row.public is None:
        raise PasskeyRefused(field="passkey")
    count = passkeys.shown(answer, challenge, bytes(row.public), row.count)
    Factor.objects.filter(id=row.id).update(count=count, used_at=at)


def _is_right(row: Factor, code: str, at: datetime) -> bool:
    """A code of a later step than the last that was used, so that nobody who saw it can use it again."""
    secret = bytes.fromhex(sealing.opened(row.id, "totp", row.secret))
    step = totp.fitting(secret, "".join(code.split()), at, row.count)
    if step is None:
        return False
    return bool(Factor.objects.filter(id=row.id, count=row.count).update(count=step, used_at=at))


def _added(staff: Staff, row: Factor, at: datetime) -> list[str]:
    is_first = not factors(staff.id).exists()
    Factor.objects.filter(id=row.id).update(proven_at=at)
    _tell(staff, "factor.added", str(row.kind), staff_actor(staff), at)
    return _codes(staff, at) if is_first else []


def _codes(staff: Staff, at: datetime) -> list[str]:
    Factor.objects.filter(staff=staff, kind=Kind.RECOVERY, ended_at=None).update(ended_at=at)
    made = ["".join(secrets.choice(ALPHABET) for _ in range(10)) for _ in range(CODES)]
    Factor.objects.bulk_create(
        Factor(id=uuid7(), staff=staff, kind=Kind.RECOVERY, secret=_digest(staff.id, code), created_at=at, proven_at=at)
        for code in made
    )
    return [f"{code[:5]}-{code[5:]}" for code in made]


def _digest(staff: UUID, code: str) -> bytes:
    return keys.blind("recovery", f"{staff} {code}")


def _own(own: SignedIn) -> Staff:
    staff = Staff.objects.filter(id=own.actor.id, left_at=None).first() if own.kind == "staff" else None
    if staff is None:
        raise NotAllowed()
    return staff


def _tell(staff: Staff, verb: str, kind: str, actor: Actor, at: datetime) -> None:
    ledger.write(f"staff/{staff.id}", verb=verb, actor=actor, at=at, facts={"kind": kind})
