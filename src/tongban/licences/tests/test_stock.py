# SPDX-License-Identifier: Apache-2.0
"""Existing certificates from a file to licences: wholly or not at all, once, and readable to their holders alone."""

import csv
import io
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import xlsxwriter
from django.db import transaction

from tests.world import START as AT
from tongban.demo.people import DATA
from tongban.ledger.models import Line
from tongban.licences import identifier, queries
from tongban.licences.actions import register_seal
from tongban.licences.actions.issuing import make_bulk_once, make_files_once, paper_of
from tongban.licences.actions.seals import answer_order, order_batch
from tongban.licences.errors import AnotherPersonNeeded, StockNotOpen
from tongban.licences.models import Licence, LicenceNumber, State, StockBatch, StockFile
from tongban.licences.seals.queries import seal_of
from tongban.licences.stock import actions, columns
from tongban.licences.stock.queries import batch_page
from tongban.licences.tests.test_actions import make_key
from tongban.licences.types.content import convert
from tongban.standards.actor import Actor, Role, system
from tongban.standards.identifiers import make_resident_id
from tongban.standards.node import Node
from tongban.standards.refusal import BadInput, NotAllowed, NotFound
from tongban.vault.errors import KeyDestroyed
from tongban.vault.models import SubjectKey
from tongban.vault.queries import subject_key

HUB = "11990000000000019A"
CARD, LICENCE = f"{HUB}001", f"{HUB}004"
OFFICE, OFFICE_NAME = "11994301000000035F", "长沙市公安局（演示）"


def approver(organization: str = OFFICE, role: Role = Role.APPROVER) -> Actor:
    return Actor(uuid4(), role, "陈静", "430000", "430100", organization)


def card(number: int) -> dict[str, str]:
    """A row of somebody with an identity card."""
    id_number = make_resident_id(AT.date().replace(year=1980), number)
    return {
        "持有人名称": "张伟",
        "持有人证件号码": id_number,
        "证照编号": id_number,
        "签发日期": "2020-01-02",
        "性别": "男",
        "民族": "汉",
        "出生日期": "1980-11-23",
        "住址": "长沙市芙蓉区演示路1号",
        "签发机关": OFFICE_NAME,
        "有效期截止": "2040-01-02",
    }


def table(*rows: dict[str, str]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def workbook(*rows: dict[str, str]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for number, row in enumerate((dict(zip(rows[0], rows[0], strict=True)), *rows)):
        for place, cell in enumerate(row.values()):
            sheet.write_string(number, place, cell)
    book.close()
    return out.getvalue()


def judged(data: bytes, actor: Actor, name: str = "证照.csv", type_code: str = CARD) -> StockBatch:
    made = actions.begin(data, name, type_code, actor=actor, at=AT)
    assert actions.work_once(AT)
    return StockBatch.objects.get(id=made.id)


def taken(data: bytes, **how: Any) -> StockBatch:
    made = judged(data, approver(), **how)
    actions.confirm(made.id, actor=approver(), at=AT)
    assert actions.work_once(AT)
    assert not actions.work_once(AT)
    return StockBatch.objects.get(id=made.id)


@pytest.mark.parametrize(("form", "name"), [(table, "证照.csv"), (workbook, "证照.xlsx")])
def test_a_file_of_certificates_becomes_licences_of_their_holders(hunan: Node, form: Any, name: str) -> None:
    batch = taken(form(card(1), card(2)), name=name)

    made = Licence.objects.filter(stock_id=batch.id).order_by("id")
    first = made[0]
    assert (batch.stage, batch.new, len(made)) == ("taken", 2, 2)
    assert (first.state, first.standing, first.definition, first.issuer_name) == (
        State.TAKEN_OVER,
        "valid",
        CARD,
        OFFICE_NAME,
    )
    assert str(first.valid_until) == "2040-01-02"
    assert identifier.parse(first.identifier) is not None
    assert LicenceNumber.objects.get(number=first.identifier).licence_id == first.id
    assert "长沙市芙蓉区演示路1号" in paper_of(first).words()
    assert list(Line.objects.filter(subject=f"stock/{batch.id}").order_by("number").values_list("verb", flat=True)) == [
        "stock.begun",
        "stock.confirmed",
        "stock.taken",
    ]


def test_what_is_personal_lies_sealed_and_the_file_is_gone(hunan: Node) -> None:
    row = card(1)

    batch = taken(table(row))

    made = Licence.objects.get(stock_id=batch.id)
    plain = [getattr(made, field.attname) for field in Licence._meta.concrete_fields]
    assert not any(row["持有人证件号码"] in str(value) for value in plain)
    assert not any(row["住址"].encode() in bytes(value) for value in plain if isinstance(value, bytes | memoryview))
    assert not StockFile.objects.exists()
    with pytest.raises(KeyDestroyed):
        subject_key(f"stock:{batch.id}")
    assert SubjectKey.objects.filter(subject=f"licence:{made.id}").exists()


def test_the_same_certificates_again_bring_nothing_new(hunan: Node) -> None:
    taken(table(card(1), card(2)))

    again = judged(table(card(2), card(1)), approver())
    more = judged(table(card(2), card(3)), approver())

    assert (again.stage, again.new, again.same) == ("unchanged", 0, 2)
    assert (more.stage, more.new, more.same) == ("ready", 1, 1)
    assert actions.begin(table(card(2), card(3)), "x.csv", CARD, actor=approver(), at=AT).id == more.id


def test_one_fault_and_nothing_is_taken_and_the_report_holds_no_personal_data(hunan: Node) -> None:
    odd = card(2) | {"持有人证件号码": "990101198011230011", "签发日期": "二〇二〇年"}

    batch = judged(table(card(1), odd, card(1), card(3) | {"住址": ""}), approver())

    assert (batch.stage, batch.new) == ("faulty", 1)
    assert {(row[2], row[3]) for row in batch.report} == {
        ("3", "持有人证件号码"),
        ("3", "签发日期"),
        ("4", "证照编号"),
        ("5", "住址"),
    }
    assert "990101198011230011" not in str(batch.report)
    assert not Licence.objects.filter(stock_id=batch.id).exists()
    with pytest.raises(StockNotOpen):
        actions.confirm(batch.id, actor=approver(), at=AT)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"状态": "注销"}, "状态"),
        ({"持有人证件类型": "统一社会信用代码"}, "持有人证件类型"),
        ({"签发日期": "2026-11-24"}, "签发日期"),
        ({"有效期至": "永远"}, "有效期至"),
        ({"备注": "x"}, "备注"),
        ({"证照编号": "a b"}, "证照编号"),
    ],
)
def test_a_fault_names_its_column(hunan: Node, change: dict[str, str], column: str) -> None:
    batch = judged(table(card(1) | change), approver())
    assert batch.stage == "faulty"
    assert column in {row[3] for row in batch.report}


def test_a_second_person_confirms_and_strangers_find_nothing(hunan: Node) -> None:
    one = approver()
    batch = judged(table(card(1)), one)

    with pytest.raises(AnotherPersonNeeded):
        actions.confirm(batch.id, actor=one, at=AT)
    with pytest.raises(NotFound):
        actions.confirm(batch.id, actor=approver("119943000000000276"), at=AT)
    with pytest.raises(NotAllowed):
        actions.begin(b"x", "x", CARD, actor=approver(role=Role.CLERK), at=AT)
    with pytest.raises(BadInput):
        actions.begin(b"x", "x", "999", actor=one, at=AT)
    assert actions.drop(batch.id, actor=one, at=AT).stage == "dropped"
    assert not StockFile.objects.exists()


def test_a_worker_that_dies_while_taking_over_leaves_nothing_and_the_next_one_does_it(hunan: Node) -> None:
    batch = judged(table(card(1), card(2)), approver())
    actions.confirm(batch.id, actor=approver(), at=AT)

    with pytest.raises(RuntimeError), transaction.atomic():
        assert actions.work_once(AT)
        raise RuntimeError("killed before the commit")
    StockBatch.objects.filter(id=batch.id).update(lease=AT + actions.LEASE)

    assert not Licence.objects.filter(stock_id=batch.id).exists()
    assert not actions.work_once(AT + timedelta(minutes=9))
    assert actions.work_once(AT + timedelta(minutes=11))
    assert Licence.objects.filter(stock_id=batch.id).count() == 2


def test_a_public_number_is_found_by_its_organization_and_stands_in_the_identifier(hunan: Node) -> None:
    row = {
        "持有人名称": "长沙星河科技有限公司（演示）",
        "持有人证件号码": "91994301000200010T",
        "证照编号": "430100000000001",
        "签发日期": "2020-01-02",
        "类型": "有限责任公司",
        "法定代表人": "韩雪",
        "成立日期": "2020-01-02",
        "住所": "长沙",
        "经营范围": "软件",
    }
    taken(table(row), type_code=LICENCE)

    found = queries.of_organization(approver(), "430100000000001")
    assert found is not None
    assert ".430100000000001.001." in found.identifier
    assert queries.of_organization(approver("119943000000000276"), "430100000000001") is None


def test_the_files_of_a_batch_are_sealed_as_one_job_that_a_second_person_allows(hunan: Node) -> None:
    make_key(AT)
    seal = seal_of(OFFICE) or register_seal(OFFICE, OFFICE_NAME, actor=system("430000"), at=AT)
    batch = taken(table(card(1), card(2)))
    asks, keeper = approver(), approver()
    type(seal).objects.filter(id=seal.id).update(custodian=keeper.id)

    order_batch(batch.id, reason="存量制证。", actor=asks, at=AT)
    assert not make_bulk_once(AT)
    with pytest.raises(NotFound):
        answer_order(seal.id, allow=True, actor=asks, at=AT)
    assert answer_order(seal.id, allow=True, actor=keeper, at=AT) == 2
    assert not make_files_once(AT)
    assert make_bulk_once(AT)
    assert batch_page(batch.id, asks).files == {State.READY: 1, State.QUEUED: 1}
    assert make_bulk_once(AT)
    assert not make_bulk_once(AT)

    made = Licence.objects.filter(stock_id=batch.id).first()
    assert made is not None
    assert queries.check_file(b"".join(queries.file(made))).intact


def test_the_first_row_of_a_file_is_offered() -> None:
    told = convert(next(each for each in _demo() if each["code"] == LICENCE))
    ((*titles,),) = columns.template(told)
    assert titles[0] == "持有人名称"
    assert titles[-1] == "经营范围"


def _demo() -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads((DATA / "licence_types.json").read_text(encoding="utf-8"))
    return told
