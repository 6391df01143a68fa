# SPDX-License-Identifier: Apache-2.0
"""Lists of cases: a person's own, and a desk's queue by remaining working time."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from tongban.cases.models import NEVER
from tongban.cases.queries.drafts import scope_of
from tongban.cases.situation import AFTERWARDS as UNVERIFIED
from tongban.cases.states import ENDED, NAMES, Mode, Part, State
from tongban.database import reading
from tongban.regions.queries import calendar_for
from tongban.standards import clock
from tongban.standards.actor import Actor, Role
from tongban.standards.identifiers import tidy, tidy_name
from tongban.standards.refusal import BadInput, NotAllowed
from tongban.standards.workdays import Calendar

Page = tuple[list[int], list[tuple[Any, ...]]]  # counters by state, rows
Ask = tuple[str, str, dict[str, Any]]  # which cases, in which order, with which values

WILD = re.compile(r"[\\%_]")  # signs that LIKE reads otherwise
OPEN = tuple(state for state in State if state not in ENDED)
AFTERWARDS = "afterwards"  # counter of those that have ended and are not over: somebody still has something to do
QUEUED = (*OPEN, AFTERWARDS)
ENDS = "', '".join(sorted(ENDED))
VERIFYING, UNSETTLED, PAPERS = "待核查承诺", "问题待了结", "原件待退还"  # what is still to be done then
MOST_COUNTED = 100  # a counter says 99+ beyond: counting on costs, and nobody needs it
SOON = 1  # working days: from here on a case is shown as about to be due
MINE, NOBODYS, LATE, DUE_SOON = "mine", "nobody", "late", "soon"  # what a queue is narrowed to

ROW = (
    # An instant as text: the driver reads one slower than all the rest of a row.
    "c.id, c.receipt_no, c.project_no, c.item_name, c.applicant_name, c.state, c.mode, c.submitted_at::text, c.due_on, "
    "c.holder, c.offered_to, c.ended, "
    "(SELECT json_agg(json_build_array(p.number, p.part, p.organization_name, p.region_name, p.organization, p.node) "
    "ORDER BY p.number)::text FROM cases_party p WHERE p.case_id = c.id), "
    "EXISTS (SELECT 1 FROM cases_request r WHERE r.case_id = c.id AND r.state = 'submitted'), "
    "jsonb_exists(c.progress, 'awaited'), c.progress->>'verification', "
    "jsonb_path_exists(c.progress, '$.problems[*] ? (@.settled == false)')"
)
COUNTED = ", ".join(
    f"(SELECT count(*) FROM (SELECT 1 FROM cases_case c WHERE c.holder_organization = %(desk)s AND c.state {which} "  # noqa: S608
    f"AND NOT c.ended {{narrower}}LIMIT {MOST_COUNTED}) AS counted)"
    for which in (*(f"= '{state}'" for state in OPEN), f"IN ('{ENDS}')")
)

PARTIES = msgspec.json.Decoder(list[tuple[int, str, str, str, str, str]])  # as ROW makes them

PAGE = (
    "SELECT told.counters, page.* FROM (SELECT ARRAY[{counted}] AS counters) AS told "  # noqa: S608
    f"LEFT JOIN (SELECT {ROW} FROM cases_case c {{chosen}} LIMIT %(limit)s) AS page ON true ORDER BY {{order}}"
)
QUEUE = "WHERE c.holder_organization = %(desk)s AND NOT c.ended {narrower}{of_state}ORDER BY c.due_on, c.id"
SEARCHED = (
    "JOIN cases_party own ON own.case_id = c.id AND own.organization = %(desk)s "
    "WHERE (c.id IN (SELECT case_id FROM cases_number WHERE number = %(word)s) "
    "OR c.applicant_name LIKE %(name)s OR c.item_name LIKE %(like)s) {narrower}{of_state}ORDER BY c.submitted_at DESC"
)

NARROWED = {  # by the words of Narrowing what each value asks of a row; "" stands for whatever is said
    "item": {"": "c.task_code = %(item)s"},
    "region": {"": "c.receipt_no LIKE %(region)s"},  # a receipt number begins with the region of intake
    "mode": {str(mode): "c.mode = %(mode)s" for mode in Mode},
    "whose": {
        MINE: "c.progress->>'assignee' = ANY(%(mine)s)",
        NOBODYS: "NOT jsonb_exists(c.progress, 'assignee')",
    },
    "due": {LATE: "c.due_on < %(today)s", DUE_SOON: "c.due_on BETWEEN %(today)s AND %(soon)s"},
}

OWN = (
    f"SELECT {ROW} FROM cases_case c "  # noqa: S608
    "WHERE (%(items)s::text[] IS NULL OR c.task_code = ANY(%(items)s::text[])) AND c.id IN ("
    "(SELECT a.id FROM cases_case a WHERE a.applicant_index = %(index)s ORDER BY a.submitted_at DESC LIMIT %(limit)s) "
    "UNION SELECT s.case_id FROM cases_signer s WHERE s.person_index = %(index)s) "
    "ORDER BY c.submitted_at DESC LIMIT %(limit)s"
)


class CaseRow(msgspec.Struct, frozen=True):
    """A case in a list."""

    id: UUID
    receipt_no: str
    project_no: str | None
    item_name: str
    applicant_name: str
    state: str
    state_name: str
    ended: bool
    mode: str
    intake_name: str
    handling_name: str
    submitted_at: datetime
    due_on: date | None
    days_left: int | None  # working days; negative when late
    custody_name: str
    waiting: str | None


class Narrowing(msgspec.Struct, frozen=True):
    """Which cases of a desk are looked at and counted; an empty word leaves all."""

    item: str = ""  # task code
    region: str = ""  # where it was taken in; of a province or a city all that is inside
    mode: str = ""
    whose: str = ""  # mine, nobody
    due: str = ""  # late, soon


ALL = Narrowing()


class Worklist(msgspec.Struct, frozen=True):
    """One page of a desk's queue. A counter of MOST_COUNTED means at least so many."""

    rows: tuple[CaseRow, ...]
    counters: dict[str, int]
    next: str | None


def my_cases(actor: Actor, limit: int = 50) -> list[CaseRow]:
    """A person's own cases, and those they confirmed beside somebody; latest first.

    A limit that runs on after the end is the office's to verify a promise, and no news of theirs.
    """
    if actor.role is not Role.APPLICANT:
        raise NotAllowed()
    rows = _rows(reading.rows(OWN, {"index": actor.index, "items": scope_of(actor), "limit": limit}))
    return [msgspec.structs.replace(row, due_on=None, days_left=None) if row.state in ENDED else row for row in rows]


def worklist(
    actor: Actor,
    *,
    state: str | None = None,
    q: str = "",
    after: str | None = None,
    limit: int = 20,
    only: Narrowing = ALL,
) -> Worklist:
    """What lies on the desk of the actor's organization, the most urgent first; with a search, all its cases.

    Keyset paging: `after` is the cursor of the page before. `only` narrows rows and counters alike. One statement,
    whatever the number of cases.
    """
    if actor.role is Role.APPLICANT or not actor.organization:
        raise NotAllowed()
    if state is not None and state not in QUEUED:
        raise BadInput("state", "没有这种办件状态。")
    narrower, values = _narrowed(actor, only)
    values |= {"desk": actor.organization, "state": state}
    of_state = f"AND c.state IN ('{ENDS}') " if state == AFTERWARDS else "AND c.state = %(state)s " if state else ""
    word = tidy(q)
    ask = _searched(word, values, limit) if word else _queue(after, values, limit)
    counts, rows = _page(ask, narrower, of_state)
    cursor = _cursor(rows[limit - 1]) if len(rows) > limit and not word else None
    counters = dict(zip(map(str, QUEUED), counts, strict=True))
    return Worklist(rows=tuple(_rows(rows[:limit])), counters=counters, next=cursor)


def numbers_of(actor: Actor, cases: Sequence[UUID]) -> dict[UUID, str]:
    """The receipt numbers of those among these cases that the actor's organization has a part in."""
    sql = (
        "SELECT c.id, c.receipt_no FROM cases_case c JOIN cases_party own ON own.case_id = c.id "
        "WHERE c.id = ANY(%s) AND own.organization = %s"
    )
    return dict(reading.rows(sql, [list(cases), actor.organization])) if cases else {}


def taken_in(actor: Actor, *, state: str | None = None, limit: int = 50) -> Worklist:
    """Cases that the actor's organization took in, latest first: where each stands and who has it now.

    Without a state those that are not ended. Two statements, whatever the number of cases.
    """
    if actor.role is Role.APPLICANT or not actor.organization:
        raise NotAllowed()
    where, values = ["own.organization = %s", "own.part = %s"], [actor.organization, str(Part.INTAKE)]
    counters = _counted_in(values)
    if state is None:
        where.append("NOT c.ended")
    elif state == AFTERWARDS:
        where.append(f"NOT c.ended AND c.state IN ('{ENDS}')")
    else:
        where.append("c.state = %s")
        values.append(state)
    sql = (
        f"SELECT {ROW} FROM cases_case c JOIN cases_party own ON own.case_id = c.id "  # noqa: S608
        f"WHERE {' AND '.join(where)} ORDER BY c.submitted_at DESC LIMIT %s"
    )
    return Worklist(rows=tuple(_rows(reading.rows(sql, [*values, limit]))), counters=counters, next=None)


def _counted_in(values: Sequence[str]) -> dict[str, int]:
    """How many cases of this window are in each state, and how many have ended and are not over."""
    sql = (
        "SELECT c.state, count(*), count(*) FILTER (WHERE NOT c.ended) FROM cases_case c "
        "JOIN cases_party own ON own.case_id = c.id WHERE own.organization = %s AND own.part = %s GROUP BY c.state"
    )
    found = {state: (count, rest) for state, count, rest in reading.rows(sql, values)}
    counters = {str(state): found.get(str(state), (0, 0))[0] for state in State}
    return counters | {AFTERWARDS: sum(found.get(str(state), (0, 0))[1] for state in ENDED)}


def _narrowed(actor: Actor, only: Narrowing) -> tuple[str, dict[str, Any]]:
    """The narrowing as conditions and their values. BadInput names a word that means nothing here."""
    values: dict[str, Any] = {"item": only.item, "mode": only.mode, "mine": sorted(actor.answers_to)}
    values |= {"region": f"{_prefix(only.region)}%", "today": clock.today(), "soon": _soon(actor.organization)}
    return "".join(f"AND {condition} " for condition in _conditions(only)), values


def _conditions(only: Narrowing) -> Iterator[str]:
    for name, known in NARROWED.items():
        said = getattr(only, name)
        if said and said not in known and "" not in known:
            raise BadInput(name, f"参数 {name} 没有“{said[:20]}”这个值。")
        if said:
            yield known.get(said) or known[""]


def _prefix(region: str) -> str:
    """What the codes of a region and of all inside it begin with."""
    return re.sub(r"(?:00){1,2}$", "", region[:6]) if region.isascii() and region.isdecimal() else "-"


def _soon(organization: str) -> date:
    """The last day that is about to come, by the calendar of this organization."""
    return calendar_for(organization).add_workdays(clock.today(), SOON + 1) - timedelta(days=1)


def _queue(after: str | None, values: dict[str, Any], limit: int) -> Ask:
    chosen, values = QUEUE, values | {"limit": limit + 1}
    if after is not None:
        chosen = chosen.replace("ORDER BY", "AND (c.due_on, c.id) > (%(day)s::date, %(last)s::uuid) ORDER BY")
        values["day"], values["last"] = _read_cursor(after)
    return chosen, "page.due_on, page.id", values


def _searched(word: str, values: dict[str, Any], limit: int) -> Ask:
    """By number, or by the words of applicant and item, among the cases the organization has a part in."""
    like = f"%{WILD.sub(lambda sign: chr(92) + sign[0], word)}%"
    name = f"%{WILD.sub(lambda sign: chr(92) + sign[0], tidy_name(word))}%"  # with the dot that names are kept with
    values = values | {"limit": limit, "word": word, "like": like, "name": name}
    return SEARCHED, 'page.submitted_at COLLATE "C" DESC', values


def _page(ask: Ask, narrower: str, of_state: str) -> Page:
    """The counters of the desk, and the rows that are chosen; an empty page still has counters."""
    chosen, order, values = ask
    words = {"narrower": narrower, "of_state": of_state}
    found = reading.rows(PAGE.format(counted=COUNTED, chosen=chosen, order=order).format(**words), values)
    return found[0][0], [row[1:] for row in found if row[1] is not None]


def _rows(found: Sequence[tuple[Any, ...]]) -> list[CaseRow]:
    """Rows of a list as they are shown today."""
    today = clock.today()
    calendars: dict[str, Calendar] = {}
    return [_row(row, today, calendars) for row in found]


def _row(row: tuple[Any, ...], today: date, calendars: dict[str, Calendar]) -> CaseRow:
    (case_id, receipt_no, project_no, item_name, applicant, state, mode, submitted_at, due_on) = row[:9]
    holder, offered_to, ended, parties, is_asked, is_awaited, verification, is_unsettled = row[9:]
    by_number, by_part = {}, {}
    for party in PARTIES.decode(parties):
        by_number[party[0]] = by_part[party[1]] = party
    handling = by_part[Part.HANDLING]
    holding = by_number[offered_to or holder]
    waits = offered_to is not None or is_asked
    rest = _afterwards(verification, is_unsettled=is_unsettled) if state in ENDED and not ended else ""
    return CaseRow(
        id=case_id,
        receipt_no=receipt_no,
        project_no=project_no,
        item_name=item_name,
        applicant_name=applicant,
        state=state,
        state_name="，".join(filter(None, (NAMES.get(state, state), rest))),
        ended=ended,
        mode=mode,
        intake_name=by_part[Part.INTAKE][3],
        handling_name=handling[3],
        submitted_at=datetime.fromisoformat(submitted_at),
        due_on=None if due_on == NEVER else due_on,
        days_left=None if due_on == NEVER else _days_left(_calendar(handling[4], calendars), today, due_on),
        custody_name=holding[2],
        waiting=f"已提交，待{holding[2]}确认" if waits else _awaited(state, is_awaited, verification),
    )


def _afterwards(verification: str | None, *, is_unsettled: bool) -> str:
    """What keeps a case that has ended on a desk."""
    if verification in UNVERIFIED:
        return VERIFYING
    return UNSETTLED if is_unsettled else PAPERS


def _awaited(state: str, is_awaited: bool, verification: str | None) -> str | None:
    """What the applicant was given a limit for, beside corrections, which are a state of their own."""
    if is_awaited and state not in ENDED:
        return "待补齐后补的材料"
    return "待改正不实的承诺" if verification == "ordered" else None


def _calendar(organization: str, kept: dict[str, Calendar]) -> Calendar:
    """Of the organization that decides; the rows of a page mostly have the same one."""
    if organization not in kept:
        kept[organization] = calendar_for(organization)
    return kept[organization]


@lru_cache(maxsize=4096)
def _days_left(calendar: Calendar, today: date, due_on: date) -> int:
    """The same few dates stand in every row of every page of a day."""
    return calendar.days_left(today, due_on)


def _cursor(row: tuple[Any, ...]) -> str:
    """The place after a row, opaque to programs."""
    return urlsafe_b64encode(f"{row[8].isoformat()}/{row[0]}".encode()).decode()


def _read_cursor(text: str) -> tuple[str, str]:
    try:
        day, _, last = urlsafe_b64decode(text.encode()).decode().partition("/")
        return date.fromisoformat(day).isoformat(), str(UUID(last))
    except ValueError as wrong:
        raise BadInput("after", "翻页标记无效，请回到第一页。") from wrong
