# SPDX-License-Identifier: Apache-2.0
"""How the lines to the other nodes are, and how much waits where."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from tongban.exchange.models import Inbox, Outbox, Peer, Refused, Wanted
from tongban.regions.queries import trust_list
from tongban.standards.node import here

# What the resident worker asks, all together: is there work? (%(at)s is the present instant.)
APPLY_DUE = "SELECT 1 FROM exchange_inbox WHERE state = 'received' AND (not_before IS NULL OR not_before <= %(at)s)"


def send_due(code: str) -> str:
    """Whether anything waits for this peer and its line does not rest. ValueError for what is no node's code."""
    _require_code(code)
    return (
        f"SELECT 1 FROM exchange_outbox WHERE recipient = '{code}' AND answered_at IS NULL AND NOT EXISTS "  # noqa: S608
        f"(SELECT 1 FROM exchange_peer WHERE code = '{code}' AND next_try_at > %(at)s)"
    )


def fetch_due(code: str) -> str:
    """Whether a file of this peer's is to be fetched. ValueError for what is no node's code."""
    _require_code(code)
    return (
        f"SELECT 1 FROM exchange_wanted WHERE sender = '{code}' "  # noqa: S608
        "AND fetched_at IS NULL AND not_before <= %(at)s"
    )


def question_due(code: str) -> str:
    """Whether a question waits for this peer. ValueError for what is no node's code."""
    _require_code(code)
    return (
        f"SELECT 1 FROM exchange_asked WHERE peer = '{code}' "  # noqa: S608
        "AND state = 'waiting' AND next_try_at <= %(at)s"
    )


def _require_code(code: str) -> None:
    """These texts go into one statement with many others; nothing but a code may stand in them."""
    if not (code.isdigit() and len(code) == 6):
        raise ValueError(f"{code!r} is no node")


@dataclass(frozen=True)
class PeerView:
    """The line to one peer, for people."""

    code: str
    name: str
    last_ok_at: datetime | None
    backlog: int
    failing: bool
    next_try_at: datetime | None
    last_error: str
    skew_ms: int | None = None  # their clock less ours at the last exchange; None before the first


@dataclass(frozen=True)
class Load:
    """How much waits where."""

    outbox: dict[str, int]
    inbox_waiting: int
    inbox_parked: int
    files_wanted: int
    refused: dict[tuple[str, str], int]


def peers() -> list[PeerView]:
    """Every other node on the trust list, with how the line to it is."""
    kept = {peer.code: peer for peer in Peer.objects.all()}
    waiting = backlog()
    return [
        _view(node.code, node.name, kept.get(node.code), waiting.get(node.code, 0))
        for node in trust_list().peers(here().code)
    ]


def _view(code: str, name: str, peer: Peer | None, waiting: int) -> PeerView:
    return PeerView(
        code=code,
        name=name,
        last_ok_at=peer.last_ok_at if peer else None,
        backlog=waiting,
        failing=bool(peer and peer.failures),
        next_try_at=peer.next_try_at if peer else None,
        last_error=peer.last_error if peer else "",
        skew_ms=peer.skew_ms if peer else None,
    )


def backlog() -> dict[str, int]:
    """Messages that wait for each peer."""
    rows = Outbox.objects.filter(answered_at=None).values_list("recipient").annotate(Count("position"))
    return dict(rows)


def load() -> Load:
    """All that the metrics and the operator's page show."""
    states = dict(
        Inbox.objects.filter(state__in=("received", "parked")).values_list("state").annotate(Count("message_id"))
    )
    return Load(
        outbox=backlog(),
        inbox_waiting=states.get("received", 0),
        inbox_parked=states.get("parked", 0),
        files_wanted=Wanted.objects.filter(fetched_at=None).count(),
        refused={(row.sender, row.code): row.count for row in Refused.objects.all()},
    )


def failing(codes: set[str]) -> set[str]:
    """Those of these peers that could not be reached at the last try."""
    return set(Peer.objects.filter(code__in=codes, failures__gt=0).values_list("code", flat=True))


def last_exchange() -> datetime | None:
    """When any peer last answered."""
    return Peer.objects.aggregate(at=Max("last_ok_at"))["at"]  # type: ignore[no-any-return]
