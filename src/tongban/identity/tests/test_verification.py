# SPDX-License-Identifier: Apache-2.0
"""A clerk asks who is at the window: every outcome, every wait, and who may see it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import LANZHOU_POLICE, MA, ZHANG, ZHAO
from tests.world import Source, World
from tongban.identity import actions, queries
from tongban.identity.errors import NotByHand, NoteMissing
from tongban.identity.models import Staff, Verification
from tongban.identity.queries import VERIFICATION_DUE, VerificationView
from tongban.identity.source import Answer
from tongban.ledger import queries as ledger
from tongban.ledger.models import Line
from tongban.standards.actor import Actor, Role
from tongban.standards.node import Node
from tongban.standards.node import at as working_at
from tongban.standards.refusal import BadInput, NotAllowed, NotFound

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SLOW, DOWN = ("迟远", "996201198504180235"), ("段宁", "996201197909060528")
NOBODY = ("高远", "996201199302140811")
NOTE = "核对居民身份证原件，照片与本人一致。"


def actor(login: str) -> Actor:
    return queries.staff_actor(Staff.objects.get(login=login))


def ask(
    name: str = ZHANG.name, number: str = ZHANG.id_number, *, id_type: str = "resident_id", method: str = "typed"
) -> UUID:
    clerk = actor(MA.login)
    return actions.ask_verification(name=name, id_type=id_type, id_number=number, method=method, clerk=clerk, at=AT)


def seen(verification: UUID, after: float = 0) -> VerificationView:
    return queries.verification(verification, actor(MA.login), AT + timedelta(seconds=after))


def outcome(name: str, number: str) -> VerificationView:
    asked = ask(name, number)
    assert actions.verify_once(AT, Source())
    return seen(asked)


def lines(verification: UUID) -> list[str]:
    return list(Line.objects.filter(subject=f"verification/{verification}").values_list("verb", flat=True))


def is_due(after: float) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({VERIFICATION_DUE})", {"at": AT + timedelta(seconds=after)})
        return bool(cursor.fetchone()[0])


def test_a_question_waits_until_the_worker_has_asked(node: Node) -> None:
    view = seen(ask(method="card"))

    assert (view.state, view.method, view.answered_at, view.may_go_on) == ("waiting", "card", None, False)
    assert (view.clerk_name, view.source_name) == (MA.name, "人口身份核验来源（演示）")
    assert "正在" in view.sentence and "已保存" in view.sentence


def test_name_and_number_that_belong_together_let_the_clerk_go_on(node: Node) -> None:
    view = outcome(ZHANG.name, ZHANG.id_number)

    assert (view.state, view.may_go_on, view.answered_at) == ("match", True, AT)
    assert "继续收件" in view.sentence


def test_a_number_of_somebody_else_is_a_mismatch_that_does_not_tell_whose(node: Node) -> None:
    view = outcome("张威", ZHANG.id_number)

    assert (view.state, view.may_go_on) == ("mismatch", False)
    assert "重新核验" in view.sentence and ZHANG.name not in view.sentence and ZHANG.id_number not in view.sentence


def test_a_number_that_nobody_has_is_unknown(node: Node) -> None:
    view = outcome(*NOBODY)

    assert (view.state, view.may_go_on) == ("unknown", False) and "没有这个证件号码" in view.sentence


def test_each_outcome_has_a_sentence_that_says_what_is_safe_or_that_work_goes_on(node: Node) -> None:
    views = [outcome(*who) for who in ((ZHANG.name, ZHANG.id_number), ("张威", ZHANG.id_number), NOBODY, SLOW)]

    assert len({view.sentence for view in views}) == 4
    assert all("已保存" in view.sentence or view.may_go_on for view in views)


def test_a_slow_source_is_asked_again_a_little_later_each_time(node: Node) -> None:
    source, asked, tried = Source(), ask(*SLOW), []
    for second in range(10):
        while actions.verify_once(AT + timedelta(seconds=second), source):
            tried.append(second)
            if second == 0:
                assert "自动重试" in seen(asked).sentence and seen(asked).state == "waiting"

    assert tried == [0, 1, 3] and is_due(10) is False
    assert seen(asked).state == "match" and Verification.objects.get(id=asked).tries == 3


def test_a_source_that_stays_silent_is_given_up_at_the_limit(node: Node) -> None:
    source, asked, tried = Source(), ask(*DOWN), []
    for second in range(70):
        while actions.verify_once(AT + timedelta(seconds=second), source):
            tried.append(second)

    assert tried == [0, 1, 3, 7, 15, 30, 45, 60] and len(source.asked) == 7
    view = seen(asked)
    assert (view.state, view.may_go_on, view.answered_at) == ("unavailable", False, AT + timedelta(seconds=60))
    assert "60 秒" in view.sentence and "人工核验" in view.sentence and "不是申请人的问题" in view.sentence


def test_the_limit_is_the_nodes_own(node: Node) -> None:
    with working_at(replace(node, identity_limit=5)):
        asked = ask(*DOWN)
        for second in range(8):
            actions.verify_once(AT + timedelta(seconds=second), Source())

    assert seen(asked).state == "unavailable" and "5 秒" in seen(asked).sentence


def test_nobody_waits_for_a_worker_that_is_gone(node: Node) -> None:
    asked = ask()

    assert seen(asked, 59).state == "waiting" and seen(asked, 60).state == "unavailable"
    actions.verify_by_hand(asked, NOTE, clerk=actor(MA.login), at=AT + timedelta(seconds=61))
    assert actions.verify_once(AT + timedelta(seconds=62), Source()) is False
    assert seen(asked).state == "manual"


def test_people_do_not_wait_behind_one_whose_answer_is_slow(node: Node) -> None:
    source, slow = Source(), ask(*DOWN)
    actions.verify_once(AT, source)
    actions.verify_once(AT + timedelta(seconds=1), source)
    fresh = ask()
    actions.verify_once(AT + timedelta(seconds=3), source)

    assert seen(fresh).state == "match" and seen(slow).state == "waiting"


def test_without_a_source_the_clerk_hears_it_at_once(node: Node) -> None:
    with working_at(replace(node, identity_source="")):
        asked = ask()

    view = seen(asked)
    assert (view.state, view.source_name, view.answered_at) == ("unavailable", "无", AT)
    assert "没有接入" in view.sentence and is_due(1) is False
    assert lines(asked) == ["person.verification.asked", "person.verification.answered"]


def test_a_document_that_the_source_does_not_know_is_for_the_clerk(node: Node) -> None:
    view = seen(ask("Anna Lindt", "E 1234 5678", id_type="passport"))

    assert view.state == "unavailable" and "这类证件" in view.sentence


def test_a_clerk_vouches_where_no_answer_came(node: Node) -> None:
    with working_at(replace(node, identity_source="")):
        asked = ask()
    clerk, later = actor(MA.login), AT + timedelta(minutes=2)
    for _ in range(2):  # the button was pressed twice
        actions.verify_by_hand(asked, f" {NOTE}\0\n", clerk=clerk, at=later)

    view = seen(asked)
    assert (view.state, view.method, view.note, view.may_go_on) == ("manual", "manual", NOTE, True)
    assert (view.clerk_name, view.answered_at, view.source_name) == (MA.name, later, "证件原件（人工核对）")
    assert MA.name in view.sentence
    assert lines(asked)[2:] == ["person.verification.vouched"]


def test_vouching_needs_a_note(node: Node) -> None:
    with working_at(replace(node, identity_source="")):
        asked = ask()

    for empty in ("", "  \u3000\0"):
        with pytest.raises(NoteMissing) as refused:
            actions.verify_by_hand(asked, empty, clerk=actor(MA.login), at=AT)
        assert refused.value.field == "note"
    with pytest.raises(BadInput):
        actions.verify_by_hand(asked, "长" * 501, clerk=actor(MA.login), at=AT)
    assert seen(asked).state == "unavailable"


@pytest.mark.parametrize("who", [(ZHANG.name, ZHANG.id_number), ("张威", ZHANG.id_number), NOBODY, SLOW])
def test_nobody_vouches_against_an_answer_or_before_it(node: Node, who: tuple[str, str]) -> None:
    asked = ask(*who)
    actions.verify_once(AT, Source())
    before = seen(asked)

    with pytest.raises(NotByHand):
        actions.verify_by_hand(asked, NOTE, clerk=actor(MA.login), at=AT)

    assert seen(asked) == before


def test_an_answer_that_comes_after_the_clerk_has_vouched_changes_nothing(node: Node) -> None:
    asked = ask()

    class Late(Source):
        def ask(self, *who: Any) -> Answer:
            actions.verify_by_hand(asked, NOTE, clerk=actor(MA.login), at=AT + timedelta(seconds=60))
            return super().ask(*who)

    actions.verify_once(AT + timedelta(seconds=59), Late())

    assert seen(asked).state == "manual"
    assert lines(asked) == ["person.verification.asked", "person.verification.vouched"]


def test_only_clerks_of_the_organization_that_asked_see_it(node: Node) -> None:
    asked, ma = ask(), actor(MA.login)
    strangers = [
        actor(ZHAO.login),
        replace(ma, organization=LANZHOU_POLICE.code),
        replace(ma, role=Role.OPERATOR),
        replace(ma, node="430000"),
        replace(ma, role=Role.APPLICANT, organization=""),
    ]

    assert queries.verification(asked, replace(ma, id=UUID(int=7)), AT).state == "waiting"  # a colleague
    for stranger in strangers:
        with pytest.raises(NotFound):
            queries.verification(asked, stranger, AT)
        with pytest.raises(NotFound):
            actions.verify_by_hand(asked, NOTE, clerk=stranger, at=AT + timedelta(minutes=2))
    with pytest.raises(NotFound):
        queries.verification(UUID(int=1), ma, AT)


def test_only_clerks_ask(node: Node) -> None:
    ma = actor(MA.login)
    for clerk in (actor(ZHAO.login), replace(ma, organization="")):
        with pytest.raises(NotAllowed):
            actions.ask_verification(
                name=ZHANG.name,
                id_type="resident_id",
                id_number=ZHANG.id_number,
                method="card",
                clerk=clerk,
                at=AT,
            )


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"number": "123"}, "id_number"),
        ({"number": ZHANG.id_number[:-1] + "0"}, "id_number"),
        ({"number": "", "id_type": "passport"}, "id_number"),
        ({"method": "manual"}, "method"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_field(node: Node, changed: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        ask(**changed)

    assert refused.value.field == field and not Verification.objects.exists()


def test_the_number_is_kept_sealed_and_the_diary_is_whole(node: Node) -> None:
    asked = ask(number=f" {ZHANG.id_number.lower()} ")
    actions.verify_once(AT, Source())

    row = Verification.objects.get(id=asked)
    assert ZHANG.id_number.encode() not in bytes(row.id_sealed) + bytes(row.id_index)
    assert lines(asked) == ["person.verification.asked", "person.verification.answered"]
    assert ledger.first_broken(f"verification/{asked}", lambda *_: True) is None


def test_statements_are_counted(node: Node) -> None:
    clerk, who = actor(MA.login), {"id_type": "resident_id", "method": "card"}
    with CaptureQueriesContext(connection) as asking:
        asked = actions.ask_verification(name=ZHANG.name, id_number=ZHANG.id_number, clerk=clerk, at=AT, **who)
    with CaptureQueriesContext(connection) as answering:
        actions.verify_once(AT, Source())
    with CaptureQueriesContext(connection) as idle:
        actions.verify_once(AT, Source())
    with CaptureQueriesContext(connection) as looking:
        queries.verification(asked, clerk, AT)

    assert (len(asking), len(idle), len(looking)) == (1, 1, 1)
    assert len(answering) <= 9  # claim and update, the diary's chain, and the marks of its transactions


def test_a_world_has_a_source_of_its_own(federation: World) -> None:
    with federation.at("620000"):
        asked = actions.ask_verification(
            name=SLOW[0],
            id_type="resident_id",
            id_number=SLOW[1],
            method="card",
            clerk=actor(MA.login),
            at=federation.clock.now(),
        )
        for _ in range(3):
            federation.settle()
            federation.pass_time(timedelta(seconds=2))
        assert queries.verification(asked, actor(MA.login)).state == "match"
    assert federation.source.asked == [SLOW[1]] * 3
