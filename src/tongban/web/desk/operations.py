# SPDX-License-Identifier: Apache-2.0
"""The operator's page: how this node stands with the others, and what will expire."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tongban.exchange import queries as exchange
from tongban.exchange import witnesses
from tongban.exchange.errors import ExchangeRefusal
from tongban.exchange.queries import PeerView
from tongban.ledger import queries as ledger
from tongban.licences import queries as licences
from tongban.regions import queries as regions
from tongban.regions.errors import NoTrustList
from tongban.reminders.queries import stuck
from tongban.standards import clock
from tongban.standards.actor import Role
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed
from tongban.web.visit import Visit, staff

USES = {"exchange": "节点间传送签名", "document": "电子文件签章", "sign_in": "登录互认", "encryption": "接收加密附件"}
SOON = {"list": 10, "key": 30}  # days before the end from which the page warns; a list is renewed 15 days before
SKEWED = 5_000  # milliseconds; the exchange refuses far more


@dataclass(frozen=True)
class Expiry:
    """Something that ends on a day."""

    name: str
    detail: str
    at: datetime
    days: int  # whole days left; negative when it is over
    soon: bool


@require_safe
@staff
def operations(request: Visit) -> HttpResponse:
    """Peers, what waits, what was refused, what expires; the same figures as /metrics."""
    if request.actor.role is not Role.OPERATOR:
        raise NotAllowed()
    load, oldest = exchange.load(), licences.oldest_pending()
    names = {peer.code: peer.name for peer in exchange.peers()}
    told: dict[str, Any] = {
        "lines": [(peer, _error(peer), _skew(peer)) for peer in exchange.peers()],
        "load": load,
        "to_send": sum(load.outbox.values()),
        "ledger_waiting": ledger.waiting(),
        "oldest_paper": oldest,
        "refused": [(row, names.get(row.sender, "名单以外的发送者"), reason(row.code)) for row in exchange.refusals()],
        "dead": len(exchange.dead_letters()),
        "parked": len(exchange.parked()),
        "gaps": len(exchange.gaps()),
        "stuck": len(stuck(request.actor, clock.now())),
        "expiries": _expiries(),
        "witnesses": witnesses.witnessing(),
        "odd_heads": witnesses.conflicts(),
        "now": clock.now(),
        "tab": "operations",
    }
    return render(request, "desk/operations.html", told)


def _error(peer: PeerView) -> str:
    """The last error in words: its code is for programs."""
    code, _, sentence = peer.last_error.partition(": ")
    return sentence or reason(code)


def _skew(peer: PeerView) -> tuple[str, bool]:
    """How far the other clock is from ours, and whether somebody should look."""
    if peer.skew_ms is None:
        return "", False
    seconds = abs(peer.skew_ms) / 1000
    word = "快" if peer.skew_ms > 0 else "慢"
    return (f"{word} {seconds:.1f} 秒" if seconds >= 0.05 else "一致"), abs(peer.skew_ms) > SKEWED


def reason(code: str) -> str:
    """What a refusal's code means; the plain sentence where the whole one tells a fact."""
    sentence = _sentences(ExchangeRefusal).get(code, code)
    return sentence.split("：{")[0].split("{")[0].rstrip("（") if "{" in sentence else sentence


def _sentences(kind: type[ExchangeRefusal]) -> dict[str, str]:
    found = {kind.code: kind.says}
    for below in kind.__subclasses__():
        found |= _sentences(below)
    return found


def _expiries() -> list[Expiry]:
    """The list of trusted nodes and this node's own keys, the first to end first."""
    now = clock.now()
    try:
        held = regions.trust_list()
    except NoTrustList:
        return []
    found = [_expiry("信任名单", f"第 {held.serial} 期，枢纽到期前会自动换发", held.expires_at, "list", now)]
    mine = held.nodes.get(here().code)
    for key in mine.keys if mine else ():
        use, mark = USES.get(key.use, key.use), key.id.rpartition(":")[2][:24]
        found.append(_expiry(f"密钥：{use}", f"指纹 {mark}", key.not_after, "key", now))
    return sorted(found, key=lambda each: each.at)


def _expiry(name: str, detail: str, at: datetime, kind: str, now: datetime) -> Expiry:
    days = (at - now).days
    return Expiry(name=name, detail=detail, at=at, days=days, soon=days < SOON[kind])
