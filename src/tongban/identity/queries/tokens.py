# SPDX-License-Identifier: Apache-2.0
"""Reading the tokens by which somebody's programs act."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from tongban.identity.models import Token
from tongban.identity.queries import SignedIn
from tongban.standards.refusal import NotAllowed


@dataclass(frozen=True)
class TokenView:
    """A token as its owner sees it: never the token itself."""

    key: str  # hexadecimal digest
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    ends_at: datetime | None


def tokens_of(own: SignedIn, at: datetime) -> list[TokenView]:
    """Those that can be used now, the latest first. NotAllowed for who came by a token or acts for somebody else."""
    if own.scopes or own.actor.behalf or not own.is_own:
        raise NotAllowed()
    mine = Token.objects.filter(**{f"{own.kind}_id": own.actor.id}, revoked_at=None)
    return [
        TokenView(bytes(row.digest).hex(), row.name, tuple(row.scopes), row.created_at, row.ends_at)
        for row in mine.filter(Q(ends_at=None) | Q(ends_at__gt=at)).order_by("-created_at")
    ]
