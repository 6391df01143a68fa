# SPDX-License-Identifier: Apache-2.0
"""What a move would give in writing, word for word, before it is made. Nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tongban.cases import course, custody, promises, transitions
from tongban.cases.actions.moving import said_before
from tongban.cases.errors import NotNow
from tongban.cases.notices import TEMPLATES, giver
from tongban.cases.papers import words_of
from tongban.cases.queries.agreed import with_agreement
from tongban.cases.queries.given import words_in
from tongban.cases.queries.held import read
from tongban.cases.queries.views import NoticeWords
from tongban.standards.actor import Actor
from tongban.standards.refusal import NotFound


@dataclass(frozen=True)
class Preview:
    """A notice as it will read; its number is given when it is."""

    name: str
    office: str
    at: datetime
    words: NoticeWords
    number: str = ""


def preview(case_id: UUID, name: str, *, actor: Actor, at: datetime, facts: Mapping[str, str]) -> Preview:
    """The notice of this move with these facts. The refusal of the move itself when it cannot be made now."""
    move = transitions.move_named(name)
    held = read(case_id)
    held.require_visible(actor)
    if name not in TEMPLATES or name == "collect":
        raise NotFound(what="这份文书")
    if held.state is None:
        raise NotNow(move=move.label, state=held.state_word)
    case = with_agreement(held, held.situation(at, held.state), actor, move)
    stated = transitions.check(move, case, actor, held.relation(actor), facts)
    more = said_before(held, move)
    if "confirmed" in stated:
        more["promised_words"] = promises.words(stated["promise"], case.rules, case.lacking)
    went, _ = course.after(case, move, stated, actor=actor.pseudonym)
    told = words_of(held, name, stated, went, more)
    office = custody.with_part(held.parties, giver(name)).organization_name
    return Preview(told.template.name, office, at, words_in(told.plain()))
