# SPDX-License-Identifier: Apache-2.0
"""New editions: the one before lapses and says so, the new one has the same number and a file of its own."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.world import START as AT
from tongban.licences import check_code, identifier, queries
from tongban.licences.actions import answer_revision, change, make_files_once, revise
from tongban.licences.actions.issuing import facts_of, paper_of
from tongban.licences.errors import AnotherPersonNeeded, ChangeNotPossible, RevisionOpen
from tongban.licences.models import Licence, LicenceChange, Revision
from tongban.licences.standings import Standing
from tongban.licences.tests.test_actions import GRANT, issue
from tongban.licences.tests.test_types import CODE, TOLD
from tongban.licences.types import actions as types
from tongban.licences.types.content import Holder, convert, facts
from tongban.standards.actor import Actor, Role, system
from tongban.standards.node import Node, here
from tongban.standards.refusal import BadInput, NotAllowed, NotFound

WHY = {"reason": "住址变更。", "basis": "演示规定第一条"}
SAID = {"address": "长沙市芙蓉区", "until": "2027-01-01"}
DAY = AT.date()


def approver(organization: str = GRANT.issuer) -> Actor:
    return Actor(uuid4(), Role.APPROVER, "陈静", here().code, here().code, organization)


def given(*, two_persons: bool = False, subject: str = "case:1") -> Licence:
    """A licence of a type, with its file."""
    told = TOLD | {"two_persons": two_persons}
    types.lay_down_type(told, actor=system(here().code), at=AT)
    content = convert(told)
    words = facts(content, Holder("张伟", id_type="居民身份证", id_number="1"), SAID, item="居住登记", day="今天")
    typed: dict[str, Any] = {"type_code": "certificate", "definition": CODE, "definition_version": 1, "facts": words}
    issue(replace(GRANT, **typed, valid_until=date(2027, 1, 1), subject=subject))
    assert make_files_once(AT)
    return Licence.objects.get(subject=subject)


def test_a_change_makes_the_next_edition_and_the_one_before_lapses(hunan: Node) -> None:
    before = given()
    old_file = b"".join(queries.file(before))

    made = revise(before.id, "alter", SAID | {"address": "长沙市岳麓区"}, **WHY, actor=approver(), at=AT)
    assert make_files_once(AT)

    before.refresh_from_db()
    assert made.edition_id is not None
    after = Licence.objects.get(id=made.edition_id)
    assert (before.standing, before.replaced_by, after.edition) == (Standing.LAPSED, after.id, 2)
    assert (after.number, after.standing, after.definition) == (before.number, "valid", CODE)
    parsed = identifier.parse(after.identifier)
    assert parsed is not None
    assert parsed.version == "002"
    assert "张伟住在长沙市岳麓区。" in paper_of(after).words()
    assert queries.check_file(b"".join(queries.file(after))).intact
    assert queries.check_file(old_file).intact
    assert before.file_digest in [digest for digest, _ in queries.files_that_do_not_count(DAY)]
    assert after.file_digest not in [digest for digest, _ in queries.files_that_do_not_count(DAY)]
    told = LicenceChange.objects.get(licence_id=before.id)
    assert (told.change, told.standing, told.told_at) == ("alter", "lapsed", None)
    assert queries.licences_of_holder(GRANT.holder_index, [GRANT.name], [], DAY) == [after]


def test_each_edition_is_found_by_its_own_check_code(hunan: Node) -> None:
    before = given()
    after_id = revise(before.id, "reissue", {}, **WHY, actor=approver(), at=AT).edition_id
    assert after_id is not None

    for each in (before.id, after_id):
        assert queries.licence_by_code(before.number, check_code.code_of(each)).id == each
    with pytest.raises(NotFound):
        queries.licence_by_code(before.number, check_code.code_of(uuid4()))
    with pytest.raises(ChangeNotPossible):
        revise(before.id, "reissue", {}, **WHY, actor=approver(), at=AT)
    with pytest.raises(ChangeNotPossible):
        change(before.id, "restore", **WHY, actor=approver(), at=AT)


def test_renewing_moves_the_end_and_annotating_adds_a_line(hunan: Node) -> None:
    before = given()

    renewed = revise(before.id, "renew", {"valid_until": "2029-01-01"}, **WHY, actor=approver(), at=AT).edition_id
    assert renewed is not None
    assert make_files_once(AT)
    noted = revise(renewed, "annotate", {"note": "姓名曾用张玮。"}, **WHY, actor=approver(), at=AT).edition_id

    assert noted is not None
    last = Licence.objects.get(id=noted)
    assert (last.valid_until, last.edition) == (date(2029, 1, 1), 3)
    assert facts_of(last)["notes"][-1].endswith("姓名曾用张玮。")
    assert "姓名曾用张玮。" in paper_of(last).words()


def test_where_the_type_says_so_a_second_person_lets_it_be(hunan: Node) -> None:
    before, one, other = given(two_persons=True), approver(), approver()

    asked = revise(before.id, "reissue", {}, **WHY, actor=one, at=AT)
    before.refresh_from_db()
    assert (before.replaced_by, asked.answer) == (None, "")
    with pytest.raises(AnotherPersonNeeded):
        answer_revision(asked.id, allow=True, actor=one, at=AT)
    with pytest.raises(RevisionOpen):
        revise(before.id, "reissue", {}, **WHY, actor=other, at=AT)
    with pytest.raises(NotFound):
        answer_revision(asked.id, allow=True, actor=approver("119943000000000276"), at=AT)
    answer_revision(asked.id, allow=False, actor=other, at=AT)
    again = revise(before.id, "reissue", {}, **WHY, actor=one, at=AT)
    answer_revision(again.id, allow=True, actor=other, at=AT)

    before.refresh_from_db()
    assert before.replaced_by == Revision.objects.get(id=again.id).edition_id


@pytest.mark.parametrize(
    ("kind", "typed", "field"),
    [
        ("alter", SAID, "kind"),
        ("renew", {"valid_until": "2026-12-31"}, "valid_until"),
        ("renew", {"valid_until": "x"}, "valid_until"),
        ("annotate", {"note": " "}, "note"),
        ("burn", {}, "kind"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(hunan: Node, kind: str, typed: dict[str, str], field: str) -> None:
    row = given()
    with pytest.raises(BadInput) as no:
        revise(row.id, kind, typed, **WHY, actor=approver(), at=AT)
    assert no.value.field == field


def test_strangers_find_nothing_and_what_does_not_count_has_no_new_edition(hunan: Node) -> None:
    row = given()

    with pytest.raises(NotFound):
        revise(row.id, "reissue", {}, **WHY, actor=approver("119943000000000276"), at=AT)
    with pytest.raises(NotAllowed):
        revise(row.id, "reissue", {}, **WHY, actor=replace(approver(), role=Role.CLERK), at=AT)
    with pytest.raises(ChangeNotPossible):
        revise(row.id, "reissue", {}, **WHY, actor=approver(), at=AT + timedelta(days=60))
    change(row.id, "suspend", **WHY, actor=approver(), at=AT)
    with pytest.raises(ChangeNotPossible):
        revise(row.id, "reissue", {}, **WHY, actor=approver(), at=AT)
