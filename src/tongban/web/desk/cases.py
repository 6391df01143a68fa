# SPDX-License-Identifier: Apache-2.0
"""One case with only the moves that are legal now."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tongban.cases import actions, queries
from tongban.cases.errors import Repeated
from tongban.cases.queries import CasePage, FileView
from tongban.cases.queries.views import MaterialView, MoveView, OriginalView
from tongban.catalogue.content import Material
from tongban.exchange import queries as exchange
from tongban.standards import clock
from tongban.standards.refusal import Refusal
from tongban.web import files, handing_in, materials
from tongban.web.visit import Visit, posted, staff


@require_safe
@staff
def case(request: Visit, number: str) -> HttpResponse:
    """Facts, materials beside the checklist, timeline, and the moves that are legal now."""
    found = _covered(request, number)
    actions.note_look(found.id, "case", actor=request.actor, at=clock.now())
    just = {f"just_{what}": what in request.GET for what in ("done", "asked", "again")}
    return _case(request, found, just)


def _covered(request: Visit, number: str) -> CasePage:
    """The case, with the person covered until somebody asks."""
    return queries.case_page(number, request.actor, covers=True)


@staff
@posted(up=1)
def show(request: Visit, case_id: UUID) -> HttpResponse:
    """The same page with the applicant in full; whoever asks leaves a line that the applicant can read."""
    shown = actions.show_person(str(case_id), actor=request.actor, at=clock.now())
    return _case(
        request, _covered(request, str(case_id)), {"shown": shown, "form": shown.form, "changes": shown.changes}
    )


def _case(request: Visit, found: CasePage, told: dict[str, Any], status: int = 200) -> HttpResponse:
    straight = [move for move in found.moves if move.primary]
    opened = told.get("opened", straight[0].name if straight else "")
    facts = {
        "case": found,
        "straight": straight,
        "foremost": next((move.name for move in straight if not (move.needs or move.files)), ""),
        "groups": groups(found, opened),
        "asks": any(move.asked for move in found.moves),
        "opened": opened,
        "checklist": (asked := checklist(found)),
        "unneeded": [need.name for need, wanted, given, paper in asked if not (wanted or given or paper)],
        "form": written(found),
        "changes": found.changes,
        "unreachable": unreachable(found),
        "wanted": {move.name: handing_in.wanted(found, move) for move in found.moves if move.files},
        "to_correct": {move.name: handing_in.opened(found, move.name) for move in found.moves if move.files},
        "values": None,
        "tab": "worklist",
    }
    return render(request, "desk/case.html", facts | told, status=status)


def groups(found: CasePage, opened: str) -> list[tuple[str, list[MoveView], bool]]:
    """What else is possible under its headings, and which of them stands open."""
    headed: dict[str, list[MoveView]] = {}
    for move in found.moves:
        if not move.primary:
            headed.setdefault(move.group, []).append(move)
    return [(heading, moves, opened in {move.name for move in moves}) for heading, moves in headed.items()]


def written(found: CasePage) -> list[tuple[str, str]]:
    """What the form adds to the applicant's line at the top."""
    known = {found.applicant_name, found.id_masked, found.phone_masked}
    return [(label, value) for label, value in found.form if value not in known]


def checklist(found: CasePage) -> list[tuple[Material, bool, list[MaterialView], OriginalView | None]]:
    """Each requirement of the item version, whether it was asked of this applicant, and what was given for it."""
    answers = [answer for _, answer in found.answers]
    originals = {paper.name: paper for paper in found.originals}
    return [
        (
            need,
            materials.is_needed(found.item, need, answers),
            [material for material in found.materials if material.name == need.name],
            originals.get(need.name),
        )
        for need in found.item.materials
    ]


def unreachable(found: CasePage) -> list[exchange.PeerView]:
    """The node this case waits for, when it could not be reached at the last try."""
    if found.waits_for is None:
        return []
    return [peer for peer in exchange.peers() if peer.failing and peer.code == found.waits_for]


@staff
@posted(up=2)
def make_move(request: Visit, case_id: UUID, move: str) -> HttpResponse:
    """One person makes one move, or asks for it; a refusal stands beside the field and keeps what was typed."""
    found = _covered(request, str(case_id))
    try:
        real = handing_in.hand_in(request, found, move, at=clock.now())
    except Repeated:
        return HttpResponseRedirect(f"{reverse('desk:case', args=[case_id])}?again={move}")
    except Refusal as refusal:
        return _refused(request, case_id, move, refusal)
    told = {"done": move} if real else {"asked": move}
    return HttpResponseRedirect(f"{reverse('desk:case', args=[case_id])}?{urlencode(told)}")


def _refused(request: Visit, case_id: UUID, move: str, refusal: Refusal) -> HttpResponse:
    found = _covered(request, str(case_id))
    told = {"errors": handing_in.faults(refusal, found, move, "decide")}
    return _case(request, found, _typed(request, found, move) | told, refusal.status)


def _typed(request: Visit, found: CasePage, move: str) -> dict[str, Any]:
    """The form of this move stands open with what was typed."""
    return {"opened": move, "values": handing_in.typed(request, found, move)}


@staff
@posted(up=3)
def preview(request: Visit, case_id: UUID, move: str) -> HttpResponse:
    """The 文书 that a move would give, word for word, before anybody is bound by it; or back to the form."""
    if "back" in request.POST:
        found = _covered(request, str(case_id))
        return _case(request, found, _typed(request, found, move))
    facts = {name: said for name, said in handing_in.facts_of(request).items() if name != "back"}
    try:
        shown = actions.preview(case_id, move, actor=request.actor, at=clock.now(), facts=facts)
    except Refusal as refusal:
        return _refused(request, case_id, move, refusal)
    found = _covered(request, str(case_id))
    made = next((each for each in found.moves if each.name == move), None)
    told = {"case": found, "notice": shown, "move": made, "facts": facts, "tab": "worklist"}
    return render(request, "desk/preview.html", told)


@staff
@posted(up=1)
def result(request: Visit, case_id: UUID) -> HttpResponseBase:
    """The result, for the applicant who stands at the window."""
    file = actions.fetch_result(str(case_id), actor=request.actor, at=clock.now())
    return _seen(file, case_id, request, keep=True)


@require_safe
@staff
def notice(request: Visit, case_id: UUID, key: str) -> HttpResponse:
    """A 文书 of this case, word for word as its PDF."""
    found, shown = queries.notice(str(case_id), key, request.actor)
    return render(request, "desk/notice.html", {"held": found.held, "notice": shown, "tab": "worklist"})


@require_safe
@staff
def notice_file(request: Visit, case_id: UUID, key: str) -> HttpResponseBase:
    """The sealed PDF of a 文书 of this case."""
    return _seen(queries.notice_file(str(case_id), key, request.actor), case_id, request, keep=True)


@require_safe
@staff
def material(request: Visit, case_id: UUID, material: int) -> HttpResponseBase:
    """A marked copy of a material, shown in the browser beside the checklist."""
    copy = queries.marked_file(str(case_id), material, request.actor, clock.now())
    return _seen(copy, case_id, request, keep=False)


@require_safe
@staff
def original(request: Visit, case_id: UUID, material: int) -> HttpResponseBase:
    """The file as it was handed in, e.g. to check a signature in it."""
    return _seen(queries.material_file(str(case_id), material, request.actor), case_id, request, keep=True)


def _seen(file: FileView, case_id: UUID, request: Visit, *, keep: bool) -> HttpResponseBase:
    """A file of a case, sent; the applicant can read who looked at it."""
    actions.note_look(case_id, "file", actor=request.actor, at=clock.now())
    return files.send(file, keep=keep)
