# SPDX-License-Identifier: Apache-2.0
"""Accepted cases as a file for the system that collects them; a download is an act, so a button asks for it."""

from datetime import date, timedelta

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from tongban.cases.tables.actions import export_all
from tongban.cases.tables.columns import TITLES
from tongban.cases.tables.queries import MAY_EXPORT
from tongban.cases.tables.writing import packed
from tongban.standards import clock
from tongban.standards.refusal import NotAllowed
from tongban.web.visit import Visit, posted, staff

MONTH = timedelta(days=30)


def tables(request: Visit) -> HttpResponse:
    """What goes out, and since when."""
    return _page(request, (clock.today() - MONTH).isoformat())


def download(request: Visit) -> HttpResponseBase:
    """The file; what was typed stays when it is no day."""
    asked = request.POST.get("since", "").strip()
    try:
        since = date.fromisoformat(asked)
    except ValueError:
        return _page(request, asked, "请填写日期，例如 2026-11-01。")
    if since > clock.today():
        return _page(request, asked, "起始日期不能晚于今天。")
    _require(request)
    answer = StreamingHttpResponse(
        packed(export_all(request.actor, since=since, now=clock.now)), content_type="application/zip"
    )
    answer["Content-Disposition"] = f'attachment; filename="cases-since-{since:%Y%m%d}.zip"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _page(request: Visit, since: str, wrong: str = "") -> HttpResponse:
    _require(request)
    told = {"tab": "worklist", "since": since, "today": clock.today().isoformat(), "titles": TITLES.values()}
    told |= {"errors": {"since": wrong}} if wrong else {}
    return render(request, "desk/case_tables.html", told, status=422 if wrong else 200)


def _require(request: Visit) -> None:
    if request.actor.role not in MAY_EXPORT:
        raise NotAllowed()


urlpatterns = [
    path("case-tables/", require_safe(staff(tables)), name="case-tables"),
    path("case-tables/download/", staff(posted(up=1)(download)), name="case-tables-download"),
]
