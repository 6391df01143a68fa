# SPDX-License-Identifier: Apache-2.0
"""Items in files: handed over, judged, confirmed by a second person; and taken away, in the exchange's columns."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from tongban.catalogue import queries as catalogue
from tongban.catalogue.basics import LEVELS
from tongban.catalogue.errors import ImportTooLarge
from tongban.catalogue.models import ItemImport
from tongban.catalogue.tables import actions, claiming, queries, report, writing
from tongban.catalogue.tables.stages import (
    CONFIRMED,
    FAULTY,
    IN_REVIEW,
    OPEN,
    PUBLISHED,
    READY,
    TELLING,
    UNCHANGED,
    WORKING,
    ImportStage,
)
from tongban.regions import queries as regions
from tongban.standards import clock
from tongban.standards.actor import Actor, Role
from tongban.standards.enums import Source
from tongban.standards.refusal import BadInput, NotAllowed, NotFound, Refusal
from tongban.standards.regions import level
from tongban.web.refusals import PageGone
from tongban.web.visit import Visit, posted, staff

TAGS = {
    FAULTY: "tag-stop",
    READY: "tag-info",
    IN_REVIEW: "tag-wait",
    CONFIRMED: "tag-info",
    TELLING: "tag-go",
    PUBLISHED: "tag-go",
    UNCHANGED: "tag-go",
}
DONE = {
    "submitted": "已提交，等待本机构的另一位事项管理员确认。",
    "confirmed": "已确认，正在发布。",
    "sent_back": "已退回。",
    "dropped": "这次导入已放弃，文件没有保留，已发布的内容不变。",
    "again": "正在重新核对。",
}
SOURCES = (
    (Source.EXCHANGE, "国家交换库"),
    (Source.GBT39046, "GB/T 39046—2020 附录 A"),
    (Source.GUANGDONG, "广东省（20 其他行政权力，21 公共服务）"),
)
FAULTS_SHOWN = 100


def _managers(request: Visit) -> Actor:
    if request.actor.role is not Role.ITEM_MANAGER:
        raise NotAllowed()
    return request.actor


def imports(request: Visit) -> HttpResponse:
    """What the organization has handed over, and where to hand over and to take away."""
    return _imports(request, {})


def _imports(request: Visit, told: dict[str, Any], status: int = 200) -> HttpResponse:
    actor = _managers(request)
    facts = {
        "rows": [(each, TAGS.get(each.stage, ""), ImportStage(each.stage).label) for each in queries.imports(actor)],
        "office": regions.organization(actor.organization),
        "sources": SOURCES,
        "most": settings.TONGBAN_MAX_UPLOAD,
        "limits": f"不超过 {settings.TONGBAN_MAX_UPLOAD // 1_000_000} MB",
    }
    return _page(request, "imports", facts | told, status)


def begin(request: Visit) -> HttpResponse:
    """Take a file over; the worker judges it."""
    actor = _managers(request)
    try:
        told = actions.begin(*_given(request), actor=actor, at=clock.now(), **_how(request))
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        return _imports(request, {"errors": {no.field or "file": no.sentence}}, no.status)
    return HttpResponseRedirect(reverse("desk:item-import", args=[told.id]))


def _given(request: Visit) -> tuple[bytes, str]:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise BadInput("file", "请选择一个文件。")
    if (file.size or 0) > settings.TONGBAN_MAX_UPLOAD:
        raise ImportTooLarge(field="file", most=settings.TONGBAN_MAX_UPLOAD // 1_000_000)
    return file.read(), file.name or ""


def _how(request: Visit) -> dict[str, Any]:
    day, source = request.POST.get("effective_from", ""), request.POST.get("source", "") or Source.EXCHANGE
    if source not in [each for each, _ in SOURCES]:
        raise BadInput("source", "请在所列的代码来源中选择。")
    try:
        return {"effective_from": date.fromisoformat(day) if day else None, "source": Source(source)}
    except ValueError:
        raise BadInput("effective_from", "请按“年-月-日”填写生效日期。") from None


def item_import(request: Visit, import_id: UUID) -> HttpResponse:
    """One import: how far it is, what it would do, what stands against it, what may be done now."""
    return _import(request, queries.item_import(import_id, _managers(request)), {})


def _import(request: Visit, told: ItemImport, more: dict[str, Any], status: int = 200) -> HttpResponse:
    facts = {
        "told": told,
        "stage": ImportStage(told.stage).label,
        "tag": TAGS.get(told.stage, ""),
        "working": told.stage in WORKING,
        "percent": 100 * told.done // told.total if told.total else 0,
        "faults": [report.Fault(*_cells(cells)) for cells in told.report[:FAULTS_SHOWN]],
        "more_faults": max(0, told.errors + told.warnings - FAULTS_SHOWN),
        "first": queries.first_rows(told.id) if told.stage in (READY, IN_REVIEW) else [],
        "handed_in": request.actor.pseudonym in told.editors,
        "may_drop": told.stage in OPEN,
        "source": dict(SOURCES).get(Source(told.source), told.source),
    }
    return _page(request, "import", facts | more, status)


def _cells(cells: list[str]) -> tuple[str, str, str, int, str, str, bool]:
    kind, sheet, row, column, code, says, value = cells
    return code, says, sheet, int(row or 0), column, value, kind == "错误"


def faults(request: Visit, import_id: UUID) -> HttpResponse:
    """Everything that was found, as a table for a spreadsheet."""
    told = queries.item_import(import_id, _managers(request))
    answer = HttpResponse(writing.table([report.HEADER, *told.report]), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="import-report-{str(told.id)[:8]}.csv"'
    return answer


def step(request: Visit, import_id: UUID, how: str) -> HttpResponse:
    """Submit, confirm, send back, judge again or drop."""
    actor, at, note = _managers(request), clock.now(), request.POST.get("note", "")
    ways: dict[str, Callable[[], object]] = {
        "submitted": lambda: actions.submit(import_id, actor=actor, at=at),
        "confirmed": lambda: actions.confirm(import_id, actor=actor, at=at),
        "sent_back": lambda: actions.send_back(import_id, note=note, actor=actor, at=at),
        "again": lambda: actions.judge_again(import_id, actor=actor, at=at),
        "dropped": lambda: actions.drop(import_id, actor=actor, at=at),
    }
    if how not in ways:
        raise PageGone()
    try:
        ways[how]()
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        found = queries.item_import(import_id, actor)
        return _import(request, found, {"errors": {no.field or how: no.sentence}}, no.status)
    return HttpResponseRedirect(f"{reverse('desk:item-import', args=[import_id])}?done={how}")


def export(request: Visit) -> HttpResponseBase:
    """One's own items, or every item that is published, in constant memory. No drafts, of nobody."""
    actor = _managers(request)
    form = writing.form_of(request.GET.get("as", ""))
    encoding = writing.encoding_of(request.GET.get("encoding", ""))
    own = request.GET.get("whose", "own") != "all"
    chinese = request.GET.get("header", "") == "zh"
    how: dict[str, Any] = {"encoding": encoding, "chinese": chinese, "short_names": queries.short_names()}
    pieces = writing.export(queries.going_out(actor, own=own), form, **how)
    answer = StreamingHttpResponse(pieces, content_type=writing.MEDIA[form])
    name = f"{'own' if own else 'all'}-items-{clock.today():%Y%m%d}.{writing.ENDINGS[form]}"
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["Cache-Control"] = "private, no-store"
    return answer


def claims(request: Visit) -> HttpResponse:
    """The basic items of one's region with what the organization says of each: what is to be claimed and was not."""
    actor = _managers(request)
    office = regions.organization(actor.organization)
    table = claiming.table(
        catalogue.shared_with(office.region_code),
        LEVELS[level(office.region_code)],
        {code: (each.standing, each.reason) for code, each in catalogue.claims(actor).items()},
        {code: (each.version, each.status) for code, each in catalogue.latest_of(office.code).items()},
    )
    answer = HttpResponse(writing.table(table), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="own-claims.csv"'
    return answer


def _page(request: Visit, name: str, told: dict[str, Any], status: int = 200) -> HttpResponse:
    facts = {"tab": "items", "done": DONE.get(request.GET.get("done", ""))}
    return render(request, f"desk/items/{name}.html", facts | told, status=status)


urlpatterns = [
    path("items/import/", require_safe(staff(imports)), name="item-imports"),
    path("items/import/begin/", staff(posted(up=1)(begin)), name="begin-import"),
    path("items/import/<uuid:import_id>/", require_safe(staff(item_import)), name="item-import"),
    path("items/import/<uuid:import_id>/report.csv", require_safe(staff(faults)), name="import-report"),
    path("items/import/<uuid:import_id>/<str:how>/", staff(posted(up=1)(step)), name="import-step"),
    path("items/export/claims.csv", require_safe(staff(claims)), name="export-claims"),
    path("items/export/", require_safe(staff(export)), name="item-export"),
]
