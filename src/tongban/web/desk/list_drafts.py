# SPDX-License-Identifier: Apache-2.0
"""Drafts of lists at the desk: the head, the batches and the entries, a file tried before it is taken over, review."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from tongban.catalogue.lists import actions, comparing, queries
from tongban.catalogue.lists import content as contents
from tongban.catalogue.lists.content import Entry
from tongban.catalogue.lists.rows import COLUMNS, SPLIT, day_in
from tongban.catalogue.lists.words import ListScope
from tongban.catalogue.models import ListDraft
from tongban.catalogue.stages import EDITING, IN_REVIEW, Stage
from tongban.catalogue.tables import writing
from tongban.standards import clock
from tongban.standards.enums import Mode, ModeBasis
from tongban.standards.refusal import NotAllowed, NotFound, Refusal
from tongban.web.desk.lists import day, managers
from tongban.web.refusals import PageGone
from tongban.web.visit import Visit, posted, staff

MOST_BYTES = 10_000_000  # of a file
DONE = {
    "saved": "已保存。",
    "submitted": "已提交，等待本机构的另一位事项管理员审核。",
    "approved": "已发布，并通知其他地区。",
    "sent_back": "已退回修改。",
    "dropped": "草稿已放弃，已发布的清单不变。",
    "taken_over": "文件已全部导入草稿。提交审核、由另一人通过后才会发布。",
    "discarded": "没有导入，草稿不变。",
}
WORDS = ("code", "name", "batch", "basic_code", "mode", "mode_basis", "lead", "lead_basis", "scenario", "source")


def draft(request: Visit, draft_id: UUID) -> HttpResponse:
    """A draft: what it says, what stands against it, how it differs from what is published, and the steps."""
    return _draft(request, queries.draft(draft_id, managers(request)), {})


def _draft(request: Visit, of: ListDraft, told: dict[str, Any], status: int = 200) -> HttpResponse:
    words = queries.drafted(of)
    base = queries.version(of.organization, of.code, of.base_version).content if of.base_version else None
    listed = [entry.batch for entry in words.entries]
    facts = {
        "draft": of,
        "list": words,
        "stage": Stage(of.stage).label,
        "scopes": ListScope.choices(),
        "batches": [(batch, listed.count(batch.code)) for batch in words.batches],
        "batch_names": {batch.code: batch.name for batch in words.batches},
        "faults": contents.problems(words),
        "found": comparing.compare(base, words) if base else None,
        "is_editing": of.stage == EDITING,
        "is_in_review": of.stage == IN_REVIEW,
        "wrote_it": request.actor.pseudonym in of.editors,
        "pending": of.pending if queries.is_waiting(of) else None,
    }
    return _page(request, "draft", facts | told, status)


def keep_head(request: Visit, draft_id: UUID) -> HttpResponse:
    """Title, scope, regions, basis, remarks."""
    sent = request.POST
    changes = {
        "title": sent.get("title", "").strip(),
        "scope": sent.get("scope", ""),
        "regions": [part for part in sent.get("regions", "").replace("、", " ").replace(",", " ").split() if part],
        "feature": sent.get("feature") == "on",
        "basis": sent.get("basis", "").strip(),
        "note": sent.get("note", "").strip(),
    }
    return _do(request, draft_id, lambda said: actions.edit_head(draft_id, changes, **said), "saved", "title")


def keep_batch(request: Visit, draft_id: UUID) -> HttpResponse:
    """A batch with its deadline, new or another wording."""
    sent = request.POST
    number = sent.get("announced", "").strip()

    def keep(said: dict[str, Any]) -> object:
        batch = {
            "code": sent.get("code", "").strip(),
            "name": sent.get("name", "").strip(),
            "deadline": str(day(sent.get("deadline", ""), "deadline") or "") or None,
            "announced": int(number) if number.isascii() and number.isdigit() and len(number) < 7 else None,
            "source": sent.get("source", "").strip(),
        }
        return actions.put_batch(draft_id, batch, instead_of=sent.get("instead_of", ""), **said)

    return _do(request, draft_id, keep, "saved", "batches")


def remove_batch(request: Visit, draft_id: UUID) -> HttpResponse:
    """Take out a batch that no entry is in."""
    code = request.POST.get("code", "")
    return _do(request, draft_id, lambda said: actions.remove_batch(draft_id, code, **said), "saved", "batches")


def entry(request: Visit, draft_id: UUID, code: str) -> HttpResponse:
    """The form of one entry; "new" is none yet."""
    of = queries.draft(draft_id, managers(request))
    found = queries.drafted(of).entry(code)
    if found is None and code != "new":
        raise NotFound(what="这个条目")
    return _entry(request, of, found, {"given": _given(found)})


def _entry(request: Visit, of: ListDraft, found: Entry | None, told: dict[str, Any], status: int = 200) -> HttpResponse:
    words = queries.drafted(of)
    facts = {
        "draft": of,
        "list": words,
        "entry": found,
        "batches": [(batch.code, batch.name) for batch in words.batches],
        "modes": Mode.choices(),
        "bases": ModeBasis.choices(),
    }
    return _page(request, "entry_form", facts | told, status)


def _given(found: Entry | None) -> dict[str, str]:
    """An entry as the form shows it."""
    if found is None:
        return {}
    words = {name: str(getattr(found, name) or "") for name in WORDS}
    steps = "\n".join(f"{step.name}：{step.due.isoformat()}" if step.due else step.name for step in found.timetable)
    return words | {"responsible": "\n".join(found.responsible), "timetable": steps}


def keep_entry(request: Visit, draft_id: UUID, code: str) -> HttpResponse:
    """Take the form of an entry over."""
    actor, sent = managers(request), request.POST
    of = queries.draft(draft_id, actor)
    found = queries.drafted(of).entry(code)
    if found is None and code != "new":
        raise NotFound(what="这个条目")
    said: dict[str, Any] = {"revision": _revision(request), "actor": actor, "at": clock.now()}
    try:
        plain = _plain(sent, found)
        actions.put_entry(draft_id, plain, instead_of=found.code if found else "", **said)
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        errors = {"errors": {(no.field or "name").rpartition(".")[2]: no.sentence}, "given": sent}
        return _entry(request, of, found, errors, no.status)
    return _back(draft_id, "saved", f"#e-{plain['code']}")


def _plain(sent: Any, found: Entry | None) -> dict[str, Any]:
    """What the form says, as an entry; what the form has no place for stays as it was."""
    words: dict[str, Any] = {name: sent.get(name, "").strip() for name in WORDS}
    words["responsible"] = [part.strip() for part in SPLIT.split(sent.get("responsible", "")) if part.strip()]
    lines = [line.strip() for line in sent.get("timetable", "").splitlines() if line.strip()]
    words["timetable"] = [_step(line) for line in lines]
    words["mode"] = words["mode"] or None
    words["mode_basis"] = (words["mode_basis"] or "local") if words["mode"] else None  # its own document says so
    words["lead_basis"] = words["lead_basis"] or None
    return words | {"confidence": found.confidence if found else ""}


def _step(line: str) -> dict[str, Any]:
    name, _, after = line.replace("：", ":").rpartition(":")
    due = day_in(after)
    return {"name": name.strip(), "due": due.isoformat()} if due and name.strip() else {"name": line, "due": None}


def remove_entry(request: Visit, draft_id: UUID, code: str) -> HttpResponse:
    """Leave an entry out of the next version."""
    return _do(request, draft_id, lambda said: actions.remove_entry(draft_id, code, **said), "saved", "entries")


def try_file(request: Visit, draft_id: UUID) -> HttpResponse:
    """Choose a file; nothing is written before its report was seen."""
    return _file(request, queries.draft(draft_id, managers(request)), {})


def check_file(request: Visit, draft_id: UUID) -> HttpResponse:
    """The report of a file by row and column, and what it would change."""
    actor, given = managers(request), request.FILES.get("file")
    of = queries.draft(draft_id, actor)
    if given is None:
        return _file(request, of, {"errors": {"file": "请选择一个文件。"}}, 422)
    if (given.size or 0) > MOST_BYTES:
        return _file(request, of, {"errors": {"file": "文件超过 10 MB。"}}, 422)
    try:
        of, found = actions.check_file(
            draft_id, given.read(), given.name or "", revision=_revision(request), actor=actor, at=clock.now()
        )
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        return _file(request, of, {"errors": {no.field or "file": no.sentence}}, no.status)
    told = {"taken": found, "faults": found.report.faults, "name": given.name}
    return _file(request, of, told, 422 if found.report.stops else 200)


def _file(request: Visit, of: ListDraft, told: dict[str, Any], status: int = 200) -> HttpResponse:
    columns = [(names[0], names[1:], ours in ("name", "batch")) for ours, names in COLUMNS.items()]
    facts = {"draft": of, "list": queries.drafted(of), "columns": columns, "is_editing": of.stage == EDITING}
    return _page(request, "import", facts | told, status)


def faults(request: Visit, draft_id: UUID) -> HttpResponse:
    """Everything that was found in the file that was checked last, as a table for a spreadsheet."""
    of = queries.draft(draft_id, managers(request))
    answer = HttpResponse(writing.table(queries.file_report(of)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="list-report-{str(of.id)[:8]}.csv"'
    return answer


def step(request: Visit, draft_id: UUID, how: str) -> HttpResponse:
    """Submit, approve, send back, drop; take a checked file over or leave it."""
    note = request.POST.get("note", "")
    ways: dict[str, Callable[[dict[str, Any]], object]] = {
        "submitted": lambda said: actions.submit(draft_id, **said),
        "approved": lambda said: actions.approve(draft_id, **said),
        "sent_back": lambda said: actions.send_back(draft_id, note=note, **said),
        "dropped": lambda said: actions.drop(draft_id, **said),
        "taken_over": lambda said: actions.take_over(draft_id, **said),
        "discarded": lambda said: actions.discard_file(draft_id, **said),
    }
    if how not in ways:
        raise PageGone()
    return _do(request, draft_id, ways[how], how, "note" if how == "sent_back" else how)


def _do(
    request: Visit, draft_id: UUID, change: Callable[[dict[str, Any]], object], done: str, field: str
) -> HttpResponse:
    actor = managers(request)
    try:
        change({"revision": _revision(request), "actor": actor, "at": clock.now()})
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        at = (no.field or field).partition("[")[0].partition(".")[0]
        told = {"errors": {"note" if at == "reason" else at: no.sentence}, "given": request.POST}
        return _draft(request, queries.draft(draft_id, actor), told, no.status)
    return _back(draft_id, done)


def _back(draft_id: UUID, done: str, at: str = "") -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('desk:list-draft', args=[draft_id])}?done={done}{at}")


def _revision(request: Visit) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isdigit() and len(text) < 9 else 0


def _page(request: Visit, name: str, told: dict[str, Any], status: int = 200) -> HttpResponse:
    facts = {"tab": "lists", "done": DONE.get(request.GET.get("done", ""))}
    return render(request, f"desk/lists/{name}.html", facts | told, status=status)


DRAFT = "lists/drafts/<uuid:draft_id>/"
urlpatterns = [
    path(DRAFT, require_safe(staff(draft)), name="list-draft"),
    path(f"{DRAFT}head/", staff(posted(up=1)(keep_head)), name="list-head"),
    path(f"{DRAFT}batches/keep/", staff(posted(up=2)(keep_batch)), name="list-batch"),
    path(f"{DRAFT}batches/remove/", staff(posted(up=2)(remove_batch)), name="list-batch-remove"),
    path(f"{DRAFT}file/", require_safe(staff(try_file)), name="list-file"),
    path(f"{DRAFT}file/report.csv", require_safe(staff(faults)), name="list-file-report"),
    path(f"{DRAFT}file/check/", staff(posted(up=1)(check_file)), name="list-file-check"),
    path(f"{DRAFT}entries/<str:code>/", require_safe(staff(entry)), name="list-entry-form"),
    path(f"{DRAFT}entries/<str:code>/keep/", staff(posted(up=1)(keep_entry)), name="list-entry-keep"),
    path(f"{DRAFT}entries/<str:code>/remove/", staff(posted(up=3)(remove_entry)), name="list-entry-remove"),
    path(f"{DRAFT}<str:how>/", staff(posted(up=1)(step)), name="list-step"),
]
