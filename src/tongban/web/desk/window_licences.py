# SPDX-License-Identifier: Apache-2.0
"""At the window: licences of the applicant, taken from here or fetched from where they were issued."""

from tongban.cases.errors import FileRefused
from tongban.standards import clock
from tongban.standards.refusal import Refusal
from tongban.web.materials import issuing_regions
from tongban.web.visit import Visit
from tongban.windows import actions
from tongban.windows.queries import IntakePage

BUTTONS = frozenset({"use", "fetch"})  # names of those that these answer


def pressed(request: Visit, page: IntakePage) -> dict[str, str]:
    """Do what the button that was pressed says; why it is not done, by material."""
    return _use(request, page) | _fetch(request, page)


def issuing(page: IntakePage) -> list[tuple[str, str]]:
    """The regions where a licence may have been issued; none where none can be fetched: who holds it stands here."""
    return issuing_regions() if not page.agent and any(need.standing.may_fetch for need in page.requirements) else []


def _use(request: Visit, page: IntakePage) -> dict[str, str]:
    requirement, _, licence = request.POST.get("use", "").partition("/")
    try:
        if licence:
            actions.use_licence(page.id, requirement, licence, actor=request.actor, at=clock.now())
    except FileRefused as refusal:
        return {requirement: refusal.sentence}
    return {}


def _fetch(request: Visit, page: IntakePage) -> dict[str, str]:
    requirement = request.POST.get("fetch", "")
    if not requirement:
        return {}
    node, consented = request.POST.get(f"node-{requirement}", "")[:6], f"consent-{requirement}" in request.POST
    try:
        actions.agree_at_window(page.id, requirement, node, consented=consented, actor=request.actor, at=clock.now())
    except Refusal as refusal:
        if refusal.field != requirement:
            raise
        return {requirement: refusal.sentence}
    return {}
