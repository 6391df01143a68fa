# SPDX-License-Identifier: Apache-2.0
"""Acting for others and letting others act: switching, granting, accepting, ending; one's company and one's child."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongban.catalogue import queries as catalogue
from tongban.identity import actions, trust
from tongban.identity.documents import ACCEPTED
from tongban.identity.logins import RESIDENT_ID
from tongban.identity.queries import SignedIn
from tongban.identity.queries.mandates import MandateView, asked, mandates
from tongban.standards import clock
from tongban.standards.refusal import BadInput, NotFound, Refusal
from tongban.web.visit import Visit, applicants, own_people

USUAL = timedelta(days=365)  # of a mandate, until the person says otherwise
POLL = 2  # seconds between two looks while the source is asked
ASKED = {"company": "单位", "ward": "监护关系", "self": "本人"}


@never_cache
@require_GET
@own_people
def acting(request: Visit) -> HttpResponse:
    """For whom one may act now, oneself first."""
    received, _ = mandates(request.who, clock.now())
    choices = [each for each in received if each.state == "stands"]
    told = {"choices": choices, "home": trust.name_of(request.who.issuer), "tab": "my"}
    return render(request, "portal/my/acting.html", told)


@never_cache
@require_POST
@own_people
def act(request: Visit) -> HttpResponse:
    """Act for somebody else, or for oneself again; nobody signs in anew for it."""
    chosen = request.POST.get("mandate", "")
    actions.act_for(request.who, _uuid(chosen) if chosen else None, at=clock.now())
    return HttpResponseRedirect(reverse("portal:cases" if chosen else "portal:my"))


@never_cache
@require_GET
@applicants
def mine(request: Visit) -> HttpResponse:
    """What is given and received, and what waits for a word."""
    at = clock.now()
    received, given = mandates(request.who, at)
    questions = [each for each in asked(request.who, at) if each.purpose != "self" and each.state != "match"]
    told = {
        "received": received,
        "given": given,
        "names": names_of(code for each in (*received, *given) for code in each.items),
        "questions": questions,
        "asked": ASKED,
        "home": trust.name_of(request.who.issuer),
        "done": request.GET.get("done", ""),
        "tab": "my",
    }
    response = render(request, "portal/my/mandates.html", told)
    if any(each.state == "waiting" for each in questions):
        response.headers["Refresh"] = str(POLL)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@applicants
def new(request: Visit) -> HttpResponse:
    """Let somebody act, in all or in the items that were chosen on their guides."""
    items = [code for code in request.GET.getlist("item") if code][:20]
    documents = [(str(kind), kind.label) for kind in ACCEPTED]
    told: dict[str, Any] = {"offered": names_of(items), "until": _usual(), "documents": documents}

    def grant(typed: dict[str, str]) -> None:
        if typed["scope"] not in ("all", "some"):
            raise BadInput("scope", "请选择可以代为办理的范围。")
        chosen = request.POST.getlist("item") if typed["scope"] == "some" else []
        if typed["scope"] == "some" and not chosen:
            raise BadInput("scope", "请至少选择一个事项，或者选择全部事项。")
        actions.let_act(
            request.who,
            name=typed["name"],
            id_type=typed["id_type"] or RESIDENT_ID,
            id_number=typed["id_number"],
            items=list(names_of(chosen)),
            until=_day(typed["until"]),
            at=clock.now(),
        )

    return _form(request, "new", ("name", "id_type", "id_number", "scope", "until"), told, grant, "granted")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@applicants
def company(request: Visit) -> HttpResponse:
    """Register a company by its credit code; the worker asks the register."""
    names = ("company_name", "code", "representative_name", "representative_number", "until")

    def ask(typed: dict[str, str]) -> None:
        actions.ask_company(
            request.who,
            name=typed["company_name"],
            code=typed["code"],
            representative_name=typed["representative_name"],
            representative_number=typed["representative_number"],
            until=_day(typed["until"]),
            at=clock.now(),
        )

    return _form(request, "company", names, {"until": _usual()}, ask, "asked")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@applicants
def child(request: Visit) -> HttpResponse:
    """Ask the register whether one is a child's guardian."""

    def ask(typed: dict[str, str]) -> None:
        actions.ask_ward(request.who, name=typed["name"], id_number=typed["id_number"], at=clock.now())

    return _form(request, "child", ("name", "id_number"), {}, ask, "asked")


def _form(
    request: Visit,
    name: str,
    fields: tuple[str, ...],
    told: dict[str, Any],
    do: Callable[[dict[str, str]], None],
    done: str,
) -> HttpResponse:
    """The form; a refusal stands beside its field and keeps what was typed."""
    typed = {each: request.POST.get(each, "")[:100] for each in fields}
    told = {"tab": "my", "values": None, **told}
    if request.method != "POST":
        return render(request, f"portal/my/{name}.html", told)
    try:
        do(typed)
    except Refusal as refusal:
        if refusal.field is None:
            raise
        told |= {"errors": {refusal.field: refusal.sentence}, "values": typed}
        return render(request, f"portal/my/{name}.html", told, status=refusal.status)
    return HttpResponseRedirect(f"{reverse('portal:mandates')}?{urlencode({'done': done})}")


@never_cache
@require_POST
@applicants
def answer(request: Visit, mandate: UUID, word: str) -> HttpResponse:
    """Accept, confirm or end one."""
    said: dict[str, Callable[..., None]] = {
        "accept": actions.accept,
        "confirm": actions.confirm,
        "end": actions.end_mandate,
    }
    if word not in said:
        raise NotFound(what="这个页面")
    said[word](request.who, mandate, at=clock.now())
    return HttpResponseRedirect(f"{reverse('portal:mandates')}?{urlencode({'done': word})}")


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """The names of items by code, those that are there."""
    found = {}
    for code in dict.fromkeys(codes):
        try:
            found[code] = catalogue.item(code).name
        except NotFound:
            continue
    return found


def open_words(own: SignedIn) -> list[MandateView]:
    """What waits for this person's yes."""
    received, given = mandates(own, clock.now())
    return [each for each in received if each.state == "asked" and each.waits_for == "agent"] + [
        each for each in given if each.state == "asked" and each.waits_for == "principal"
    ]


def _usual() -> str:
    return (clock.today() + USUAL).isoformat()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput("until", "请填写截止日期，例如 2027-01-31。") from None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(what="这项授权") from None


urlpatterns = [
    path("my/acting/", acting, name="acting"),
    path("my/acting/choose", act, name="act"),
    path("my/mandates/", mine, name="mandates"),
    path("my/mandates/new/", new, name="mandate-new"),
    path("my/mandates/<uuid:mandate>/<str:word>", answer, name="mandate-answer"),
    path("my/company/", company, name="company"),
    path("my/child/", child, name="child"),
]
