# SPDX-License-Identifier: Apache-2.0
"""The case page of each side in the less straight branches: window, office and applicant, over several nodes."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import story
from tests.desks import Desk, Intake, Phone
from tests.people import CHEN, MA, ZHOU, staff
from tests.world import World
from tongban.cases.actions.uploading import MOST_FILES
from tongban.cases.models import Clock
from tongban.cases.queries import case_page, taken_in
from tongban.catalogue.search.queries import search
from tongban.windows.queries import intake

GANSU, HUNAN = "620000", "430000"
HE, FANG = staff("hefang", HUNAN), staff("fangmin", HUNAN)  # approvers of the same fund
LIN = staff("linyue", HUNAN)  # approver at Chen's office
SUMMARY = re.compile(r"<summary[^>]*>(.*?)</summary>")


@pytest.fixture
def living(town: World) -> Iterator[World]:
    """The nodes of this file at work; every test takes in its own cases."""
    with town.running():
        yield town


@pytest.fixture
def number(living: World) -> str:
    """A case of 周敏 that Changsha's police has received."""
    given = story.submit(living, story.visitor(living, ZHOU, GANSU), story.item_of(living, GANSU, "430100"))
    living.settle()
    return given.receipt_no


def on_paper(world: World) -> str:
    """A case whose original still lies at the window that took it in."""
    window = Intake(world)
    window.settled()
    with world.at(GANSU):
        code = next(i.task_code for i in search("全部还清证明").items if "长沙" in i.publisher_name)
    window.step("item", {"task_code": code})
    window.step("situation", {"q-who": "agent", "repaid_on": "2026-10-01", "phone": "19900000001"})
    checked: dict[str, object] = {"verdict-authorization": "good", "original-authorization": "on"}
    for need in ("id_card", "agent_id_card", "no_dispute"):
        checked |= {f"verdict-{need}": "good", f"file-{need}": SimpleUploadedFile("a.png", story.PNG, "image/png")}
    window.step("materials", checked)
    window.step("verdict", {"delivery": "net", "parcel_no": "", "verdict": "collect", "again": story.AGAIN})
    world.settle()
    with world.at(GANSU):
        return intake(window.id, story.officer(world, MA)).receipt_no


def clocks(world: World, number: str) -> set[str]:
    """The kinds of clocks that run for a case, at the window's node."""
    with world.at(GANSU):
        case = case_page(number, story.officer(world, MA))
        return set(Clock.objects.filter(case_id=case.id, ended_at=None).values_list("kind", flat=True))


def test_originals_wait_at_the_window_until_reviewed_and_start_the_clock_when_they_arrive(living: World) -> None:
    number = on_paper(living)
    window, office = Desk(living, MA), Desk(living, HE)
    assert "acceptance" not in clocks(living, number)

    office.make(number, "pre_review", verdict="send", note="可以寄送授权委托书。")
    asked = window.make(number, "send_originals", parcel_no="SF0000000009")
    assert "等待长沙住房公积金管理中心（演示）确认" in asked
    page = window.open(number)
    assert "快递途中" in page and "SF0000000009" in page and "可以寄送原件" in page
    assert clocks(living, number) == {"transit"}

    living.pass_time(timedelta(days=2))
    Desk(living, HE).make(number, "receive_originals")
    assert clocks(living, number) == {"acceptance"}
    assert "受理时限" in Desk(living, MA).open(number)


def test_a_problem_goes_from_the_window_to_the_office_and_is_settled_there(living: World) -> None:
    number = Intake(living).receipt()
    living.settle()
    window, office = Desk(living, MA), Desk(living, HE)

    asked = window.make(number, "raise_problem", kind="lost", note="快递单号查不到记录。")
    assert "已提交，等待长沙住房公积金管理中心（演示）确认" in asked
    assert "由兰州市政务服务中心（演示）负责处理" in office.open(number)
    window.make(number, "offer_problem", problem="1", note="请向快递公司查询派送记录。")
    assert "对方接手之前仍由兰州市政务服务中心（演示）负责" in window.open(number)

    page = office.open(number)
    assert page.index("moves/take_problem/") < page.index("moves/accept/")  # somebody waits for it
    office.make(number, "take_problem", problem="1")
    assert "由长沙住房公积金管理中心（演示）负责处理" in window.open(number)
    office.make(number, "settle_problem", problem="1", outcome="solved", note="已经找到并签收。")
    for page in (window.open(number), office.open(number)):
        assert "已由长沙住房公积金管理中心（演示）处理完毕" in page and "已经找到并签收。" in page


def test_originals_come_back_after_a_refusal_and_nobody_puts_the_case_away_before(living: World) -> None:
    number = on_paper(living)
    window, office = Desk(living, MA), Desk(living, HE)
    window.make(number, "send_originals", parcel_no="SF0000000010")
    office.make(number, "receive_originals")
    window.make(number, "raise_problem", kind="lost", note="少了一页。")
    office.make(number, "not_accept", reason="不归我们管。", where_to_go="长沙市公安局")

    page = window.open(number)
    assert "不予受理" in page and "moves/settle_problem/" in page  # whoever noted it down still has it
    window.make(number, "settle_problem", problem="1", outcome="solved", note="找到了。")
    office.make(number, "send_back_originals", papers="1", to="window", parcel_no="SF0000000011")
    assert "moves/archive/" not in office.open(number)
    page = window.open(number)
    assert "快递途中，退回收件窗口" in page and "SF0000000011" in page
    assert clocks(living, number) == {"transit"}
    with living.at(GANSU):
        waits = taken_in(story.officer(living, MA), state="afterwards").rows
    assert [row.state_name for row in waits if row.receipt_no == number] == ["不予受理，原件待退还"]

    window.make(number, "receive_back", papers="1")
    assert "moves/return_originals/" in window.open(number)
    asked = window.make(number, "return_originals", papers="1", proof="申请人本人当面签收")
    assert "原件退还凭证" in asked  # a sealed paper of the window, before the other node has said yes
    page = window.open(number)
    assert "已退还申请人" in page and "申请人本人当面签收" in page
    assert clocks(living, number) == set()
    assert "已归档" in office.make(number, "archive") or "归档" in office.open(number)


def test_the_window_corrects_on_the_spot_with_files_and_urges(living: World) -> None:
    number = Intake(living).receipt()
    living.settle()
    window = Desk(living, MA)
    scan = SimpleUploadedFile("更正.png", story.PNG + b"right", "image/png")

    window.make(number, "correct_on_spot", note="更正了手机号码。", **{"file-id_card": scan})
    window.make(number, "urge", note="申请人月底要用。")
    page = Desk(living, HE).open(number)
    assert "更正.png" in page and "更正了手机号码。" in page and "申请人月底要用。" in page


def test_an_office_sees_the_straight_way_first_and_the_rest_under_headings(living: World, number: str) -> None:
    page = Desk(living, CHEN).open(number)
    headings = [re.sub("<.*", "", found) for found in SUMMARY.findall(page)]
    assert page.index("moves/accept/") < page.index("补正与不予受理")
    assert headings[-3:] == ["不予受理", "登记问题", "指派经办人"]
    assert "moves/grant/" not in page and "moves/sign_step/" not in page


def test_a_refused_form_stands_open_under_its_heading(living: World, number: str) -> None:
    office = Desk(living, CHEN)
    page = office.open(number)
    action = re.search(r'action="([^"]+/moves/request_correction/)"', page)
    assert action is not None
    page = office.post(action[1], {"what": " "})
    assert office.answer.status_code == 422
    assert '<details class="group" open>' in page and 'id="f-request_correction-what-wrong"' in page


def test_whom_a_second_person_must_follow_is_told_so(living: World) -> None:
    number = on_paper(living)
    office = Desk(living, HE)
    office.make(number, "receive_originals")
    office.make(number, "accept")
    office.make(number, "sign_step", step="review", opinion="已核对。")

    page = office.open(number)
    assert "须由另一名工作人员作出决定。" in page and "moves/grant/" not in page
    assert re.search(r"何芳，<?", page)  # who signed, for the office itself
    assert "何芳" not in Desk(living, MA).open(number)
    assert "moves/grant/" in Desk(living, FANG).open(number)


def test_who_has_a_case_is_shown_at_the_office_and_nowhere_else(living: World, number: str) -> None:
    office = Desk(living, CHEN)
    lin = re.search(r'<option value="([^"]+)">林悦</option>', office.open(number))
    assert lin is not None
    office.make(number, "assign", assignee=lin[1], opinion="休假代班。")
    page = office.open(number)
    assert "<dt>经办人</dt><dd>林悦</dd>" in page and "指派理由（内部）" in page
    seen = Phone(living, ZHOU).open(number)
    assert "林悦" not in seen and "休假代班" not in seen


def test_an_applicant_reads_until_when_to_correct_and_what_happens_otherwise(living: World, number: str) -> None:
    Desk(living, CHEN).make(number, "request_correction", what="请补交身份证背面。")
    page = Phone(living, ZHOU).open(number)
    assert "请补交身份证背面。" in page
    with living.at(GANSU):
        due = case_page(number, story.visitor(living, ZHOU, GANSU)).due_on
    assert f'请在 <time datetime="{due}">' in page
    assert "到期没有补正的，视为撤回申请" in page and "您的期限" in page


def test_an_applicant_reads_why_the_time_stands_still(living: World, number: str) -> None:
    chen, lin, phone = Desk(living, CHEN), Desk(living, LIN), Phone(living, ZHOU)
    chen.make(number, "accept")
    chen.make(number, "propose_extension", reason="需要向外省核实。")
    assert "须由另一名工作人员批准延长期限。" in chen.open(number)
    lin.make(number, "extend", note="向外省核实需要时间。")
    chen.make(number, "start_special", procedure="appraisal", reason="身份证明需要鉴定。")

    page = phone.open(number)
    assert "特别程序中：鉴定" in page and "身份证明需要鉴定。" in page
    assert "因鉴定暂停计时。" in page
    assert "办理期限已经延长" in page and "向外省核实需要时间。" in page


def test_an_applicant_reads_what_can_be_done_against_a_refusal(living: World, number: str) -> None:
    Desk(living, CHEN).make(number, "not_accept", reason="不属本机关管辖。", where_to_go="兰州市公安局，0931-00010010")
    page = Phone(living, ZHOU).open(number)
    assert "不属本机关管辖。" in page and "兰州市公安局，0931-00010010" in page
    assert "六十日内依法申请行政复议" in page and "六个月内依法提起行政诉讼" in page
    assert "/urge/" not in page and "/withdraw/" not in page


def test_an_applicant_urges_once_a_day_and_is_heard(living: World, number: str) -> None:
    phone = Phone(living, ZHOU)
    assert "催一催办理机关" in phone.open(number)
    refused = phone.post(f"/cases/{number}/urge/", {"note": ""})
    assert phone.answer.status_code == 422 and 'id="f-urge-note-wrong"' in refused
    assert "待长沙市公安局（演示）确认" in phone.post(f"/cases/{number}/urge/", {"note": "下周要入职。"})
    living.settle()

    assert "下周要入职。" in Desk(living, CHEN).open(number)
    assert "催一催办理机关" not in phone.open(number)
    living.pass_time(timedelta(days=1))
    assert "催一催办理机关" in Phone(living, ZHOU).open(number)


def test_a_correction_opens_only_what_is_wrong_and_shows_what_was_and_what_is(living: World, number: str) -> None:
    office, phone = Desk(living, CHEN), Phone(living, ZHOU)
    page = office.open(number)
    assert 'name="why-receiver"' in page and 'name="why-name"' not in page  # who they are is proved
    why = {"why-receiver": "请写单位全称。", "why-phone": "少一位。", "why-residence": ""}
    office.make(number, "request_correction", what="请更正两处。", **why)
    page = phone.open(number)
    assert "需要更正：请写单位全称。" in page and "证明交给哪个单位（请写单位全称）" in phone.get(notice_of(page))
    assert 'name="correct-receiver"' in page and 'value="某某科技有限公司"' in page
    assert 'name="correct-residence"' not in page and 'name="file-' not in page

    action, typed = f"/cases/{number}/correct/", {"note": "已更正。", "correct-receiver": "长沙某某科技有限公司"}
    refused = phone.post(action, typed | {"correct-phone": "1"})
    assert phone.answer.status_code == 422 and 'id="f-correct-phone-wrong"' in refused
    assert 'value="长沙某某科技有限公司"' in refused
    right: dict[str, object] = typed | {"correct-phone": "19900000009", "correct-residence": "别处"}
    other = SimpleUploadedFile("别的.png", story.PNG, "image/png")
    assert "这项材料不在这次补正的范围内" in phone.post(action, right | {"file-employer_letter": other})
    assert phone.answer.status_code == 422
    phone.post(action, right)
    living.settle()
    page = phone.open(number)
    assert "<del>某某科技有限公司</del>" in page and "<ins>长沙某某科技有限公司</ins>" in page
    assert "补正前后对照" in office.open(number)
    with living.at(HUNAN):
        form = dict(case_page(number, story.approver(living, CHEN)).form)
    assert form["证明交给哪个单位"] == "长沙某某科技有限公司" and "别处" not in form.values()


def test_one_correction_brings_no_more_files_than_an_application_may_hold(living: World, number: str) -> None:
    Desk(living, CHEN).make(number, "request_correction", what="请补交身份证。", wrong=["id_card"])
    phone = Phone(living, ZHOU)

    def corrected(files: int) -> str:
        scans = [SimpleUploadedFile("a.png", story.PNG + bytes([n]), "image/png") for n in range(files)]
        return phone.post(f"/cases/{number}/correct/", {"note": "已补交。", "file-id_card": scans})

    assert f"一份申请最多上传 {MOST_FILES} 个文件。" in corrected(MOST_FILES) and phone.answer.status_code == 422
    assert "待长沙市公安局（演示）确认" in corrected(2)


def notice_of(page: str) -> str:
    """The address of the first notice that a page names."""
    found = re.search(r'href="(/cases/[0-9]+/notices/[^"/]+/)"', page)
    assert found is not None
    return found[1]


def test_several_cases_are_given_to_one_colleague_and_what_is_refused_is_named(living: World, number: str) -> None:
    office = Desk(living, CHEN)
    with living.at(HUNAN):
        mine = case_page(number, story.approver(living, CHEN))
    lin = re.search(r'<option value="([^"]+)">林悦</option>', office.get("/desk/?whose=nobody"))
    assert lin is not None and f'name="case" value="{mine.id}"' in office.get("/desk/?whose=nobody&due=")
    nothing = office.post("/desk/assign/", {"assignee": lin[1], "opinion": "分工。"})
    assert office.answer.status_code == 422 and "请先勾选要指派的办件" in nothing

    given = {"assignee": lin[1], "opinion": "分工。", "place": "whose=nobody", "once": "one"}
    elsewhere = "00000000-0000-7000-8000-000000000000"
    told = office.post("/desk/assign/", given | {"case": [str(mine.id), elsewhere]})
    assert "已指派 1 件" in told and elsewhere in told and "没有找到" in told
    again = office.post("/desk/assign/", given | {"case": [str(mine.id)]})
    assert "已指派 1 件" in again and str(mine.id) not in again  # the address keeps what was chosen
    page = office.open(number)
    assert "<dt>经办人</dt><dd>林悦</dd>" in page and page.count("<h3>指派经办人</h3>") == 1
    assert str(mine.id) in Desk(living, LIN).get("/desk/?whose=mine")
