# SPDX-License-Identifier: Apache-2.0
"""Is this file genuine, does this paper stand? Anyone may ask, at any node; a file is looked at and not kept.

Of a paper nothing is told but how it stands, as of when and by whose word: the rest is between holder and reader.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tongban.exchange.queries import AnswerView, answer_to
from tongban.licences import queries as licences
from tongban.licences.messages import STATUS, ask_status
from tongban.licences.standings import Standing
from tongban.licences.verify import MAX_BYTES, Verdict
from tongban.regions import queries as regions
from tongban.standards import clock
from tongban.standards.node import here
from tongban.standards.refusal import NotFound
from tongban.web import files
from tongban.web.visit import Visit, page

NOT_FOUND = "没有查到这份文书：编号或者核验码不对，或者不是本节点签发的。"


@require_http_methods(["GET", "HEAD", "POST"])
@page
def check(request: Visit) -> HttpResponse:
    """The verdict on an uploaded PDF or OFD by the trust list of this node."""
    told: dict[str, Any] = {"tab": "verify"}
    if request.method != "POST":
        return render(request, "portal/verify.html", told)
    given = request.FILES.get("file")
    if given is None or not given.size:
        told["errors"] = {"file": "请先选择要验证的 PDF 或 OFD 文件。"}
        return render(request, "portal/verify.html", told, status=422)
    if given.size > MAX_BYTES:
        told["errors"] = {"file": "文件超过 20 MB，不能验证。"}
        return render(request, "portal/verify.html", told, status=422)
    verdict = licences.check_file(given.read())
    told |= {"verdict": verdict, "filename": given.name, "signer_name": _signer(verdict)} | _standing(verdict)
    if verdict.intact and verdict.signer_node and verdict.signer_node != here().code:
        # Only a file that its node has really signed lets us ask, so nobody can make us ask at will.
        asked = ask_status(verdict.signer_node, verdict.digest, at=clock.now())
        answer = answer_to(asked)
        if not _is_overtaken(answer, told.get("heard_at")):
            told |= {"asked": asked, "answer": answer, "asked_standing": _answered(answer)}
    return render(request, "portal/verify.html", told)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def by_number(request: Visit) -> HttpResponse:
    """The page of a paper by what is printed on it; the number alone, which can be guessed, finds nothing."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("portal:verify"))
    given = {name: request.POST.get(name, "").strip()[:200] for name in ("number", "code")}
    try:
        found = licences.licence_by_code(given["number"], given["code"])
    except NotFound:
        told = {"tab": "verify", "given": given, "errors": {"number": NOT_FOUND}}
        return render(request, "portal/verify.html", told, status=404)
    return HttpResponseRedirect(reverse("portal:paper", args=[found.id]))


@require_safe
@page
def standing(request: Visit, question_id: UUID) -> HttpResponse:
    """What the node that signed a file says about it today."""
    answer = answer_to(question_id)
    if answer.kind != STATUS:
        raise NotFound(what="这次核实")
    told = {"answer": answer, "asked": question_id, "signer_name": regions.trust_list().nodes[answer.peer].name}
    return render(request, "portal/standing.html", told | {"asked_standing": _answered(answer), "tab": "verify"})


@require_safe
@page
def paper(request: Visit, licence_id: UUID) -> HttpResponse:
    """Where the QR code of a paper leads: how it stands, now, by the word of this node."""
    found, now = licences.licence(licence_id), clock.now()
    day = clock.local_date(now)
    told = {"standing": licences.stands(found, day), "since": licences.stands_since(found, day), "now": now}
    return render(request, "portal/paper.html", told | {"tab": "verify"})


@require_safe
@page
def status_list(request: Visit) -> HttpResponseBase:
    """The signed list of this node's licences that do not count, for checking without a network."""
    issued, data = licences.published_status()
    name = f"{here().code}-status-{issued:%Y%m%dT%H%M%SZ}.json"
    return files.send(files.paper(name, "application/json", data), keep=True)


@require_safe
@page
def trust_list(request: Visit) -> HttpResponseBase:
    """The signed list of the nodes, likewise."""
    data = regions.trust_list_document()
    return files.send(files.paper("trust-list.json", "application/json", data), keep=True)


def _signer(verdict: Verdict) -> str:
    return regions.trust_list().nodes[verdict.signer_node].name if verdict.signer_node else ""


def _standing(verdict: Verdict) -> dict[str, Any]:
    """What this node knows of how the licence stands: its own, or what the node that signed it has told unasked."""
    if not verdict.intact or not verdict.signer_node:
        return {}
    if own := licences.licence_by_file(verdict.digest):
        now, day = clock.now(), clock.local_date(clock.now())
        told = {"standing": licences.stands(own, day), "since": licences.stands_since(own, day)}
        return told | {"licence": own, "as_of": now}
    if heard := licences.told_standing(verdict.signer_node, verdict.digest):
        return {"standing": Standing(heard.standing), "since": heard.since, "heard_at": heard.heard_at}
    return {}


def _is_overtaken(answer: AnswerView, heard_at: datetime | None) -> bool:
    """Whether the node has told, since it answered, that the licence stands otherwise."""
    return bool(heard_at and answer.answered_at and heard_at >= answer.answered_at)


def _answered(answer: AnswerView) -> Standing | None:
    """How the licence stands by the answer of its node, when that is not simply that it counts."""
    standing = Standing(answer.body.get("standing", Standing.VALID)) if answer.state == "answered" else Standing.VALID
    return None if standing.counts else standing
