# SPDX-License-Identifier: Apache-2.0
"""Taking in at the window: who stands here, what they need, what they give, and one of three verdicts."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tongban.cases import queries as cases
from tongban.cases.actions.gathering import LASTS
from tongban.cases.errors import AppliedBefore, FormRefused, Repeated
from tongban.cases.states import Mode
from tongban.catalogue.content import CoApplicants, Question
from tongban.catalogue.lists import queries as lists
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.scenario import guide, is_asked
from tongban.catalogue.search.queries import Wanted, search
from tongban.identity.actions.standing_for import PAPERS
from tongban.identity.documents import ACCEPTED
from tongban.regions import queries as regions
from tongban.regions.errors import NoTrustList
from tongban.standards import clock
from tongban.standards.enums import IdType
from tongban.standards.identifiers import tidy_name
from tongban.standards.node import here
from tongban.standards.refusal import Refusal
from tongban.web import files, filling, handing_in
from tongban.web.desk import window_licences
from tongban.web.qr import qr
from tongban.web.visit import Visit, posted, staff
from tongban.windows import actions, agents, queries
from tongban.windows.formal import Verdict
from tongban.windows.models import Stage
from tongban.windows.queries import CheckView, IntakePage

DOCUMENTS = {"documents": [(str(kind), kind.label) for kind in ACCEPTED], "papers": PAPERS}
STEPS = {"applicant": "申请人", "item": "事项", "situation": "情形与填写", "materials": "材料核对", "verdict": "结论"}
STEP_OF_LACK = {  # which step a lack of windows.queries belongs to
    "applicant": "applicant",
    "item": "item",
    "question": "situation",
    "form": "situation",
    "signers": "situation",
    "together": "situation",
    "check": "materials",
    "delivery": "verdict",
}
SHOWN_ITEMS = 30
QUESTION = "q-"  # of the names of question fields
POLL, POLL_WHEN_SLOW, QUICK = 1, 3, 4  # seconds; a source that has not answered after QUICK is slow
FORM_FIELDS = {"verdict", "note", "delivery", "address", "parcel_no", "again"}


@dataclass(frozen=True)
class Step:
    """One step in the bar: a word, and a link where it can be opened."""

    word: str
    state: str  # past, now, ahead
    url: str
    done: bool


@require_safe
@staff
def intakes(request: Visit) -> HttpResponse:
    """What is under way at this window, and what was concluded lately."""
    rows = queries.my_intakes(request.actor, limit=40)
    told = {
        "open": [row for row in rows if row.state == Stage.OPEN],
        "past": [row for row in rows if row.state != Stage.OPEN],
        "tab": "intakes",
    }
    return render(request, "desk/intake/list.html", told)


@staff
@posted(up=1)
def start(request: Visit) -> HttpResponse:
    """Somebody steps up."""
    return redirect("desk:intake-applicant", actions.start_intake(actor=request.actor, at=clock.now()))


@require_safe
@staff
def resume(request: Visit, intake_id: UUID) -> HttpResponse:
    """The first step that is not done yet."""
    return HttpResponseRedirect(_next(queries.intake(intake_id, request.actor)))


def _next(page: IntakePage) -> str:
    if page.state != Stage.OPEN:
        return _to("done", page.id)
    if page.stopped:
        return _to("situation", page.id)
    first = page.missing[0] if page.missing else None
    if first is None:
        return _to("verdict", page.id)
    if first.field == "verification":
        return _to("verification", page.id)
    return _to(STEP_OF_LACK[first.step], page.id)


def _to(name: str, intake_id: UUID) -> str:
    return reverse(f"desk:intake-{name}", args=[intake_id])


def _after(page: IntakePage, step: str) -> str:
    """The page after a step, in order: a step that was done already is shown again for a look."""
    names = list(STEPS)
    return _to(names[names.index(step) + 1], page.id)


def _show(request: Visit, page: IntakePage, step: str, told: dict[str, Any], status: int = 200) -> HttpResponse:
    facts = {"page": page, "steps": steps(page, step), "tab": "intakes", "values": None}
    template = told.pop("template", step)
    return render(request, f"desk/intake/{template}.html", facts | told, status=status)


def steps(page: IntakePage, now: str) -> list[Step]:
    """The bar: past steps and those that can be opened are links."""
    lacking = {STEP_OF_LACK[lack.step] for lack in page.missing}
    reachable = {"applicant"}
    if page.applicant:
        reachable |= {"item", "verdict"}
    if page.item:
        reachable.add("situation")
    if page.requirements and page.next_question is None:
        reachable.add("materials")
    order = list(STEPS)
    blocked = min((order.index(name) for name in lacking), default=len(order))
    return [
        Step(
            word=word,
            state="now" if name == now else "past" if place < order.index(now) else "ahead",
            url=_to(name, page.id) if name in reachable else "",
            done=place < blocked and name != "verdict" and name not in lacking,
        )
        for place, (name, word) in enumerate(STEPS.items())
    ]


# 1 Who


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def applicant(request: Visit, intake_id: UUID) -> HttpResponse:
    """Name, number, phone; the source is asked as soon as they are sent."""
    page = queries.intake(intake_id, request.actor)
    if page.state != Stage.OPEN:
        return redirect("desk:intake-done", intake_id)
    if request.method != "POST":
        return _show(request, page, "applicant", {"covered": bool(page.applicant), "method": "typed", **DOCUMENTS})
    if "show" in request.POST:
        known = actions.show_applicant(intake_id, actor=request.actor, at=clock.now())
        known |= {f"agent_{name}": word for name, word in page.agent.items()}
        return _show(request, page, "applicant", {"values": known, "method": _method(page), **DOCUMENTS})
    typed = {name: request.POST.get(name, "")[:100] for name in ("name", "id_type", "id_number", "phone")}
    typed["id_type"] = typed["id_type"] or IdType.RESIDENT_ID
    method, acting = request.POST.get("method", ""), {name: request.POST.get(name, "")[:100] for name in agents.FIELDS}
    if not acting["agent_role"] and not page.agent and _is_known(page, typed, method):
        return redirect("desk:intake-verification", intake_id)
    try:
        actions.set_applicant(intake_id, typed | acting, method, actor=request.actor, at=clock.now())
    except Refusal as refusal:
        told = {
            "values": typed | acting,
            "method": method,
            "errors": {refusal.field or "name": refusal.sentence},
            **DOCUMENTS,
        }
        return _show(request, page, "applicant", told, refusal.status)
    return redirect("desk:intake-verification", intake_id)


def _method(page: IntakePage) -> str:
    view = page.verification
    return view.method if view and view.method in ("card", "typed") else "typed"


def _is_known(page: IntakePage, typed: dict[str, str], method: str) -> bool:
    """Whether this very person was verified already: nobody is asked twice for nothing."""
    view = page.verification
    same = bool(page.applicant) and typed | {"name": tidy_name(typed["name"])} == page.applicant
    return (
        same and view is not None and (view.may_go_on or view.state == "waiting") and view.method in (method, "manual")
    )


@never_cache
@require_safe
@staff
def verification(request: Visit, intake_id: UUID) -> HttpResponse:
    """What the source says: each outcome has its own face; while there is none the page comes again by itself."""
    page = queries.intake(intake_id, request.actor)
    if page.verification is None:
        return redirect("desk:intake-applicant", intake_id)
    return _verification(request, page, {})


def _verification(request: Visit, page: IntakePage, told: dict[str, Any], status: int = 200) -> HttpResponse:
    view = page.verification
    assert view is not None
    waited = (clock.now() - view.asked_at).total_seconds()
    face = "slow" if view.state == "waiting" and waited >= QUICK else view.state
    facts = {"view": view, "face": face, "waited": int(waited), "next": _after(page, "applicant")}
    shown = _show(request, page, "applicant", facts | {"template": "verification"} | told, status)
    if view.state == "waiting":
        shown.headers["Refresh"] = str(POLL_WHEN_SLOW if face == "slow" else POLL)
    return shown


@staff
@posted(up=1)
def verify_again(request: Visit, intake_id: UUID) -> HttpResponse:
    """Ask the source once more about the same person."""
    page = queries.intake(intake_id, request.actor)
    if page.verification and page.verification.state == "waiting":
        return redirect("desk:intake-verification", intake_id)
    acting = {f"agent_{name}": word for name, word in page.agent.items()} | {"agent_seen": "1"}
    given = page.applicant | (acting if page.agent else {})
    actions.set_applicant(intake_id, given, _method(page), actor=request.actor, at=clock.now())
    return redirect("desk:intake-verification", intake_id)


@staff
@posted(up=1)
def verify_by_hand(request: Visit, intake_id: UUID) -> HttpResponse:
    """The source gives no answer: the clerk vouches, in writing."""
    note = request.POST.get("note", "")
    try:
        actions.verify_by_hand(intake_id, note, actor=request.actor, at=clock.now())
    except Refusal as refusal:
        told = {"errors": {refusal.field or "note": refusal.sentence}, "values": {"note": note}}
        return _verification(request, queries.intake(intake_id, request.actor), told, refusal.status)
    return redirect("desk:intake-verification", intake_id)


# 2 What


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def item(request: Visit, intake_id: UUID) -> HttpResponse:
    """Items that windows take in for other places, by name, region or office."""
    page = queries.intake(intake_id, request.actor)
    if page.state != Stage.OPEN or not page.applicant:
        return HttpResponseRedirect(_next(page))
    if request.method != "POST":
        return _items(request, page, {})
    try:
        actions.choose_item(intake_id, request.POST.get("task_code", ""), actor=request.actor, at=clock.now())
    except Refusal as refusal:
        return _items(request, page, {"errors": {"q": refusal.sentence}}, refusal.status)
    return redirect("desk:intake-situation", intake_id)


def _items(request: Visit, page: IntakePage, told: dict[str, Any], status: int = 200) -> HttpResponse:
    q, region = request.GET.get("q", "").strip()[:100], request.GET.get("region", "")
    region = region if region.isascii() and region.isdigit() and len(region) == 6 else ""
    answer = search(q, region, Wanted(mode=Mode.PROXY), most=SHOWN_ITEMS).items
    found = [each for each in answer if each.mode == Mode.PROXY]  # a code finds its item in whatever mode
    facts = {"q": q, "region": region, "items": _with_regions(found[:SHOWN_ITEMS]), "places": places()}
    return _show(request, page, "item", facts | told, status)


def _with_regions(found: list[ItemVersion]) -> list[tuple[ItemVersion, str]]:
    names = regions.region_names([version.region_code for version in found])
    return [(version, names.get(version.region_code, "")) for version in found]


def places() -> list[tuple[str, str]]:
    """The handling regions of the federation."""
    try:
        listed = [node.code for node in regions.trust_list().standing() if "hub" not in node.roles]
    except NoTrustList:
        return []
    return list(regions.region_names(listed).items())


# 3 Situation and form


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def situation(request: Visit, intake_id: UUID) -> HttpResponse:
    """The questions and the form of the item on one screen."""
    page = queries.intake(intake_id, request.actor)
    if page.state != Stage.OPEN or page.item is None:
        return HttpResponseRedirect(_next(page))
    if request.method != "POST":
        actions.note_opened(intake_id, actor=request.actor, at=clock.now())
        return _situation(request, page, {})
    errors = _answer(request, page)
    shown, page = page.fields, queries.intake(intake_id, request.actor)
    has_grown = False  # by what was answered just now: fields that nobody has seen are no mistakes
    typed = {field.name: field.value for field in page.fields} | filling.entered(shown, request.POST)
    try:
        actions.fill(intake_id, typed, actor=request.actor, at=clock.now())
    except FormRefused as refused:
        seen = {field.name for field in shown}
        errors |= {name: sentence for name, sentence in refused.errors.items() if name in seen}
        has_grown = not seen.issuperset(refused.errors)
    if filling.MORE in request.POST:
        return _roomier(request, intake_id)
    page = queries.intake(intake_id, request.actor)
    if page.wanted is not None:
        actions.set_signers(intake_id, _signers(request, page.wanted), actor=request.actor, at=clock.now())
        page = queries.intake(intake_id, request.actor)
        errors |= {lack.field: lack.sentence for lack in page.missing if lack.step == "signers"}
    if page.stopped or errors or has_grown:
        told: dict[str, Any] = {"values": typed, "errors": {} if page.stopped else errors, "has_grown": has_grown}
        return _situation(request, page, told, status=422 if told["errors"] else 200)
    return HttpResponseRedirect(_after(page, "situation"))


def _roomier(request: Visit, intake_id: UUID) -> HttpResponse:
    """The form again, kept as it is, at the table that is to have another row."""
    name = request.POST.get(filling.MORE, "")[:40]
    return HttpResponseRedirect(f"{_to('situation', intake_id)}?{urlencode({'more': name})}#f-{name}")


def _signers(request: Visit, wanted: CoApplicants) -> list[dict[str, Any]]:
    """Those who apply together, one row each, as they were entered."""
    return [
        {
            "role": request.POST.get(f"signer-{place}-role", wanted.roles[0].code),
            "name": request.POST.get(f"signer-{place}-name", ""),
            "id_number": request.POST.get(f"signer-{place}-id_number", ""),
            "signed": f"signer-{place}-signed" in request.POST,
        }
        for place in range(wanted.most)
    ]


def _signer_rows(page: IntakePage) -> list[tuple[str, dict[str, Any]]]:
    """The rows to show: (name of its fields, what was entered)."""
    if page.wanted is None:
        return []
    blank = {"role": page.wanted.roles[0].code, "name": "", "id_number": "", "signed": False, "said": ""}
    entered = [*page.signers, *[blank] * page.wanted.most][: page.wanted.most]
    return [(f"signer-{place}", each) for place, each in enumerate(entered)]


def _answer(request: Visit, page: IntakePage) -> dict[str, str]:
    """Keep what was answered, in order; what is still to be asked, as errors."""
    assert page.item is not None
    content = page.item.item
    given = {each.code: request.POST.get(f"{QUESTION}{each.code}", "") for each in content.questions}
    guidance = guide(content, given)
    for question, option in guidance.chosen:
        if page.answers.get(question.code) != option.code:
            actions.answer(page.id, question.code, option.code, actor=request.actor, at=clock.now())
    return {f"{QUESTION}{guidance.question.code}": "请选择一项。"} if guidance.question else {}


def _situation(request: Visit, page: IntakePage, told: dict[str, Any], status: int = 200) -> HttpResponse:
    more = request.GET.get("more", "")
    facts = {"questions": _questions(page), "signers": _signer_rows(page), "more": more}
    return _show(request, page, "situation", facts | told, status)


def _questions(page: IntakePage) -> list[tuple[Question, str]]:
    """The questions to show, with what was answered: those that hang on no answer, or on one that was given."""
    assert page.item is not None
    chosen = list(guide(page.item.item, page.answers).chosen)
    return [(each, page.answers.get(each.code, "")) for each in page.item.item.questions if is_asked(each, chosen)]


# 4 Materials


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def materials(request: Visit, intake_id: UUID) -> HttpResponse:
    """The rule card as a table: one row, one verdict for each material."""
    page = queries.intake(intake_id, request.actor)
    if page.state != Stage.OPEN or page.item is None or page.next_question is not None or page.stopped:
        return HttpResponseRedirect(_next(page))
    if request.method != "POST":
        return _materials(request, page)
    errors = _keep_checks(request, page)
    page = queries.intake(intake_id, request.actor)
    if errors:
        return _materials(request, page, errors)
    if {"stay", "remove", *window_licences.BUTTONS} & request.POST.keys():
        return redirect("desk:intake-materials", intake_id)
    if standing := _standing(page):
        return _materials(request, page, standing)
    return HttpResponseRedirect(_after(page, "materials"))


def _materials(request: Visit, page: IntakePage, errors: dict[str, str] | None = None) -> HttpResponse:
    assert page.item is not None
    shares = lists.shared(page.item.item, request.actor.region, clock.today())
    told = {"errors": errors or {}, "licences": queries.licences(page), "shares": shares}
    told |= {"nodes": window_licences.issuing(page), "until": clock.today() + LASTS}
    told["chosen"] = window_licences.chosen(request, page)
    return _show(request, page, "materials", told, status=422 if errors else 200)


def _keep_checks(request: Visit, page: IntakePage) -> dict[str, str]:
    """Keep verdicts, notes and scans; the sentences about scans that were not taken."""
    now, actor = clock.now(), request.actor
    checks = {
        need.code: {
            "verdict": request.POST.get(f"verdict-{need.code}", ""),
            "note": request.POST.get(f"note-{need.code}", ""),
            "original": f"original-{need.code}" in request.POST,
        }
        for need in page.requirements
    }
    actions.check_material(page.id, checks, actor=actor, at=now)
    if file := request.POST.get("remove", ""):
        requirement, _, digest = file.partition("/")
        actions.remove_file(page.id, requirement, digest, actor=actor, at=now)
    errors = window_licences.pressed(request, page)
    for number, (requirement, given) in enumerate(handing_in.uploads(request)):
        once = f"{number}/{token}" if (token := handing_in.token_of(request)) else ""
        name = given.name or "材料"
        try:
            actions.add_file(page.id, requirement, name, given.chunks(), actor=actor, at=now, once=once)
        except Repeated:
            continue
        except Refusal as refusal:
            errors[requirement] = f"{given.name}：{refusal.sentence}"
    return errors


def _standing(page: IntakePage) -> dict[str, str]:
    """What keeps the clerk from going on: a row without a verdict, a verdict without words, a paper not taken."""
    sentences = {lack.field: lack.sentence for lack in page.missing if lack.step == "check"}
    standing = {}
    for need in page.requirements:
        if need.verdict == "lacking" and not need.note:
            standing[need.code] = f"请写明“{need.name}”缺什么、怎样补，申请人会在告知单上看到。"
        elif need.verdict != "lacking" and (sentence := sentences.get(need.code) or _unseen(need)):
            standing[need.code] = sentence
    return standing


def _unseen(need: CheckView) -> str:
    return "" if need.verdict else f"请核对“{need.name}”并给出结论。"


# 5 Delivery and verdict


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def verdict(request: Visit, intake_id: UUID) -> HttpResponse:
    """How the result comes back, what still stands against taking in, and the three verdicts."""
    page = queries.intake(intake_id, request.actor)
    if page.state != Stage.OPEN or not page.applicant:
        return HttpResponseRedirect(_next(page))
    if request.method != "POST":
        return _verdict(request, page, {"chosen": _likely(page)})
    typed = {name: request.POST.get(name, "") for name in FORM_FIELDS}
    try:
        _conclude(request, page, typed)
    except Refusal as refusal:
        field = refusal.field if refusal.field in FORM_FIELDS else "verdict"
        page = queries.intake(intake_id, request.actor)
        if page.state != Stage.OPEN:  # the first of two clicks was faster
            return redirect("desk:intake-done", intake_id)
        told: dict[str, Any] = {
            "chosen": typed["verdict"],
            "values": typed,
            "errors": {field or "verdict": refusal.sentence},
            "before": refusal if isinstance(refusal, AppliedBefore) else None,
        }
        return _verdict(request, page, told, refusal.status)
    return redirect("desk:intake-done", intake_id)


def _conclude(request: Visit, page: IntakePage, typed: dict[str, str]) -> None:
    now, actor = clock.now(), request.actor
    if typed["verdict"] == Verdict.COLLECT:
        way, address, parcel = typed["delivery"], typed["address"], typed["parcel_no"]
        actions.set_delivery(page.id, way, address, parcel, actor=actor, at=now)
    actions.conclude(page.id, typed["verdict"], typed["note"], actor=actor, at=now, again=typed["again"])


def _likely(page: IntakePage) -> str:
    """The verdict that what was found speaks for; the clerk decides."""
    if any(need.verdict == "lacking" for need in page.requirements):
        return str(Verdict.COMPLETE)
    if page.stopped:
        return str(Verdict.ELSEWHERE)
    return "" if _against(page) else str(Verdict.COLLECT)


def _against(page: IntakePage) -> list[tuple[str, str]]:
    """(sentence, where to put it right) for all that stands against taking in."""
    if page.stopped:
        return [(page.stopped, _to("situation", page.id))]
    lacks = [lack for lack in page.missing if lack.step != "delivery"]
    return [(lack.sentence, _where(page, lack.step, lack.field)) for lack in lacks]


def _where(page: IntakePage, step: str, field: str) -> str:
    if field == "verification":
        return _to("verification", page.id)
    anchor = f"{QUESTION}{field}" if step == "question" else field
    return f"{_to(STEP_OF_LACK[step], page.id)}#f-{anchor}"


def _verdict(request: Visit, page: IntakePage, told: dict[str, Any], status: int = 200) -> HttpResponse:
    facts = {
        "against": _against(page),
        "lacking": [need for need in page.requirements if need.verdict == "lacking"],
        "originals": [need.name for need in page.requirements if need.original],
        "ways": [("net", "网上下载"), ("post", "邮寄给申请人"), ("window", "到本窗口领取")],
    }
    return _show(request, page, "verdict", facts | told, status)


# After


@never_cache
@require_safe
@staff
def done(request: Visit, intake_id: UUID) -> HttpResponse:
    """What was given to the applicant, and the next one."""
    page = queries.intake(intake_id, request.actor)
    if page.state == Stage.OPEN:
        return HttpResponseRedirect(_next(page))
    told: dict[str, Any] = {"page": page, "tab": "intakes"}
    if page.state == Stage.COLLECTED:
        case = cases.case_page(page.receipt_no, request.actor)
        told |= {"case": case, "notice": next(iter(case.notices), None)}
        told["qr"] = qr(here().address + reverse("portal:case", args=[page.receipt_no]))
    else:
        told["notice"] = queries.notice(intake_id, request.actor)
    shown = render(request, "desk/intake/done.html", told)
    if told["notice"] and told["notice"].state == "pending":
        shown.headers["Refresh"] = str(POLL_WHEN_SLOW)
    return shown


@require_safe
@staff
def notice(request: Visit, intake_id: UUID) -> HttpResponseBase:
    """The sealed 告知单 of somebody who was turned away."""
    return files.send(queries.notice_file(intake_id, request.actor), keep=True)


urlpatterns = [
    path("intakes/", intakes, name="intakes"),
    path("intakes/start/", start, name="intake-start"),
    path("intakes/<uuid:intake_id>/", resume, name="intake"),
    path("intakes/<uuid:intake_id>/applicant/", applicant, name="intake-applicant"),
    path("intakes/<uuid:intake_id>/verification/", verification, name="intake-verification"),
    path("intakes/<uuid:intake_id>/verification/again/", verify_again, name="intake-verify-again"),
    path("intakes/<uuid:intake_id>/verification/by-hand/", verify_by_hand, name="intake-by-hand"),
    path("intakes/<uuid:intake_id>/item/", item, name="intake-item"),
    path("intakes/<uuid:intake_id>/situation/", situation, name="intake-situation"),
    path("intakes/<uuid:intake_id>/materials/", materials, name="intake-materials"),
    path("intakes/<uuid:intake_id>/verdict/", verdict, name="intake-verdict"),
    path("intakes/<uuid:intake_id>/done/", done, name="intake-done"),
    path("intakes/<uuid:intake_id>/notice/", notice, name="intake-notice"),
]
