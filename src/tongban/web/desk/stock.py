# SPDX-License-Identifier: Apache-2.0
"""Existing certificates at the desk: a file handed over, judged, confirmed by a second person, sealed as one job."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from tongban.catalogue.tables import report, writing
from tongban.licences.actions import order_batch
from tongban.licences.models import State, StockBatch
from tongban.licences.stock import actions, columns, queries
from tongban.licences.stock.stages import OPEN, WORKING, StockStage
from tongban.licences.types.queries import in_force
from tongban.standards import clock
from tongban.standards.refusal import BadInput, NotAllowed, NotFound, Refusal
from tongban.web.visit import Visit, posted, staff

TAGS = {StockStage.FAULTY: "tag-stop", StockStage.READY: "tag-wait", StockStage.TAKEN: "tag-go"}
DONE = {"confirm": "已确认，正在收录。", "drop": "已放弃，文件没有保留。", "seal": "已申请，等待印章保管人放行。"}
FAULTS_SHOWN = 100


def batches(request: Visit) -> HttpResponse:
    """What the organization has handed over, and where to hand over."""
    return _batches(request, {})


def _batches(request: Visit, told: dict[str, Any], status: int = 200) -> HttpResponse:
    today, limit = clock.today(), settings.TONGBAN_MAX_UPLOAD
    facts = {
        "rows": [(each, TAGS.get(StockStage(each.stage), ""), StockStage(each.stage).label) for each in _own(request)],
        "types": [(code, each.content.name) for code, each in in_force(today).items()],
        "names": {code: each.content.name for code, each in in_force(today).items()},
        "most": limit,
        "limits": f"CSV、XLSX 或者 JSON，不超过 {limit // 1_000_000} MB、20 万行",
        "tab": "licences",
    }
    return render(request, "desk/stock/list.html", facts | told, status=status)


def _own(request: Visit) -> list[StockBatch]:
    return queries.batches(request.actor)


def begin(request: Visit) -> HttpResponse:
    """Take a file over; the worker judges it."""
    code = request.POST.get("type", "")
    try:
        file = request.FILES.get("file")
        if not isinstance(file, UploadedFile) or (file.size or 0) > settings.TONGBAN_MAX_UPLOAD:
            raise BadInput("file", f"请选择一个文件，不超过 {settings.TONGBAN_MAX_UPLOAD // 1_000_000} MB。")
        told = actions.begin(file.read(), file.name or "", code, actor=request.actor, at=clock.now())
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        return _batches(request, {"errors": {no.field or "file": no.sentence}, "given": {"type": code}}, no.status)
    return HttpResponseRedirect(reverse("desk:stock-batch", args=[told.id]))


def batch(request: Visit, batch_id: UUID) -> HttpResponse:
    """One batch: how far it is, what stands against it, what may be done now."""
    return _batch(request, batch_id, {"done": DONE.get(request.GET.get("done", ""), "")})


def _batch(request: Visit, batch_id: UUID, told: dict[str, Any], status: int = 200) -> HttpResponse:
    page = queries.batch_page(batch_id, request.actor)
    row, files = page.batch, page.files
    making = files.get(State.QUEUED, 0) + files.get(State.PENDING, 0)
    unsealed = files.get(State.TAKEN_OVER, 0) + files.get(State.FAILED, 0)
    facts = {
        "batch": row,
        "stage": StockStage(row.stage).label,
        "tag": TAGS.get(StockStage(row.stage), ""),
        "working": row.stage in WORKING or making > 0,
        "judging": row.stage in WORKING,
        "handed_in": row.begun_by.endswith(str(request.actor.id)),
        "may_drop": row.stage in OPEN,
        "faults": [report.Fault(*_cells(cells)) for cells in row.report[:FAULTS_SHOWN]],
        "more_faults": max(0, row.errors - FAULTS_SHOWN),
        "made": files.get(State.READY, 0),
        "of": sum(files.values()),
        "making": making,
        "unsealed": unsealed,
        "failed": page.failed,
        "order": page.order,
        "tab": "licences",
    }
    return render(request, "desk/stock/batch.html", facts | told, status=status)


def _cells(cells: list[str]) -> tuple[str, str, str, int, str, str, bool]:
    kind, sheet, row, column, code, says, value = cells
    return code, says, sheet, int(row or 0), column, value, kind == "错误"


def step(request: Visit, batch_id: UUID) -> HttpResponse:
    """Confirm, drop, or ask for the files to be sealed."""
    how, who, at = request.POST.get("how", ""), request.actor, clock.now()
    try:
        if how == "confirm":
            actions.confirm(batch_id, actor=who, at=at)
        elif how == "drop":
            actions.drop(batch_id, actor=who, at=at)
        elif how == "seal":
            order_batch(batch_id, reason=request.POST.get("reason", ""), actor=who, at=at)
        else:
            raise BadInput("how", "请选择怎样处理。")
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        return _batch(request, batch_id, {"errors": {no.field or "how": no.sentence}}, no.status)
    return HttpResponseRedirect(f"{reverse('desk:stock-batch', args=[batch_id])}?done={how}")


def faults(request: Visit, batch_id: UUID) -> HttpResponse:
    """Everything that was found, as a table for a spreadsheet."""
    row = queries.batch(batch_id, request.actor)
    return _table([report.HEADER, *row.report], f"stock-report-{str(row.id)[:8]}.csv")


def first_row(request: Visit) -> HttpResponse:
    """An empty table for a type, to be filled in."""
    queries.collects_for(request.actor)
    found = in_force(clock.today()).get(request.GET.get("type", ""))
    if found is None:
        raise NotFound(what="这一类证照")
    return _table(columns.template(found.content), f"stock-{found.content.code}.csv")


def _table(rows: Any, name: str) -> HttpResponse:
    answer = HttpResponse(writing.table(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


urlpatterns = [
    path("licences/stock/", require_safe(staff(batches)), name="stock"),
    path("licences/stock/begin/", staff(posted(up=1)(begin)), name="stock-begin"),
    path("licences/stock/template.csv", require_safe(staff(first_row)), name="stock-template"),
    path("licences/stock/<uuid:batch_id>/", require_safe(staff(batch)), name="stock-batch"),
    path("licences/stock/<uuid:batch_id>/step/", staff(posted(up=1)(step)), name="stock-step"),
    path("licences/stock/<uuid:batch_id>/report.csv", require_safe(staff(faults)), name="stock-report"),
]
