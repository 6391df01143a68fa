# SPDX-License-Identifier: Apache-2.0
"""Staff, as those see them who take them on and let them go: posts, leave, sign-ins, and which duties are apart."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tongban.cases.queries.in_hand import in_hand
from tongban.identity import separation
from tongban.identity.actions import staffing
from tongban.identity.actions.staffing import Joiner
from tongban.identity.joiners import COLUMNS, ROLES
from tongban.identity.queries.staffing import SENSITIVE, may_see, staff_list, staff_page, substitutes
from tongban.regions import queries as regions
from tongban.standards import clock
from tongban.standards.actor import Actor, Role
from tongban.standards.identifiers import tidy
from tongban.standards.node import here
from tongban.standards.refusal import BadInput, NotAllowed, Refusal
from tongban.web.visit import Visit, posted, staff

TAB = "people"
ACTS = {  # what one button does
    "end-post": lambda who, given, actor, at: staffing.end_post(who, _id(given("post")), actor=actor, at=at),
    "end-session": lambda who, given, actor, at: staffing.end_staff_session(who, given("key"), actor=actor, at=at),
    "end-leave": lambda who, given, actor, at: staffing.end_leave(_id(given("leave")), actor=actor, at=at),
    "forget-factors": lambda who, given, actor, at: staffing.forget_factors(who, actor=actor, at=at),
}


@never_cache
@require_GET
@staff
def people(request: Visit) -> HttpResponse:
    """Who works here."""
    q, left = tidy(request.GET.get("q", ""))[:60], "left" in request.GET
    return _list(request, {"rows": staff_list(request.actor, clock.now(), q, left=left), "q": q, "left": left})


@never_cache
@require_http_methods(["GET", "POST"])
@staff
def add(request: Visit) -> HttpResponse:
    """Take somebody on; the first password is shown once."""
    _require_manager(request.actor)
    if request.method == "GET":
        return _form(request, {})
    typed = {name: request.POST.get(name, "")[:100] for name in ("login", "name", "organization", "title", "hall")}
    try:
        password = staffing.take_on(Joiner(**typed, roles=_roles(request)), actor=request.actor, at=clock.now())
    except Refusal as no:
        return _form(request, {"values": typed, "chosen": _said(request), "errors": _errors(no)}, no.status)
    joined = [(typed["login"].strip().lower(), typed["name"], password)]
    return render(request, "desk/people/joined.html", {"joined": joined, "left": [], "tab": TAB})


@never_cache
@require_http_methods(["GET", "POST"])
@staff
def bring_in(request: Visit) -> HttpResponse:
    """Joiners and leavers from a file: all of it, or what is wrong in each line."""
    _require_manager(request.actor)
    told: dict[str, object] = {"columns": COLUMNS, "roles": list(ROLES), "tab": TAB}
    if request.method == "GET":
        return render(request, "desk/people/import.html", told)
    file = request.FILES.get("file")
    if file is None:
        return render(request, "desk/people/import.html", told | {"errors": {"file": "请选择文件。"}}, status=422)
    done = staffing.bring_in(file.read(), actor=request.actor, at=clock.now())
    if done.faults:
        return render(request, "desk/people/import.html", told | {"found": done.faults}, status=422)
    left = [(each, in_hand(each.id, each.organization, request.actor)) for each in done.left]
    return render(request, "desk/people/joined.html", {"joined": done.joined, "left": left, "tab": TAB})


@never_cache
@require_GET
@staff
def person(request: Visit, who: UUID) -> HttpResponse:
    """One of them."""
    return _page(request, who, {})


@staff
@posted(up=1)
def change(request: Visit, who: UUID) -> HttpResponse:
    """Other roles, another post, another hall."""
    words = (request.POST.get("title", ""), request.POST.get("hall", ""))
    try:
        staffing.change_duties(who, _roles(request), *words, actor=request.actor, at=clock.now())
    except Refusal as no:
        return _page(request, who, {"errors": _errors(no), "chosen": _said(request)}, no.status)
    return _back(who)


@staff
@posted(up=1)
def post(request: Visit, who: UUID) -> HttpResponse:
    """One more post."""
    given = request.POST.get
    try:
        role = _role(given("role", ""))
        words = (given("title", ""), given("hall", ""))
        staffing.give_post(who, given("organization", ""), role, *words, actor=request.actor, at=clock.now())
    except Refusal as no:
        return _page(request, who, {"errors": {"post": no.sentence}}, no.status)
    return _back(who)


@staff
@posted(up=1)
def leave(request: Visit, who: UUID) -> HttpResponse:
    """Away, and who stands in."""
    try:
        tell_leave(request, who)
    except Refusal as no:
        return _page(request, who, {"errors": {"leave": no.sentence}}, no.status)
    return _back(who)


def tell_leave(request: Visit, who: UUID) -> None:
    """What the form of a leave says: whole days, the last one included. BadInput, NoSuchSubstitute."""
    begins, ends = _day(request.POST.get("begins_on", "")), _day(request.POST.get("ends_on", "")) + timedelta(days=1)
    other = _id(request.POST.get("substitute", ""))
    staffing.go_on_leave(who, other, begins, ends, actor=request.actor, at=clock.now())


@staff
@posted(up=1)
def act(request: Visit, who: UUID) -> HttpResponse:
    """End a post, a session, a leave; forget second factors."""
    found = ACTS.get(request.POST.get("act", ""))
    if found is None:
        raise NotAllowed()
    found(who, lambda name: request.POST.get(name, ""), request.actor, clock.now())
    return _back(who)


@staff
@posted(up=1)
def password(request: Visit, who: UUID) -> HttpResponse:
    """A first password again, shown once."""
    made = staffing.new_first_password(who, actor=request.actor, at=clock.now())
    found = staff_page(request.actor, who, clock.now())
    told = {"joined": [(found.login, found.name, made)], "left": [], "tab": TAB}
    return render(request, "desk/people/joined.html", told)


@staff
@posted(up=1)
def let_go(request: Visit, who: UUID) -> HttpResponse:
    """Somebody leaves; what they had in hand is listed for others."""
    left = staffing.let_go(who, actor=request.actor, at=clock.now())
    listed = [(left, in_hand(left.id, left.organization, request.actor))]
    return render(request, "desk/people/joined.html", {"joined": [], "left": listed, "tab": TAB})


def _list(request: Visit, told: dict[str, object]) -> HttpResponse:
    more = {
        "organizations": _organizations(),
        "manages": request.actor.role is not Role.AUDITOR,
        "apart": separation.ROLES_APART,
        "acts_apart": separation.ACTS_APART,
        "tab": TAB,
    }
    return render(request, "desk/people/list.html", told | more)


def _form(request: Visit, told: dict[str, object], status: int = 200) -> HttpResponse:
    own = request.actor.organization if request.actor.role is Role.HALL_MANAGER else ""
    more = {"organizations": _organizations(own), "roles": _offered(request.actor), "tab": TAB}
    return render(request, "desk/people/add.html", more | told, status=status)


def _page(request: Visit, who: UUID, told: dict[str, object], status: int = 200) -> HttpResponse:
    found = staff_page(request.actor, who, clock.now())
    own = request.actor.organization if request.actor.role is Role.HALL_MANAGER else ""
    more = {
        "found": found,
        "may_change": request.actor.role is not Role.AUDITOR and not found.is_me and found.left_at is None,
        "organizations": _organizations(own),
        "names": _organizations(),
        "roles": _offered(request.actor),
        "chosen": found.roles,
        "substitutes": substitutes(found.id),
        "in_hand": in_hand(found.id, found.organization, request.actor),
        "tab": TAB,
    }
    return render(request, "desk/people/person.html", more | told, status=status)


def _require_manager(actor: Actor) -> None:
    may_see(actor)
    if actor.role is Role.AUDITOR:
        raise NotAllowed()


def _organizations(only: str = "") -> dict[str, str]:
    return {each.code: each.name for each in regions.organizations(here().code) if only in ("", each.code)}


def _offered(actor: Actor) -> list[tuple[str, str]]:
    """The roles that this manager may give."""
    kept = SENSITIVE if actor.role is Role.HALL_MANAGER else frozenset()
    return [(str(role), name) for name, role in ROLES.items() if role not in kept]


def _said(request: Visit) -> tuple[str, ...]:
    return tuple(request.POST.getlist("roles"))


def _roles(request: Visit) -> tuple[Role, ...]:
    return tuple(_role(each) for each in _said(request))


def _role(word: str) -> Role:
    if word not in set(ROLES.values()):
        raise BadInput("roles", "请选择一个岗位角色。")
    return Role(word)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput("substitute", "请在名单中选择。") from None


def _day(text: str) -> datetime:
    """The first instant of a day in China."""
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), time(), clock.SHANGHAI).astimezone(UTC)
    except ValueError:
        raise BadInput("begins_on", "请填写日期，例如 2026-12-01。") from None


def _errors(no: Refusal) -> dict[str, str]:
    return {no.field or "form": no.sentence}


def _back(who: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:person", args=[who]))


urlpatterns = [
    path("people/", people, name="people"),
    path("people/add/", add, name="person-add"),
    path("people/import/", bring_in, name="people-import"),
    path("people/<uuid:who>/", person, name="person"),
    path("people/<uuid:who>/duties", change, name="person-duties"),
    path("people/<uuid:who>/post", post, name="person-post"),
    path("people/<uuid:who>/leave", leave, name="person-leave"),
    path("people/<uuid:who>/act", act, name="person-act"),
    path("people/<uuid:who>/password", password, name="person-password"),
    path("people/<uuid:who>/let-go", let_go, name="person-let-go"),
]
