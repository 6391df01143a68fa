# SPDX-License-Identifier: Apache-2.0
"""Faults as somebody might make them one day, planted to see whether the simulation finds them."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from tongban.cases import messages, once, transitions
from tongban.cases.actions import moving, opening
from tongban.cases.transitions import Move
from tongban.database.statement import Statement
from tongban.exchange import hop
from tongban.exchange.actions import applying, sending
from tongban.exchange.models import Outbox
from tongban.exchange.registry import Handler, Message
from tongban.ledger import actions as ledger

Planting = Callable[[pytest.MonkeyPatch], None]


def an_inbox_that_applies_twice(patch: pytest.MonkeyPatch) -> None:
    def apply(message: Message, handler: Handler, at: datetime) -> None:
        write = Statement()
        handler(message, write)
        write.run()

    patch.setattr(applying, "_apply", apply)


def a_sender_that_forgets_what_was_not_answered(patch: pytest.MonkeyPatch) -> None:
    def line_is_bad(code: str, at: datetime, why: str) -> None:
        Outbox.objects.filter(recipient=code, answered_at=None).update(answered_at=at, answer="stored")

    patch.setattr(sending, "_line_is_bad", line_is_bad)


def custody_that_both_keep(patch: pytest.MonkeyPatch) -> None:
    insert = opening.insert_case

    def insert_case(write: Any, held: Any, head: Any, *rest: Any) -> None:
        insert(write, held, replace(head, holding=replace(head.holding, offered_to=None)), *rest)

    patch.setattr(opening, "insert_case", insert_case)


def a_submission_without_its_key(patch: pytest.MonkeyPatch) -> None:
    open_case = opening.open_case

    def every_time(given: opening.Opening, *, key: str, at: datetime) -> opening.Submitted:
        return open_case(given, key=str(given.keyed.case_id), at=at)

    patch.setattr("tongban.cases.actions.submitting.open_case", every_time)


def a_form_that_is_taken_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(once, "rows", lambda *_: [])


def an_act_in_several_commits(patch: pytest.MonkeyPatch) -> None:
    def run(self: Statement) -> Any:
        with connection.cursor() as cursor:
            assert self._guard is not None
            cursor.execute(f"WITH guard AS ({self._guard[0]}) SELECT * FROM guard", self._guard[1])
            if (row := cursor.fetchone()) is not None:
                for sql, params in self._parts:
                    cursor.execute(f"WITH guard AS (SELECT 1), part AS ({sql}) SELECT 1", params)
        return row

    patch.setattr(Statement, "run", run)


def a_sequencer_without_a_transaction(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ledger, "transaction", SimpleNamespace(atomic=nullcontext))


def files_that_nobody_wants(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(messages, "want_files", lambda *_: None)


def an_opinion_that_crosses_the_border(patch: pytest.MonkeyPatch) -> None:
    def split(move: Move, facts: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        return dict(facts), {}

    patch.setattr(transitions, "split", split)


def a_refusal_that_nobody_hears(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(messages, "_refuse", lambda *_: None)


def a_clock_that_must_agree_to_the_minute(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(hop, "SKEW", timedelta(seconds=20))


def a_door_that_answers_with_a_fault(patch: pytest.MonkeyPatch) -> None:
    def keep(*_: Any) -> bytes:
        raise KeyError("planted")

    patch.setattr("tongban.exchange.actions.keeping._known", keep)


def a_wish_that_is_real_at_once(patch: pytest.MonkeyPatch) -> None:
    """Whoever may only ask moves all the same: the custodian hears of it, and does not follow."""

    def make_or_ask(case_id: Any, name: str, **more: Any) -> bool:
        with patch.context() as anywhere:
            anywhere.setattr("tongban.cases.custody.require", lambda *_: None)
            moving.make_move(case_id, name, **more)
        return True

    patch.setattr("tongban.cases.actions.make_or_ask", make_or_ask)


PLANTED: tuple[Planting, ...] = (
    an_inbox_that_applies_twice,
    a_sender_that_forgets_what_was_not_answered,
    custody_that_both_keep,
    a_submission_without_its_key,
    a_form_that_is_taken_twice,
    an_act_in_several_commits,
    a_sequencer_without_a_transaction,
    files_that_nobody_wants,
    an_opinion_that_crosses_the_border,
    a_refusal_that_nobody_hears,
    a_clock_that_must_agree_to_the_minute,
    a_door_that_answers_with_a_fault,
    a_wish_that_is_real_at_once,
)
