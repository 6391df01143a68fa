# SPDX-License-Identifier: Apache-2.0
"""The applicant's cases: list, progress, receipt, correction, result, withdrawal."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tongban.cases import actions, queries, transitions
from tongban.cases.errors import Repeated
from tongban.cases.queries import CasePage
from tongban.exchange import queries as exchange
from tongban.exchange.queries import PeerView
from tongban.standards import clock
from tongban.standards.node import here
from tongban.standards.refusal import Refusal
from tongban.web import files, handing_in
from tongban.web.qr import qr
from tongban.web.visit import Visit, applicants, posted


@require_safe
@applicants
def mine(request: Visit) -> HttpResponse:
    """Drafts and cases, newest first."""
    told = {"drafts": queries.my_drafts(request.actor), "cases": queries.my_cases(request.actor), "tab": "cases"}
    return render(request, "portal/cases.html", told)


@require_safe
@applicants
def case(request: Visit, number: str) -> HttpResponse:
    """Where the case is, who holds it, what happened, when it is due."""
    return _case(request, queries.case_page(number, request.actor))


def _case(request: Visit, found: CasePage, told: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    facts = {
        "case": found,
        "tab": "cases",
        "moving": found.moving,
        "unreachable": unreachable(found),
        "can_withdraw": any(move.name == "withdraw" for move in found.moves),
        "correct": next((move for move in found.moves if move.name == "correct"), None),
        "wanted": handing_in.wanted(found),
        "asked_for": asked_for(found),
        "again": "again" in request.GET,
    }
    return render(request, "portal/case.html", facts | (told or {}), status=status)


def asked_for(found: CasePage) -> str:
    """What the office asked to be corrected, while it waits for it."""
    if transitions.known(found.state) not in transitions.AWAIT_FILES:
        return ""
    said = (text for entry in found.timeline for label, text in entry.details if label == "需要补正的内容")
    return next(said, "")


def unreachable(found: CasePage) -> list[PeerView]:
    """The node this case waits for, when it could not be reached at the last try."""
    if found.waits_for is None:
        return []
    return [peer for peer in exchange.peers() if peer.failing and peer.code == found.waits_for]


@require_safe
@applicants
def receipt(request: Visit, number: str) -> HttpResponse:
    """The confirmation: it may be bookmarked and printed."""
    found = queries.case_page(number, request.actor)
    address = here().address + reverse("portal:case", args=[found.receipt_no])
    return render(request, "portal/receipt.html", {"case": found, "qr": qr(address), "tab": "cases"})


@applicants
@posted(up=1)
def result(request: Visit, number: str) -> HttpResponseBase:
    """Download the result; the first download is the proof of delivery."""
    return files.send(actions.fetch_result(number, actor=request.actor, at=clock.now()), keep=True)


@applicants
@posted(up=1)
def withdraw(request: Visit, number: str) -> HttpResponse:
    """Withdraw, or ask the node that holds the case to do it."""
    found = queries.case_page(number, request.actor)
    reason = request.POST.get("reason", "").strip()
    try:
        once = handing_in.token_of(request)
        actions.withdraw(found.id, actor=request.actor, at=clock.now(), reason=reason, once=once)
    except Repeated:
        return _again(number)
    except Refusal as refusal:
        errors = {refusal.field or "reason": refusal.sentence}
        return _case(request, found, {"errors": errors, "values": {"reason": reason}}, refusal.status)
    return redirect("portal:case", number)


def _again(number: str) -> HttpResponse:
    """The same form came twice: the page where its effect is seen, with a word about it."""
    return HttpResponseRedirect(f"{reverse('portal:case', args=[number])}?again=1")


@applicants
@posted(up=1)
def correct(request: Visit, number: str) -> HttpResponse:
    """Hand in what was asked for; real when the office that holds the case confirms."""
    found = queries.case_page(number, request.actor)
    try:
        handing_in.hand_in(request, found, "correct", at=clock.now())
    except Repeated:
        return _again(number)
    except Refusal as refusal:
        field = handing_in.fault_at(refusal.field, {need.code for need in found.item.materials}) or "note"
        told = {"errors": {f"correct-{field}": refusal.sentence}, "values": {"correct-note": request.POST.get("note")}}
        return _case(request, found, told, refusal.status)
    return redirect("portal:case", number)


@require_safe
@applicants
def notice(request: Visit, number: str, notice_id: UUID) -> HttpResponseBase:
    """The sealed PDF of a 文书 of this case."""
    return files.send(queries.notice_file(number, notice_id, request.actor), keep=True)


@require_safe
@applicants
def material(request: Visit, number: str, material: int) -> HttpResponseBase:
    """One of the files that were handed in."""
    return files.send(queries.material_file(number, material, request.actor), keep=True)
