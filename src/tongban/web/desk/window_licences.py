# SPDX-License-Identifier: Apache-2.0
"""At the window: licences of the applicant, taken from here or fetched from where they were issued."""

from tongban.cases.errors import FileRefused
from tongban.standards import clock
from tongban.standards.refusal import Refusal
from tongban.web.materials import issuing_regions
from tongban.web.visit import Visit
from tongban.windows import actions
from tongban.windows.errors import HolderAbsent
from tongban.windows.queries import IntakePage

NODE = "node-"  # of the names of the fields with where a licence was issued
BUTTONS = frozenset({"use", "fetch"})  # names of those that these answer


def pressed(request: Visit, page: IntakePage) -> dict[str, str]:
    """Do what the button that was pressed says; why it is not done, by material."""
    return _use(request, page) | _fetch(request, page)


def issuing(page: IntakePage) -> list[tuple[str, str]]:
    """The regions where a licence may have been issued; none where none can be fetched: who holds it stands here."""
    return issuing_regions() if not page.agent and any(need.standing.may_fetch for need in page.requirements) else []


def chosen(request: Visit, page: IntakePage) -> dict[str, str]:
    """Where each licence was issued, as it was just chosen: a refusal loses nothing of it."""
    return {need.code: request.POST.get(f"{NODE}{need.code}", "") for need in page.requirements}


def _use(request: Visit, page: IntakePage) -> dict[str, str]:
    requirement, _, licence = request.POST.get("use", "").partition("/")
    try:
        if licence:
            actions.use_licence(page.id, requirement, licence, actor=request.actor, at=clock.now())
    except (FileRefused, HolderAbsent) as refusal:
        return {requirement: refusal.sentence}
    return {}


def _fetch(request: Visit, page: IntakePage) -> dict[str, str]:
    requirement = request.POST.get("fetch", "")
    if not requirement:
        return {}
    node, consented = request.POST.get(f"{NODE}{requirement}", "")[:6], f"consent-{requirement}" in request.POST
    try:
        actions.agree_at_window(page.id, requirement, node, consented=consented, actor=request.actor, at=clock.now())
    except Refusal as refusal:
        if refusal.field != requirement:
            raise
        return {requirement: refusal.sentence}
    return {}
