# SPDX-License-Identifier: Apache-2.0
"""存证账本查询: auditors look through the diary; what they look for is written down, and told to whom it is about."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tongban.cases.queries.held import read_with
from tongban.identity.actions.auditing import EXPORTED, SEARCHED, note_audit, require_auditor
from tongban.identity.queries.staffing import named, person_numbered, staff_names
from tongban.ledger.auditing import LineView, Wanted, all_of, look_through
from tongban.standards import clock
from tongban.standards.actor import NAMES
from tongban.standards.identifiers import tidy
from tongban.standards.refusal import BadInput, NotFound, Refusal
from tongban.web.verbs import KINDS, kind_of, words_of
from tongban.web.visit import Visit, posted, staff

WEEK = timedelta(days=7)
MOST = 100_000  # lines of one file
MOST_SUBJECTS = 10  # of one search
COLUMNS = ("position", "at", "subject", "number", "verb", "actor", "digest")
IN_WORDS = ("kind", "words")  # columns of the file behind them
FIELDS = ("who", "kind", "since", "until")


@never_cache
@require_GET
@staff
def lines(request: Visit) -> HttpResponse:
    """The lines that match, newest first, page by page; the first page of a search is written down."""
    require_auditor(request.actor)
    given = {name: request.GET.get(name, "") for name in FIELDS}
    subjects, before = _subjects(request.GET.getlist("subject")), request.GET.get("before", "")
    try:
        wanted = _wanted(given, subjects)
    except BadInput as no:
        return _page(request, given, {"errors": {no.field: no.sentence}}, no.status)
    place = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    if place is None:
        note_audit(SEARCHED, wanted, actor=request.actor, at=clock.now())
    found = look_through(wanted, before=place)
    query = _query(given, subjects)
    told = {
        "rows": _named(found.rows),
        "next": f"{query}&before={found.next}" if found.next is not None else "",
        "subjects": subjects,
        "is_first": place is None,
    }
    return _page(request, given, told)


@never_cache
@staff
@posted(up=1)
def find(request: Visit) -> HttpResponse:
    """What was typed, as what the diary calls it: no number of a person gets into an address."""
    require_auditor(request.actor)
    given = {name: request.POST.get(name, "")[:100] for name in FIELDS}
    typed = tidy(request.POST.get("q", ""))[:64]
    try:
        subjects, who = _meant(typed) if typed else ((), "")
    except Refusal as no:
        return _page(request, given, {"errors": {"q": no.sentence}}, 422)
    return HttpResponseRedirect(f"{reverse('desk:audit')}?{_query(given | {'who': who}, subjects)}")


@staff
@posted(up=1)
def download(request: Visit) -> HttpResponseBase:
    """The same lines as a file."""
    require_auditor(request.actor)
    given = {name: request.POST.get(name, "")[:100] for name in FIELDS}
    wanted = _wanted(given, _subjects(request.POST.getlist("subject")))
    note_audit(EXPORTED, wanted, actor=request.actor, at=clock.now())
    answer = StreamingHttpResponse(_csv(all_of(wanted, MOST)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="ledger-{clock.today():%Y%m%d}.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _meant(typed: str) -> tuple[tuple[str, ...], str]:
    """Subjects and actor that what was typed means: a case, a member of staff, a person, an identifier."""
    if (person := person_numbered(typed)) is not None:
        return (f"person/{person}",), str(person)
    if (member := named(typed)) is not None:
        return (f"staff/{member}",), str(member)
    try:
        held, _ = read_with(typed, [])
    except NotFound:
        if (any_id := _uuid(typed)) is None:
            raise NotFound(what="对应的办件、人员或者标识") from None
        return tuple(f"{kind}{any_id}" for kind in ("person/", "staff/", "mandate/", "company/")), str(any_id)
    return (held.subject, f"intake:{held.id}", f"look/{held.id}"), ""


def _subjects(said: Iterable[str]) -> tuple[str, ...]:
    return tuple(each for each in said if each.isprintable())[:MOST_SUBJECTS]


def _wanted(given: Mapping[str, str], subjects: tuple[str, ...]) -> Wanted:
    today = clock.today()
    since = _day(given["since"], "since", today - WEEK)
    until = _day(given["until"], "until", today) + timedelta(days=1)
    kind = given["kind"] if given["kind"] in KINDS else ""
    return Wanted(_instant(since), _instant(until), subjects, str(_uuid(given["who"]) or ""), kind)


def _page(request: Visit, given: Mapping[str, str], told: dict[str, Any], status: int = 200) -> HttpResponse:
    today = clock.today()
    shown = {**given, "since": given["since"] or (today - WEEK).isoformat(), "until": given["until"] or str(today)}
    facts = {"given": shown, "kinds": KINDS, "rows": [], "tab": "audit"}
    return render(request, "desk/audit.html", facts | told, status=status)


def _named(rows: Iterable[LineView]) -> list[tuple[LineView, str, str, str]]:
    """(line, name of its kind, what was done, who acted: staff by name, people by what they are)."""
    acted = [(row, _uuid(row.actor.partition("/")[0].rpartition(":")[2])) for row in rows]
    names = staff_names(who for _, who in acted if who is not None)
    return [
        (row, kind_of(row.verb), words_of(row.verb), (who and names.get(who)) or _role(row.actor)) for row, who in acted
    ]


def _role(actor: str) -> str:
    return NAMES.get(actor.partition(":")[0], "")


def _query(given: Mapping[str, str], subjects: Iterable[str]) -> str:
    kept = [(name, given[name]) for name in FIELDS if given[name]]
    return urlencode([*kept, *(("subject", each) for each in subjects)])


def _csv(rows: Iterable[LineView]) -> Iterator[str]:
    write = csv.writer(_Echo()).writerow
    yield "\ufeff" + str(write(COLUMNS + IN_WORDS))
    for row in rows:
        yield str(write([*(getattr(row, name) for name in COLUMNS), kind_of(row.verb), words_of(row.verb)]))


class _Echo:
    """Hands back what is written."""

    def write(self, line: str) -> str:
        return line


def _day(text: str, field: str, usual: date) -> date:
    try:
        return date.fromisoformat(text) if text else usual
    except ValueError:
        raise BadInput(field, "请填写日期，例如 2026-11-01。") from None


def _instant(day: date) -> datetime:
    """The first instant of a day in China."""
    try:
        return datetime.combine(day, time(), clock.SHANGHAI).astimezone(UTC)
    except OverflowError:
        raise BadInput("since", "请填写日期，例如 2026-11-01。") from None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


urlpatterns = [
    path("audit/", lines, name="audit"),
    path("audit/find", find, name="audit-find"),
    path("audit/download", download, name="audit-download"),
]
