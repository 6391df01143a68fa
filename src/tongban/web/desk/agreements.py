# SPDX-License-Identifier: Apache-2.0
"""Agreements between two regions at the desk: offered, answered and ended by item managers, seen by all they bind."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from tongban.catalogue import queries as catalogue
from tongban.catalogue.lists import actions, queries
from tongban.catalogue.lists.words import CONFIRMED, MOVES, OFFERED, AgreementStanding
from tongban.catalogue.models import RegionAgreement
from tongban.regions import queries as regions
from tongban.standards import clock
from tongban.standards.actor import Role
from tongban.standards.refusal import BadInput, NotAllowed, NotFound, Refusal
from tongban.web.desk.lists import day, managers
from tongban.web.refusals import PageGone
from tongban.web.visit import Visit, posted, staff

TAGS = {"offered": "tag-wait", "refused": "tag-stop", "retracted": "", "ended": "tag-stop"}
DONE = {
    "offered": "已签名发给对方，等待对方确认。",
    "confirmed": "双方都已签名。自生效之日起，收件地窗口可以按协议办理。",
    "refused": "已告知对方不同意。",
    "retracted": "已收回。",
    "ended": "已通知对方终止。",
}
SIDES = {"handling": "办理地（把事项交给对方窗口办）", "intake": "收件地（由本地窗口替对方办）"}


def agreements(request: Visit) -> HttpResponse:
    """What concerns the actor: of item managers what their organization has signed, of others what binds them."""
    rows = [_shown(row) for row in queries.agreements_of(request.actor)]
    return _page(request, "agreements", {"rows": rows, "may_offer": request.actor.role is Role.ITEM_MANAGER})


def _shown(row: RegionAgreement) -> dict[str, Any]:
    word, tag = _stands(row)
    return {
        "row": row,
        "of": row.agreement,
        "word": word,
        "tag": tag,
        "moves": [MOVES[move] for move in row.agreement.moves],
        "last_day": min((each for each in (row.ends_on, row.until) if each), default=None),
    }


def _stands(row: RegionAgreement) -> tuple[str, str]:
    """How an agreement stands today, with the tag of it."""
    today = clock.today()
    if queries.is_in_force(row, today):
        return "生效中", "tag-go"
    if row.standing == CONFIRMED:
        return ("待生效", "tag-info") if row.begins > today else ("已期满", "")
    return AgreementStanding(row.standing).label, TAGS[row.standing]


def agreement(request: Visit, agreement_id: UUID) -> HttpResponse:
    """One agreement: what is lent, both signatures, and what may be done."""
    return _agreement(request, agreement_id, {})


def _agreement(request: Visit, agreement_id: UUID, told: dict[str, Any], status: int = 200) -> HttpResponse:
    actor, row = request.actor, queries.agreement(agreement_id, request.actor)
    own = actor.organization if actor.role is Role.ITEM_MANAGER else ""
    side = "handling" if own == row.handling else "intake" if own == row.intake else ""
    names = queries.names_of(row.agreement.items)
    signed = {one["side"]: one for one in row.signatures}
    facts = _shown(row) | {
        "items": [(code, names.get(code, "")) for code in row.agreement.items],
        "signed": [
            (office, word, signed.get(name))
            for name, word, office in (
                ("handling", "办理地", row.agreement.handling),
                ("intake", "收件地", row.agreement.intake),
            )
        ],
        "places": regions.region_names([row.handling_region, row.intake_region]),
        "may_answer": row.standing == OFFERED and side not in ("", row.offered_by),
        "may_retract": row.standing == OFFERED and side == row.offered_by,
        "may_end": row.standing == CONFIRMED and bool(side),
    }
    return _page(request, "agreement", facts | told, status)


def new(request: Visit) -> HttpResponse:
    """The form of a new agreement."""
    return _form(request, {"given": {"notice_days": "30", "side": "handling"}, "moves_given": ()})


def _form(request: Visit, told: dict[str, Any], status: int = 200) -> HttpResponse:
    actor = managers(request)
    offices = [office for office in regions.organizations() if office.code != actor.organization]
    names = regions.region_names([office.region_code for office in offices])
    facts = {
        "offices": [(office.code, office.name, names.get(office.region_code, "全国")) for office in offices],
        "own": regions.organization(actor.organization),
        "sides": SIDES,
        "all_moves": MOVES,
        "basics": catalogue.basic_items(),
    }
    return _page(request, "offer", facts | told, status)


def offer(request: Visit) -> HttpResponse:
    """Sign it and lay it before the other organization."""
    actor, sent = managers(request), request.POST
    try:
        row = actions.offer(_words(sent), side=_side(sent), other=_other(sent), actor=actor, at=clock.now())
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        told = {"errors": {_field(no): no.sentence}, "given": sent, "moves_given": sent.getlist("moves")}
        return _form(request, told | {"items_given": sent.getlist("items")}, no.status)
    return _done(row.id, "offered")


def _words(sent: Any) -> dict[str, Any]:
    days = sent.get("notice_days", "").strip()
    if not (days.isascii() and days.isdigit() and len(days) < 4):
        raise BadInput("notice_days", "请填写提前通知的天数。")
    begins, until = day(sent.get("begins", ""), "begins"), day(sent.get("until", ""), "until")
    if begins is None:
        raise BadInput("begins", "请填写开始日期。")
    if not sent.get("title", "").strip():
        raise BadInput("title", "请填写协议名称。")
    if not sent.get("basis", "").strip():
        raise BadInput("basis", "请写明协议的依据。")
    return {
        "title": sent.get("title", "").strip(),
        "moves": sent.getlist("moves"),
        "items": sent.getlist("items"),
        "shares": [_share(line) for line in sent.get("shares", "").splitlines() if line.strip()],
        "begins": begins.isoformat(),
        "until": until.isoformat() if until else None,
        "notice_days": int(days),
        "basis": sent.get("basis", "").strip(),
    }


def _share(line: str) -> dict[str, str]:
    step, _, text = line.replace("：", ":").partition(":")
    return {"step": step.strip(), "text": text.strip()}


def _side(sent: Any) -> Any:
    if sent.get("side") not in SIDES:
        raise BadInput("side", "请选择本机构是办理地还是收件地。")
    return sent["side"]


def _other(sent: Any) -> str:
    found = {office.code for office in regions.organizations()}
    if sent.get("other") not in found:
        raise BadInput("other", "请选择对方机构。")
    return str(sent["other"])


def _field(no: Refusal) -> str:
    return (no.field or "title").partition("[")[0]


def step(request: Visit, agreement_id: UUID, how: str) -> HttpResponse:
    """Confirm, refuse, take back, or give notice."""
    actor, at, reason = managers(request), clock.now(), request.POST.get("reason", "")

    def end() -> object:
        last = day(request.POST.get("ends_on", ""), "ends_on")
        if last is None:
            raise BadInput("ends_on", "请填写协议的最后一天。")
        return actions.end(agreement_id, ends_on=last, reason=reason, actor=actor, at=at)

    ways: dict[str, Callable[[], object]] = {
        "confirmed": lambda: actions.confirm(agreement_id, actor=actor, at=at),
        "refused": lambda: actions.refuse(agreement_id, reason=reason, actor=actor, at=at),
        "retracted": lambda: actions.retract(agreement_id, actor=actor, at=at),
        "ended": end,
    }
    if how not in ways:
        raise PageGone()
    try:
        ways[how]()
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        told = {"errors": {no.field or how: no.sentence}, "given": request.POST, "how": how}
        return _agreement(request, agreement_id, told, no.status)
    return _done(agreement_id, how)


def _done(agreement_id: UUID, how: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('desk:agreement', args=[agreement_id])}?done={how}")


def _page(request: Visit, name: str, told: dict[str, Any], status: int = 200) -> HttpResponse:
    facts = {"tab": "agreements", "done": DONE.get(request.GET.get("done", ""))}
    return render(request, f"desk/lists/{name}.html", facts | told, status=status)


ONE = "agreements/<uuid:agreement_id>/"
urlpatterns = [
    path("agreements/", require_safe(staff(agreements)), name="agreements"),
    path("agreements/new/", require_safe(staff(new)), name="agreement-new"),
    path("agreements/offer/", staff(posted(up=1)(offer)), name="agreement-offer"),
    path(ONE, require_safe(staff(agreement)), name="agreement"),
    path(f"{ONE}<str:how>/", staff(posted(up=1)(step)), name="agreement-step"),
]
