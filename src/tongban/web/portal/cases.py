# SPDX-License-Identifier: Apache-2.0
"""The applicant's cases: list, progress, receipt, correction, reminder, result, withdrawal."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tongban.cases import actions, queries, transitions
from tongban.cases.errors import Repeated
from tongban.cases.queries import CasePage
from tongban.exchange import queries as exchange
from tongban.exchange.queries import PeerView
from tongban.reminders.queries import unread
from tongban.standards import clock
from tongban.standards.node import here
from tongban.standards.refusal import Refusal
from tongban.web import files, handing_in
from tongban.web.qr import qr
from tongban.web.visit import Visit, applicants, posted

MAIN = {  # of each move that an applicant makes, the field beside which a refusal of all stands
    "correct": "note",
    "urge": "note",
    "request_hearing": "note",
    "withdraw": "reason",
    "promise": "confirmed",
    "withdraw_promise": "promise",
    "supplement": "handed",
    "report_correction": "note",
}
DONE = {name: transitions.MOVES[name].label for name in MAIN}


@require_safe
@applicants
def mine(request: Visit) -> HttpResponse:
    """Drafts and cases, newest first."""
    drafts, waiting = queries.own_and_waiting(queries.my_drafts(request.actor))
    told = {"drafts": drafts, "waiting": waiting, "cases": queries.my_cases(request.actor), "tab": "cases"}
    return render(request, "portal/cases.html", told | {"unread": unread(request.actor)})


@require_safe
@applicants
def case(request: Visit, number: str) -> HttpResponse:
    """Where the case is, who holds it, what happened, when it is due."""
    return _case(request, queries.case_page(number, request.actor))


def _case(request: Visit, found: CasePage, told: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    offered = {move.name: move for move in found.moves}
    facts = {
        "case": found,
        "tab": "cases",
        "moving": found.moving,
        "unreachable": unreachable(found),
        "correct": offered.get("correct"),
        "urge": offered.get("urge"),
        "withdraw": offered.get("withdraw"),
        "hearing": offered.get("request_hearing"),
        "promise": offered.get("promise"),
        "withdraw_promise": offered.get("withdraw_promise"),
        "supplement": offered.get("supplement"),
        "report": offered.get("report_correction"),
        "wanted": {move.name: handing_in.wanted(found, move) for move in found.moves if move.files},
        "to_correct": handing_in.opened(found, "correct"),
        "again": "again" in request.GET,
        "done": DONE.get(request.GET.get("done", ""), ""),
        "opened": "",
        "values": None,
    }
    return render(request, "portal/case.html", facts | (told or {}), status=status)


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
    ofd = request.POST.get("form") == "ofd"
    return files.send(actions.fetch_result(number, actor=request.actor, at=clock.now(), ofd=ofd), keep=True)


@applicants
@posted(up=1)
def withdraw(request: Visit, number: str) -> HttpResponse:
    """Withdraw, or ask the node that holds the case to do it."""
    return _make(request, number, "withdraw")


@applicants
@posted(up=1)
def urge(request: Visit, number: str) -> HttpResponse:
    """Remind the office that holds the case."""
    return _make(request, number, "urge")


@applicants
@posted(up=1)
def hearing(request: Visit, number: str) -> HttpResponse:
    """Ask for the hearing that the office has offered."""
    return _make(request, number, "request_hearing")


@applicants
@posted(up=1)
def correct(request: Visit, number: str) -> HttpResponse:
    """Hand in what was asked for; real when the office that holds the case confirms."""
    return _make(request, number, "correct")


@applicants
@posted(up=1)
def promise(request: Visit, number: str) -> HttpResponse:
    """Confirm a written promise that stands in full on the page."""
    return _make(request, number, "promise")


@applicants
@posted(up=1)
def withdraw_promise(request: Visit, number: str) -> HttpResponse:
    """Take a promise back that nobody has relied on yet."""
    return _make(request, number, "withdraw_promise")


@applicants
@posted(up=1)
def supplement(request: Visit, number: str) -> HttpResponse:
    """Hand in what was to come later."""
    return _make(request, number, "supplement")


@applicants
@posted(up=1)
def report(request: Visit, number: str) -> HttpResponse:
    """Say how an untrue promise was put right."""
    return _make(request, number, "report_correction")


def _make(request: Visit, number: str, move: str) -> HttpResponse:
    """Make a move or ask for it; a refusal stands beside the field and keeps what was typed."""
    found, page = queries.case_page(number, request.actor), reverse("portal:case", args=[number])
    try:
        real = handing_in.hand_in(request, found, move, at=clock.now())
    except Repeated:
        return HttpResponseRedirect(f"{page}?again=1")
    except Refusal as refusal:
        errors = handing_in.faults(refusal, found, move, f"{move}-{MAIN[move]}")
        told = {"opened": move, "errors": errors, "values": handing_in.typed(request, found, move)}
        return _case(request, found, told, refusal.status)
    return HttpResponseRedirect(f"{page}?done={move}" if real else page)


@require_safe
@applicants
def notice(request: Visit, number: str, key: str) -> HttpResponse:
    """A 文书 of this case, word for word as its PDF."""
    found, shown = queries.notice(number, key, request.actor)
    return render(request, "portal/notice.html", {"held": found.held, "notice": shown, "tab": "cases"})


@require_safe
@applicants
def notice_file(request: Visit, number: str, key: str) -> HttpResponseBase:
    """The sealed PDF of a 文书 of this case."""
    return files.send(queries.notice_file(number, key, request.actor), keep=True)


@require_safe
@applicants
def material(request: Visit, number: str, material: int) -> HttpResponseBase:
    """A marked copy of one of the files that were handed in."""
    return files.send(queries.marked_file(number, material, request.actor, clock.now()), keep=False)


@require_safe
@applicants
def original(request: Visit, number: str, material: int) -> HttpResponseBase:
    """The file as it was handed in."""
    return files.send(queries.material_file(number, material, request.actor), keep=True)
