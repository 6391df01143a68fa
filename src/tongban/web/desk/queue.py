# SPDX-License-Identifier: Apache-2.0
"""The worklist: what an organization has to do by remaining working days, narrowed, counted, given to colleagues."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from tongban.cases import actions, queries, transitions
from tongban.cases.queries import Narrowing, Worklist
from tongban.cases.queries.lists import AFTERWARDS, DUE_SOON, LATE, MINE, NOBODYS
from tongban.cases.states import ENDED, NAMES, Mode, State
from tongban.catalogue import queries as catalogue
from tongban.exchange import queries as exchange
from tongban.identity.queries import colleagues
from tongban.regions.queries import trust_list
from tongban.standards import clock
from tongban.standards.actor import Actor, Role
from tongban.standards.refusal import Refusal
from tongban.web import handing_in
from tongban.web.visit import Visit, posted, staff

LIMIT = 20
OPEN = {str(state) for state in State} - {str(state) for state in ENDED}
QUEUED = OPEN | {AFTERWARDS}
REACHED = {move.target for move in transitions.MOVES.values() if Mode.PROXY in move.modes}
AT_A_WINDOW = [str(state) for state in State if state in REACHED]  # what a window looks for
CORRECTABLE = {str(state) for state in transitions.AWAIT_FILES}
WHOSE = ((MINE, "由我经办"), (NOBODYS, "还没有指派"))
DUE = ((LATE, "已超期"), (DUE_SOON, "今天或者下一个工作日到期"))
MODES = ((str(Mode.PROXY), "窗口代收"), (str(Mode.ONLINE), "网上提交"))


@dataclass(frozen=True)
class Filter:
    """A way of narrowing the queue: a choice of the page, kept in its address."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]


@require_safe
@staff
def worklist(request: Visit) -> HttpResponse:
    """What this organization has to do, the most urgent first; at a window what it took in."""
    if request.actor.role is Role.CLERK:
        return _taken_in(request, request.actor)
    return _queue(request, request.actor, request.GET, {"assigned": request.GET.get("assigned", "")})


def _queue(request: Visit, actor: Actor, asked: QueryDict, told: dict[str, Any], status: int = 200) -> HttpResponse:
    filters = _filters(actor)
    chosen = {each.name: asked.get(each.name, "") for each in filters}
    for each in filters:  # an address may be old, or typed
        if chosen[each.name] not in dict(each.choices):
            chosen[each.name] = ""
    state = asked.get("state", "")
    state = state if state in QUEUED else ""
    q, after = asked.get("q", "").strip()[:100], asked.get("after", "")
    only = Narrowing(**chosen)
    found = queries.worklist(actor, state=state or None, q=q, after=after or None, limit=LIMIT, only=only)
    kept = {name: value for name, value in {"q": q, **chosen}.items() if value}
    facts = {
        "rows": found.rows,
        "counters": _queued(found),
        "total": _many(sum(found.counters.values())),
        "next": found.next,
        "state": state,
        "q": q,
        "after": after,
        "limit": LIMIT,
        "filters": [(each, chosen[each.name]) for each in filters],
        "narrowed": any(chosen.values()),
        "kept": urlencode(kept),
        "place": urlencode(kept | {name: value for name, value in (("state", state), ("after", after)) if value}),
        "colleagues": colleagues(actor.organization, actor.role) if actor.role is Role.APPROVER else (),
        "peers": exchange.peers(),
        "values": None,
        "tab": "worklist",
    }
    return render(request, "desk/worklist.html", facts | told, status=status)


def _filters(actor: Actor) -> list[Filter]:
    """What the queue can be narrowed by."""
    items = catalogue.published().filter(publisher=actor.organization).values_list("task_code", "name")
    places = sorted((code, node.name) for code, node in trust_list().nodes.items())
    return [
        Filter("whose", "经办人", WHOSE),
        Filter("due", "期限", DUE),
        Filter("item", "事项", tuple(items.order_by("name"))),
        Filter("region", "收件地", tuple(places)),
        Filter("mode", "来自", MODES),
    ]


def _queued(found: Worklist) -> list[tuple[str, str, str]]:
    """The same of a queue; cases that have ended and still need somebody stand last, if there are any."""
    listed = counters({state: count for state, count in found.counters.items() if state != AFTERWARDS})
    return [*listed, *_afterwards(found)]


def _afterwards(found: Worklist) -> list[tuple[str, str, str]]:
    rest = found.counters[AFTERWARDS]
    return [(AFTERWARDS, "办结后待处理", _many(rest))] if rest else []


def _taken_in(request: Visit, actor: Actor) -> HttpResponse:
    """The cases this window took in: who has each now, and which wait for the window itself."""
    state, q = request.GET.get("state", ""), request.GET.get("q", "").strip()[:100]
    state = state if state in (*AT_A_WINDOW, AFTERWARDS) else ""
    found = queries.taken_in(actor, state=state or None)
    counted = {name: found.counters[name] for name in AT_A_WINDOW if name in OPEN or found.counters[name]}
    told = {
        "rows": queries.worklist(actor, q=q).rows if q else found.rows,
        "counters": [*counters(counted), *_afterwards(found)],
        "correctable": CORRECTABLE,
        "total": _under_way(found),
        "state": state,
        "q": q,
        "peers": exchange.peers(),
        "tab": "worklist",
    }
    return render(request, "desk/taken_in.html", told)


def _under_way(found: Worklist) -> int:
    return sum(count for state, count in found.counters.items() if state in QUEUED)


def counters(counted: dict[str, int]) -> list[tuple[str, str, str]]:
    """(state, its name, how many) in the order of the procedure; beyond what is counted it says so."""
    return [(state, NAMES[State(state)], _many(count)) for state, count in counted.items()]


def _many(count: int) -> str:
    return str(count) if count < queries.MOST_COUNTED else f"{queries.MOST_COUNTED - 1}+"


@staff
@posted(up=1)
def assign(request: Visit) -> HttpResponse:
    """Give the chosen cases to one colleague; those that could not be given are named with the reason."""
    chosen, why = request.POST.getlist("case")[:LIMIT], request.POST.get("opinion", "").strip()
    assignee, place = request.POST.get("assignee", ""), QueryDict(request.POST.get("place", ""))
    typed = {"values": {"assignee": assignee, "opinion": why}, "chosen": chosen}
    try:
        given = actions.assign_many(
            [_id(each) for each in chosen],
            assignee=assignee,
            why=why,
            actor=request.actor,
            at=clock.now(),
            once=handing_in.token_of(request),
        )
    except Refusal as no:
        told = typed | {"errors": {no.field or "case": no.sentence}}
        return _queue(request, request.actor, place, told, no.status)
    if given.refused:
        return _queue(request, request.actor, place, {"refused": given.refused, "assigned": given.done}, 409)
    return HttpResponseRedirect(f"{reverse('desk:worklist')}?{urlencode({**place.dict(), 'assigned': given.done})}")


def _id(given: str) -> UUID:
    """What a row of the page names; anything else is no case."""
    try:
        return UUID(given)
    except ValueError:
        return UUID(int=0)


urlpatterns = [
    path("", worklist, name="worklist"),
    path("assign/", assign, name="assign"),
]
