# SPDX-License-Identifier: Apache-2.0
"""The materials of an application: had by the system where the applicant agrees, used again, or uploaded."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from tongban.cases import actions, queries
from tongban.cases.actions.arriving import PART, Coming, begin_upload, end_upload, take_part, upload, uploads
from tongban.cases.actions.gathering import LASTS, agree, reuse
from tongban.cases.errors import Repeated
from tongban.cases.queries import DraftPage
from tongban.cases.queries.earlier import earlier_files
from tongban.cases.ways import Way
from tongban.standards import clock
from tongban.standards.clock import local_date
from tongban.standards.node import here
from tongban.standards.refusal import Refusal
from tongban.web import digests, handing_in
from tongban.web.materials import issuing_regions
from tongban.web.portal.apply import device, going_on, show, to
from tongban.web.refusals import TooLarge
from tongban.web.visit import Visit, applicants, posted
from tongban.web.words import day


@require_http_methods(["GET", "HEAD", "POST"])
@applicants
def materials(request: Visit, draft_id: UUID) -> HttpResponse:
    """One card for each material that the answers make needed."""
    draft = queries.draft(draft_id, request.actor)
    if draft.submitted or draft.stopped or draft.next_question is not None:
        return HttpResponseRedirect(going_on(draft))
    if large := _named(draft, request.GET.get("large", "")):
        no = TooLarge(limit=settings.TONGBAN_MAX_UPLOAD // 1_000_000)
        told = {large: f"{no.sentence}请压缩后再上传，已上传的文件不受影响。"}
        return _materials(request, draft, told, status=422)
    if request.method != "POST":
        return _materials(request, draft)
    wanting = {lack.field: lack.sentence for lack in draft.missing if lack.step == "materials"}
    if wanting:
        return _materials(request, draft, wanting, status=422)
    return HttpResponseRedirect(to("signers" if draft.wanted else "check", draft_id))


def _named(draft: DraftPage, code: str) -> str:
    """The code when the draft asks for such a material, else nothing."""
    return next((need.code for need in draft.requirements if need.code == code), "")


def _materials(
    request: Visit, draft: DraftPage, errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    reusable = [need.name for need in draft.requirements if Way.EARLIER in need.ways and not need.given]
    told: dict[str, Any] = {
        "back": to("form", draft.id),
        "errors": errors,
        "again": request.GET.get("again", ""),
        "dropped": request.GET.get("dropped", ""),
        "licences": queries.standing_in(draft.requirements, request.actor.index),
        "earlier": earlier_files(reusable, request.actor),
        "nodes": issuing_regions() if any(need.standing.may_fetch for need in draft.requirements) else (),
        "until": local_date(clock.now()) + LASTS,
        "trying": any(need.standing.open for need in draft.requirements),
        "coming": [{"file": each, **_told(draft.id, each)} for each in uploads(draft.id, actor=request.actor)],
        "part": PART,
    }
    return show(request, "materials", "materials", draft, told, status)


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
        return HttpResponseRedirect(f"{to('materials', draft_id)}?{urlencode({'again': requirement})}#m-{requirement}")
    except Refusal as refusal:
        return _refused(request, draft_id, refusal)
    return HttpResponseRedirect(f"{to('materials', draft_id)}#m-{requirement}")


def _add(request: Visit, draft_id: UUID, requirement: str, given: "UploadedFile[Any]") -> None:
    actions.add_material(
        draft_id,
        requirement,
        given.name or "材料",
        given.chunks(),
        actor=request.actor,
        at=clock.now(),
        once=handing_in.token_of(request),
        device=device(request),
    )


class Unchosen(Refusal):
    """The upload button was pressed without a file."""

    code, status, says = "no_file", 422, "请先选择要上传的文件。"


@applicants
@posted(up=3)
def material_licence(request: Visit, draft_id: UUID, requirement: str, licence_id: UUID) -> HttpResponse:
    """One's own licence instead of an upload."""
    try:
        actions.use_licence(
            draft_id, requirement, licence_id, actor=request.actor, at=clock.now(), device=device(request)
        )
    except Repeated:
        return HttpResponseRedirect(f"{to('materials', draft_id)}?{urlencode({'again': requirement})}#m-{requirement}")
    except Refusal as refusal:
        return _refused(request, draft_id, refusal)
    return HttpResponseRedirect(f"{to('materials', draft_id)}#m-{requirement}")


def _refused(request: Visit, draft_id: UUID, refusal: Refusal) -> HttpResponse:
    """The page with the refusal beside its field; one of no field goes on to the door."""
    if refusal.field is None:
        raise refusal
    draft = queries.draft(draft_id, request.actor)
    return _materials(request, draft, {refusal.field: refusal.sentence}, refusal.status)


@applicants
@posted(up=2)
def material_remove(request: Visit, draft_id: UUID, requirement: str) -> HttpResponse:
    """Take a file back before submitting."""
    digest = request.POST.get("digest", "")
    actions.remove_material(draft_id, requirement, digest, actor=request.actor, at=clock.now(), device=device(request))
    return HttpResponseRedirect(to("materials", draft_id))


@applicants
@posted(up=2)
def material_agree(request: Visit, draft_id: UUID, requirement: str) -> HttpResponse:
    """The applicant lets the system have it; a worker does, and the page shows what came of it."""
    try:
        agree(draft_id, requirement, request.POST.get("node", "")[:6], actor=request.actor, at=clock.now())
    except Refusal as refusal:
        return _refused(request, draft_id, refusal)
    return HttpResponseRedirect(f"{to('materials', draft_id)}#m-{requirement}")


@applicants
@posted(up=2)
def material_reuse(request: Visit, draft_id: UUID, requirement: str) -> HttpResponse:
    """What was given for an earlier case once more."""
    reuse(draft_id, requirement, actor=request.actor, at=clock.now())
    return HttpResponseRedirect(f"{to('materials', draft_id)}#m-{requirement}")


@applicants
@posted(up=2)
def upload_begin(request: Visit, draft_id: UUID, requirement: str) -> HttpResponse:
    """Announce a file that comes in parts; where they go is told to the script that sends them."""
    size = request.POST.get("size", "")
    begun = begin_upload(
        draft_id,
        requirement,
        request.POST.get("name", "") or "材料",
        int(size) if size.isascii() and size.isdigit() and len(size) < 16 else 0,
        actor=request.actor,
        at=clock.now(),
    )
    return JsonResponse(_told(draft_id, begun), status=201)


@require_http_methods(["GET", "HEAD", "PATCH"])
@applicants
def upload_part(request: Visit, draft_id: UUID, upload_id: UUID) -> HttpResponse:
    """How far the file is, or its next part."""
    if request.method != "PATCH":
        coming = upload(draft_id, upload_id, actor=request.actor)
        return HttpResponse(status=204, headers=_progress(coming.offset))
    told = request.headers.get("Upload-Offset", "")
    offset = int(told) if told.isascii() and told.isdigit() and len(told) < 16 else -1
    data = request.read(PART + 1)
    reached = take_part(
        draft_id,
        upload_id,
        offset,
        data,
        actor=request.actor,
        at=clock.now(),
        device=device(request),
        of_whole=digests.told(digests.OF_WHOLE, request.headers.get(digests.OF_WHOLE, "")),
    )
    return HttpResponse(status=204, headers=_progress(reached))


@applicants
@posted(up=4)
def upload_drop(request: Visit, draft_id: UUID, requirement: str, upload_id: UUID) -> HttpResponse:
    """Give up a file that is on its way; sent twice it is given up once."""
    end_upload(draft_id, upload_id, actor=request.actor, at=clock.now())
    return HttpResponseRedirect(f"{to('materials', draft_id)}?{urlencode({'dropped': requirement})}#m-{requirement}")


def _progress(offset: int) -> dict[str, str]:
    return {"Upload-Offset": str(offset), "Cache-Control": "no-store"}


def _told(draft_id: UUID, coming: Coming) -> dict[str, str]:
    """What page and script need of a file on its way: where it goes, where it is given up, how long it stays."""
    return {
        "at": reverse("portal:upload", args=[draft_id, coming.id]),
        "drop": reverse("portal:upload-drop", args=[draft_id, coming.requirement, coming.id]),
        "kept": f"已收到的部分保留到 {day(coming.until)}（从开始上传起 {here().upload_days} 天），过后自动删除。",
    }


urlpatterns = [
    path("drafts/<uuid:draft_id>/materials/", materials, name="materials"),
    path("drafts/<uuid:draft_id>/materials/<str:requirement>/add/", material_add, name="material-add"),
    path("drafts/<uuid:draft_id>/materials/<str:requirement>/uploads/", upload_begin, name="upload-begin"),
    path("drafts/<uuid:draft_id>/uploads/<uuid:upload_id>/", upload_part, name="upload"),
    path(
        "drafts/<uuid:draft_id>/materials/<str:requirement>/uploads/<uuid:upload_id>/drop/",
        upload_drop,
        name="upload-drop",
    ),
    path("drafts/<uuid:draft_id>/materials/<str:requirement>/remove/", material_remove, name="material-remove"),
    path("drafts/<uuid:draft_id>/materials/<str:requirement>/agree/", material_agree, name="material-agree"),
    path("drafts/<uuid:draft_id>/materials/<str:requirement>/reuse/", material_reuse, name="material-reuse"),
    path(
        "drafts/<uuid:draft_id>/materials/<str:requirement>/licences/<uuid:licence_id>/",
        material_licence,
        name="material-licence",
    ),
]
