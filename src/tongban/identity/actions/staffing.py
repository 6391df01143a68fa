# SPDX-License-Identifier: Apache-2.0
"""Staff come, change their posts, are away, and leave. Nobody does it to themselves, and each act is a line."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from uuid_utils.compat import uuid7

from tongban.identity import passwords
from tongban.identity.actions.ending import end
from tongban.identity.actions.factors import end_all_factors
from tongban.identity.actions.tokens import revoke_all
from tongban.identity.errors import LoginInUse, NoSuchSubstitute, NotOneself
from tongban.identity.joiners import Fault, Row, read
from tongban.identity.models import Leave, Post, Session, Staff
from tongban.identity.queries import SignedIn
from tongban.identity.queries.staffing import SENSITIVE, is_away, managed
from tongban.identity.separation import require_apart
from tongban.ledger import actions as ledger
from tongban.regions import queries as regions
from tongban.regions.models import Organization
from tongban.standards.actor import Actor, Role
from tongban.standards.identifiers import name as checked_name
from tongban.standards.identifiers import tidy
from tongban.standards.node import here
from tongban.standards.refusal import BadInput, NotAllowed, NotFound, Refusal

LOGIN_LONGEST = 40
WORDS_LONGEST = 60
FIELDS = {"login": "登录名", "name": "姓名", "organization": "机构代码", "roles": "角色"}  # columns of a file
FIRST_PASSWORD = 14  # characters, made by us; its owner chooses another at once


@dataclass(frozen=True)
class Joiner:
    """Somebody who is to work here, as the form or a row of the file says it."""

    login: str
    name: str
    organization: str
    roles: tuple[Role, ...]
    title: str = ""
    hall: str = ""


@dataclass(frozen=True)
class Imported:
    """What a file brought about; with a fault nothing."""

    faults: tuple[Fault, ...] = ()
    joined: tuple[tuple[str, str, str], ...] = ()  # login, name, first password
    left: tuple["Left", ...] = ()


@dataclass(frozen=True)
class Left:
    """Somebody who worked here until now."""

    id: UUID
    name: str
    organization: str
    roles: tuple[str, ...]


@transaction.atomic
def take_on(joiner: Joiner, *, actor: Actor, at: datetime) -> str:
    """A new member of staff; the first password, which is shown once and changed at the first sign-in.

    BadInput, LoginInUse, RolesApart, NotAllowed.
    """
    place = _place(joiner.organization, joiner.roles, actor)
    login = _login(joiner.login)
    require_apart(joiner.roles)
    if Staff.objects.filter(login=login).exists():
        raise LoginInUse(field="login", login=login)
    password = secrets.token_urlsafe(FIRST_PASSWORD)[:FIRST_PASSWORD]
    staff = Staff.objects.create(
        id=uuid7(),
        login=login,
        password_hash=passwords.hashed(password),
        password_due=True,
        name=checked_name(joiner.name),
        organization=place.code,
        region=place.region_code,
        roles=[role.value for role in joiner.roles],
        title=tidy(joiner.title)[:WORDS_LONGEST],
        hall=tidy(joiner.hall)[:WORDS_LONGEST],
        created_at=at,
    )
    facts = {"organization": place.code, "region": place.region_code, "roles": list(staff.roles)}
    ledger.write(_subject(staff.id), verb="staff.added", actor=actor, at=at, facts=facts)
    return password


def bring_in(data: bytes, *, actor: Actor, at: datetime) -> Imported:
    """Joiners and leavers from a file: all of it, or nothing and what is wrong in each line. NotAllowed."""
    managed(actor)
    rows, faults = read(data)
    joined: list[tuple[str, str, str]] = []
    left: list[Left] = []
    try:
        with transaction.atomic():
            for row in rows:
                try:
                    with transaction.atomic():
                        _bring(row, joined, left, actor, at)
                except Refusal as no:
                    faults.append(Fault(row.line, FIELDS.get(no.field or "", ""), no.sentence))
            if faults:
                raise _Undone
    except _Undone:
        return Imported(faults=tuple(sorted(faults, key=lambda each: each.line)))
    facts = {"joined": len(joined), "left": len(left)}
    ledger.write(f"node/{here().code}", verb="staff.imported", actor=actor, at=at, facts=facts)
    return Imported(joined=tuple(joined), left=tuple(left))


class _Undone(Exception):
    """A line was wrong, so no line counts."""


def _bring(row: Row, joined: list[tuple[str, str, str]], left: list["Left"], actor: Actor, at: datetime) -> None:
    if row.joins:
        joiner = Joiner(row.login, row.name, row.organization, row.roles, row.title, row.hall)
        joined.append((row.login.lower(), row.name, take_on(joiner, actor=actor, at=at)))
        return
    staff = managed(actor).filter(login=tidy(row.login), left_at=None).values_list("id", flat=True).first()
    if staff is None:
        raise BadInput("login", "没有这个登录名的在职人员，或者不由您管理。")
    left.append(let_go(staff, actor=actor, at=at))


@transaction.atomic
def change_duties(staff: UUID, roles: Sequence[Role], title: str, hall: str, *, actor: Actor, at: datetime) -> None:
    """Other roles at the same organization. BadInput, RolesApart, NotOneself, NotFound."""
    row = _other(staff, actor)
    _place(row.organization, roles, actor)
    require_apart([*roles, *_posted(row)])
    row.roles = [role.value for role in roles]
    row.title, row.hall = tidy(title)[:WORDS_LONGEST], tidy(hall)[:WORDS_LONGEST]
    row.save(update_fields=["roles", "title", "hall"])
    ledger.write(_subject(row.id), verb="staff.duties", actor=actor, at=at, facts={"roles": list(row.roles)})


@transaction.atomic
def give_post(staff: UUID, organization: str, role: Role, title: str, hall: str, *, actor: Actor, at: datetime) -> UUID:
    """One more place to work. BadInput, RolesApart, NotOneself, NotFound."""
    row, place = _other(staff, actor), _place(organization, [role], actor)
    require_apart([*(Role(each) for each in row.roles), *_posted(row), role])
    post = Post.objects.create(
        id=uuid7(),
        staff=row,
        organization=place.code,
        region=place.region_code,
        role=role,
        title=tidy(title)[:WORDS_LONGEST],
        hall=tidy(hall)[:WORDS_LONGEST],
        began_at=at,
    )
    facts = {"organization": place.code, "region": place.region_code, "role": str(role)}
    ledger.write(_subject(row.id), verb="post.given", actor=actor, at=at, facts=facts)
    return post.id


@transaction.atomic
def end_post(staff: UUID, post: UUID, *, actor: Actor, at: datetime) -> None:
    """A further post ends; sessions in it go on at the first one. NotFound, NotOneself."""
    row = _other(staff, actor)
    if not Post.objects.filter(id=post, staff=row, ended_at=None).update(ended_at=at):
        raise NotFound(what="这个岗位")
    ledger.write(_subject(row.id), verb="post.ended", actor=actor, at=at, facts={"post": str(post)})


@transaction.atomic
def take_up(own: SignedIn, choice: str, *, at: datetime) -> None:
    """In this session act at another of one's own posts (its id), or in another of one's roles. NotFound."""
    session = Session.objects.filter(digest=own.session, staff_id=own.actor.id)
    row = Staff.objects.filter(id=own.actor.id, left_at=None).first()
    if row is None:
        raise NotAllowed()
    held = {str(post): post for post in Post.objects.filter(staff=row, ended_at=None).values_list("id", flat=True)}
    if choice in row.roles:
        session.update(role=choice, post=None)
    elif choice in held:
        session.update(role="", post_id=held[choice])
    else:
        raise NotFound(what="这个岗位")
    ledger.write(_subject(row.id), verb="post.taken_up", actor=own.actor, at=at, facts={"post": choice})


@transaction.atomic
def let_go(staff: UUID, *, actor: Actor, at: datetime) -> Left:
    """Somebody no longer works here: sessions, tokens, posts, leave and second factors end at once.

    What they had in hand is for `cases` to list. NotFound, NotOneself.
    """
    row = _other(staff, actor)
    Staff.objects.filter(id=row.id).update(left_at=at)
    for session in _open_sessions(row):
        end(session, at=at)
    revoke_all(staff=row.id, actor=actor, at=at)
    Post.objects.filter(staff=row, ended_at=None).update(ended_at=at)
    Leave.objects.filter(staff=row, ended_at=None).update(ended_at=at)
    Leave.objects.filter(substitute=row, ended_at=None).update(ended_at=at)
    end_all_factors(row, actor=actor, at=at)
    ledger.write(_subject(row.id), verb="staff.left", actor=actor, at=at, facts={})
    return Left(row.id, row.name, row.organization, tuple(row.roles))


@transaction.atomic
def new_first_password(staff: UUID, *, actor: Actor, at: datetime) -> str:
    """For who forgot theirs: shown once, changed at the first sign-in; their sessions end. NotFound, NotOneself."""
    row = _other(staff, actor)
    password = secrets.token_urlsafe(FIRST_PASSWORD)[:FIRST_PASSWORD]
    Staff.objects.filter(id=row.id).update(password_hash=passwords.hashed(password), password_due=True)
    for session in _open_sessions(row):
        end(session, at=at)
    ledger.write(_subject(row.id), verb="password.reset", actor=actor, at=at, facts={})
    return password


@transaction.atomic
def forget_factors(staff: UUID, *, actor: Actor, at: datetime) -> None:
    """For who lost telephone and paper. NotFound, NotOneself."""
    end_all_factors(_other(staff, actor), actor=actor, at=at)


@transaction.atomic
def end_staff_session(staff: UUID, key: str, *, actor: Actor, at: datetime) -> None:
    """End a session of somebody one manages. NotFound."""
    row = _other(staff, actor)
    found = next((each for each in _open_sessions(row) if bytes(each.digest).hex() == key), None)
    if found is None:
        raise NotFound(what="这次登录")
    end(found, at=at, by_whom=actor)


@transaction.atomic
def go_on_leave(
    staff: UUID, substitute: UUID, begins_at: datetime, ends_at: datetime, *, actor: Actor, at: datetime
) -> UUID:
    """Away from then to then, and who stands in: told by whoever goes, or by who manages them.

    BadInput, NoSuchSubstitute, NotFound.
    """
    row = _self_or_managed(staff, actor)
    if not at < ends_at or not begins_at < ends_at:
        raise BadInput("ends_on", "结束日期应不早于开始日期，也不早于今天。")
    other = Staff.objects.filter(id=substitute, organization=row.organization, left_at=None).first()
    fits = other is not None and other.id != row.id and set(other.roles) & set(row.roles)
    if other is None or not fits or is_away([other.id], begins_at, ends_at):
        raise NoSuchSubstitute(field="substitute")
    leave = Leave.objects.create(
        id=uuid7(), staff=row, substitute=other, begins_at=begins_at, ends_at=ends_at, told_at=at
    )
    facts = {"substitute": str(other.id), "from": begins_at.isoformat(), "until": ends_at.isoformat()}
    ledger.write(_subject(row.id), verb="leave.begun", actor=actor, at=at, facts=facts)
    return leave.id


@transaction.atomic
def end_leave(leave: UUID, *, actor: Actor, at: datetime) -> None:
    """Back earlier, or not going. NotFound."""
    row = Leave.objects.filter(id=leave, ended_at=None).first()
    if row is None:
        raise NotFound(what="这次请假")
    _self_or_managed(row.staff_id, actor)
    Leave.objects.filter(id=leave).update(ended_at=at)
    ledger.write(_subject(row.staff_id), verb="leave.ended", actor=actor, at=at, facts={})


def _other(staff: UUID, actor: Actor) -> Staff:
    """Somebody one manages, and not oneself. NotFound, NotAllowed, NotOneself."""
    if actor.role is Role.AUDITOR:
        raise NotAllowed()
    row = managed(actor).select_for_update().filter(id=staff, left_at=None).first()
    if row is None:
        raise NotFound(what="这名工作人员")
    if row.id == actor.id:
        raise NotOneself()
    if actor.role is Role.HALL_MANAGER and SENSITIVE & {Role(role) for role in row.roles}:
        raise NotAllowed()
    return row


def _self_or_managed(staff: UUID, actor: Actor) -> Staff:
    if staff == actor.id:
        row = Staff.objects.filter(id=staff, left_at=None).first()
        if row is not None:
            return row
    return _other(staff, actor)


def _place(code: str, roles: Iterable[Role], actor: Actor) -> Organization:
    """The organization, when the actor may put somebody there in these roles. BadInput, NotAllowed."""
    wanted = set(roles)
    if not wanted or wanted & {Role.APPLICANT, Role.SYSTEM}:
        raise BadInput("roles", "请至少选择一个岗位角色。")
    if actor.role is Role.HALL_MANAGER and (code != actor.organization or SENSITIVE & wanted):
        raise NotAllowed()
    if actor.role not in (Role.HALL_MANAGER, Role.OPERATOR, Role.SYSTEM):
        raise NotAllowed()
    found = next((each for each in regions.organizations(here().code) if each.code == code), None)
    if found is None:
        raise BadInput("organization", "本节点没有这个机构代码，请核对统一社会信用代码。")
    return found


def _login(text: str) -> str:
    login = text.strip().lower()
    if not (3 <= len(login) <= LOGIN_LONGEST and login.isascii() and login.replace("-", "").replace(".", "").isalnum()):
        raise BadInput("login", f"登录名为 3 至 {LOGIN_LONGEST} 位字母、数字、点或短横线。")
    return login


def _posted(row: Staff) -> list[Role]:
    return [Role(each) for each in Post.objects.filter(staff=row, ended_at=None).values_list("role", flat=True)]


def _open_sessions(row: Staff) -> Any:
    return Session.objects.select_related("person", "staff").filter(staff=row, ended_at=None)


def _subject(staff: UUID) -> str:
    return f"staff/{staff}"
