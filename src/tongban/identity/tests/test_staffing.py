# SPDX-License-Identifier: Apache-2.0
"""Staff come, change duties, are away and leave; nobody does it to themselves, and some duties stay apart."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import CHANGSHA_POLICE, CHEN, PASSWORD, SUN, DemoStaff, staff
from tests.shape.test_words import refusals
from tongban.cli.staff import staff as staff_command
from tongban.identity import actions, queries
from tongban.identity.actions import staffing
from tongban.identity.actions.staffing import Joiner
from tongban.identity.errors import LoginInUse, MoreNeeded, NoSuchSubstitute, NotOneself, RolesApart, WrongPassword
from tongban.identity.joiners import COLUMNS
from tongban.identity.models import Leave, Session, Staff, Token
from tongban.identity.queries.staffing import staff_list, staff_page
from tongban.identity.separation import ACTS_APART, ROLES_APART, require_apart
from tongban.ledger.models import Line
from tongban.standards.actor import Actor, Role
from tongban.standards.node import Node
from tongban.standards.refusal import BadInput, NotAllowed, NotFound, Refusal

AT = datetime(2026, 5, 6, 9, 0, tzinfo=UTC)
LIN = staff("linyue", "430000")  # approver beside 陈静
HE = staff("hefang", "430000")  # approver elsewhere


def signed_in(who: DemoStaff, at: datetime = AT) -> queries.SignedIn:
    found = queries.signed_in(actions.sign_in_staff(who.login, PASSWORD, address="a", at=at), at)
    assert found
    return found


def known(who: DemoStaff) -> UUID:
    return Staff.objects.get(login=who.login).id


@pytest.fixture
def sun(hunan: Node) -> Actor:
    return signed_in(SUN).actor


def joiner(**other: object) -> Joiner:
    said: dict[str, object] = {"login": "newone", "name": "新人", "organization": CHANGSHA_POLICE.code}
    return Joiner(**{**said, "roles": (Role.APPROVER,), **other})  # type: ignore[arg-type]


def test_a_joiner_changes_the_first_password_and_works(sun: Actor) -> None:
    password = staffing.take_on(joiner(login="New.One", title="户政岗"), actor=sun, at=AT)

    with pytest.raises(MoreNeeded):
        actions.sign_in_staff("new.one", password, address="a", at=AT)
    row = Staff.objects.get(login="new.one")
    assert (row.region, row.title, row.roles) == (CHANGSHA_POLICE.region, "户政岗", ["approver"])
    with pytest.raises(LoginInUse):
        staffing.take_on(joiner(login="NEW.ONE"), actor=sun, at=AT)


@pytest.mark.parametrize("rule", ROLES_APART, ids=lambda rule: f"{rule.one}-{rule.other}")
def test_duties_that_are_apart_are_given_to_nobody_together(rule: object) -> None:
    with pytest.raises(RolesApart):
        require_apart([rule.one, rule.other])  # type: ignore[attr-defined]
    require_apart([rule.one])  # type: ignore[attr-defined]


def test_every_pair_of_acts_that_is_apart_names_the_refusal_that_keeps_it() -> None:
    assert {rule.refused for rule in ACTS_APART} <= {cls.code for cls in refusals()}


def test_duties_stay_apart_over_posts_as_well(sun: Actor) -> None:
    chen = known(CHEN)
    with pytest.raises(RolesApart):
        staffing.give_post(chen, CHANGSHA_POLICE.code, Role.AUDITOR, "", "", actor=sun, at=AT)
    with pytest.raises(RolesApart):
        staffing.change_duties(chen, [Role.APPROVER, Role.CLERK], "", "", actor=sun, at=AT)
    with pytest.raises(RolesApart):
        staffing.take_on(joiner(roles=(Role.OPERATOR, Role.AUDITOR)), actor=sun, at=AT)


def test_nobody_changes_their_own_duties_and_only_managers_change_any(sun: Actor) -> None:
    own, chen = known(SUN), signed_in(CHEN).actor
    with pytest.raises(NotOneself):
        staffing.let_go(own, actor=sun, at=AT)
    with pytest.raises(NotOneself):
        staffing.change_duties(own, [Role.CLERK], "", "", actor=sun, at=AT)
    for act in (
        lambda: staffing.take_on(joiner(), actor=chen, at=AT),
        lambda: staffing.let_go(known(LIN), actor=chen, at=AT),
        lambda: staff_list(chen, AT),
        lambda: staff_page(chen, known(LIN), AT),
        lambda: staffing.bring_in(b"", actor=chen, at=AT),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_hall_manager_sees_and_serves_their_own_organization_only(sun: Actor) -> None:
    Staff.objects.filter(login=LIN.login).update(roles=["hall_manager"])
    lin = signed_in(LIN).actor
    assert {row.organization for row in staff_list(lin, AT)} == {CHANGSHA_POLICE.code}
    for unseen in (known(HE), uuid4()):
        with pytest.raises(NotFound) as no:
            staff_page(lin, unseen, AT)
        assert no.value.sentence == "没有找到这名工作人员，或者您无权查看。"
    for refused in (joiner(organization=HE.organization.code), joiner(roles=(Role.OPERATOR,))):
        with pytest.raises(NotAllowed):
            staffing.take_on(refused, actor=lin, at=AT)
    assert staffing.take_on(joiner(), actor=lin, at=AT)


def test_a_leavers_sessions_and_tokens_end_at_once(sun: Actor) -> None:
    chen = known(CHEN)
    cookie = actions.sign_in_staff(CHEN.login, PASSWORD, address="a", at=AT)
    token = actions.issue_token(name="程序", staff=chen, at=AT)

    staffing.let_go(chen, actor=sun, at=AT)

    assert queries.signed_in(cookie, AT) is None and queries.bearer(token, AT) is None
    assert not Session.objects.filter(staff_id=chen, ended_at=None).exists()
    assert not Token.objects.filter(staff_id=chen, revoked_at=None).exists()
    with pytest.raises(WrongPassword):
        actions.sign_in_staff(CHEN.login, PASSWORD, address="a", at=AT)
    assert Line.objects.filter(subject=f"staff/{chen}", verb="staff.left").count() == 1


def test_a_session_acts_at_the_post_that_was_taken_up_until_the_post_ends(sun: Actor) -> None:
    chen = known(CHEN)
    post = staffing.give_post(chen, HE.organization.code, Role.APPROVER, "借调", "", actor=sun, at=AT)
    cookie = actions.sign_in_staff(CHEN.login, PASSWORD, address="a", at=AT)

    def acting() -> Actor:
        found = queries.signed_in(cookie, AT)
        assert found
        return found.actor

    found = queries.signed_in(cookie, AT)
    assert found
    staffing.take_up(found, str(post), at=AT)
    assert acting().organization == HE.organization.code
    assert (f"approver:{chen}", CHEN.name) in queries.colleagues(HE.organization.code, Role.APPROVER)
    with pytest.raises(NotFound):
        staffing.take_up(found, str(uuid4()), at=AT)
    staffing.end_post(chen, post, actor=sun, at=AT)
    assert acting().organization == CHANGSHA_POLICE.code


def test_a_substitute_answers_for_who_is_away_and_nobody_else_does(sun: Actor) -> None:
    chen, lin = known(CHEN), known(LIN)
    own = signed_in(CHEN).actor
    until = AT + timedelta(days=3)
    for other in (known(HE), chen, uuid4()):
        with pytest.raises(NoSuchSubstitute):
            staffing.go_on_leave(chen, other, AT, until, actor=own, at=AT)
    with pytest.raises(BadInput):
        staffing.go_on_leave(chen, lin, until, AT, actor=own, at=AT)

    leave = staffing.go_on_leave(chen, lin, AT, until, actor=own, at=AT)

    assert f"approver:{chen}" in signed_in(LIN).actor.answers_to
    assert f"approver:{chen}" not in signed_in(HE).actor.answers_to
    assert f"approver:{chen}" not in signed_in(LIN, until).actor.answers_to
    with pytest.raises(NoSuchSubstitute):  # who is away stands in for nobody
        staffing.go_on_leave(lin, chen, AT, until, actor=sun, at=AT)
    staffing.end_leave(leave, actor=own, at=AT)
    assert signed_in(LIN).actor.stands_in == frozenset() and Leave.objects.get().ended_at == AT


def csv_of(*lines: str) -> bytes:
    return "\n".join([",".join(COLUMNS), *lines]).encode("gb18030")


def test_a_file_of_joiners_and_leavers_is_done_whole(sun: Actor) -> None:
    code = CHANGSHA_POLICE.code
    done = staffing.bring_in(
        csv_of(f"入职,a.one,甲一,{code},审批人员,户政岗,一楼", "", f"离职,{LIN.login},,,,,"), actor=sun, at=AT
    )
    assert done.faults == ()
    assert [(login, name) for login, name, _ in done.joined] == [("a.one", "甲一")]
    assert [left.name for left in done.left] == [LIN.name]
    assert Staff.objects.get(login=LIN.login).left_at == AT


def test_a_file_with_a_fault_says_each_and_does_nothing(sun: Actor) -> None:
    code, before = CHANGSHA_POLICE.code, Staff.objects.filter(left_at=None).count()
    done = staffing.bring_in(
        csv_of(
            f"入职,a.one,甲一,{code},审批人员,,",
            f"入职,a.two,甲二,{code},皇帝,,",
            f"入职,a.one,甲三,{code},审批人员,,",
            "入职,a.four,甲四,911100000000000000,审批人员,,",
            f"入职,a.five,甲五,{code},审批人员、通办专窗人员,,",
            "离职,nobody,,,,,",
            f"离职,{SUN.login},,,,,",
            "来了,x,,,,,",
        ),
        actor=sun,
        at=AT,
    )
    assert [(fault.line, fault.column) for fault in done.faults] == [
        (3, "角色"), (4, "登录名"), (5, "机构代码"), (6, "角色"), (7, "登录名"), (8, ""), (9, "办理"),
    ]  # fmt: skip
    assert Staff.objects.filter(left_at=None).count() == before


def test_the_first_operator_comes_by_the_command(hunan: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["tongban.cli.staff"], "as_node", lambda folder: None)  # this process is the node's
    file = tmp_path / "a.csv"

    def told(*lines: str) -> tuple[int, str]:
        file.write_bytes(csv_of(*lines))
        done = CliRunner().invoke(staff_command, ["import", "--home", str(tmp_path), str(file)])
        return done.exit_code, done.output

    assert told(f"入职,first,甲一,{CHANGSHA_POLICE.code},皇帝,,")[0] == 1
    status, said = told(f"入职,first,甲一,{CHANGSHA_POLICE.code},运维人员,,")
    assert status == 0 and "登录名 first" in said and Staff.objects.get(login="first").password_due


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"a,b\n1,2",
        b"\x00" * 50,
        b'"',
        b"x" * 2_000_000,
        "办理,登录名\n".encode() + b"x" * 200_000,
    ],
)
def test_any_bytes_for_a_file_are_refused_by_line(sun: Actor, data: bytes) -> None:
    assert staffing.bring_in(data, actor=sun, at=AT).faults


def test_the_pages_of_staff_take_so_many_statements(sun: Actor) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert staff_list(sun, AT)
    assert len(asked) == 3
    chen = known(CHEN)
    with CaptureQueriesContext(connection) as asked:
        staff_page(sun, chen, AT)
    assert len(asked) == 5


def test_an_operator_ends_a_session_of_another_and_no_strangers_key_does_anything(sun: Actor) -> None:
    cookie = actions.sign_in_staff(CHEN.login, PASSWORD, address="a", at=AT)
    key = staff_page(sun, known(CHEN), AT).sessions[0][0]
    with pytest.raises(Refusal):
        staffing.end_staff_session(known(LIN), key, actor=sun, at=AT)
    staffing.end_staff_session(known(CHEN), key, actor=sun, at=AT)
    assert queries.signed_in(cookie, AT) is None


def test_signs_that_no_table_takes_are_nobodys_login(sun: Actor) -> None:
    with pytest.raises(WrongPassword):
        actions.sign_in_staff("su\x00n", PASSWORD, address="a", at=AT)
    assert staffing.take_on(joiner(title="户\x00政", hall="\x00"), actor=sun, at=AT)
    assert Staff.objects.get(login="newone").title == "户政"
