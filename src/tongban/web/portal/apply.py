# SPDX-License-Identifier: Apache-2.0
"""Applying, one step a page: before you start, questions, form, materials, check, submit."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from tongban.cases import actions, queries
from tongban.cases.errors import FormRefused, Repeated
from tongban.cases.queries import DraftPage
from tongban.catalogue import queries as catalogue
from tongban.standards import clock
from tongban.standards.actor import Role
from tongban.standards.refusal import NotFound, Refusal, SignInNeeded
from tongban.web import handing_in
from tongban.web.portal.items import guide_facts
from tongban.web.refusals import TooLarge
from tongban.web.visit import Visit, applicants, page, posted

WORDS = ("须知", "情形", "填写", "材料", "提交")
STEP = {"start": 0, "questions": 1, "form": 2, "materials": 3, "check": 4}


def steps_at(now: str) -> list[tuple[str, str]]:
    """The step bar: each word with past, now or ahead."""
    here = STEP[now]
    return [(word, "past" if n < here else "now" if n == here else "ahead") for n, word in enumerate(WORDS)]


@require_http_methods(["GET", "HEAD", "POST"])
@page
def start(request: Visit, task_code: str) -> HttpResponse:
    """What to know before starting; nothing is asked yet, nobody needs to be signed in."""
    if request.method == "POST":
        return redirect("portal:begin", task_code)
    told = guide_facts(catalogue.item(task_code)) | {"steps": steps_at("start")}
    return render(request, "portal/start.html", told)


@require_safe
@page
def begin(request: Visit, task_code: str) -> HttpResponse:
    """Open the draft of this item, the unfinished one if there is one; safe to open twice."""
    visitor = request.signed_in
    if visitor is None or visitor.actor.role is not Role.APPLICANT:
        raise SignInNeeded
    draft_id = actions.start_draft(task_code, actor=visitor.actor, at=clock.now())
    return redirect("portal:draft", draft_id)


@require_safe
@applicants
def resume(request: Visit, draft_id: UUID) -> HttpResponse:
    """The first step that is not done yet."""
    return HttpResponseRedirect(_next(queries.draft(draft_id, request.actor)))


def _next(draft: DraftPage) -> str:
    """Where a draft goes on."""
    if draft.submitted:
        return _to("receipt", draft.submitted)
    if draft.stopped:
        return _to("stopped", draft.id)
    if draft.next_question is not None:
        return _to("question", draft.id, draft.next_question.code)
    open_steps = {lack.step for lack in draft.missing}
    for step in ("form", "materials"):
        if step in open_steps:
            return _to(step, draft.id)
    return _to("check", draft.id)


def _to(name: str, *args: object) -> str:
    return str(redirect(f"portal:{name}", *args).headers["Location"])


def _show(request: Visit, template: str, draft: DraftPage, told: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(
        request, f"portal/{template}.html", {"draft": draft, "content": draft.item.content} | told, status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
@applicants
def question(request: Visit, draft_id: UUID, code: str) -> HttpResponse:
    """One question of the scenario guidance; the heading is the question."""
    draft = queries.draft(draft_id, request.actor)
    if draft.submitted:
        return HttpResponseRedirect(_next(draft))
    asked = next((entry for entry in draft.item.item.questions if entry.code == code), None)
    if asked is None:
        raise NotFound(what="这个问题")
    told = {"question": asked, "steps": steps_at("questions"), "back": _before_question(draft, code)}
    if request.method != "POST":
        return _show(request, "question", draft, told | {"chosen": draft.answers.get(code, "")})
    option = request.POST.get("option", "")
    if not option:
        return _show(request, "question", draft, told | {"errors": {"option": "请选择一项。"}}, status=422)
    actions.answer(draft_id, code, option, actor=request.actor, at=clock.now())
    return HttpResponseRedirect(_next(queries.draft(draft_id, request.actor)))


def _before_question(draft: DraftPage, code: str) -> str:
    codes = [answered for answered, _, _ in draft.answered]
    before = codes[: codes.index(code)] if code in codes else codes
    return _to("question", draft.id, before[-1]) if before else _to("start", draft.item.task_code)


def _last_question(draft: DraftPage) -> str:
    return _before_question(draft, "")


@require_safe
@applicants
def stopped(request: Visit, draft_id: UUID) -> HttpResponse:
    """Not here: what to do instead. Never a validation error."""
    draft = queries.draft(draft_id, request.actor)
    if not draft.stopped:
        return HttpResponseRedirect(_next(draft))
    return _show(request, "stopped", draft, {"back": _last_question(draft)})


@require_http_methods(["GET", "HEAD", "POST"])
@applicants
def form(request: Visit, draft_id: UUID) -> HttpResponse:
    """The form, with what is already known filled in."""
    draft = queries.draft(draft_id, request.actor)
    if draft.submitted or draft.stopped or draft.next_question is not None:
        return HttpResponseRedirect(_next(draft))
    told: dict[str, Any] = {"steps": steps_at("form"), "back": _last_question(draft), "values": None}
    if request.method != "POST":
        return _show(request, "form", draft, told)
    typed = {field.name: request.POST.get(field.name, "") for field in draft.fields}
    try:
        actions.fill(draft_id, typed, actor=request.actor, at=clock.now())
    except FormRefused as refused:
        return _show(request, "form", draft, told | {"errors": refused.errors, "values": typed}, status=422)
    return HttpResponseRedirect(_to("materials", draft_id))


@require_http_methods(["GET", "HEAD", "POST"])
@applicants
def materials(request: Visit, draft_id: UUID) -> HttpResponse:
    """One card for each material that the answers make needed."""
    draft = queries.draft(draft_id, request.actor)
    if draft.submitted or draft.stopped or draft.next_question is not None:
        return HttpResponseRedirect(_next(draft))
    if large := _named(draft, request.GET.get("large", "")):
        no = TooLarge(limit=settings.TONGBAN_MAX_UPLOAD // 1_000_000)
        told = {large: f"{no.sentence}请压缩后再上传，已上传的文件不受影响。"}
        return _materials(request, draft, told, status=422)
    if request.method != "POST":
        return _materials(request, draft)
    wanting = {lack.field: lack.sentence for lack in draft.missing if lack.step == "materials"}
    if wanting:
        return _materials(request, draft, wanting, status=422)
    return HttpResponseRedirect(_to("check", draft_id))


def _named(draft: DraftPage, code: str) -> str:
    """The code when the draft asks for such a material, else nothing."""
    return next((need.code for need in draft.requirements if need.code == code), "")


def _materials(
    request: Visit, draft: DraftPage, errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    told = {
        "steps": steps_at("materials"),
        "back": _to("form", draft.id),
        "errors": errors,
        "again": request.GET.get("again", ""),
    }
    return _show(request, "materials", draft, told, status)


@applicants
@posted(up=2)
def material_add(request: Visit, draft_id: UUID, requirement: str) -> HttpResponse:
    """One file for one requirement."""
    given = request.FILES.get("file")
    try:
        if given is None:
            raise Unchosen(field=requirement)
        _add(request, draft_id, requirement, given)
    except Repeated:
        return HttpResponseRedirect(f"{_to('materials', draft_id)}?{urlencode({'again': requirement})}#m-{requirement}")
    except Refusal as refusal:
        if refusal.field is None:
            raise
        draft = queries.draft(draft_id, request.actor)
        return _materials(request, draft, {refusal.field: refusal.sentence}, refusal.status)
    return HttpResponseRedirect(f"{_to('materials', draft_id)}#m-{requirement}")


def _add(request: Visit, draft_id: UUID, requirement: str, given: "UploadedFile[Any]") -> None:
    actions.add_material(
        draft_id,
        requirement,
        given.name or "材料",
        given.chunks(),
        actor=request.actor,
        at=clock.now(),
        once=handing_in.token_of(request),
    )


class Unchosen(Refusal):
    """The upload button was pressed without a file."""

    code, status, says = "no_file", 422, "请先选择要上传的文件。"


@applicants
@posted(up=2)
def material_remove(request: Visit, draft_id: UUID, requirement: str) -> HttpResponse:
    """Take a file back before submitting."""
    digest = request.POST.get("digest", "")
    actions.remove_material(draft_id, requirement, digest, actor=request.actor, at=clock.now())
    return HttpResponseRedirect(_to("materials", draft_id))


@require_http_methods(["GET", "HEAD", "POST"])
@applicants
def check(request: Visit, draft_id: UUID) -> HttpResponse:
    """Everything on one page before submitting; a second submit gives the same case."""
    if request.method == "POST":
        return _submit(request, draft_id)
    draft = queries.draft(draft_id, request.actor)
    if draft.submitted or draft.stopped or draft.next_question is not None:
        return HttpResponseRedirect(_next(draft))
    return _check(request, draft)


def _submit(request: Visit, draft_id: UUID) -> HttpResponse:
    try:
        submitted = actions.submit_draft(draft_id, actor=request.actor, at=clock.now())
    except Refusal as refusal:
        draft = queries.draft(draft_id, request.actor)
        wanting = {lack.field: lack.sentence for lack in draft.missing}
        return _check(request, draft, wanting or {refusal.field or "form": refusal.sentence}, refusal.status)
    return HttpResponseRedirect(_to("receipt", submitted.receipt_no))


def _check(request: Visit, draft: DraftPage, errors: dict[str, str] | None = None, status: int = 200) -> HttpResponse:
    told = {
        "steps": steps_at("check"),
        "back": _to("materials", draft.id),
        "errors": errors,
    }
    return _show(request, "check", draft, told, status)
