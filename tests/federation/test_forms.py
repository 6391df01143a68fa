# SPDX-License-Identifier: Apache-2.0
"""A form that depends on the situation: page, program and window ask the same fields, and no others are kept."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import story
from tests.desks import Browser, Desk, Intake, Phone
from tests.federation.test_api import ask, give_token
from tests.people import CHANGSHA_POLICE, CHEN, LI, ZHANG, ZHAO, ZHOU, staff
from tests.world import World
from tongban.cases.queries import draft, standing_in
from tongban.cases.queries.pages import visible
from tongban.cases.sealed import open_envelope
from tongban.catalogue import actions as catalogue
from tongban.catalogue.tests.forms import rich
from tongban.catalogue.tests.items import material
from tongban.catalogue.tests.test_filling import GOOD
from tongban.standards.actor import system
from tongban.web.desk import trying

HUNAN, GANSU = "430000", "620000"
BASIC = "002099008000"
TASK = f"{CHANGSHA_POLICE.code}3{BASIC}"
PUBLISHER = {"code": CHANGSHA_POLICE.code, "name": CHANGSHA_POLICE.name, "region": CHANGSHA_POLICE.region}
TYPED = {
    "why": ["study", "other_use"],
    "which": "参加展会",
    "abroad": "yes",
    "from_day": "2020-01-01",
    "until_day": "2021-01-01",
    "copies": "2",
    "paid": "1,200.5",
    "stays.0.where": "日本",
    "stays.0.since": "2020-01-01",
}


def publish(world: World, node: str = HUNAN, **changed: Any) -> None:
    words = {"task_code": TASK, "basic_code": BASIC, "publisher": PUBLISHER, "name": "出具出入境记录证明（测试）"}
    with world.at(node):
        catalogue.publish(rich(**words | changed), actor=system(node), at=world.clock.now())
    world.settle()


@pytest.fixture
def asked(federation: World) -> World:
    """Changsha has published an item with a rich form, and everybody has heard of it."""
    publish(federation)
    return federation


def begun(phone: Phone, **answers: str) -> str:
    """An application with its questions answered; the address of its form."""
    phone.get(f"/apply/{TASK}/begin/")
    for option in answers.values():
        phone.post(phone.path, {"option": option})
    assert phone.path.endswith("/form/"), phone.path
    return phone.path


def shown(page: str) -> list[str]:
    """The names of the fields on a page."""
    return list(dict.fromkeys(re.findall(r'id="f-([a-z_]+)"', page)))


def upload(phone: Phone, form: str, *codes: str) -> None:
    for code in codes:
        scan = SimpleUploadedFile("材料.pdf", b"%PDF-1.7\n" + b"a paper" * 40, "application/pdf")
        phone.post(form.replace("/form/", f"/materials/{code}/add/"), {"file": scan})


def submitted(phone: Phone, form: str) -> str:
    """Submit what is filled in; its receipt number."""
    page = phone.get(form.replace("/form/", "/check/"))
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    phone.post(phone.path, {"seen": seen[1]})
    assert "/receipt/" in phone.path, phone.answer.content.decode()
    return phone.path.split("/")[2]


def test_fields_follow_the_situation_and_what_does_not_apply_is_not_kept(asked: World) -> None:
    phone = Phone(asked, ZHOU)
    form = begun(phone, who="self")
    page = phone.get(form)

    assert {"agent", "agent_id", "agent_phone"}.isdisjoint(shown(page))
    assert "“用途”选“另有用途”时填写" in page
    assert "来自您的账号" in page and "甘肃省兰州市" in page  # the home, locked by the item

    refused = phone.post(form, TYPED | {"copies": "0", "home": "湖南省长沙市"})
    assert phone.answer.status_code == 422
    assert "份数不能小于 1" in refused and "有 1 处需要修改" in refused

    phone.post(form, TYPED | {"agent": "李娜", "agent_phone": "19900000002", "abroad": "no"})
    upload(phone, form, "id_card")
    page = phone.get(form.replace("/form/", "/check/"))
    assert "1,200.50 元" in page and "留学、另有用途" in page and "境外居住经历" not in page
    number = submitted(phone, form)
    asked.settle()

    with asked.at(HUNAN):
        kept = open_envelope(visible(number, story.approver(asked, CHEN)))["form"]
    assert kept.keys().isdisjoint({"agent", "agent_phone", "stays", "company"})
    assert (kept["paid"], kept["why"], kept["home"][:4]) == ("120050", "study,other_use", "6201")
    desk = Desk(asked, CHEN).open(number)
    assert "参加展会" in desk and "受托人" not in desk


def test_rows_are_added_one_after_the_other_and_taken_out_again(asked: World) -> None:
    phone = Phone(asked, ZHOU)
    form = begun(phone, who="agent", abroad="no")
    more = TYPED | {"agent": "李娜", "agent_id": ZHOU.id_number, "agent_phone": "19900000002"}

    page = phone.post(form, more | {"more": "stays"})
    assert 'name="stays.1.where"' in page and 'name="stays.2.where"' not in page
    phone.post(form, more | {"stays.1.where": "韩国", "stays.1.since": "2019-05-01"})
    page = phone.get(form)
    assert 'value="日本"' in page and 'value="韩国"' in page
    page = phone.get(phone.post(form, more | {"stays.0.-": "1", "stays.1.where": "韩国"}) and form)
    assert 'value="日本"' not in page and 'value="韩国"' in page
    assert phone.post(form, more | {"stays.1.where": "韩国", "stays.1.since": ""}) and phone.answer.status_code == 422
    assert "境外居住经历第 2 行：请填写起日" in phone.answer.content.decode()


def test_another_answer_takes_away_what_hung_on_it(asked: World) -> None:
    phone = Phone(asked, ZHOU)
    form = begun(phone, who="agent", abroad="no")
    phone.post(form, TYPED | {"agent": "李娜", "agent_id": ZHOU.id_number, "agent_phone": "19900000002"})
    upload(phone, form, "id_card", "letter", "agent_id")

    phone.post(form.replace("/form/", "/questions/who/"), {"option": "self"})
    assert "受托人" not in phone.get(form.replace("/form/", "/check/"))
    number = submitted(phone, form)

    with asked.at(GANSU):
        kept = open_envelope(visible(number, story.visitor(asked, ZHOU, GANSU)))["form"]
    assert {"agent", "agent_id", "agent_phone"}.isdisjoint(kept)


@pytest.mark.usefixtures("still")
def test_a_rich_form_costs_one_read_more_for_its_places_and_one_for_licences(asked: World) -> None:
    phone = Phone(asked, ZHOU)
    form = begun(phone, who="self")
    phone.post(form, TYPED)
    zhou = story.visitor(asked, ZHOU, GANSU)
    with asked.at(GANSU):
        with CaptureQueriesContext(connection) as captured:
            page = draft(UUID(form.split("/")[2]), zhou)
        assert len(captured) == 2  # the draft with its item from memory, and the name of the home region
        with CaptureQueriesContext(connection) as captured:
            assert standing_in(page.requirements, zhou.index) == {"id_card": ()}
        assert len(captured) == 1


def api(world: World, form: dict[str, str], **answers: str) -> dict[str, Any]:
    files = [
        {"requirement": code, "filename": "材料.pdf", "content": b64encode(b"%PDF-1.7\n" + b"paper" * 40).decode()}
        for code in ("id_card", "letter", "agent_id")
    ]
    return {"task_code": TASK, "version": 1, "answers": answers, "form": form, "materials": files}


def test_a_program_is_asked_the_same_and_nothing_else_is_kept(asked: World) -> None:
    zhou = story.visitor(asked, ZHOU, GANSU)
    give_token(asked, zhou)
    lacking = api(asked, GOOD | {"agent": ""}, who="agent", abroad="no")
    status, problem = ask(asked, zhou, "POST", "/cases", lacking, **{"Idempotency-Key": "form-lacks"})
    assert (status, problem["code"], problem["field"]) == (422, "form_refused", "agent")

    hidden = api(asked, GOOD | {"why": "study", "odd": "x"}, who="self")
    status, taken = ask(asked, zhou, "POST", "/cases", hidden, **{"Idempotency-Key": "form-hidden"})
    assert status == 201, taken
    again = ask(asked, zhou, "POST", "/cases", hidden, **{"Idempotency-Key": "form-hidden"})
    assert again == (200, taken | {"is_new": False})
    with asked.at(GANSU):
        kept = open_envelope(visible(taken["receipt_no"], zhou))["form"]
    assert {"agent", "agent_id", "which", "odd"}.isdisjoint(kept)
    assert json.loads(kept["stays"]) == [{"since": "2020-01-01", "where": "日本"}]


def test_the_window_asks_the_same(asked: World) -> None:
    publish(asked, mode="proxy", apply_forms=["online", "window"])
    window = Intake(asked)
    window.settled()
    window.step("item", {"task_code": TASK})
    page = window.step("situation", {"q-who": "self"} | TYPED)

    assert window.answer.status_code == 422
    assert "请填写户籍地" in page  # a window knows of no account
    page = window.step("situation", {"q-who": "agent", "q-abroad": "no", "home": "湖南省长沙市岳麓区"} | TYPED)
    assert "申请表多出几项" in page and "请填写受托人姓名" not in page  # nobody has been asked for it yet
    page = window.step("situation", {"q-who": "agent", "q-abroad": "no", "home": "湖南省长沙市岳麓区"} | TYPED)
    assert "请填写受托人姓名" in page
    window.step("situation", {"q-who": "self", "home": "湖南省长沙市岳麓区"} | TYPED)
    assert window.path.endswith("/materials/"), window.answer.content.decode()
    page = window.get(window.path)
    assert "可由电子证照“居民身份证”代替" in page


def test_a_licence_that_was_issued_here_is_handed_in_instead_of_an_upload(federation: World) -> None:
    """李 asks Changsha twice: the certificate of the first case stands in for a paper of the second."""
    zhang = story.visitor(federation, ZHANG, HUNAN)
    case = story.submit(federation, zhang, story.item_of(federation, HUNAN, "430100"))
    story.decide(federation, story.approver(federation, CHEN), case.case_id)
    federation.settle()
    more = {"licence_name": "无犯罪记录证明"}
    publish(federation, materials=[material("id_card", more=more), material("letter"), material("agent_id")])
    phone = Phone(federation, ZHANG)
    form = begun(phone, who="self")
    phone.post(form, TYPED)

    page = phone.get(form.replace("/form/", "/materials/"))
    use = re.search(r'action="([^"]+/materials/id_card/licences/[^"]+)"', page)
    assert use and "可由电子证照“无犯罪记录证明”代替" in page
    other = Phone(federation, LI)
    other.post(use[1], {})
    assert other.answer.status_code == 404
    phone.post(use[1].replace("/id_card/", "/letter/"), {})
    assert phone.answer.status_code == 404
    assert "已上传" in phone.post(use[1], {}) and "无犯罪记录证明" in phone.answer.content.decode()
    assert "没有重复添加" in phone.post(use[1], {})
    assert submitted(phone, form)


def test_the_window_takes_in_the_licence_of_whom_it_has_verified(federation: World) -> None:
    """Lanzhou certified 周敏; another organization there asks for that paper, and its window fetches it."""
    zhou = story.visitor(federation, ZHOU, GANSU)
    case = story.submit(federation, zhou, story.item_of(federation, GANSU, "620100"))
    story.decide(federation, story.approver(federation, ZHAO), case.case_id)
    federation.settle()
    more = {"licence_name": "无犯罪记录证明"}
    publish(federation, mode="proxy", materials=[material("id_card", more=more), *rich()["materials"][1:]])
    window = Intake(federation, ZHOU.name, ZHOU.id_number)
    window.settled()
    window.step("item", {"task_code": TASK})
    page = window.step("situation", {"q-who": "self", "home": "甘肃省兰州市"} | TYPED)

    use = re.search(r'name="use" value="(id_card/[0-9a-f-]{36})"', page)
    assert use and "调取这份电子证照" in page
    assert "无犯罪记录证明（" in window.step("materials", {"use": use[1]})
    window.step("materials", {"use": use[1].replace("id_card", "letter")})
    assert window.answer.status_code == 404
    stranger = Intake(federation, ZHANG.name, ZHANG.id_number)
    stranger.settled()
    stranger.step("item", {"task_code": TASK})
    stranger.step("situation", {"q-who": "self", "home": "甘肃省兰州市"} | TYPED)
    assert "调取这份电子证照" not in stranger.step("materials")
    stranger.step("materials", {"use": use[1]})
    assert stranger.answer.status_code == 404


TANG, ZHOUH = staff("tangyi", HUNAN), staff("zhouhang", HUNAN)
KNOWN = "002099001000"  # 开具无犯罪记录证明


def draft_of(desk: Desk) -> str:
    desk.post(f"/desk/items/{KNOWN}/act/claimed/", {})
    desk.post(f"/desk/items/{KNOWN}/act/draft/", {})
    return desk.path


def test_a_manager_tries_the_questions_out_before_anybody_is_asked(federation: World) -> None:
    federation.settle()
    desk = Desk(federation, TANG)
    draft = draft_of(desk)
    page = desk.get(f"{draft}try/")

    assert "所有路径" in page and "每一条都到达可以填写的申请表" in page
    page = desk.get(f"{draft}try/?who=self&purpose=job")
    assert "受理条件" in page and "申请人居民身份证" in page
    assert desk.get(f"{draft}try/?who=nobody") and desk.answer.status_code == 200


def revision(page: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', page)
    assert found
    return found[1]


def test_a_blank_form_goes_with_the_version_and_is_found_from_everywhere(federation: World) -> None:
    federation.settle()
    tang, zhou = Desk(federation, TANG), Desk(federation, ZHOUH)
    draft = draft_of(tang)
    at = f"{draft}elements/materials/"
    page = tang.get(at)
    assert "空白表格和示例样表" in page

    def attach(name: str, content: bytes, where: str = "id_card/blank_file") -> str:
        given = {"revision": revision(tang.get(at)), "for": where, "file": SimpleUploadedFile(name, content)}
        return tang.post(f"{draft}files/", given)

    assert "请上传 PDF、Word" in attach("坏.exe", b"MZ....") and tang.answer.status_code == 422
    attach("表.pdf", b"%PDF-1.7 form", "nothing/blank_file")
    assert tang.answer.status_code == 404
    assert "文件已放入草稿" in attach("空白表格.pdf", b"%PDF-1.7 form") and "空白表格.pdf" in tang.get(at)
    task = f"{CHANGSHA_POLICE.code}3{KNOWN}"
    address = f"/items/{task}/files/{sha256(b'%PDF-1.7 form').hexdigest()}/"
    phone = Phone(federation, ZHANG)
    phone.get(address)
    assert phone.answer.status_code == 404  # nobody's while it is a draft

    tang.post(f"{draft}submitted/", {"revision": revision(tang.get(draft))})
    seen = re.search(r'href="(/desk/items/drafts/[^"]+/files/[^"]+)">空白表格.pdf', zhou.get(draft))
    assert seen is not None
    with federation.at(HUNAN):
        answer = zhou.client.get(seen[1])
        assert b"".join(answer.streaming_content) == b"%PDF-1.7 form"  # type: ignore[attr-defined]
    luo = Desk(federation, LUO)
    luo.get(seen[1])
    assert luo.answer.status_code == 404
    assert "已发布" in zhou.post(f"{draft}approved/", {"revision": revision(zhou.get(draft))})
    federation.settle()
    with federation.at(HUNAN):
        answer = phone.client.get(address)
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 form"  # type: ignore[attr-defined]
    away = Phone(federation, ZHOU)
    with federation.at(GANSU):
        sent = away.client.get(address)
    assert (sent.status_code, sent["Location"]) == (302, federation.nodes[HUNAN].address + address)


def test_rows_of_an_element_are_put_in_another_order_and_taken_out(federation: World) -> None:
    federation.settle()
    tang = Desk(federation, TANG)
    draft = draft_of(tang)
    at = f"{draft}elements/faq/"
    rows = {f"faq.{n}.question": f"问{n}" for n in range(3)} | {f"faq.{n}.answer": "答。" for n in range(3)}
    places = {"faq.0.#": "3", "faq.1.#": "1", "faq.2.#": "2", "faq.1.-": "1"}
    page = tang.post(f"{at}keep/", {"revision": revision(tang.get(at)), "stay": "1", **rows, **places})

    assert "已保存" in page and page.index("问2") < page.index("问0") and "问1" not in page


# Who may: every address of this noun's drafts, for everybody who has nothing to do with them

LUO, QIN = staff("luojun", HUNAN), staff("qinyu", "000000")  # managers of another organization, and at another node
NOBODY = "00000000-0000-7000-8000-000000000000"
OF_DRAFTS = {
    "item-try": "GET",
    "item-attach": "POST",
    "item-draft-file": "GET",
    "item-element": "GET",
    "keep-element": "POST",
}
OTHERS = {"approver of the same place": CHEN, "manager of another organization": LUO, "manager elsewhere": QIN}


def test_every_address_of_forms_and_questions_is_in_the_table() -> None:
    of_items = {"item-attach", "item-draft-file", "item-element", "keep-element"}
    assert {each.name for each in trying.urlpatterns} | of_items == OF_DRAFTS.keys()


def ask_at(desk: Browser, name: str, draft: str) -> tuple[int, str]:
    """The answer of an address for a draft: its status, and its text without what is different every time."""
    more = {"item-draft-file": ["0" * 64], "item-element": ["materials"], "keep-element": ["materials"]}
    words = [draft, *more.get(name, [])]
    path = reverse(f"desk:{name}", args=words)
    given = {"revision": "1", "for": "id_card/blank_file", "file": SimpleUploadedFile("a.pdf", b"%PDF-1.7 x")}
    page = desk.get(path) if OF_DRAFTS[name] == "GET" else desk.post(path, given)
    return desk.answer.status_code, page.partition("<main")[2].partition("事件编号")[0].replace(draft, "")


@pytest.mark.parametrize("who", OTHERS)
def test_a_strangers_draft_is_as_one_that_does_not_exist(federation: World, who: str) -> None:
    federation.settle()
    draft = draft_of(Desk(federation, TANG)).split("/")[4]
    desk = Desk(federation, OTHERS[who])
    for name in OF_DRAFTS:
        theirs, nobodys = ask_at(desk, name, draft), ask_at(desk, name, NOBODY)
        assert theirs[0] in (403, 404), name
        assert theirs == nobodys, name


def test_who_is_not_signed_in_is_asked_to(federation: World) -> None:
    federation.settle()
    draft = draft_of(Desk(federation, TANG)).split("/")[4]
    browser = Browser(federation, HUNAN)
    for name in OF_DRAFTS:
        ask_at(browser, name, draft)
        assert "/desk/sign-in/" in browser.path, name


def test_the_reviewer_may_try_it_out_and_only_the_open_draft_takes_files(federation: World) -> None:
    federation.settle()
    tang, zhou = Desk(federation, TANG), Desk(federation, ZHOUH)
    draft = draft_of(tang)
    tang.post(f"{draft}submitted/", {"revision": revision(tang.get(draft))})

    assert "所有路径" in zhou.get(f"{draft}try/")
    assert ask_at(tang, "item-attach", draft.split("/")[4])[0] == 409
