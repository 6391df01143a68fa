# SPDX-License-Identifier: Apache-2.0
"""Reading the tokens by which somebody's programs act."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tongban.identity.models import Post, Staff, Token
from tongban.identity.queries import SignedIn
from tongban.identity.queries.staffing import posts
from tongban.standards.refusal import NotAllowed


@dataclass(frozen=True)
class TokenView:
    """A token as its owner sees it: never the token itself."""

    key: str  # hexadecimal digest
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    ends_at: datetime | None
    role: str  # in which its program acts; empty for a person's
    is_void: bool  # its owner has that role no longer


@dataclass(frozen=True)
class Place:
    """What a member of staff's program may act as: one of their roles, or one of their posts beside."""

    key: str
    role: str
    title: str = ""
    post: UUID | None = None


def places_of(own: SignedIn) -> list[Place]:
    """All that a member of staff has now, their first role first; nothing for a person. Two selects."""
    staff = Staff.objects.filter(id=own.actor.id, left_at=None).first() if own.kind == "staff" else None
    if staff is None:
        return []
    beside = [Place(str(each.id), each.role, each.title, each.id) for each in posts(staff.id)]
    return [*(Place(role, role) for role in staff.roles), *beside]


def tokens_of(own: SignedIn, at: datetime) -> list[TokenView]:
    """Those that can be used now, the latest first. NotAllowed for who came by a token or acts for somebody else."""
    if own.scopes or own.actor.behalf or not own.is_own:
        raise NotAllowed()
    mine = Token.objects.filter(**{f"{own.kind}_id": own.actor.id}, revoked_at=None).select_related("post", "staff")
    rows = mine.filter(Q(ends_at=None) | Q(ends_at__gt=at)).order_by("-created_at")
    return [
        TokenView(
            bytes(row.digest).hex(), row.name, tuple(row.scopes), row.created_at, row.ends_at, *_acts_as(row, row.post)
        )
        for row in rows
    ]


def _acts_as(row: Token, post: Post | None) -> tuple[str, bool]:
    """The role in which its program acts, and whether its owner has it no longer."""
    if post is not None:
        return post.role, post.ended_at is not None
    roles = row.staff.roles if row.staff else []
    return row.role or next(iter(roles), ""), bool(row.role) and row.role not in roles
