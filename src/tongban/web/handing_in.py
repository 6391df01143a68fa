# SPDX-License-Identifier: Apache-2.0
"""A move whose form brings files, the same at the desk and on the portal."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from tongban.cases import actions, transitions
from tongban.cases.actions import GivenFile
from tongban.cases.errors import FormRefused
from tongban.cases.queries import CasePage
from tongban.cases.queries.fields import FieldView
from tongban.cases.queries.views import MoveView
from tongban.cases.said import told
from tongban.catalogue.content import Material
from tongban.standards.actor import Actor
from tongban.standards.refusal import Refusal
from tongban.web import filling, materials
from tongban.web.visit import Visit

ONCE = "once"  # the one-time token of a form
PREFIX = "file-"  # of the names of file fields; the code of the requirement follows


WHY = "why-"  # of the names of what is said of single fields of the form; the name of the field follows
OWN = {"csrfmiddlewaretoken", ONCE}


def token_of(request: Visit) -> str:
    """What makes a form a form that is taken once; empty when it brought none."""
    return request.POST.get(ONCE, "")


def facts_of(request: Visit) -> dict[str, str]:
    """What was typed, without what only the form needs; what was said of single fields as one fact."""
    typed = {name: ",".join(request.POST.getlist(name)) for name in request.POST if name not in OWN}
    reasons = {name.removeprefix(WHY): typed.pop(name).strip() for name in list(typed) if name.startswith(WHY)}
    said = told({name: why for name, why in reasons.items() if why})
    return typed | ({"fields": said} if said else {})


def hand_in(request: Visit, case: CasePage, move: str, *, at: datetime) -> bool:
    """Make the move with the files that came, or ask for it. True when it is already real.

    What was typed is checked before any file is kept: a refused form leaves nothing behind.
    """
    facts, actor = facts_of(request), request.actor
    named = transitions.move_named(move)
    facts |= corrections(request, case, move)
    files: list[GivenFile] = []
    if named.files:
        facts |= transitions.handed(named, (code for code, _ in uploads(request)))
        transitions.stated(named, facts)
        files = list(_kept(request, case, actor))
    return actions.make_or_ask(case.id, move, actor=actor, at=at, facts=facts, files=files, once=token_of(request))


def _kept(request: Visit, case: CasePage, actor: Actor) -> Iterator[GivenFile]:
    for number, (requirement, given) in enumerate(uploads(request)):
        name = given.name or "材料"
        yield actions.take_file(case.id, requirement, name, given.chunks(), actor=actor, beside=number)


def uploads(request: Visit) -> Iterator[tuple[str, "UploadedFile[Any]"]]:
    """(requirement, file) for each file that came, in the order of the form."""
    for name in request.FILES:
        if name.startswith(PREFIX):
            for given in request.FILES.getlist(name):
                yield name.removeprefix(PREFIX), given


def wanted(case: CasePage, move: MoveView) -> list[Material]:
    """The materials that this move may hand in: those it offers, those that are wrong, or all that were asked for."""
    offered = next((dict(need.options) for need in move.needs if need.kind == "handed"), None)
    if offered is not None:
        return [need for need in case.item.materials if need.code in offered]
    if case.correction is not None and not case.correction.is_open:
        return [need for need in case.item.materials if need.code in case.correction.wrong]
    answers = [answer for _, answer in case.answers]
    return [need for need in case.item.materials if materials.is_needed(case.item, need, answers)]


def opened(case: CasePage, move: str) -> list[FieldView]:
    """The fields of the form that this move opens, each under its name on the page, with what is wrong with it."""
    asks = any(need.kind == "fields" for need in transitions.move_named(move).needs)
    asked = case.correction.fields if asks and case.correction else ()
    return [
        replace(field, name=f"{move}-{field.name}", help=f"需要更正：{why}", hangs="", when="", source="")
        for field, why in asked
    ]


def corrections(request: Visit, case: CasePage, move: str) -> dict[str, str]:
    """What was written into these fields, as the move states it; what stands there unchanged is not among it."""
    fields = opened(case, move)
    written = filling.entered(fields, request.POST)
    before = {field.name: field.value for field in fields}
    changed = {name.removeprefix(f"{move}-"): value for name, value in written.items() if value != before[name]}
    return {"corrected": told(changed)} if changed else {}


def faults(refusal: Refusal, case: CasePage, move: str, otherwise: str) -> dict[str, str]:
    """What is wrong, by the names of the form's fields."""
    if isinstance(refusal, FormRefused):
        return {f"{move}-{name}": sentence for name, sentence in refusal.errors.items()}
    fault = fault_at(refusal.field, {need.code for need in case.item.materials})
    return {f"{move}-{fault}" if fault else otherwise: refusal.sentence}


def typed(request: Visit, case: CasePage, move: str) -> dict[str, str]:
    """What a refused form shows again."""
    return {f"{move}-{name}": value for name, value in facts_of(request).items()} | filling.entered(
        opened(case, move), request.POST
    )


def fault_at(field: str | None, codes: set[str]) -> str:
    """The form's own name of a field that a refusal names: a requirement's is its file field."""
    if field is None:
        return ""
    return f"{PREFIX}{field}" if field in codes else field
