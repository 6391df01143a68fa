# SPDX-License-Identifier: Apache-2.0
"""Many licences by one order: chosen by one person, allowed by another, done row by row, each use of the seal noted."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection, transaction

from tests.world import START as AT
from tongban.ledger.models import Line
from tongban.licences.actions import answer_order, change, change_seal, make_bulk_once, make_files_once, register_seal
from tongban.licences.actions.revising import renew_by_order
from tongban.licences.bulk import actions
from tongban.licences.bulk.actions import order_chosen, work_order_once
from tongban.licences.bulk.choosing import RENEW, SEAL, Choice
from tongban.licences.bulk.queries import OrderView, orders
from tongban.licences.errors import AnotherPersonNeeded, NothingToSeal, OrderOpen, RevisionOpen
from tongban.licences.models import Licence, OrderPaper, Revision, Seal, SealOrder, SealUse, State
from tongban.licences.seals.queries import seal_of
from tongban.licences.tests.test_actions import GRANT
from tongban.licences.tests.test_revisions import approver, given
from tongban.licences.tests.test_types import CODE
from tongban.standards.actor import Actor, Role
from tongban.standards.node import Node, here
from tongban.standards.refusal import BadInput, NotAllowed, NotFound

UNTIL, NEW = date(2027, 1, 1), date(2032, 1, 1)
WHY = {"reason": "这一类证照统一延续。", "basis": "演示规定第一条"}
RENEWAL = Choice(RENEW, CODE, UNTIL)
SOON = AT + timedelta(minutes=1)


def keeper() -> Actor:
    """Runs the node, and so may allow what somebody else has asked of a seal."""
    return Actor(uuid4(), Role.OPERATOR, "孙强", here().code, here().code, "")


def allowed(asked: SealOrder) -> None:
    assert answer_order(asked.seal_id, allow=True, actor=keeper(), at=AT) == asked.count


def worked() -> None:
    """Whatever the duties of orders have to do is done, with the files."""
    while work_order_once(SOON) or make_bulk_once(SOON):
        pass


def view(chen: Actor) -> OrderView:
    return orders(chen)[0]


def test_all_of_a_type_are_renewed_by_one_order_and_what_cannot_be_says_why(hunan: Node) -> None:
    chen, rows = approver(), [given(subject=f"case:{number}") for number in range(3)]
    asked = order_chosen(RENEWAL, **WHY, until=NEW, actor=chen, at=AT)
    assert not work_order_once(AT)  # nobody has allowed it
    with pytest.raises(AnotherPersonNeeded):
        answer_order(asked.seal_id, allow=True, actor=replace(keeper(), id=chen.id), at=AT)
    change(rows[1].id, "suspend", reason="核查。", basis="演示规定", actor=chen, at=AT)
    allowed(asked)
    worked()

    told = view(chen)
    assert (told.dealt, told.refused, told.sealed) == (3, 1, 2)
    assert [number for number, _ in told.faults] == [rows[1].number] and "暂扣" in told.faults[0][1]
    for row in (rows[0], rows[2]):
        row.refresh_from_db()
        assert row.replaced_by is not None
        after = Licence.objects.get(id=row.replaced_by)
        assert (row.standing, after.edition, after.valid_until, after.state) == ("lapsed", 2, NEW, State.READY)
        assert SealUse.objects.filter(licence_id=after.id).exists()
    assert Line.objects.filter(subject=f"seal:{asked.seal_id}", verb="seal.order_ended").count() == 1
    assert told.order.ended_at is not None and not work_order_once(SOON)


def test_a_worker_that_dies_leaves_nothing_half_done_and_the_next_goes_on(
    hunan: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 2)
    chen, rows = approver(), [given(subject=f"case:{number}") for number in range(3)]
    allowed(order_chosen(RENEWAL, **WHY, until=NEW, actor=chen, at=AT))
    assert work_order_once(AT)
    with transaction.atomic():  # killed before it could commit
        assert work_order_once(AT)
        transaction.set_rollback(True)

    assert OrderPaper.objects.filter(outcome="").count() == 1
    assert Licence.objects.filter(id__in=[row.id for row in rows], replaced_by=None).count() == 1
    worked()
    assert Licence.objects.filter(definition=CODE, edition=2, state=State.READY).count() == 3
    assert SealUse.objects.filter(number=rows[0].number).count() == 2  # once for each edition


def test_one_bad_row_loses_no_other_and_another_order_does_only_what_was_left(
    hunan: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    chen, rows = approver(), [given(subject=f"case:{number}") for number in range(4)]
    bad = {rows[1].id: "SELECT 1 / 0", rows[2].id: ""}

    def broken(licence_id: UUID, *words: Any, **more: Any) -> Revision:
        """Everything is written; then the database says no to one of them, and a rule to another."""
        made = renew_by_order(licence_id, *words, **more)
        if sql := bad.get(licence_id):
            with connection.cursor() as cursor:
                cursor.execute(sql)
        elif sql is not None:
            raise RevisionOpen(kind="延续")
        return made

    monkeypatch.setattr(actions, "renew_by_order", broken)
    allowed(order_chosen(RENEWAL, **WHY, until=NEW, actor=chen, at=AT))
    worked()

    told = view(chen)
    assert (told.dealt, told.refused, told.sealed, told.order.ended_at) == (4, 2, 2, SOON)
    assert [number for number, _ in told.faults] == [rows[1].number, rows[2].number]
    assert "出错，没有改动" in told.faults[0][1] and "等待另一人复核" in told.faults[1][1]
    assert not Revision.objects.filter(licence_id__in=bad).exists()
    assert Licence.objects.filter(definition=CODE, edition=2, state=State.READY).count() == 2

    bad.clear()
    again = order_chosen(RENEWAL, **WHY, until=NEW, actor=chen, at=SOON)
    assert again.count == 2
    allowed(again)
    worked()
    assert (view(chen).refused, view(chen).sealed) == (0, 2)
    assert Licence.objects.filter(definition=CODE, edition=2, state=State.READY).count() == 4
    assert Revision.objects.count() == 4


def test_a_database_that_is_away_is_no_outcome_of_a_row(hunan: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    chen, row = approver(), given()
    allowed(order_chosen(RENEWAL, **WHY, until=NEW, actor=chen, at=AT))
    with monkeypatch.context() as away:
        away.setattr(actions, "renew_by_order", gone)
        with pytest.raises(OperationalError):
            work_order_once(SOON)
    worked()
    row.refresh_from_db()
    assert row.replaced_by is not None and view(chen).refused == 0


def gone(*_: Any, **__: Any) -> Revision:
    raise OperationalError("the connection is closed")


def test_an_order_that_rests_keeps_no_other_from_going_on_and_dies_with_its_seal(hunan: Node) -> None:
    chen, row = approver(), given()
    first = order_chosen(RENEWAL, **WHY, until=NEW, actor=chen, at=AT)
    allowed(first)
    change_seal(first.seal_id, "suspend", reason="检查。", actor=keeper(), at=AT)
    other = Seal.objects.create(**_another(Seal.objects.get(id=first.seal_id)))
    later = SealOrder.objects.create(**_order_of(other, first))
    assert work_order_once(SOON) and not work_order_once(SOON)
    later.refresh_from_db()
    assert later.ended_at == SOON

    change_seal(first.seal_id, "destroy", reason="换章。", actor=keeper(), at=SOON)
    register_seal(GRANT.issuer, GRANT.issuer_name, actor=keeper(), at=SOON)  # whose keeper has allowed nothing
    worked()
    row.refresh_from_db()
    assert row.replaced_by is None
    told = next(each for each in orders(chen) if each.order.id == first.id)
    assert (told.dealt, told.refused, told.order.ended_at) == (1, 1, SOON) and "已销毁" in told.faults[0][1]


def _another(like: Seal) -> dict[str, Any]:
    """The columns of the seal of some other organization, in use."""
    kept = {field.attname: getattr(like, field.attname) for field in Seal._meta.concrete_fields}
    return kept | {"id": uuid4(), "organization": "11990000000000019A", "state": "in_use"}


def _order_of(seal: Seal, like: SealOrder) -> dict[str, Any]:
    """The columns of an order that its keeper has allowed afterwards."""
    kept = {field.attname: getattr(like, field.attname) for field in SealOrder._meta.concrete_fields}
    when = {"asked_at": AT + timedelta(seconds=1), "answered_at": AT, "answer": "allowed"}
    return kept | when | {"id": uuid4(), "seal_id": seal.id, "organization": seal.organization}


def test_what_has_no_file_is_chosen_whatever_its_type_and_waits_while_the_seal_is_suspended(hunan: Node) -> None:
    chen, rows = approver(), [given(subject=f"case:{number}") for number in range(3)]
    Licence.objects.filter(id=rows[0].id).update(state=State.FAILED, failure="glyph_missing", file_digest="")
    Licence.objects.filter(id=rows[1].id).update(state=State.TAKEN_OVER, file_digest="")
    asked = order_chosen(Choice(SEAL), reason="补做文件。", actor=chen, at=AT)
    assert asked.count == 2
    with pytest.raises(OrderOpen):
        order_chosen(Choice(SEAL), reason="再来一次。", actor=chen, at=AT)
    allowed(asked)
    change_seal(asked.seal_id, "suspend", reason="检查。", actor=keeper(), at=AT)
    assert not work_order_once(AT)
    custodian = Seal.objects.get(id=asked.seal_id).custodian
    assert custodian is not None
    change_seal(asked.seal_id, "resume", reason="检查完毕。", actor=replace(chen, id=custodian), at=AT)
    Licence.objects.filter(id=rows[1].id).update(state=State.QUEUED)  # by another way meanwhile
    worked()

    told = view(chen)
    assert (told.dealt, told.refused, told.sealed) == (2, 1, 1)
    assert "已经生成文件" in told.faults[0][1]
    assert {row.state for row in Licence.objects.all()} >= {State.READY}
    assert not make_files_once(SOON)  # none of it was put among what people wait for


def test_what_is_asked_amiss_is_refused_and_a_refused_order_does_nothing(hunan: Node) -> None:
    chen = approver()
    given()
    for choice, more, refusal in (
        (Choice("burn"), {}, BadInput),
        (RENEWAL, {"until": UNTIL}, BadInput),
        (RENEWAL, {"until": NEW, "basis": " "}, BadInput),
        (RENEWAL, {"until": NEW, "reason": " "}, BadInput),
        (Choice(RENEW, CODE, None), {"until": NEW}, BadInput),
        (Choice(RENEW, CODE, date(2026, 1, 1)), {"until": NEW}, BadInput),
        (Choice(SEAL), {}, NothingToSeal),
        (Choice(RENEW, f"{CODE[:18]}ZZZ", UNTIL), {"until": NEW}, NothingToSeal),
        (Choice(RENEW, "没有这一类", UNTIL), {"until": NEW}, BadInput),
        (Choice(RENEW, "\0", UNTIL), {"until": NEW}, BadInput),
        (RENEWAL, {"until": NEW, "reason": "原\0因"}, BadInput),
        (RENEWAL, {"until": NEW, "basis": "依\0据"}, BadInput),
    ):
        with pytest.raises(refusal):
            order_chosen(choice, actor=chen, at=AT, **(WHY | more))
    for who in (replace(chen, role=Role.CLERK), replace(chen, node="620000")):
        with pytest.raises(NotAllowed):
            order_chosen(RENEWAL, **WHY, until=NEW, actor=who, at=AT)
        with pytest.raises(NotAllowed):
            orders(who)

    asked = order_chosen(RENEWAL, **WHY, until=NEW, actor=chen, at=AT)
    with pytest.raises(NotFound):
        answer_order(asked.seal_id, allow=True, actor=approver(), at=AT)  # who has nothing to do with the seal
    assert answer_order(asked.seal_id, allow=False, actor=keeper(), at=AT) == 0
    assert not work_order_once(SOON)
    assert view(chen).dealt == 0 and seal_of(GRANT.issuer) is not None
