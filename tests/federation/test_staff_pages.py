# SPDX-License-Identifier: Apache-2.0
"""The pages of signing in, of staff and of what is covered: who may open them, and what they leave behind."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import story
from tests.desks import Browser, Desk
from tests.people import CHEN, PASSWORD, SUN, ZHANG, ZHOU, staff
from tests.world import World
from tongban.exchange import keys
from tongban.exchange.actions import change_at_hub, fetch_trust_list
from tongban.identity import queries
from tongban.identity.actions.sessions import begin_session
from tongban.identity.assurance import Level
from tongban.identity.joiners import COLUMNS
from tongban.identity.models import Look, Person, Staff
from tongban.identity.queries.looks import looks
from tongban.ledger import actions as ledger
from tongban.ledger.auditing import Wanted, all_of, look_through
from tongban.ledger.models import Line
from tongban.regions import membership
from tongban.standards.actor import system

HUNAN, GANSU, HUB = "430000", "620000", "000000"
LIN, TANG = staff("linyue", HUNAN), staff("tangli", HUNAN)
PEOPLE = ("people/", "people/add/", "people/import/")


@pytest.fixture
def living(federation: World) -> Iterator[World]:
    with federation.running():
        yield federation


def id_of(world: World, login: str) -> str:
    with world.at(HUNAN):
        return str(Staff.objects.get(login=login).id)


def test_a_citizen_signs_in_by_the_code_that_came_and_sets_a_new_password(living: World) -> None:
    phone = Browser(living, HUNAN)
    phone.get("/sign-in/code?next=/cases/")
    phone.post("/sign-in/code?next=/cases/", {"phone": ZHANG.phone})
    assert phone.path == "/sign-in/code/typed"
    living.settle()
    wrong = phone.post("/sign-in/code/typed?next=/cases/", {"code": "000000"})
    assert phone.answer.status_code == 422 and "验证码不正确" in wrong
    phone.post("/sign-in/code/typed?next=/cases/", {"code": living.telephones.code()})
    assert phone.path == "/cases/" and phone.answer.status_code == 200

    other = Browser(living, HUNAN)
    other.post("/sign-in/forgotten", {"id_number": ZHANG.id_number, "phone": ZHANG.phone})
    living.settle()
    given = {"code": living.telephones.code(), "new_password": "Ganz-Neu-2026"}
    other.post("/sign-in/forgotten/typed?next=/cases/", given)
    assert other.path == "/cases/"
    phone.get("/cases/")
    assert phone.path == "/sign-in/here"  # every other session has ended


def test_the_page_after_asking_for_a_code_is_the_same_for_everybody(living: World) -> None:
    def seen(number: str) -> str:
        phone = Browser(living, HUNAN)
        page = phone.post("/sign-in/code", {"phone": number})
        return re.sub(r'value="[^"]{40,}"', "", page)

    assert seen(ZHANG.phone) == seen("19912345678")


def test_only_those_who_manage_or_audit_staff_see_the_pages_of_staff(living: World) -> None:
    chen, who = id_of(living, CHEN.login), Desk(living, LIN)
    for path in (*PEOPLE, f"people/{chen}/"):
        assert who.get(f"/desk/{path}") and who.answer.status_code == 403, path
    for act in ("duties", "post", "leave", "act", "password", "let-go"):
        who.post(f"/desk/people/{chen}/{act}", {"roles": "operator", "act": "forget-factors"})
        assert who.answer.status_code in (403, 404), act
    stranger = Browser(living, HUNAN)
    for path in PEOPLE:
        stranger.get(f"/desk/{path}")
        assert stranger.path == "/desk/sign-in/"
    with living.at(HUNAN):
        Staff.objects.filter(login=TANG.login).update(roles=["auditor"])
    auditor = Desk(living, TANG)
    page = auditor.get(f"/desk/people/{chen}/")
    assert CHEN.name in page and "办理离职" not in page
    auditor.post(f"/desk/people/{chen}/let-go", {})
    assert auditor.answer.status_code == 403
    auditor.get("/desk/people/add/")
    assert auditor.answer.status_code == 403


def test_an_operator_takes_on_and_lets_go_and_the_leavers_work_is_listed(living: World) -> None:
    desk, chen = Desk(living, SUN), id_of(living, CHEN.login)
    number = _assigned(living)
    page = desk.post(
        "/desk/people/add/",
        {"login": "new.one", "name": "甲一", "organization": CHEN.organization.code, "roles": "approver"},
    )
    first = re.search(r'<td class="num">([\w-]{14})</td>', page)
    assert first is not None
    wrong = desk.post("/desk/people/add/", {"login": "x", "name": "甲一", "organization": "?", "roles": "operator"})
    assert desk.answer.status_code == 422 and "没有这个机构代码" in wrong

    newcomer = Browser(living, HUNAN)
    newcomer.post("/desk/sign-in/", {"login": "new.one", "password": first[1]})
    assert newcomer.path == "/desk/sign-in/step"
    newcomer.post("/desk/sign-in/step?next=/desk/", {"act": "new_password", "new_password": "My-Very-Own-77"})
    assert newcomer.path == "/desk/"

    there = Desk(living, CHEN)
    file = SimpleUploadedFile("a.csv", f"{','.join(COLUMNS)}\n离职,{CHEN.login},,,,,\n".encode())
    page = desk.post("/desk/people/import/", {"file": file})
    assert number in page and "1 件" in page
    there.get("/desk/")
    assert there.path == "/desk/sign-in/"
    assert "已离职" in desk.get(f"/desk/people/{chen}/")


def _assigned(world: World) -> str:
    """A case that 陈静 has in hand."""
    given = story.submit(world, story.visitor(world, ZHOU, GANSU), story.item_of(world, GANSU, "430100"))
    world.settle()
    chen = Desk(world, CHEN)
    chen.make(given.receipt_no, "accept")
    chen.make(given.receipt_no, "assign", assignee=f"approver:{id_of(world, CHEN.login)}", opinion="由陈静办理。")
    return given.receipt_no


def test_a_substitute_decides_what_is_another_s_while_they_are_away(living: World) -> None:
    number = _assigned(living)
    Desk(living, CHEN).make(number, "sign_step", step="review", opinion="材料齐全。")
    assert "grant" not in re.findall(r"/moves/(\w+)/", Desk(living, LIN).open(number))

    away = living.clock.now().date()
    chen = Desk(living, CHEN)
    chen.post(
        "/desk/sign-in/mine/leave",
        {"begins_on": str(away), "ends_on": str(away + timedelta(days=1)), "substitute": id_of(living, LIN.login)},
    )
    assert f"由 {LIN.name} 代理" in chen.get("/desk/sign-in/mine/")
    lin = Desk(living, LIN)
    assert "您正在代理陈静的工作" in lin.get("/desk/sign-in/mine/")
    assert "grant" in re.findall(r"/moves/(\w+)/", lin.open(number))
    living.pass_time(timedelta(days=3))
    assert "grant" not in re.findall(r"/moves/(\w+)/", Desk(living, LIN).open(number))


def test_the_person_behind_a_case_is_covered_until_somebody_asks_and_the_person_can_read_who_did(
    living: World,
) -> None:
    given = story.submit(living, story.visitor(living, ZHOU, GANSU), story.item_of(living, GANSU, "430100"))
    living.settle()
    desk = Desk(living, CHEN)
    page = desk.open(given.receipt_no)
    assert ZHOU.id_number not in page and ZHOU.phone not in page and ZHOU.name not in page and "周*" in page

    action = re.search(r'action="(/desk/cases/[0-9a-f-]+/person)"', page)
    assert action is not None
    shown = desk.post(action[1], {})
    assert ZHOU.id_number in shown and ZHOU.phone in shown and ZHOU.name in shown
    with living.at(HUNAN):
        assert Line.objects.filter(verb="person.shown", subject__startswith="look/").count() == 1
        assert Look.objects.get(purpose="unmask").matter == given.receipt_no
    for stranger in (Desk(living, staff("hefang", HUNAN)), Desk(living, SUN)):
        stranger.post(action[1], {})
        assert stranger.answer.status_code == 404
    assert ZHOU.id_number not in desk.open(given.receipt_no)


def test_a_visitor_is_out_at_once_when_the_hub_suspends_their_home(living: World) -> None:
    with living.at(GANSU):
        person = Person.objects.get(name=ZHOU.name)
        at = living.clock.now()
        visitor = begin_session(person, issuer=HUNAN, level=Level.MATCHED, at=at, sid="s")
        own = begin_session(person, issuer=GANSU, level=Level.MATCHED, at=at)
        assert queries.signed_in(visitor, at)
    with living.at(HUB):
        change_at_hub(lambda listed: membership.suspended(listed, HUNAN, "演练"), at, actor=system(HUB))
    with living.at(GANSU):
        fetch_trust_list(at, living.network)  # as its worker does within a minute
        assert queries.signed_in(visitor, at) is None and queries.signed_in(own, at)


def test_the_cookie_of_a_step_opens_nothing_and_a_wrong_one_begins_anew(living: World) -> None:
    with living.at(HUNAN):
        Staff.objects.filter(login=CHEN.login).update(password_due=True)
    browser = Browser(living, HUNAN)
    browser.post("/desk/sign-in/", {"login": CHEN.login, "password": PASSWORD})
    step = browser.client.cookies[f"{settings.SESSION_COOKIE}_step"].value
    browser.get("/desk/")
    assert browser.path == "/desk/sign-in/"
    browser.client.cookies[settings.SESSION_COOKIE] = step
    browser.get("/desk/")
    assert browser.path == "/desk/sign-in/"
    browser.client.cookies[f"{settings.SESSION_COOKIE}_step"] = "x"
    assert "已超时" in browser.get("/desk/sign-in/step")


def test_an_auditor_looks_through_the_diary_and_that_is_in_it_too(living: World) -> None:
    zhang = story.visitor(living, ZHANG, HUNAN)
    number = story.submit(living, zhang, story.item_of(living, HUNAN, "430100")).receipt_no
    living.settle()
    for stranger in (Desk(living, LIN), Desk(living, SUN)):
        for path in ("audit/", "audit/?subject=x"):
            assert stranger.get(f"/desk/{path}") and stranger.answer.status_code == 403
        for path in ("audit/find", "audit/download"):
            assert stranger.post(f"/desk/{path}", {}) and stranger.answer.status_code == 403
    with living.at(HUNAN):
        Staff.objects.filter(login=TANG.login).update(roles=["auditor"])
    auditor = Desk(living, TANG)

    page = auditor.post("/desk/audit/find", {"q": number, "kind": "case."})
    assert '<th scope="row">提交申请<small>办件 · <span class="num">case.submit</span></small></th>' in page
    assert "signed_in" not in page and ZHANG.name not in page
    page = auditor.post("/desk/audit/find", {"q": ZHANG.id_number})
    assert "person.proved" in page and ZHANG.id_number not in page + str(auditor.answer.request["QUERY_STRING"])
    with living.at(HUNAN):
        assert "审计：查询有关的存证记录" in {each.purpose for each in looks(zhang.index)}
        assert Line.objects.filter(verb="audit.searched").count() == 2
    assert "没有找到" in auditor.post("/desk/audit/find", {"q": "nobody"}) and auditor.answer.status_code == 422
    assert "请填写日期" in auditor.get("/desk/audit/?since=x") and auditor.answer.status_code == 422
    with living.at(HUNAN):
        file = auditor.client.post("/desk/audit/download", {"kind": "signed_"})
        rows = b"".join(file.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert rows[0].endswith("position,at,subject,number,verb,actor,digest,kind,words")
    assert all(r.endswith(("登录和退出,登录", "登录和退出,退出登录")) for r in rows[1:])
    assert "没有符合条件的记录" in auditor.get("/desk/audit/?since=2020-01-01&until=2020-01-02")


def test_the_diary_is_read_page_by_page_without_a_gap(living: World) -> None:
    with living.at(HUNAN):
        at = living.clock.now()
        for number in range(7):
            ledger.write(f"test/{number % 2}", verb="audit.tried", actor=system(HUNAN), at=at, facts={})
        while ledger.sequence_once(at, keys.signer()):
            pass
        day = timedelta(days=1)
        wanted = Wanted(at - day, at + day, kind="audit.tried")
        seen, page = [], look_through(wanted, limit=3)
        while page.next is not None:
            seen += page.rows
            page = look_through(wanted, before=page.next, limit=3)
        seen += page.rows
        assert [each.position for each in seen] == sorted((each.position for each in seen), reverse=True)
        assert len(seen) == len({(each.subject, each.number) for each in seen}) == 7
        assert len(list(all_of(wanted, 5))) == 5
        only = look_through(Wanted(at - day, at + day, subjects=("test/1",)), limit=2)
        assert [each.number for each in only.rows] == [3, 2] and only.next is not None
