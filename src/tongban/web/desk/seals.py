# SPDX-License-Identifier: Apache-2.0
"""The register of seals: for the custodian of a seal, and for whoever runs the node."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from tongban.licences.actions import answer_order, change_seal, entrust_seal, order_again, register_seal
from tongban.licences.bulk.queries import wanted
from tongban.licences.errors import OrderAnswered
from tongban.licences.said import LONGEST
from tongban.licences.seal_drawing import draw_svg
from tongban.licences.seals import queries
from tongban.licences.seals.signing import drawing_of
from tongban.licences.seals.states import BULK, CHANGES, HISTORY, KINDS, Hand, SealState, possible
from tongban.regions.queries import organizations
from tongban.standards import clock
from tongban.standards.actor import Role
from tongban.standards.node import here
from tongban.standards.refusal import BadInput, NotAllowed, NotFound, Refusal
from tongban.web import files
from tongban.web.visit import Visit, posted, staff

DONE = {
    "register": "已登记。",
    "suspend": "已停用，从现在起不再盖章；等待盖章的文书会在页面上说明原因。",
    "resume": "已恢复使用。",
    "destroy": "已销毁。",
    "entrust": "已更换保管人。",
    "allow": "已放行，等待的文书正在盖章。",
    "refuse": "已退回，文书继续等待。",
    "again": "已申请放行等待的文书。",
}


def seals(request: Visit) -> HttpResponse:
    """The seals that somebody may see."""
    found = queries.seals(request.actor)
    is_operator = request.actor.role is Role.OPERATOR
    if not found and not is_operator:
        raise NotAllowed()
    rows = [(each, SealState(each.state), KINDS[each.kind]) for each in found]
    told = {"rows": rows, "is_operator": is_operator, "now": clock.now(), "tab": "seals"}
    return render(request, "desk/seals.html", told | {"done": DONE.get(request.GET.get("done", ""), "")})


def register(request: Visit) -> HttpResponse:
    """Enter the seal of an organization: of this node, or one that lets a window here act in its name."""
    if request.actor.role is not Role.OPERATOR:
        raise NotAllowed()
    given = {name: request.POST.get(name, "").strip() for name in ("organization", "custodian", "valid_until")}
    told: dict[str, Any] = {"tab": "seals", "organizations": _without_seal(), "given": given}
    if request.method == "POST":
        try:
            office = next((each for each in organizations() if each.code == given["organization"]), None)
            if office is None:
                raise BadInput("organization", "请选择机构。")
            until = _until(given["valid_until"])
            row = register_seal(
                office.code,
                office.name,
                custodian=given["custodian"],
                valid_until=until,
                actor=request.actor,
                at=clock.now(),
            )
            return HttpResponseRedirect(f"{reverse('desk:seal', args=[row.id])}?done=register")
        except Refusal as no:
            told["errors"] = {no.field or "organization": no.sentence}
            return render(request, "desk/seal_new.html", told, status=no.status)
    return render(request, "desk/seal_new.html", told)


def seal(request: Visit, seal_id: UUID) -> HttpResponse:
    """One seal: how it stands, its uses, its history, what may be done."""
    return _seal(request, seal_id, {"done": DONE.get(request.GET.get("done", ""), "")})


def act(request: Visit, seal_id: UUID) -> HttpResponse:
    """Do one of these; what was typed stays when that is refused."""
    given = {name: request.POST.get(name, "") for name in ("act", "reason", "custodian")}
    do, who, at = given["act"], request.actor, clock.now()
    try:
        if do == "entrust":
            entrust_seal(seal_id, given["custodian"], reason=given["reason"], actor=who, at=at)
        elif do in ("allow", "refuse"):
            answer_order(seal_id, allow=do == "allow", actor=who, at=at, order_id=_order(request))
        elif do == "again":
            order_again(seal_id, reason=given["reason"], actor=who, at=at)
        elif do in CHANGES:
            change_seal(seal_id, do, reason=given["reason"], actor=who, at=at)
        else:
            raise BadInput("act", "请选择怎样处理。")
    except NotFound:
        raise
    except Refusal as no:
        return _seal(request, seal_id, {"given": given, "errors": {no.field or "act": no.sentence}}, no.status)
    return HttpResponseRedirect(f"{reverse('desk:seal', args=[seal_id])}?done={do}")


def _order(request: Visit) -> UUID:
    """The order that the page showed when the button was pressed."""
    try:
        return UUID(request.POST.get("order", ""))
    except ValueError as why:
        raise OrderAnswered() from why


def image(request: Visit, seal_id: UUID) -> HttpResponseBase:
    """How the seal looks."""
    row = queries.seal_page(seal_id, request.actor).seal
    return files.send(files.paper("seal.svg", "image/svg+xml", draw_svg(drawing_of(row))), keep=False)


def _seal(request: Visit, seal_id: UUID, told: dict[str, Any], status: int = 200) -> HttpResponse:
    after = request.GET.get("after", "")
    found = queries.seal_page(seal_id, request.actor, int(after) if after.isascii() and after.isdigit() else 0)
    state = SealState(found.seal.state)
    shown = {
        "page": found,
        "seal": found.seal,
        "kind": KINDS[found.seal.kind],
        "state": state,
        "is_over": found.seal.valid_until <= clock.now(),
        "ways": possible(state, found.hands),
        "is_operator": Hand.OPERATOR in found.hands,
        "may_ask": Hand.CUSTODIAN in found.hands and state is SealState.IN_USE and not found.order,
        "may_answer": found.order is not None and not found.order.asked_by.endswith(str(request.actor.id)),
        "wanted": wanted(found.order) if found.order else None,
        "history": [(HISTORY[each.change], each) for each in found.changes],
        "uses": [(each, found.names[each.person]) for each in found.uses],
        "next": found.uses[-1].id if len(found.uses) == queries.USES_SHOWN else 0,
        "bulk": BULK,
        "longest": LONGEST,
        "tab": "seals",
    }
    return render(request, "desk/seal.html", shown | told, status=status)


def _without_seal() -> list[tuple[str, str]]:
    """The organizations that have none here, this node's own first; others' are lent by agreement."""
    sealed = {each.organization for each in queries.standing_seals()}
    rows = sorted(organizations(), key=lambda each: each.node_code != here().code)
    return [(each.code, each.name + _lent(each.node_code)) for each in rows if each.code not in sealed]


def _lent(node: str) -> str:
    return "" if node == here().code else "（外地机构，按协议）"


def _until(typed: str) -> datetime | None:
    if not typed:
        return None
    try:
        return datetime.combine(datetime.fromisoformat(typed).date(), time.max, tzinfo=clock.SHANGHAI)
    except ValueError as why:
        raise BadInput("valid_until", "请写成 2030-12-31 这样的日期。") from why


urlpatterns = [
    path("seals/", require_safe(staff(seals)), name="seals"),
    path("seals/new/", require_http_methods(["GET", "HEAD", "POST"])(staff(register)), name="seal-new"),
    path("seals/<uuid:seal_id>/", require_safe(staff(seal)), name="seal"),
    path("seals/<uuid:seal_id>/image.svg", require_safe(staff(image)), name="seal-image"),
    path("seals/<uuid:seal_id>/act/", staff(posted(up=1)(act)), name="seal-act"),
]
