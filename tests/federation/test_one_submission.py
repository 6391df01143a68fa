# SPDX-License-Identifier: Apache-2.0
"""One submission, once: across tabs, devices, channels and nodes, and for several people who apply together."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import story
from tests.desks import Browser, Desk, Intake, Phone
from tests.people import CHEN, LI, MA, ZHANG, ZHAO, ZHOU, DemoPerson, staff
from tests.world import World
from tongban.cases import actions, queries
from tongban.cases.errors import ApplicationChanged, AppliedBefore, BothChanged, ItemNotInForce
from tongban.cases.models import Case, Draft, Latest, Signer, Submission
from tongban.cases.queries import repeats, timeline, whole
from tongban.cases.queries.held import read
from tongban.catalogue.actions import publish, resume, suspend
from tongban.catalogue.queries import item_cached
from tongban.catalogue.search.queries import search
from tongban.demo.content import contents
from tongban.dossier.gathering import case_entries
from tongban.identity.actions import issue_token
from tongban.identity.actions.sessions import begin_session
from tongban.identity.assurance import Level
from tongban.identity.models import Person
from tongban.reminders.actions import choose
from tongban.reminders.queries import messages
from tongban.standards import clock
from tongban.standards.actor import Actor, system
from tongban.standards.canonical import parse
from tongban.standards.node import at
from tongban.standards.refusal import NotFound, Refusal
from tongban.windows import actions as windows

GANSU, HUNAN = "620000", "430000"
PHONE_SAYS = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36"
COMPUTER_SAYS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"


def submit(world: World, who: Actor, draft: UUID, **more: Any) -> actions.Submitted:
    with world.at(who.node):
        return actions.submit_draft(draft, actor=who, at=world.clock.now(), **more)


# The guard at one node


def test_a_second_application_for_the_same_item_is_refused_with_the_first_ones_number(federation: World) -> None:
    zhou, task = story.visitor(federation, ZHOU, GANSU), story.item_of(federation, GANSU, "620100")
    first = submit(federation, zhou, story.draft(federation, zhou, task))
    second = story.draft(federation, zhou, task)
    with pytest.raises(AppliedBefore) as no:
        submit(federation, zhou, second)

    assert (no.value.field, no.value.facts["number"]) == ("again", first.receipt_no)
    assert first.receipt_no in no.value.sentence and "已提交" in no.value.sentence and "写明理由" in no.value.sentence
    with federation.at(GANSU):
        assert Case.objects.count() == 1
    made = submit(federation, zhou, second, again=story.AGAIN)
    assert made.is_new
    page = story.page(federation, zhou, made.receipt_no)
    assert ("再次申请的理由", story.AGAIN) in page.timeline[-1].details
    assert [each.receipt_no for each in page.beside] == [first.receipt_no]


def test_an_item_that_was_suspended_meanwhile_opens_no_case_and_loses_no_draft(federation: World) -> None:
    zhou, task = story.visitor(federation, ZHOU, GANSU), story.item_of(federation, GANSU, "620100")
    draft = story.draft(federation, zhou, task)
    with federation.at(GANSU):  # the process that serves the pages has kept a copy of the version
        suspend(task, reason="系统升级。", actor=system(GANSU), at=federation.clock.now())
    with pytest.raises(ItemNotInForce):
        submit(federation, zhou, draft)

    with federation.at(GANSU):
        resume(task, reason="升级完成。", actor=system(GANSU), at=federation.clock.now())
    assert submit(federation, zhou, draft).is_new


def test_another_item_and_another_person_are_not_in_the_way(federation: World) -> None:
    zhou, zhang = story.visitor(federation, ZHOU, GANSU), story.visitor(federation, ZHANG, GANSU)
    for who, region in ((zhou, "620100"), (zhou, "430100"), (zhang, "620100")):
        made = story.draft(federation, who, story.item_of(federation, GANSU, region))
        assert submit(federation, who, made).is_new


def test_one_that_was_withdrawn_is_not_in_the_way(federation: World) -> None:
    zhou, task = story.visitor(federation, ZHOU, GANSU), story.item_of(federation, GANSU, "620100")
    first = submit(federation, zhou, story.draft(federation, zhou, task))
    with federation.at(GANSU):
        actions.withdraw(first.case_id, actor=zhou, at=federation.clock.now(), reason="写错了。")
    assert submit(federation, zhou, story.draft(federation, zhou, task)).is_new


def test_the_same_draft_again_is_the_same_case_and_no_second_application(federation: World) -> None:
    zhou, task = story.visitor(federation, ZHOU, GANSU), story.item_of(federation, GANSU, "620100")
    draft = story.draft(federation, zhou, task)
    first, again = submit(federation, zhou, draft), submit(federation, zhou, draft)
    assert (again.case_id, again.is_new) == (first.case_id, False)


def test_the_guard_shares_no_number_in_clear(federation: World) -> None:
    zhou, task = story.visitor(federation, ZHOU, GANSU), story.item_of(federation, GANSU, "620100")
    submit(federation, zhou, story.draft(federation, zhou, task))
    with federation.at(GANSU):
        (kept,) = Latest.objects.values_list("key", flat=True)
    assert ZHOU.id_number not in kept and ZHOU.name not in kept


def republished(world: World, **changed: Any) -> str:
    """Lanzhou's certificate of no criminal record in a new version."""
    with world.at(GANSU):
        found = next(each for each in contents() if each["name"] == story.ITEM and "兰州" in name_of(each))
        publish(found | changed, actor=system(GANSU), at=world.clock.now())
    return str(found["task_code"])


def test_where_the_item_says_so_no_reason_lets_a_second_one_in(federation: World) -> None:
    task = republished(federation, repeat={"while_open": "refuse", "days": 0, "basis": "测试"})
    zhou = story.visitor(federation, ZHOU, GANSU)
    submit(federation, zhou, story.draft(federation, zhou, task))
    second = story.draft(federation, zhou, task)
    with pytest.raises(AppliedBefore, match="办结之前不能再次申请"):
        submit(federation, zhou, second, again=story.AGAIN)
    page = Device(federation, GANSU, ZHOU).get(f"/drafts/{second}/check/")
    assert "不能再次申请" in page and "查看已有办件" in page and "提交申请</button>" not in page


def test_for_as_long_as_the_item_says_one_that_was_granted_is_asked_about(federation: World) -> None:
    task = republished(federation, repeat={"while_open": "ask", "days": 30, "basis": "测试"})
    zhou, zhao = story.visitor(federation, ZHOU, GANSU), story.approver(federation, ZHAO)
    first = submit(federation, zhou, story.draft(federation, zhou, task))
    story.decide(federation, zhao, first.case_id)
    federation.settle()
    with federation.at(GANSU):
        assert list(actions.fetch_result(first.receipt_no, actor=zhou, at=federation.clock.now()).chunks)
    assert story.page(federation, zhou, first.receipt_no).state_name == "已办结"

    second = story.draft(federation, zhou, task)
    with pytest.raises(AppliedBefore, match="已办结"):
        submit(federation, zhou, second)
    page = Device(federation, GANSU, ZHOU).post(f"/drafts/{second}/check/", {})
    assert first.receipt_no in page and 'name="again"' in page
    federation.pass_time(timedelta(days=31))
    assert submit(federation, zhou, second).is_new


def test_a_draft_that_came_back_with_a_backup_finds_its_case(federation: World) -> None:
    zhou, task = story.visitor(federation, ZHOU, GANSU), story.item_of(federation, GANSU, "620100")
    draft = story.draft(federation, zhou, task)
    first = submit(federation, zhou, draft)
    with federation.at(GANSU):
        Submission.objects.all().delete()
        Draft.objects.update(receipt_no="")
    again = submit(federation, zhou, draft)
    assert (again.case_id, again.receipt_no, again.is_new) == (first.case_id, first.receipt_no, False)


@pytest.fixture
def gansu(town: World) -> Iterator[World]:
    """Gansu's node, whose database really commits."""
    with town.running():
        yield town


def test_of_two_devices_at_the_same_instant_one_opens_a_case(gansu: World) -> None:
    li, task = story.visitor(gansu, LI, GANSU), story.item_of(gansu, GANSU, "620100")
    with gansu.at(GANSU):
        form = story.FORM | {"name": LI.name, "id_number": LI.id_number}
        given = [actions.GivenFile("id_card", "a.png", "sha256:00", 4, "image/png")]
        asked = actions.Application(task, 1, {"who": "self", "purpose": "job"}, form, given)
        applicant = actions.applicant_of(li)

    def send(key: str) -> Callable[[], Any]:
        return lambda: actions.submit(asked, applicant=applicant, actor=li, at=gansu.clock.now(), key=key)

    done = at_once(gansu, GANSU, *[send(f"race-{number}") for number in range(4)])
    opened = [one for one in done if not isinstance(one, Refusal)]
    refused = [one for one in done if isinstance(one, Refusal)]
    assert len(opened) == 1
    assert {no.code for no in refused} == {"applied_before"}
    assert {no.facts["number"] for no in refused} == {opened[0].receipt_no}


def at_once(world: World, code: str, *acts: Callable[[], Any]) -> list[Any]:
    """Each in a thread with a connection of its own; refusals are given back."""
    together = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        with clock.running(world.clock), at(world.nodes[code]):
            try:
                connection.ensure_connection()
                together.wait(30)
                return act()
            except Refusal as no:
                return no
            finally:
                connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_a_program_is_told_the_number_and_the_parameter_that_confirms(federation: World) -> None:
    zhang = story.visitor(federation, ZHANG, GANSU)
    with federation.at(GANSU):
        issue_token(name="测试", at=federation.clock.now(), token="test_once", person=zhang.id)
    first = post(federation, "first-of-a-kind")
    refused = post(federation, "second-of-a-kind")
    again = post(federation, "second-of-a-kind", again=story.AGAIN)

    assert first[0] == again[0] == 201
    status, problem = refused
    assert (status, problem["code"], problem["field"]) == (409, "applied_before", "again")
    assert problem["facts"]["number"] == first[1]["receipt_no"]


def post(world: World, key: str, **more: Any) -> tuple[int, Any]:
    picture = {"requirement": "id_card", "filename": "身份证.png", "content": b64encode(story.PNG).decode()}
    body = {
        "task_code": story.item_of(world, GANSU, "430100"),
        "version": 1,
        "answers": {"who": "self", "purpose": "job"},
        "form": story.FORM | {"name": "张伟", "id_number": ZHANG.id_number},
        "materials": [picture],
    } | more
    said = {"Authorization": "Bearer test_once", "Content-Type": "application/json", "Idempotency-Key": key}
    url = f"{world.nodes[GANSU].address}/api/v1/cases"
    answer = world.request(GANSU, "POST", url, said, json.dumps(body).encode(), door="pages")
    return answer.status, json.loads(answer.body)


# The window, and across nodes


def test_a_clerk_sees_only_what_a_clerk_may_see(federation: World) -> None:
    window = Intake(federation)
    first = window.receipt()
    again = Intake(federation)
    again.to_verdict()
    page = again.step("verdict", {"delivery": "net", "verdict": "collect"})
    assert again.answer.status_code == 409
    assert first in page and 'id="f-again"' in page  # taken in at this very window
    assert "已收件" in again.step("verdict", {"delivery": "net", "verdict": "collect", "again": "另一笔贷款。"})


def test_a_clerk_learns_no_number_of_a_case_that_another_desk_took_in(federation: World) -> None:
    zhang, ma, tang = (
        story.visitor(federation, ZHANG, GANSU),
        story.officer(federation, MA),
        story.officer(federation, staff("tangli", HUNAN)),
    )
    with federation.at(GANSU):
        task = next(each.task_code for each in search("缴存使用证明").items if "兰州" in each.publisher_name)
    assert zhang and tang
    first = taken_in(federation, ma, task)
    assert first.receipt_no
    # the same person at the portal's desk of the same node: an office without a part
    with federation.at(GANSU):
        row = queries.my_cases(zhang)[0]
        other = repeats.others_open(zhang.index, row_task(row.id), UUID(int=0), item_of(row.id), clock.now())[0]
        no = repeats.applied_before(other, story.approver(federation, ZHAO), may=True)
    assert first.receipt_no not in no.sentence and no.facts["number"] == ""
    assert "不由本窗口收取" in no.sentence


def row_task(case_id: UUID) -> str:
    return Case.objects.get(id=case_id).task_code


def item_of(case_id: UUID) -> Any:
    return item_cached(row_task(case_id), Case.objects.get(id=case_id).item_version).item


def taken_in(world: World, clerk: Actor, task: str) -> actions.Submitted:
    """A case of 张伟 from the window."""
    now = world.clock.now()
    with world.at(clerk.node):
        made = windows.start_intake(actor=clerk, at=now)
        person = {"name": ZHANG.name, "id_number": ZHANG.id_number, "phone": ZHANG.phone}
        windows.set_applicant(made, person, "card", actor=clerk, at=now)
    world.settle()
    with world.at(clerk.node):
        windows.choose_item(made, task, actor=clerk, at=now)
        windows.answer(made, "who", "self", actor=clerk, at=now)
        windows.fill(made, {"loan_city": "兰州市", "phone": ZHANG.phone}, actor=clerk, at=now)
        windows.add_file(made, "id_card", "身份证.png", [story.PNG], actor=clerk, at=now)
        windows.check_material(made, {"id_card": {"verdict": "good"}}, actor=clerk, at=now)
        windows.set_delivery(made, "net", "", "", actor=clerk, at=now)
        given = windows.conclude(made, "collect", "", actor=clerk, at=now)
    assert given is not None
    return given


def test_the_office_that_takes_a_case_says_that_the_same_person_has_another_from_elsewhere(federation: World) -> None:
    at_home = story.visitor(federation, ZHANG, HUNAN)
    away, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    first = submit(federation, at_home, story.draft(federation, at_home, story.item_of(federation, HUNAN, "430100")))
    second = submit(federation, away, story.draft(federation, away, story.item_of(federation, GANSU, "430100")))
    federation.settle()

    here = story.page(federation, chen, second.receipt_no)
    assert [each.receipt_no for each in here.beside] == [first.receipt_no]
    assert "湖南" in here.beside[0].words
    assert [each.receipt_no for each in story.page(federation, chen, first.receipt_no).beside] == [second.receipt_no]
    there = story.page(federation, away, second.receipt_no)
    assert [(each.receipt_no, each.words) for each in there.beside] == [(first.receipt_no, "")]
    office, phone = Desk(federation, CHEN), Phone(federation, ZHANG)
    assert f"/desk/cases/{first.receipt_no}/" in office.open(second.receipt_no)
    assert "moves/accept/" in office.open(second.receipt_no)  # nobody but the office decides what to do
    assert second.receipt_no in phone.open(first.receipt_no)


def test_what_crosses_about_another_case_is_its_number_and_nothing_else(federation: World) -> None:
    at_home, away = story.visitor(federation, ZHANG, HUNAN), story.visitor(federation, ZHANG, GANSU)
    first = submit(federation, at_home, story.draft(federation, at_home, story.item_of(federation, HUNAN, "430100")))
    second = submit(federation, away, story.draft(federation, away, story.item_of(federation, GANSU, "430100")))
    federation.settle()
    with federation.at(GANSU):
        found = whole.whole(second.receipt_no, away)
        lines = timeline.lines_of(found.held, found.events)
    taken = next(line for line in lines if line.event.move == "take")
    assert taken.told["beside"] == [first.receipt_no]


# Drafts on several devices


class Device(Browser):
    """A person's browser on a device of some kind, at a node where they are signed in."""

    def __init__(self, world: World, node: str, who: DemoPerson, says: str = PHONE_SAYS) -> None:
        super().__init__(world, node)
        actor = story.visitor(world, who, node)
        with world.at(node):
            row = Person.objects.get(id=actor.id)
            token = begin_session(row, issuer=who.node, level=Level.MATCHED, at=world.clock.now())
        self.client.cookies[settings.SESSION_COOKIE] = token
        self.client.defaults["HTTP_USER_AGENT"] = says


def test_a_draft_resumes_on_another_device_and_says_so(federation: World) -> None:
    phone, computer = Device(federation, GANSU, ZHOU), Device(federation, GANSU, ZHOU, COMPUTER_SAYS)
    task = story.item_of(federation, GANSU, "620100")
    phone.get(f"/apply/{task}/begin/")
    draft = re.search(r"/drafts/([0-9a-f-]{36})/", phone.path)
    assert draft is not None
    phone.post(phone.path, {"option": "self"})
    phone.post(phone.path, {"option": "job"})
    listed = computer.get("/cases/")
    resumed = computer.get(f"/drafts/{draft[1]}/")

    assert "上次在手机上填到“选择情形”" in listed
    assert computer.path.endswith("/form/")
    assert "已接上您在手机上填的内容" in resumed
    assert "已接上您在" not in phone.get(phone.path)
    with federation.at(GANSU):
        assert Draft.objects.get(id=draft[1]).device == "phone"


def test_when_two_devices_write_different_things_both_are_shown_and_one_is_chosen(federation: World) -> None:
    phone, computer = Device(federation, GANSU, ZHOU), Device(federation, GANSU, ZHOU, COMPUTER_SAYS)
    zhou = story.visitor(federation, ZHOU, GANSU)
    draft = story.draft(federation, zhou, story.item_of(federation, GANSU, "620100"))
    form = f"/drafts/{draft}/form/"
    page = computer.get(form)
    seen = dict(re.findall(r'name="(seen-[a-z_]+)" value="([^"]*)"', page))
    phone.get(form)
    phone.post(form, story.FORM | seen | {"receiver": "甲公司", "residence": "手机上写的地址"})
    clash = computer.post(form, story.FORM | seen | {"receiver": "乙公司"})

    assert computer.answer.status_code == 409
    assert "乙公司" in clash and "甲公司" in clash and "两台设备上写得不一样" in clash
    assert clash.count("手机上写的地址") == 2  # only changed there: shown as what is there, and as what was seen
    seen = dict(re.findall(r'name="(seen-[a-z_]+)" value="([^"]*)"', clash))
    assert seen["seen-receiver"] == "甲公司"
    computer.post(form, story.FORM | seen | {"receiver": "乙公司", "residence": "手机上写的地址"})
    assert computer.path.endswith("/materials/")
    assert value(federation, zhou, draft, "receiver") == "乙公司"
    computer.post(form, story.FORM | {"receiver": "丙公司", "take-receiver": "1"})
    assert value(federation, zhou, draft, "receiver") == "乙公司"


def value(world: World, who: Actor, draft: UUID, field: str) -> str:
    with world.at(who.node):
        return next(each.value for each in queries.draft(draft, who).fields if each.name == field)


def test_what_was_changed_elsewhere_since_it_was_checked_is_not_submitted_unread(federation: World) -> None:
    zhou = story.visitor(federation, ZHOU, GANSU)
    draft = story.draft(federation, zhou, story.item_of(federation, GANSU, "620100"))
    with federation.at(GANSU):
        seen = queries.draft(draft, zhou).digest
        actions.fill(draft, story.FORM | {"receiver": "甲公司"}, actor=zhou, at=federation.clock.now())
    with pytest.raises(ApplicationChanged):
        submit(federation, zhou, draft, seen=seen)
    with federation.at(GANSU):
        assert submit(federation, zhou, draft, seen=queries.draft(draft, zhou).digest).is_new


def test_filling_in_the_same_field_twice_at_once_names_the_field(federation: World) -> None:
    zhou, now = story.visitor(federation, ZHOU, GANSU), federation.clock.now()
    draft = story.draft(federation, zhou, story.item_of(federation, GANSU, "620100"))
    with federation.at(GANSU), pytest.raises(BothChanged) as no:
        typed = story.FORM | {"receiver": "甲公司"}
        actions.fill(draft, typed, actor=zhou, at=now, seen=story.FORM | {"receiver": "乙公司"})
    assert no.value.field == "receiver"
    assert no.value.sentence.startswith("“") and "请选择保留哪一个" in no.value.sentence


# Several people


@dataclass(frozen=True)
class Couple:
    """周敏 applies at home in Lanzhou; 张伟, who is registered in Hunan, is to confirm."""

    world: World
    draft: UUID
    zhou: Actor
    zhang: Actor

    @property
    def page(self) -> str:
        return f"/drafts/{self.draft}/"

    def sign(self) -> None:
        with self.world.at(GANSU):
            seen = queries.confirmation(self.draft, self.zhang).digest
            actions.confirm(self.draft, seen, actor=self.zhang, at=self.world.clock.now())

    def fill(self, **changed: str) -> None:
        with self.world.at(GANSU):
            actions.fill(self.draft, PREPAY | changed, actor=self.zhou, at=self.world.clock.now())

    def name(self, who: DemoPerson) -> None:
        with self.world.at(GANSU):
            actions.add_signer(
                self.draft, "co_applicant", who.name, who.id_number, actor=self.zhou, at=self.world.clock.now()
            )


PREPAY = {"phone": "19900000004", "loan_number": "DK-2019-0001", "repay_on": "2026-12-20"}


@pytest.fixture
def couple(federation: World) -> Couple:
    zhou, zhang = story.visitor(federation, ZHOU, GANSU), story.visitor(federation, ZHANG, GANSU)
    now = federation.clock.now()
    with federation.at(GANSU):
        task = next(each.task_code for each in search("提前还清").items if "兰州" in each.publisher_name)
        draft = actions.start_draft(task, actor=zhou, at=now)
        actions.answer(draft, "who", "self", actor=zhou, at=now)
        actions.answer(draft, "loan", "spouses", actor=zhou, at=now)
        actions.add_material(draft, "id_card", "周敏的身份证.png", [story.PNG], actor=zhou, at=now)
    made = Couple(federation, draft, zhou, zhang)
    made.fill()
    return made


def test_two_people_apply_together_each_on_their_own_device(couple: Couple) -> None:
    world = couple.world
    hers, his = Device(world, GANSU, ZHOU, COMPUTER_SAYS), Device(world, GANSU, ZHANG)
    page = hers.get(couple.page)
    assert hers.path.endswith("/signers/") and "谁和您一起申请" in page
    named = {"signer_role": "co_applicant", "signer_name": ZHANG.name, "signer_id_number": ZHANG.id_number}
    assert "等待确认" in hers.post(f"{couple.page}signers/", named)
    refused = hers.post(f"{couple.page}check/", {})
    assert hers.answer.status_code == 409 and "张伟（共同申请人）还没有确认" in refused

    assert "请您确认的申请" in his.get("/cases/") and "等您确认" in his.get("/")
    asked = his.get(f"/confirm/{couple.draft}/")
    assert "我是这笔贷款的共同借款人" in asked and "2026年12月20日" in asked
    for secret in (ZHOU.id_number, PREPAY["phone"], PREPAY["loan_number"], "周敏的身份证.png"):
        assert secret not in asked
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', asked)
    assert seen is not None
    assert "您已确认" in his.post(f"/confirm/{couple.draft}/yes/", {"seen": seen[1]})

    assert "各方都已确认" in hers.get(f"{couple.page}signers/")
    hers.post(f"{couple.page}check/", {})
    assert "/receipt/" in hers.path
    number = hers.path.split("/")[2]
    assert number in his.get("/cases/")
    his_page = his.get(f"/cases/{number}/")
    assert "共同申请人 1 人已在提交前各自确认" in his_page and "催一催" in his_page and "撤回这个申请" not in his_page
    assert "周敏的身份证.png" not in his_page and PREPAY["phone"] not in his_page
    assert his.get(f"/confirm/{couple.draft}/") and his.path == f"/cases/{number}/"


def test_a_change_after_the_confirmation_voids_it_and_says_so(couple: Couple) -> None:
    couple.name(ZHANG)
    couple.sign()
    couple.fill(repay_on="2027-01-20")
    hers, his = Device(couple.world, GANSU, ZHOU), Device(couple.world, GANSU, ZHANG)
    assert "确认之后，您改过内容" in hers.get(f"{couple.page}signers/")
    assert "内容改过，等您重新确认" in his.get("/cases/")
    assert "您确认之后，内容改过" in his.get(f"/confirm/{couple.draft}/")
    with pytest.raises(Refusal, match=r"张伟.*确认之后内容改过") as no:
        submit(couple.world, couple.zhou, couple.draft)
    assert (no.value.code, no.value.field) == ("signers_missing", "signers")
    couple.sign()
    assert submit(couple.world, couple.zhou, couple.draft).is_new


def test_what_was_changed_while_it_was_read_is_not_confirmed_unread(couple: Couple) -> None:
    couple.name(ZHANG)
    with couple.world.at(GANSU):
        seen = queries.confirmation(couple.draft, couple.zhang).digest
    couple.fill(repay_on="2027-01-20")
    with couple.world.at(GANSU), pytest.raises(ApplicationChanged):
        actions.confirm(couple.draft, seen, actor=couple.zhang, at=couple.world.clock.now())


def test_who_declines_says_why_and_nothing_is_submitted(couple: Couple) -> None:
    couple.name(ZHANG)
    his, hers = Device(couple.world, GANSU, ZHANG), Device(couple.world, GANSU, ZHOU)
    his.post(f"/confirm/{couple.draft}/no/", {"reason": " "})
    assert his.answer.status_code == 422
    assert "您没有同意" in his.post(f"/confirm/{couple.draft}/no/", {"reason": "还款日期不对。"})
    assert "还款日期不对。" in hers.get(f"{couple.page}signers/")
    with pytest.raises(Refusal, match="不同意"):
        submit(couple.world, couple.zhou, couple.draft)


def test_the_case_says_how_many_and_the_sealed_part_who(couple: Couple) -> None:
    couple.name(ZHANG)
    couple.sign()
    given = submit(couple.world, couple.zhou, couple.draft)
    with couple.world.at(GANSU):
        found = whole.whole(given.receipt_no, couple.zhou)
        lines = timeline.lines_of(found.held, found.events)
        (told,) = lines[0].told["signers"]
        row = Signer.objects.get(case_id=given.case_id)
    assert told["role"] == "co_applicant" and told["by"] == couple.zhang.pseudonym and told["at"]
    assert ZHANG.name not in json.dumps(told, ensure_ascii=False)
    assert ZHANG.name.encode() not in bytes(row.sealed) and ZHANG.id_number.encode() not in bytes(row.sealed)
    assert [each.name for each in story.page(couple.world, couple.zhou, given.receipt_no).joined] == [ZHANG.name]


def test_whoever_joined_reads_and_urges_and_does_nothing_else(couple: Couple) -> None:
    couple.name(ZHANG)
    couple.sign()
    given = submit(couple.world, couple.zhou, couple.draft)
    now = couple.world.clock.now()
    page = story.page(couple.world, couple.zhang, given.receipt_no)
    assert [move.name for move in page.moves] == ["urge"]
    assert page.materials == ()
    with couple.world.at(GANSU):
        actions.make_or_ask(given.case_id, "urge", actor=couple.zhang, at=now, facts={"note": "请抓紧。"})
        for move in ("withdraw", "correct", "deliver"):
            with pytest.raises(Refusal) as no:
                actions.make_or_ask(given.case_id, move, actor=couple.zhang, at=now, facts={"reason": "x", "note": "x"})
            assert no.value.code in ("not_yours", "not_now")
        with pytest.raises(NotFound):
            queries.material_file(given.receipt_no, 1, couple.zhang)
        assert [row.receipt_no for row in queries.my_cases(couple.zhang)] == [given.receipt_no]


def test_whoever_joined_hears_of_each_step_on_the_site_and_only_the_applicant_by_telephone(couple: Couple) -> None:
    world = couple.world
    world.resting = {"notices"}
    couple.name(ZHANG)
    couple.sign()
    given = submit(world, couple.zhou, couple.draft)
    world.settle()
    with world.at(GANSU):
        choose(couple.zhang, sms=False, mail=False, address="", at=world.clock.now())
        office = story.approver(world, staff("mahui", GANSU))
        facts = {"what": "请补交借款合同。"}
        actions.make_move(given.case_id, "request_correction", actor=office, at=world.clock.now(), facts=facts)
    world.settle()
    with world.at(GANSU):
        told = [[each.title for each in messages(who)] for who in (couple.zhou, couple.zhang)]
        assert told == [["一次性告知补正"]] * 2
    assert [phone for phone, _ in world.telephones.received] == [ZHOU.phone]


def test_a_case_of_several_people_arrives_at_another_node_with_all_of_them(federation: World) -> None:
    """The item is Langfang's; 李䶮 lives there, 周敏 in Lanzhou."""
    zhou, li, now = story.visitor(federation, ZHOU, GANSU), story.visitor(federation, LI, GANSU), federation.clock.now()
    with federation.at(GANSU):
        task = next(each.task_code for each in search("提前还清").items if "廊坊" in each.publisher_name)
        draft = actions.start_draft(task, actor=zhou, at=now)
        actions.answer(draft, "who", "self", actor=zhou, at=now)
        actions.answer(draft, "loan", "spouses", actor=zhou, at=now)
        actions.fill(draft, PREPAY, actor=zhou, at=now)
        actions.add_material(draft, "id_card", "a.png", [story.PNG], actor=zhou, at=now)
        actions.add_signer(draft, "co_applicant", LI.name, LI.id_number, actor=zhou, at=now)
        actions.confirm(draft, queries.confirmation(draft, li).digest, actor=li, at=now)
        given = actions.submit_draft(draft, actor=zhou, at=now)
    federation.settle()
    at_home = story.visitor(federation, LI, "130000")
    page = story.page(federation, at_home, given.receipt_no)
    assert [(each.role_name, each.name) for each in page.joined] == [("共同申请人", LI.name)]
    with federation.at("130000"):
        assert [row.receipt_no for row in queries.my_cases(at_home)] == [given.receipt_no]
        (document,) = (each for each in case_entries(read(given.case_id)) if each.name == "case.json")
        told = parse(b"".join(document.chunks()))  # and a dossier of the case says who
    assert [each["name"] for each in told["signers"]] == [LI.name]


@pytest.mark.parametrize(
    ("name", "number", "words"),
    [
        (ZHOU.name, ZHOU.id_number, "本人的证件号码"),
        (ZHANG.name, "99430119900307001", "f-signer_id_number-wrong"),
        ("", ZHANG.id_number, "请填写姓名"),
    ],
)
def test_whoever_cannot_be_named_is_refused_beside_the_field(
    couple: Couple, name: str, number: str, words: str
) -> None:
    hers = Device(couple.world, GANSU, ZHOU)
    given = {"signer_role": "co_applicant", "signer_name": name, "signer_id_number": number}
    page = hers.post(f"{couple.page}signers/", given)
    assert hers.answer.status_code == 422
    assert words in page and "-wrong" in page


def test_nobody_is_named_twice_and_no_more_than_the_item_says(couple: Couple) -> None:
    couple.name(ZHANG)
    for who in (ZHANG, LI):
        with pytest.raises(Refusal) as no:
            couple.name(who)
        assert no.value.code == "signer_refused"


def test_a_name_that_is_not_the_one_of_the_sign_in_cannot_be_confirmed(couple: Couple) -> None:
    with couple.world.at(GANSU):
        actions.add_signer(
            couple.draft, "co_applicant", "张威", ZHANG.id_number, actor=couple.zhou, at=couple.world.clock.now()
        )
    with pytest.raises(Refusal, match="姓名不一致"):
        couple.sign()


def test_a_program_cannot_confirm_for_others(couple: Couple) -> None:
    with couple.world.at(GANSU):
        row = Draft.objects.get(id=couple.draft)
        form = PREPAY | {"name": ZHOU.name, "id_number": ZHOU.id_number}
        given = [actions.GivenFile("id_card", "a.png", "sha256:00", 4, "image/png")]
        asked = actions.Application(row.task_code, 1, {"who": "self", "loan": "spouses"}, form, given)
        with pytest.raises(Refusal) as no:
            actions.submit(
                asked,
                applicant=actions.applicant_of(couple.zhou),
                actor=couple.zhou,
                at=couple.world.clock.now(),
                key="alone",
            )
    assert no.value.code == "signers_needed"


# At a window


def test_a_window_records_who_signed_before_the_clerk(federation: World) -> None:
    task = together_at_the_window(federation)
    window = Intake(federation)
    window.settled()
    window.step("item", {"task_code": task})
    answered: dict[str, object] = {"q-who": "self", "loan_city": "兰州市", "phone": ZHANG.phone}
    page = window.step("situation", answered)
    assert window.answer.status_code == 422 and "一起申请的人" in page and "请至少录入 1 名共同申请人" in page
    him = {"signer-0-name": ZHANG.name, "signer-0-id_number": ZHANG.id_number, "signer-0-signed": "on"}
    assert "申请人本人不用再录入" in window.step("situation", answered | him)
    her = {"signer-0-name": ZHOU.name, "signer-0-id_number": ZHOU.id_number}
    page = window.step("situation", answered | her)
    assert "请核对周敏的证件原件，并请其当场签字" in page and ZHOU.id_number in page  # nothing typed is lost
    other = {"signer-0-name": "周每", "signer-0-id_number": ZHOU.id_number, "signer-0-signed": "on"}
    window.step("situation", answered | other)
    federation.settle()
    page = window.step("situation", answered | other)  # the source knows this number under another name
    assert window.answer.status_code == 422 and "f-signer-0-id_number-wrong" in page
    window.step("situation", answered | her | {"signer-0-signed": "on"})
    scan = SimpleUploadedFile("身份证.png", story.PNG, "image/png")
    window.step("materials", {"verdict-id_card": "good", "file-id_card": scan})
    page = window.step("verdict", {"delivery": "net", "verdict": "collect"})
    assert window.answer.status_code == 422 and "周敏：" in page  # nobody has answered who she is
    federation.settle()
    page = window.step("verdict", {"delivery": "net", "verdict": "collect"})
    assert "已收件" in page
    with federation.at(GANSU):
        (number,) = [row.receipt_no for row in queries.my_cases(story.visitor(federation, ZHOU, GANSU))]
    seen = story.page(federation, story.visitor(federation, ZHOU, GANSU), number)
    assert [(each.role_name, each.name) for each in seen.joined] == [("共同申请人", ZHOU.name)]
    assert ("共同确认", "共同申请人 1 人已在窗口当场签字") in seen.timeline[-1].details


def together_at_the_window(world: World) -> str:
    """Lanzhou's certificate, for which two people now apply together."""
    asked = {"code": "co_applicant", "confirms": "我同意出具这份证明。"}
    together = {"least": 1, "most": 1, "roles": [asked], "basis": "测试"}
    with world.at(GANSU):
        found = next(each for each in contents() if each["name"].startswith("出具") and "兰州" in name_of(each))
        publish(found | {"co_applicants": together}, actor=system(GANSU), at=world.clock.now())
    return str(found["task_code"])


def name_of(content: dict[str, Any]) -> str:
    return str(content["publisher"]["name"])


# Nobody else


def test_a_draft_is_for_those_who_are_in_it_and_nobody_can_guess_who_they_are(couple: Couple) -> None:
    couple.name(ZHANG)
    now, li = couple.world.clock.now(), story.visitor(couple.world, LI, GANSU)
    ways: list[tuple[Actor, Callable[[], object]]] = [
        (li, lambda: queries.confirmation(couple.draft, li)),
        (li, lambda: actions.confirm(couple.draft, "", actor=li, at=now)),
        (li, lambda: actions.decline(couple.draft, "不。", actor=li, at=now)),
        (li, lambda: actions.add_signer(couple.draft, "co_applicant", LI.name, LI.id_number, actor=li, at=now)),
        (li, lambda: actions.remove_signer(couple.draft, 1, actor=li, at=now)),
        (couple.zhou, lambda: queries.confirmation(couple.draft, couple.zhou)),
        (couple.zhang, lambda: queries.draft(couple.draft, couple.zhang)),
        (couple.zhang, lambda: actions.fill(couple.draft, PREPAY, actor=couple.zhang, at=now)),
        (couple.zhang, lambda: actions.remove_signer(couple.draft, 1, actor=couple.zhang, at=now)),
        (couple.zhang, lambda: actions.submit_draft(couple.draft, actor=couple.zhang, at=now)),
    ]
    said = set()
    for who, reach in ways:
        with couple.world.at(who.node), pytest.raises(NotFound) as no:
            reach()
        said.add(no.value.sentence)
    never = UUID("01a00000-0000-7000-8000-000000000001")
    with couple.world.at(GANSU), pytest.raises(NotFound) as no:
        queries.confirmation(never, li)
    assert said == {no.value.sentence}
    with couple.world.at(GANSU):
        assert queries.my_drafts(li) == []
        assert ZHANG.id_number not in repr(list(Signer.objects.values_list()))


def test_who_was_taken_off_no_longer_sees_it(couple: Couple) -> None:
    couple.name(ZHANG)
    couple.sign()
    with couple.world.at(GANSU):
        actions.remove_signer(couple.draft, 1, actor=couple.zhou, at=couple.world.clock.now())
        with pytest.raises(NotFound):
            queries.confirmation(couple.draft, couple.zhang)
        assert queries.my_drafts(couple.zhang) == []


# What it costs


def test_the_guard_and_the_lists_cost_no_statement_more(federation: World) -> None:
    zhou, task = story.visitor(federation, ZHOU, GANSU), story.item_of(federation, GANSU, "620100")
    draft, now = story.draft(federation, zhou, task), federation.clock.now()
    with federation.at(GANSU):
        form = story.FORM | {"name": ZHOU.name, "id_number": ZHOU.id_number}
        given = [actions.GivenFile("id_card", "a.png", "sha256:00", 4, "image/png")]
        asked = actions.Application(task, 1, {"who": "self", "purpose": "job"}, form, given)
        applicant = actions.applicant_of(zhou)
        actions.submit(asked, applicant=applicant, actor=zhou, at=now, key="first")
        counts = {
            "submit": counted(
                lambda: actions.submit(asked, applicant=applicant, actor=zhou, at=now, key="k", again=story.AGAIN)
            ),
            "the same again": counted(
                lambda: actions.submit(asked, applicant=applicant, actor=zhou, at=now, key="k", again=story.AGAIN)
            ),
            "draft": counted(lambda: queries.draft(draft, zhou)),
            "drafts": counted(lambda: queries.my_drafts(zhou)),
            "cases": counted(lambda: queries.my_cases(zhou)),
        }
    assert counts == {"submit": 2, "the same again": 1, "draft": 1, "drafts": 1, "cases": 1}


def counted(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as asked:
        act()
    return len(asked)
