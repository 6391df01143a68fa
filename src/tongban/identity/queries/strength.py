# SPDX-License-Identifier: Apache-2.0
"""What a sign-in proves, and what it still lacks."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from tongban.identity import passkeys, sealing, totp
from tongban.identity.assurance import Level, by_text_message
from tongban.identity.errors import StepOver
from tongban.identity.models import Account, Evidence, Factor, Post, Staff, Step
from tongban.identity.oidc import digest
from tongban.identity.queries import level_of
from tongban.standards.node import here

Kind = Factor.Kind


def level_by_password(account: Account, at: datetime) -> Level:
    """The person's own; while the password was set by text message no more than that proves, until they were seen."""
    level = level_of(account.person_id, at)
    if account.recovered_at is None:
        return level
    seen = Evidence.objects.filter(
        person_id=account.person_id, level__gt=by_text_message(level), at__gt=account.recovered_at, ended_at=None
    )
    return level if seen.exists() else by_text_message(level)


def needs_factor(staff: Staff) -> bool:
    """Whether one of their duties asks for a second factor."""
    if not (asked := set(here().second_factor)):
        return False
    posts = Post.objects.filter(staff=staff, ended_at=None).values_list("role", flat=True)
    return bool(asked & {*staff.roles, *posts})


def has_factor(staff: UUID) -> bool:
    """Whether they have one that proves itself; recovery codes only stand in for it."""
    return factors(staff).exists()


def factors(staff: UUID) -> QuerySet[Factor]:
    """Those that sign in."""
    return Factor.objects.filter(staff_id=staff, ended_at=None, proven_at__isnull=False).exclude(kind=Kind.RECOVERY)


@dataclass(frozen=True)
class StepView:
    """What the second page of signing in asks for."""

    login: str
    name: str
    wants: str  # factor, password, enrol
    has_totp: bool
    passkey: str  # what navigator.credentials.get is asked, JSON; empty without one


def step(token: str, at: datetime) -> StepView:
    """How far this way in is. StepOver when there is none. Two selects."""
    row = open_step(token, at)
    held = list(factors(row.staff_id))
    known = [bytes(each.credential) for each in held if each.credential]
    return StepView(
        login=row.staff.login,
        name=row.staff.name,
        wants=wants(row, has_any=bool(held)),
        has_totp=any(each.kind == Kind.TOTP for each in held),
        passkey=passkeys.to_show(bytes(row.challenge), known) if known else "",
    )


def open_step(token: str, at: datetime) -> Step:
    """The row of this cookie. StepOver."""
    rows = Step.objects.select_related("staff").filter(digest=digest(token), ends_at__gt=at)
    row = rows.filter(staff__left_at=None).first() if token else None
    if row is None:
        raise StepOver()
    return row


def wants(row: Step, *, has_any: bool) -> str:
    """The next thing to show; nothing when they may come in."""
    if row.shown_at is None and has_any:
        return "factor"
    if row.staff.password_due:
        return "password"
    return "enrol" if row.shown_at is None and needs_factor(row.staff) else ""


@dataclass(frozen=True)
class FactorView:
    """One of somebody's second factors, as they see it."""

    id: UUID
    kind: str
    name: str
    created_at: datetime
    used_at: datetime | None


def my_factors(staff: UUID) -> list[FactorView]:
    """Those that sign in, oldest first. One select."""
    return [
        FactorView(row.id, row.kind, row.name, row.created_at, row.used_at)
        for row in factors(staff).order_by("created_at")
    ]


def codes_left(staff: UUID) -> int:
    """How many recovery codes are still good. One select."""
    return Factor.objects.filter(staff_id=staff, kind=Kind.RECOVERY, ended_at=None).count()


@dataclass(frozen=True)
class Enrolment:
    """A TOTP that waits for its first code."""

    written: str  # the secret as it is typed
    address: str  # what the QR code holds


def enrolment(staff: Staff) -> Enrolment | None:
    """The authenticator that is being set up. One select."""
    row = Factor.objects.filter(staff=staff, kind=Kind.TOTP, ended_at=None, proven_at=None).first()
    if row is None:
        return None
    secret = bytes.fromhex(sealing.opened(row.id, "totp", row.secret))
    return Enrolment(totp.written(secret), totp.address(secret, staff.login, here().name))
