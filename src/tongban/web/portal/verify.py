# SPDX-License-Identifier: Apache-2.0
"""Is this file genuine? Anyone may ask, at any node; the file is looked at and not kept."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from tongban.licences import queries as licences
from tongban.licences.verify import MAX_BYTES, Verdict
from tongban.regions import queries as regions
from tongban.web.visit import Visit, page


@require_http_methods(["GET", "HEAD", "POST"])
@page
def check(request: Visit) -> HttpResponse:
    """The verdict on an uploaded PDF by the trust list of this node."""
    told: dict[str, Any] = {"tab": "verify"}
    if request.method != "POST":
        return render(request, "portal/verify.html", told)
    given = request.FILES.get("file")
    if given is None or not given.size:
        told["errors"] = {"file": "请先选择要验证的 PDF 文件。"}
        return render(request, "portal/verify.html", told, status=422)
    if given.size > MAX_BYTES:
        told["errors"] = {"file": "文件超过 20 MB，不能验证。"}
        return render(request, "portal/verify.html", told, status=422)
    verdict = licences.check_file(given.read())
    told |= {"verdict": verdict, "filename": given.name, "signer_name": _signer(verdict), "licence": _known(verdict)}
    return render(request, "portal/verify.html", told)


def _signer(verdict: Verdict) -> str:
    return regions.trust_list().nodes[verdict.signer_node].name if verdict.signer_node else ""


def _known(verdict: Verdict) -> Any:
    return licences.licence_by_file(verdict.digest) if verdict.intact else None


@require_safe
@page
def paper(request: Visit, licence_id: UUID) -> HttpResponse:
    """Where the QR code of a paper leads: what this node has issued, with the holder's name masked."""
    told = {"licence": licences.licence(licence_id), "tab": "verify"}
    return render(request, "portal/paper.html", told)
