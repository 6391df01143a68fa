# SPDX-License-Identifier: Apache-2.0
"""Trying a draft's questions out (情形试走): from answers to conditions, form and materials, beforehand."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from tongban.cases.queries.fields import section_views
from tongban.catalogue import content as contents
from tongban.catalogue import paths, queries
from tongban.catalogue.content import ItemContent, Question
from tongban.catalogue.errors import AnswerUnknown, ContentRefused
from tongban.catalogue.scenario import Guidance, guide, is_asked
from tongban.catalogue.stages import BASIC
from tongban.standards.actor import Role
from tongban.standards.refusal import NotAllowed, NotFound
from tongban.web.visit import Visit, staff

SHOWN = 60  # ways in the table


def try_out(request: Visit, draft_id: UUID) -> HttpResponse:
    """The answers stand in the address: nothing is kept."""
    if request.actor.role is not Role.ITEM_MANAGER:
        raise NotAllowed()
    draft = queries.draft(draft_id, request.actor)
    if draft.kind == BASIC:
        raise NotFound(what="这份草稿的情形")
    told: dict[str, Any] = {"draft": draft, "tab": "items"}
    try:
        item = contents.convert(queries.composed(draft))
    except ContentRefused as no:
        return render(request, "desk/items/try.html", told | {"unreadable": no.sentence})
    return render(request, "desk/items/try.html", told | _tried(item, request.GET.dict()))


def _tried(item: ItemContent, answers: Mapping[str, str]) -> dict[str, Any]:
    try:
        guidance = guide(item, answers)
    except AnswerUnknown as no:  # the option was there when the page was made
        answers = {code: said for code, said in answers.items() if code != no.field}
        return _tried(item, answers)
    form = section_views(item, {"answers": answers, "form": {}, "proved": {}})
    return {
        "content": item,
        "guidance": guidance,
        "questions": _asked(item, guidance, answers),
        "sections": form if guidance.question is None and guidance.ended is None else (),
        "covered": (covered := paths.coverage(item)),
        "ways": [(paths.told(each), each) for each in covered.paths[:SHOWN]],
        "ended": sum(path.ended is not None for path in covered.paths),
    }


def _asked(item: ItemContent, guidance: Guidance, answers: Mapping[str, str]) -> list[tuple[Question, str]]:
    """The questions that are asked after these answers, with what was answered."""
    chosen = list(guidance.chosen)
    asked = [(each, answers.get(each.code, "")) for each in item.questions if is_asked(each, chosen)]
    if guidance.ended is None:
        return asked
    return asked[: len(chosen)]


urlpatterns = [path("items/drafts/<uuid:draft_id>/try/", require_safe(staff(try_out)), name="item-try")]
