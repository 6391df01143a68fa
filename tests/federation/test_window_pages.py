# SPDX-License-Identifier: Apache-2.0
"""The window's pages as a clerk meets them: one intake from the first field to the receipt, and each way out."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import story
from tests.agreements import agreed
from tests.desks import Desk, Intake, host
from tests.people import CHEN, MA, PASSWORD, SUN, ZHANG, ZHOU, staff
from tests.world import World
from tongban.cases import actions as cases
from tongban.cases.queries import case_page, taken_in
from tongban.demo.identity_source import Register
from tongban.demo.people import ORGANIZATIONS
from tongban.identity.actions import sign_in
from tongban.identity.models import Look
from tongban.identity.queries.looks import looks
from tongban.identity.sealing import id_index
from tongban.windows.actions import conclude
from tongban.windows.errors import IntakeEnded
from tongban.windows.queries import intake

GANSU, HUNAN = "620000", "430000"
HE = staff("hefang", HUNAN)
SLOW, DOWN = ("迟远", "996201198504180235"), ("段宁", "996201197909060528")


@pytest.fixture
def living(town: World) -> Iterator[World]:
    """The nodes of this file at work; every test takes in its own cases."""
    with town.running():
        yield town


def test_an_intake_ends_with_a_number_a_sealed_receipt_and_the_next_applicant(living: World) -> None:
    window, living.resting = Intake(living), set()
    number = window.receipt()
    page = window.step("done")
    assert "收件不等于受理" in page and "正在生成并签章" in page and window.answer["Refresh"]
    living.settle()

    page = window.step("done")
    paper = re.search(r'href="(/desk/cases/[^"]+/notices/[^"]+)"', page)
    assert paper is not None and "下一位申请人" in page and "Refresh" not in window.answer
    with living.at(GANSU):
        assert b"".join(window.client.get(paper[1]).streaming_content).startswith(b"%PDF-")  # type: ignore[attr-defined]
        assert Look.objects.filter(matter=number, purpose="file", staff_name=MA.name).exists()
        assert number in [row.receipt_no for row in taken_in(story.officer(living, MA)).rows]
    assert number in window.get("/desk/")


@pytest.mark.parametrize(
    ("name", "number", "words"),
    [
        (ZHANG.name, ZHANG.id_number, "身份核验通过"),
        ("张威", ZHANG.id_number, "姓名与证件号码不一致"),
        ("高远", "996201199302140811", "查无此证件号码"),
    ],
)
def test_each_answer_of_the_source_has_its_own_page(living: World, name: str, number: str, words: str) -> None:
    window = Intake(living, name, number)
    assert "正在核验身份" in window.step("verification") and window.answer["Refresh"] == "1"
    assert words in window.settled() and "Refresh" not in window.answer


def test_a_slow_source_says_so_and_the_page_keeps_asking(living: World) -> None:
    window = Intake(living, *SLOW)
    living.pass_time(timedelta(seconds=5))
    assert "核验来源回应较慢" in window.step("verification") and window.answer["Refresh"] == "3"


def test_a_silent_source_lets_the_clerk_vouch_in_writing(living: World) -> None:
    window = Intake(living, *DOWN)
    living.pass_time(timedelta(seconds=61))
    assert "核验来源没有回应" in window.settled()
    assert "错误：" in window.step("verification/by-hand", {"note": " "}) and window.answer.status_code == 422
    assert "已人工核验" in window.step("verification/by-hand", {"note": "核对身份证原件，人证相符。"})


def test_a_wrong_number_is_said_beside_the_field_and_what_was_typed_stays(living: World) -> None:
    window = Intake(living, "张伟", "99430119900307001")
    page = window.answer.content.decode()
    assert window.answer.status_code == 422
    assert 'id="f-id_number-wrong"' in page and 'value="99430119900307001"' in page and 'value="张伟"' in page
    assert "data-errors" in page and "autofocus" not in page


def test_who_was_entered_is_covered_until_somebody_asks_and_leaves_a_row(living: World) -> None:
    window = Intake(living)
    window.settled()
    covered = window.step("applicant") + window.step("verification") + window.get("/desk/intakes/")
    assert ZHANG.id_number not in covered and ZHANG.phone not in covered and ZHANG.name not in covered
    with living.at(GANSU):
        index = id_index("resident_id", ZHANG.id_number)
        before = {each.purpose: each.times for each in looks(index)}
        assert "查看完整姓名和号码" not in before
    assert f'value="{ZHANG.id_number}"' in window.step("applicant", {"show": "1"})
    with living.at(GANSU):
        assert "查看完整姓名和号码" in {each.purpose for each in looks(index)}


def test_what_is_lacking_is_told_in_writing_and_nothing_is_taken_in(living: World) -> None:
    window, living.resting = Intake(living), set()
    window.to_verdict()
    assert "请写明" in window.step("materials", {"verdict-id_card": "lacking"})
    window.step("materials", {"verdict-id_card": "lacking", "note-id_card": "缺背面"})
    page = window.step("verdict", {"delivery": "net", "verdict": "collect"})
    assert window.answer.status_code == 422 and "缺背面" in page
    assert "已一次性告知" in window.step("verdict", {"verdict": "complete", "note": ""})
    living.settle()
    assert f"/desk/intakes/{window.id}/notice/" in window.step("done")


def test_the_rule_card_says_which_parts_of_steps_this_window_does_by_agreement(living: World) -> None:
    fund, centre = ORGANIZATIONS["changsha-fund"], ORGANIZATIONS["lanzhou-centre"]
    window = Intake(living)
    window.to_verdict()
    assert "按协议由本窗口代" not in window.step("materials")
    agreed(living, fund, centre, moves=[], shares=[{"step": "原件核验", "text": "窗口核对原件"}])
    page = window.step("materials")
    assert "按协议由本窗口代长沙住房公积金管理中心（演示）办理的环节" in page and "原件核验：窗口核对原件" in page


def test_where_to_go_must_be_said(living: World) -> None:
    window = Intake(living)
    assert "请写明应当去哪里办理" in window.step("verdict", {"verdict": "elsewhere", "note": ""})
    assert "已告知去处" in window.step("verdict", {"verdict": "elsewhere", "note": "兰州市公安局，0931-00010010"})


def test_who_was_turned_away_in_one_tab_is_not_taken_in_by_another(living: World) -> None:
    window, ma = Intake(living), story.officer(living, MA)
    window.to_verdict()
    window.step("verdict", {"verdict": "elsewhere", "note": "兰州市公安局，0931-00010010"})
    with living.at(GANSU):
        with pytest.raises(IntakeEnded):
            conclude(window.id, "collect", "", actor=ma, at=living.clock.now())
        assert intake(window.id, ma).state == "redirected"


def test_the_clerk_hands_in_a_correction_with_files_as_a_request(living: World) -> None:
    window = Intake(living)
    number = window.receipt()
    living.settle()
    he, now = story.approver(living, HE), living.clock.now()
    with living.at(HUNAN):
        case = case_page(number, he)
        cases.make_move(case.id, "request_correction", actor=he, at=now, facts={"what": "请补背面。"})
    living.settle()

    assert "等本窗口代交补正" in window.get("/desk/")
    path = f"/desk/cases/{case.id}/moves/hand_in/"
    assert "f-hand_in-note" in window.post(path, {"note": ""}) and window.answer.status_code == 422
    back = SimpleUploadedFile("背面.png", story.PNG + b"back", "image/png")
    assert "确认" in window.post(path, {"note": "补交背面。", "file-id_card": back})
    living.settle()

    with living.at(HUNAN):
        assert [m.filename for m in case_page(number, he).materials] == ["身份证.png", "背面.png"]


def test_an_applicant_corrects_online_with_a_file_and_waits_for_the_office(living: World) -> None:
    zhou, chen, now = story.visitor(living, ZHOU, GANSU), story.approver(living, CHEN), living.clock.now()
    given = story.submit(living, zhou, story.item_of(living, GANSU, "430100"))
    living.settle()
    with living.at(HUNAN):
        cases.make_move(given.case_id, "request_correction", actor=chen, at=now, facts={"what": "请补一份合同。"})
    living.settle()
    phone, path = Client(headers={"host": host(living, GANSU)}), f"/cases/{given.receipt_no}/"
    scan = SimpleUploadedFile("身份证背面.png", story.PNG + b"more", "image/png")
    with living.at(GANSU):
        phone.cookies[settings.SESSION_COOKIE] = sign_in(ZHOU.phone, PASSWORD, address="192.0.2.1", at=now)
        asked = phone.get(path).content.decode()
        refused = phone.post(f"{path}correct/", {"note": ""})
        waiting = phone.post(f"{path}correct/", {"note": "补交背面。", "file-id_card": scan}, follow=True)

    assert "请补一份合同。" in asked and "提交补正" in asked
    assert refused.status_code == 422 and 'id="f-correct-note-wrong"' in refused.content.decode()
    assert "已提交，待长沙市公安局（演示）确认" in waiting.content.decode()
    living.settle()
    with living.at(HUNAN):
        assert case_page(given.receipt_no, chen).materials[-1].filename == "身份证背面.png"


def test_a_notice_is_for_those_of_the_case_only(living: World) -> None:
    number = Intake(living).receipt()
    living.settle()
    with living.at(GANSU):
        case = case_page(number, story.officer(living, MA))
    stranger = Desk(living, staff("zhaomin", GANSU))
    stranger.get(f"/desk/cases/{case.id}/notices/{case.notices[0].key}/file/")
    assert stranger.answer.status_code == 404


def test_only_clerks_take_in_and_only_operators_see_how_the_node_runs(living: World) -> None:
    approver = Desk(living, CHEN)
    for path in ("/desk/intakes/", "/desk/operations/"):
        approver.get(path)
        assert approver.answer.status_code == 403
    operator = Desk(living, SUN)
    page = operator.get("/desk/operations/")
    assert "甘肃通办节点" in page and "信任名单" in page and "待入账本" in page


def test_the_demo_source_knows_who_these_tests_are_about() -> None:
    register = Register()
    assert (register.pace(SLOW[1]), register.pace(DOWN[1])) == ("slow", "down")
