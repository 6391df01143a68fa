# SPDX-License-Identifier: Apache-2.0
"""Confirming an application beside the applicant, on one's own device: read it, say yes, or say no and why."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_safe

from tongban.cases import actions, queries
from tongban.cases.queries import ConfirmationPage
from tongban.standards import clock
from tongban.standards.refusal import Refusal
from tongban.web.visit import Visit, applicants, posted


@require_safe
@applicants
def confirmation(request: Visit, draft_id: UUID) -> HttpResponse:
    """What is to be confirmed; once it is submitted, the case."""
    page = queries.confirmation(draft_id, request.actor)
    if page.submitted:
        return redirect("portal:case", page.submitted)
    return _show(request, page, {"done": request.GET.get("done", "")})


def _show(request: Visit, page: ConfirmationPage, told: dict[str, Any], status: int = 200) -> HttpResponse:
    facts = {"page": page, "tab": "cases", "values": None}
    return render(request, "portal/confirm.html", facts | told, status=status)


@applicants
@posted(up=1)
def yes(request: Visit, draft_id: UUID) -> HttpResponse:
    """Confirm exactly what the page showed."""
    try:
        actions.confirm(draft_id, request.POST.get("seen", ""), actor=request.actor, at=clock.now())
    except Refusal as refusal:
        return _refused(request, draft_id, refusal)
    return HttpResponseRedirect(f"{_to(draft_id)}?done=yes")


@applicants
@posted(up=1)
def no(request: Visit, draft_id: UUID) -> HttpResponse:
    """Decline, with the reason."""
    try:
        actions.decline(draft_id, request.POST.get("reason", ""), actor=request.actor, at=clock.now())
    except Refusal as refusal:
        return _refused(request, draft_id, refusal)
    return HttpResponseRedirect(f"{_to(draft_id)}?done=no")


def _refused(request: Visit, draft_id: UUID, refusal: Refusal) -> HttpResponse:
    if refusal.field is None:
        raise refusal
    page = queries.confirmation(draft_id, request.actor)
    told = {"errors": {refusal.field: refusal.sentence}, "values": {"reason": request.POST.get("reason", "")}}
    return _show(request, page, told, refusal.status)


def _to(draft_id: UUID) -> str:
    return str(redirect("portal:confirm", draft_id).headers["Location"])


urlpatterns = [
    path("confirm/<uuid:draft_id>/", confirmation, name="confirm"),
    path("confirm/<uuid:draft_id>/yes/", yes, name="confirm-yes"),
    path("confirm/<uuid:draft_id>/no/", no, name="confirm-no"),
]
