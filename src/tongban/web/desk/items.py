# SPDX-License-Identifier: Apache-2.0
"""The item managers' desk: what is to be claimed, one's own implementations, drafts, reviews, comparisons."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from tongban.catalogue import actions, basics, checks, coverage, difference, drift, elements, queries
from tongban.catalogue.basics import Inherited
from tongban.catalogue.details import Attachment
from tongban.catalogue.elements import KEEPERS, Keeper, units
from tongban.catalogue.errors import ContentRefused, PaperRefused
from tongban.catalogue.models import Claim, Draft, ItemVersion
from tongban.catalogue.stages import BASIC, DECLINED, EDITING, IN_REVIEW, OPEN, Stage
from tongban.catalogue.standing import Standing
from tongban.regions import queries as regions
from tongban.standards import clock
from tongban.standards.actor import Actor, Role
from tongban.standards.enums import UseLevel
from tongban.standards.refusal import BadInput, NotAllowed, NotFound, Refusal
from tongban.standards.regions import level
from tongban.web import files
from tongban.web.desk.element_form import filled, in_words, shown, trail, words_at
from tongban.web.refusals import PageGone
from tongban.web.visit import Visit, posted, staff

TAGS = {
    "scheduled": "tag-info",
    "published": "tag-go",
    "suspended": "tag-wait",
    "superseded": "",
    "retired": "tag-stop",
}
WHICH = {"blank_file": "空白表格", "sample_file": "示例样表"}
DONE = {
    "claimed": "已认领。现在可以编制实施清单。",
    "declined": "已记下不认领的理由。",
    "saved": "已保存。",
    "attached": "文件已放入草稿，发布以后可以在办事指南下载。",
    "kept": "已保存。下面多出一个空项，可以接着填。",
    "submitted": "已提交，等待本机构的另一位事项管理员审核。",
    "approved": "已发布，并通知其他地区。",
    "sent_back": "已退回修改。",
    "dropped": "草稿已放弃，已发布的内容不变。",
    "suspended": "已暂停，并通知其他地区。",
    "resumed": "已恢复，并通知其他地区。",
    "retired": "已取消，并通知其他地区。",
}


@dataclass(frozen=True)
class Row:
    """One basic item as an organization stands to it."""

    item: Inherited
    is_due: bool
    claim: Claim | None
    version: ItemVersion | None
    draft: Draft | None
    others: tuple[str, ...]  # who else in the region implements it

    @property
    def standing(self) -> tuple[str, str]:
        """A tag and its word."""
        if self.version is not None:
            return TAGS[self.version.status], Standing(self.version.status).label
        if self.claim is None and self.others:
            return "", "其他机构已发布"
        if self.claim is None:
            return ("tag-stop", "未认领") if self.is_due else ("", "不由本级认领")
        return ("", "不认领") if self.claim.standing == DECLINED else ("tag-info", "已认领，未发布")


@dataclass(frozen=True)
class Line:
    """One element of a draft."""

    path: str
    name: str
    value: str
    locked_by: str  # who has fixed it; empty where it may be edited
    faults: tuple[tuple[str, bool], ...]  # what, and whether it stands in the way


def _managers(request: Visit) -> Actor:
    if request.actor.role is not Role.ITEM_MANAGER:
        raise NotAllowed()
    return request.actor


def items(request: Visit) -> HttpResponse:
    """The basic catalogue as the actor's region inherits it, and what the organization has made of it."""
    actor = _managers(request)
    rows = list(_rows(actor))
    counted = [row.standing[1] for row in rows]
    told = {
        "rows": rows,
        "due": sum(row.is_due for row in rows),
        "unclaimed": counted.count("未认领"),
        "published": sum(row.version is not None for row in rows),
        "drafts": [draft for draft in queries.drafts(actor) if draft.stage in OPEN],
        "stages": dict(Stage.choices()),
        "office": regions.organization(actor.organization),
    }
    return _page(request, "items", told)


def _rows(actor: Actor) -> Iterable[Row]:
    office = regions.organization(actor.organization)
    own = basics.LEVELS[level(office.region_code)]
    claims = queries.claims(actor)
    drafts = {draft.basic_code: draft for draft in queries.drafts(actor) if draft.stage in OPEN and draft.kind != BASIC}
    versions, others = queries.latest_of(office.code), queries.publishers_in(office.region_code)
    for item in queries.shared_with(office.region_code):
        due = own in item.levels or UseLevel.BY_LEVEL in item.levels
        claim, version = claims.get(item.code), versions.get(item.code)
        yield Row(item, due, claim, version, drafts.get(item.code), tuple(others.get(item.code, ())))


def item(request: Visit, basic_code: str) -> HttpResponse:
    """One basic item: who has fixed what, the claim, one's own versions."""
    return _item(request, basic_code, {})


def _item(request: Visit, basic_code: str, told: dict[str, Any], status: int = 200) -> HttpResponse:
    actor = _managers(request)
    row = next((row for row in _rows(actor) if row.item.code == basic_code), None)
    if row is None:
        raise NotFound(what="这个基本目录事项")
    fixed = [(units()[path].name, publisher.name) for path, publisher in row.item.fixed_by.items()]
    versions = queries.versions(row.version.task_code) if row.version else []
    shown_versions = [(each, TAGS[each.status], Standing(each.status).label) for each in versions]
    facts = {
        "row": row,
        "fixed": fixed,
        "versions": shown_versions,
        "levels": "、".join(each.label for each in row.item.levels),
        "open": [each for each in KEEPERS.items() if each[0] in (Keeper.SHARED, Keeper.LOCAL)],
        "may_lay_down": regions.organization(actor.organization).region_code,
    }
    return _page(request, "item", facts | told, status)


def act(request: Visit, basic_code: str, how: str) -> HttpResponse:
    """Claim, decline, begin a draft, suspend, resume or retire."""
    actor, at, reason = _managers(request), clock.now(), request.POST.get("reason", "")
    version = queries.latest_of(actor.organization).get(basic_code)
    task = version.task_code if version else ""
    ways: dict[str, Callable[[], object]] = {
        "claimed": lambda: actions.claim(basic_code, actor=actor, at=at),
        "declined": lambda: actions.decline(basic_code, reason=reason, actor=actor, at=at),
        "suspended": lambda: actions.suspend(task, reason=reason, actor=actor, at=at),
        "resumed": lambda: actions.resume(task, reason=reason, actor=actor, at=at),
        "retired": lambda: actions.retire(task, reason=reason, actor=actor, at=at),
    }
    if how == "draft":
        return _begin(request, lambda: actions.start_draft(basic_code, actor=actor, at=at), basic_code)
    if how == "basic":
        return _begin(request, lambda: actions.start_basic_draft(basic_code, actor=actor, at=at), basic_code)
    if how not in ways:
        raise PageGone()
    try:
        ways[how]()
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        return _item(request, basic_code, {"errors": {no.field or how: no.sentence}}, no.status)
    return HttpResponseRedirect(f"{reverse('desk:item', args=[basic_code])}?done={how}")


def _begin(request: Visit, begin: Callable[[], Draft], basic_code: str) -> HttpResponse:
    try:
        draft = begin()
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        return _item(request, basic_code, {"errors": {"draft": no.sentence}}, no.status)
    return HttpResponseRedirect(reverse("desk:item-draft", args=[draft.id]))


def draft(request: Visit, draft_id: UUID) -> HttpResponse:
    """A draft element by element, with what stands against it, and the steps that are open."""
    return _draft(request, queries.draft(draft_id, _managers(request)), {})


def _draft(request: Visit, of: Draft, told: dict[str, Any], status: int = 200) -> HttpResponse:
    actor, whole, above = request.actor, queries.composed(of), queries.above(of)
    faults = checks.faults_of(of.kind, whole, above) if of.stage in OPEN else []
    lines = list(_lines(of, whole, above, faults))
    base = queries.item(of.subject_code, of.base_version).content if of.base_version and of.kind != BASIC else None
    facts = {
        "draft": of,
        "name": (whole.get("elements") or whole).get("name", of.basic_code),
        "stage": Stage(of.stage).label,
        "said_lines": [line for line in lines if not line.locked_by and (line.value or line.faults)],
        "unsaid_lines": [line for line in lines if not line.locked_by and not line.value and not line.faults],
        "saved": request.GET.get("at", ""),
        "locked_lines": [line for line in lines if line.locked_by and line.value],
        "stops": [fault for fault in faults if fault.stops],
        "warns": [fault for fault in faults if not fault.stops],
        "changes": [each for each in difference.difference(base, whole) if each.unit != "format"] if base else [],
        "files": _files(of),
        "is_editing": of.stage == EDITING,
        "is_in_review": of.stage == IN_REVIEW,
        "wrote_it": actor.pseudonym in of.editors,
        "is_basic": of.kind == BASIC,
        "levels": [(code, label, code in of.levels) for code, label in UseLevel.choices()],
    }
    return _page(request, "draft", facts | told, status)


def _files(of: Draft) -> list[tuple[str, str, Attachment]]:
    return [(name, WHICH[which], file) for name, which, file in queries.draft_files(of)]


def _lines(of: Draft, whole: dict[str, Any], above: Inherited | None, faults: Sequence[checks.Fault]) -> Iterable[Line]:
    said = whole["elements"] if of.kind == BASIC else whole
    for at, unit in units().items():
        keeper = above.keeper_of(at) if above else unit.keeper
        fixed = above.fixed_by.get(at) if above else None
        if of.kind == BASIC and not basics.may_fix(at):
            continue
        locked = fixed.name if fixed else "系统生成" if keeper is Keeper.SYSTEM else ""
        if of.kind != BASIC and not locked and not (above and above.may_edit(at)):
            locked = "基本目录"
        against = tuple((fault.says, fault.stops) for fault in faults if fault.place.startswith(at))
        yield Line(at, unit.name, words_at(at, elements.get(said, at)), locked, against)


def element(request: Visit, draft_id: UUID, at: str) -> HttpResponse:
    """One element of a draft, to be filled in."""
    of = queries.draft(draft_id, _managers(request))
    if at not in units():
        raise NotFound(what="这个要素")
    return _element(request, of, at, elements.get(of.words, at), {})


def _element(request: Visit, of: Draft, at: str, value: Any, told: dict[str, Any], status: int = 200) -> HttpResponse:
    facts = {"draft": of, "unit": units()[at], "form": shown(at, value), "keeper": KEEPERS[units()[at].keeper]}
    if at == "materials" and isinstance(value, list):
        facts["papers"] = [(each.get("code", ""), each.get("name", "")) for each in value if isinstance(each, dict)]
        facts["files"] = _files(of)
    return _page(request, "element", facts | told, status)


def keep(request: Visit, draft_id: UUID, at: str) -> HttpResponse:
    """Save an element, or take it out when nothing is left in it."""
    actor = _managers(request)
    of = queries.draft(draft_id, actor)
    if at not in units():
        raise NotFound(what="这个要素")
    value = None if request.POST.get("clear") else filled(at, request.POST)
    changes = {at: None if value in (None, "") else value}
    try:
        actions.edit(draft_id, changes, revision=_revision(request), actor=actor, at=clock.now())
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        errors = {"value": no.sentence if not isinstance(no, ContentRefused) else str(no.facts["why"])}
        return _element(request, of, at, value, {"errors": errors}, no.status)
    if "stay" in request.POST:
        return HttpResponseRedirect(f"{reverse('desk:item-element', args=[draft_id, at])}?done=kept")
    return HttpResponseRedirect(f"{reverse('desk:item-draft', args=[draft_id])}?at={at}#e-{at}")


def attach(request: Visit, draft_id: UUID) -> HttpResponse:
    """A blank form or a sample for one of the materials."""
    actor = _managers(request)
    of, given = queries.draft(draft_id, actor), request.FILES.get("file")
    material, _, which = request.POST.get("for", "").rpartition("/")
    try:
        if given is None:
            raise PaperRefused(why="请先选择文件。")
        name, chunks = given.name or "", given.chunks()
        actions.attach(
            draft_id, material, which, name, chunks, revision=_revision(request), actor=actor, at=clock.now()
        )
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        value = elements.get(of.words, "materials")
        return _element(request, of, "materials", value, {"errors": {"file": no.sentence}}, no.status)
    return HttpResponseRedirect(f"{reverse('desk:item-element', args=[draft_id, 'materials'])}?done=attached")


def draft_file(request: Visit, draft_id: UUID, digest: str) -> HttpResponseBase:
    """A blank form or a sample of a draft, before anybody else can have it."""
    file, kept = queries.draft_file(draft_id, digest, _managers(request))
    return files.send(files.paper(file.name, file.type, bytes(kept.data)), keep=False)


def step(request: Visit, draft_id: UUID, how: str) -> HttpResponse:
    """Submit, approve, send back or drop a draft; or say who is to claim a basic item."""
    actor, at = _managers(request), clock.now()
    n, note = _revision(request), request.POST.get("note", "")
    levels = request.POST.getlist("levels")
    ways: dict[str, Callable[[], object]] = {
        "submitted": lambda: actions.submit(draft_id, effective_from=_day(request), revision=n, actor=actor, at=at),
        "approved": lambda: actions.approve(draft_id, revision=n, actor=actor, at=at),
        "sent_back": lambda: actions.send_back(draft_id, note=note, revision=n, actor=actor, at=at),
        "dropped": lambda: actions.drop(draft_id, revision=n, actor=actor, at=at),
        "saved": lambda: actions.edit(draft_id, {}, levels=levels, revision=n, actor=actor, at=at),
    }
    if how not in ways:
        raise PageGone()
    try:
        ways[how]()
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        return _draft(request, queries.draft(draft_id, actor), {"errors": {no.field or how: no.sentence}}, no.status)
    return HttpResponseRedirect(f"{reverse('desk:item-draft', args=[draft_id])}?done={how}")


def compare(request: Visit, basic_code: str) -> HttpResponse:
    """Where the regions differ in this item, element by element; as a file too."""
    _managers(request)
    told = queries.drift(basic_code)
    if request.GET.get("as") == "csv":
        return _file(drift.as_csv(drift.rows(told)), f"drift-{basic_code}.csv")
    rows = [(each, *_told(each.place, each.measure, each.value)) for each in told.drifts]
    facts = {"report": told, "rows": rows, "by_unit": [(units()[at].name, count) for at, count in told.by_unit()]}
    return _page(request, "compare", facts | {"name": told.measure.get("name", basic_code)})


def versions(request: Visit, basic_code: str) -> HttpResponse:
    """What differs between two of one's own versions."""
    actor = _managers(request)
    version = queries.latest_of(actor.organization).get(basic_code)
    if version is None:
        raise NotFound(what="这个事项的版本")
    found = {each.version: each for each in queries.versions(version.task_code)}
    before, after = (_number(request.GET.get(word, ""), found) for word in ("before", "after"))
    changes = difference.difference(found[before].content, found[after].content)
    rows = [(change, *_told(change.place, change.before, change.after)) for change in changes]
    told = {"before": before, "after": after, "rows": rows, "numbers": sorted(found), "name": version.name}
    return _page(request, "versions", told | {"basic_code": basic_code})


def _told(place: str, before: Any, after: Any) -> tuple[str, str, str]:
    """A difference for people: where, what it was, what it is."""
    name, kind = trail(place)
    return name, in_words(before, kind), in_words(after, kind)


def rates(request: Visit) -> HttpResponse:
    """Which regions have claimed what they are to claim; as a file too."""
    _managers(request)
    found = queries.claim_rates()
    names = regions.region_names([each.region for each in found])
    table = list(coverage.rows(found, names))
    if request.GET.get("as") == "csv":
        return _file(drift.as_csv(table), "claims.csv")
    return _page(request, "rates", {"header": table[0], "rows": [row for row in table[1:] if row[2] != "0"]})


def unclaimed(request: Visit, region: str) -> HttpResponse:
    """What one region is to claim, item by item, first what nobody there has claimed; as a file too."""
    _managers(request)
    found = next((each for each in queries.claim_rates(region) if each.region == region), None)
    if found is None:
        raise NotFound(what="这个地区的认领情况")
    name = regions.region_names([region]).get(region, region)
    table = list(coverage.matters(found, name, {each.code: each.name for each in queries.basic_items()}))
    if request.GET.get("as") == "csv":
        return _file(drift.as_csv(table), f"claims-{region}.csv")
    told = {"region_name": name, "rows": [row[2:] for row in table[1:]], "missing": len(found.missing)}
    return _page(request, "unclaimed", told | {"due": len(found.due), "rate": coverage.shown(found.claim_rate)})


def _page(request: Visit, name: str, told: dict[str, Any], status: int = 200) -> HttpResponse:
    facts = {"tab": "items", "done": DONE.get(request.GET.get("done", ""))}
    return render(request, f"desk/items/{name}.html", facts | told, status=status)


def _file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _revision(request: Visit) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isdigit() and len(text) < 9 else 0


def _day(request: Visit) -> date | None:
    text = request.POST.get("effective_from", "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput("effective_from", "请按“年-月-日”填写生效日期。") from None


def _number(text: str, found: dict[int, ItemVersion]) -> int:
    if not text.isdigit() or len(text) > 8 or int(text) not in found:
        raise NotFound(what="这个版本")
    return int(text)


ACT = staff(posted(up=2)(act))
urlpatterns = [
    path("items/", require_safe(staff(items)), name="items"),
    path("items/rates/", require_safe(staff(rates)), name="claim-rates"),
    path("items/rates/<str:region>/", require_safe(staff(unclaimed)), name="unclaimed"),
    path("items/drafts/<uuid:draft_id>/", require_safe(staff(draft)), name="item-draft"),
    path("items/drafts/<uuid:draft_id>/elements/<str:at>/", require_safe(staff(element)), name="item-element"),
    path("items/drafts/<uuid:draft_id>/elements/<str:at>/keep/", staff(posted(up=1)(keep)), name="keep-element"),
    path("items/drafts/<uuid:draft_id>/files/", staff(posted(up=1)(attach)), name="item-attach"),
    path("items/drafts/<uuid:draft_id>/files/<str:digest>/", require_safe(staff(draft_file)), name="item-draft-file"),
    path("items/drafts/<uuid:draft_id>/<str:how>/", staff(posted(up=1)(step)), name="item-step"),
    path("items/<str:basic_code>/", require_safe(staff(item)), name="item"),
    path("items/<str:basic_code>/compare/", require_safe(staff(compare)), name="item-compare"),
    path("items/<str:basic_code>/versions/", require_safe(staff(versions)), name="item-versions"),
    path("items/<str:basic_code>/act/<str:how>/", ACT, name="item-act"),
]
