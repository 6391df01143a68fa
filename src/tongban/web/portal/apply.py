# SPDX-License-Identifier: Apache-2.0
"""Applying, one step a page: before you start, questions, form, materials, check, submit."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from tongban.cases import actions, queries
from tongban.cases.errors import AppliedBefore, BothChanged, FormRefused
from tongban.cases.queries import DraftPage
from tongban.cases.signing import ROLES
from tongban.catalogue import queries as catalogue
from tongban.standards import clock
from tongban.standards.actor import Role
from tongban.standards.node import here
from tongban.standards.refusal import NotFound, Refusal, SignInNeeded
from tongban.web import filling
from tongban.web.device import kind_of
from tongban.web.portal.items import guide_facts
from tongban.web.qr import qr
from tongban.web.visit import Visit, applicants, page, posted

STEPS = {
    "start": "须知",
    "questions": "情形",
    "form": "填写",
    "materials": "材料",
    "signers": "共同确认",
    "check": "提交",
}
TAKE = "take-"  # of the names of ticks: what another device wrote is kept


def steps_at(now: str, *, together: bool = False) -> list[tuple[str, str]]:
    """The step bar: each word with past, now or ahead; one more where several people confirm."""
    names = [name for name in STEPS if together or name != "signers"]
    here = names.index(now)
    return [(STEPS[name], "past" if n < here else "now" if n == here else "ahead") for n, name in enumerate(names)]


def device(request: Visit) -> str:
    """The kind of the device that asks."""
    return kind_of(request.headers.get("User-Agent", ""))


@require_http_methods(["GET", "HEAD", "POST"])
@page
def start(request: Visit, task_code: str) -> HttpResponse:
    """What to know before starting; nothing is asked yet, nobody needs to be signed in."""
    if request.method == "POST":
        return redirect("portal:begin", task_code)
    try:
        version = catalogue.item(task_code)
    except NotFound:
        return redirect("portal:guide", task_code)  # suspended or retired: there it says why
    return render(request, "portal/start.html", guide_facts(version) | {"steps": steps_at("start")})


@require_safe
@page
def begin(request: Visit, task_code: str) -> HttpResponse:
    """Open the draft of this item, the unfinished one if there is one; safe to open twice."""
    visitor = request.signed_in
    if visitor is None or visitor.actor.role is not Role.APPLICANT:
        raise SignInNeeded
    draft_id = actions.start_draft(task_code, actor=request.actor, at=clock.now(), device=device(request))
    return redirect("portal:draft", draft_id)


@require_safe
@applicants
def resume(request: Visit, draft_id: UUID) -> HttpResponse:
    """The first step that is not done yet."""
    return HttpResponseRedirect(going_on(queries.draft(draft_id, request.actor)))


def going_on(draft: DraftPage) -> str:
    """Where a draft goes on."""
    if draft.submitted:
        return to("receipt", draft.submitted)
    if draft.stopped:
        return to("stopped", draft.id)
    if draft.next_question is not None:
        return to("question", draft.id, draft.next_question.code)
    open_steps = {lack.step for lack in draft.missing}
    for step in ("form", "materials", "signers"):
        if step in open_steps:
            return to(step, draft.id)
    return to("check", draft.id)


def to(name: str, *args: object) -> str:
    """The address of a page."""
    return str(redirect(f"portal:{name}", *args).headers["Location"])


def show(
    request: Visit, template: str, step: str, draft: DraftPage, told: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A page of this step."""
    facts = {
        "draft": draft,
        "content": draft.item.content,
        "steps": steps_at(step, together=draft.wanted is not None),
        "elsewhere": bool(draft.device) and draft.device != device(request),
    }
    return render(request, f"portal/{template}.html", facts | told, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants
def question(request: Visit, draft_id: UUID, code: str) -> HttpResponse:
    """One question of the scenario guidance; the heading is the question."""
    draft = queries.draft(draft_id, request.actor)
    if draft.submitted:
        return HttpResponseRedirect(going_on(draft))
    asked = next((entry for entry in draft.item.item.questions if entry.code == code), None)
    if asked is None:
        raise NotFound(what="这个问题")
    told = {"question": asked, "back": _before_question(draft, code)}
    if request.method != "POST":
        return show(request, "question", "questions", draft, told | {"chosen": draft.answers.get(code, "")})
    option = request.POST.get("option", "")
    if not option:
        errors = {"errors": {"option": "请选择一项。"}}
        return show(request, "question", "questions", draft, told | errors, status=422)
    actions.answer(draft_id, code, option, actor=request.actor, at=clock.now(), device=device(request))
    return HttpResponseRedirect(going_on(queries.draft(draft_id, request.actor)))


def _before_question(draft: DraftPage, code: str) -> str:
    codes = [answered for answered, _, _ in draft.answered]
    before = codes[: codes.index(code)] if code in codes else codes
    return to("question", draft.id, before[-1]) if before else to("start", draft.item.task_code)


def _last_question(draft: DraftPage) -> str:
    return _before_question(draft, "")


@require_safe
@applicants
def stopped(request: Visit, draft_id: UUID) -> HttpResponse:
    """Not here: what to do instead. Never a validation error."""
    draft = queries.draft(draft_id, request.actor)
    if not draft.stopped:
        return HttpResponseRedirect(going_on(draft))
    return show(request, "stopped", "questions", draft, {"back": _last_question(draft)})


@require_http_methods(["GET", "HEAD", "POST"])
@applicants
def form(request: Visit, draft_id: UUID) -> HttpResponse:
    """The form, with what is already known filled in."""
    draft = queries.draft(draft_id, request.actor)
    if draft.submitted or draft.stopped or draft.next_question is not None:
        return HttpResponseRedirect(going_on(draft))
    told: dict[str, Any] = {"back": _last_question(draft), "values": None, "more": request.GET.get("more", "")}
    if request.method != "POST":
        return show(request, "form", "form", draft, told)
    typed, seen = _typed(request, draft), filling.seen(draft.fields, request.POST)
    is_roomier = filling.MORE in request.POST
    try:
        actions.fill(draft_id, typed, actor=request.actor, at=clock.now(), device=device(request), seen=seen)
    except FormRefused as refused:
        if not is_roomier:
            fresh = queries.draft(draft_id, request.actor)
            told |= {"errors": refused.errors, "values": _kept(fresh, typed, refused.errors)}
            return show(request, "form", "form", fresh, told, status=422)
    except BothChanged as refused:
        return _both_changed(request, draft_id, typed, refused, told)
    return _roomier(request, draft_id) if is_roomier else HttpResponseRedirect(to("materials", draft_id))


def _both_changed(
    request: Visit, draft_id: UUID, typed: dict[str, str], refused: BothChanged, told: dict[str, Any]
) -> HttpResponse:
    fresh = queries.draft(draft_id, request.actor)
    errors = {
        field.name: f"“{field.label}”在另一台设备上也改过，请选择保留哪一个。"
        for field in fresh.fields
        if field.name in refused.theirs
    }
    told |= {"errors": errors, "values": _kept(fresh, typed, refused.theirs), "theirs": refused.theirs}
    return show(request, "form", "form", fresh, told, status=409)


def _roomier(request: Visit, draft_id: UUID) -> HttpResponse:
    """The form again, kept as it is, at the table that is to have another row."""
    name = request.POST.get(filling.MORE, "")[:40]
    return HttpResponseRedirect(f"{to('form', draft_id)}?{urlencode({'more': name})}#f-{name}")


def _typed(request: Visit, draft: DraftPage) -> dict[str, str]:
    """What was typed; where the tick says so, what another device wrote."""
    theirs = {field.name: field.value for field in draft.fields if f"{TAKE}{field.name}" in request.POST}
    return filling.entered(draft.fields, request.POST) | theirs


def _kept(fresh: DraftPage, typed: dict[str, str], faulty: Collection[str]) -> dict[str, str]:
    """What to show again: as it is kept now, and as it was typed where that is in question."""
    return {
        field.name: typed[field.name] if field.name in faulty and field.name in typed else field.value
        for field in fresh.fields
    }


@require_http_methods(["GET", "HEAD", "POST"])
@applicants
def signers(request: Visit, draft_id: UUID) -> HttpResponse:
    """Who confirms beside the applicant, and how far they are."""
    draft = queries.draft(draft_id, request.actor)
    if draft.submitted or draft.stopped or draft.next_question is not None or draft.wanted is None:
        return HttpResponseRedirect(going_on(draft))
    if request.method != "POST":
        return _signers(request, draft, {})
    given = {name: request.POST.get(name, "")[:100] for name in ("signer_role", "signer_name", "signer_id_number")}
    try:
        actions.add_signer(draft_id, *given.values(), actor=request.actor, at=clock.now(), device=device(request))
    except Refusal as refusal:
        told = {"errors": {refusal.field or "signer_name": refusal.sentence}, "values": given}
        return _signers(request, draft, told, refusal.status)
    return HttpResponseRedirect(to("signers", draft_id))


def _signers(request: Visit, draft: DraftPage, told: dict[str, Any], status: int = 200) -> HttpResponse:
    address = here().address + to("confirm", draft.id)
    assert draft.wanted is not None
    roles = [(role.code, ROLES[role.code], role.confirms) for role in draft.wanted.roles]
    waits = any(each.standing in ("asked", "void") for each in draft.signers)
    ready = not [lack for lack in draft.missing if lack.step != "signers"]
    facts = {
        "back": to("materials", draft.id),
        "roles": roles,
        "address": address,
        "qr": qr(address) if waits and ready else "",
        "ready": ready,
        "may_add": len(draft.signers) < draft.wanted.most,
        "lacks": [lack.sentence for lack in draft.missing if lack.step == "signers"],
    }
    return show(request, "signers", "signers", draft, facts | told, status)


@applicants
@posted(up=2)
def signer_remove(request: Visit, draft_id: UUID, number: int) -> HttpResponse:
    """Take somebody off who was named."""
    actions.remove_signer(draft_id, number, actor=request.actor, at=clock.now(), device=device(request))
    return HttpResponseRedirect(to("signers", draft_id))


@require_http_methods(["GET", "HEAD", "POST"])
@applicants
def check(request: Visit, draft_id: UUID) -> HttpResponse:
    """Everything on one page before submitting; a second submit gives the same case."""
    if request.method == "POST":
        return _submit(request, draft_id)
    draft = queries.draft(draft_id, request.actor)
    if draft.submitted or draft.stopped or draft.next_question is not None:
        return HttpResponseRedirect(going_on(draft))
    return _check(request, draft)


def _submit(request: Visit, draft_id: UUID) -> HttpResponse:
    again, seen = request.POST.get("again", ""), request.POST.get("seen", "")
    try:
        submitted = actions.submit_draft(draft_id, actor=request.actor, at=clock.now(), again=again, seen=seen)
    except Refusal as refusal:
        draft = queries.draft(draft_id, request.actor)
        wanting = {lack.field: lack.sentence for lack in draft.missing}
        errors = wanting or {refusal.field or "form": refusal.sentence}
        before = refusal.sentence if isinstance(refusal, AppliedBefore) else ""
        if before and draft.may_again:
            errors = {"again": "请写明为什么还要再办一件；不需要的，请查看已有办件。"}
        return _check(request, draft, errors, refusal.status, before=before)
    return HttpResponseRedirect(to("receipt", submitted.receipt_no))


def _check(
    request: Visit,
    draft: DraftPage,
    errors: dict[str, str] | None = None,
    status: int = 200,
    *,
    before: str = "",
) -> HttpResponse:
    told = {
        "back": to("signers" if draft.wanted else "materials", draft.id),
        "errors": errors,
        "before": before,
        "ask_again": bool(draft.others or before) and draft.may_again,
        "shut": bool(draft.others or before) and not draft.may_again,
        "typed_again": request.POST.get("again", ""),
    }
    return show(request, "check", "check", draft, told, status)
