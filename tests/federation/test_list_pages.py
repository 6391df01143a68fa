# SPDX-License-Identifier: Apache-2.0
"""Lists and agreements on pages and for programs; every address is tried by everybody who has no business there."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern

from tests.agreements import agreed, offered
from tests.desks import Browser, Desk
from tests.people import CHANGSHA_POLICE, CHEN, LANZHOU_CENTRE, MA, PASSWORD, SUN, DemoStaff, staff
from tests.world import World
from tongban.catalogue.lists import actions, queries
from tongban.catalogue.lists.tests.samples import entry, plain
from tongban.catalogue.models import ListAct, ListDraft, ListVersion, RegionAgreement
from tongban.demo.people import ORGANIZATIONS
from tongban.identity.actions import add_staff
from tongban.standards.actor import Role, system
from tongban.web.desk import agreements, list_drafts, lists

HUB, GANSU, HUNAN = "000000", "620000", "430000"
CENTRE, HUB_OFFICE = ORGANIZATIONS["gansu-centre"], ORGANIZATIONS["hub"]
YANG = staff("yanglei", GANSU)
CSV = "事项名称,批次\n学历公证,2020\n失业登记,2020\n".encode()
DRAFT = re.compile(r"/desk/lists/drafts/([0-9a-f-]{36})/")


def colleague(world: World, office: Any, login: str) -> DemoStaff:
    """One more item manager of an office, so that somebody else can review."""
    with world.at(office.node):
        add_staff(
            login=login,
            password=PASSWORD,
            name="同事",
            organization=office.code,
            region=office.region,
            roles=[Role.ITEM_MANAGER],
            at=world.clock.now(),
        )
    return DemoStaff(login, office.node, "同事", office, (Role.ITEM_MANAGER,))


def revision(page: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', page)
    assert found, page
    return found[1]


def csv(data: bytes = CSV) -> SimpleUploadedFile:
    return SimpleUploadedFile("清单.csv", data, "text/csv")


def begun(desk: Desk) -> str:
    """A new list of the desk's organization; the address of its draft."""
    desk.post("/desk/lists/start/", {"title": "跨省通办事项清单", "code": "cross", "scope": "cross_province"})
    assert DRAFT.search(desk.path), desk.answer.content.decode()
    return desk.path


def published(world: World, office: Any = CENTRE, **said: Any) -> ListVersion:
    with world.at(office.node):
        return actions.publish(plain(office=office, **said), actor=system(office.node), at=world.clock.now())


def test_a_list_is_made_from_a_file_reviewed_by_a_colleague_and_seen_by_citizens(federation: World) -> None:
    yang, other = Desk(federation, YANG), Desk(federation, colleague(federation, CENTRE, "heqing"))
    draft = begun(yang)
    assert "还没有条目" in yang.get(draft)
    page = yang.post(f"{draft}file/check/", {"revision": revision(yang.get(f"{draft}file/")), "file": csv()})
    assert "2 条新增" in page
    assert "学历公证" not in yang.get(draft)
    page = yang.post(f"{draft}taken_over/", {"revision": revision(yang.get(draft))})
    assert "文件已全部导入草稿" in page
    assert "失业登记" in page
    assert "待审核" in yang.post(f"{draft}submitted/", {"revision": revision(page)})
    yang.post(f"{draft}approved/", {"revision": revision(yang.get(draft))})
    assert yang.answer.status_code == 403
    assert "已发布" in other.post(f"{draft}approved/", {"revision": revision(other.get(draft))})

    federation.settle()
    for node in (GANSU, HUNAN):
        phone = Browser(federation, node)
        assert "跨省通办事项清单" in phone.get("/lists/")
        page = phone.get(f"/lists/{CENTRE.code}/cross/?q=失业")
        assert ("失业登记" in page, "学历公证" in page) == (True, False)
        assert "公布状态" in phone.get(f"/lists/{CENTRE.code}/cross/2020-001/")


def test_a_bad_file_is_told_by_row_and_column_and_changes_nothing(federation: World) -> None:
    desk = Desk(federation, YANG)
    draft = begun(desk)
    bad = "事项名称,批次,办理模式\n学历公证,2020,半网\n学历公证,2020,\n".encode("gbk")
    page = desk.post(f"{draft}file/check/", {"revision": revision(desk.get(f"{draft}file/")), "file": csv(bad)})

    assert desk.answer.status_code == 422
    assert "第2行“办理模式”列" in page
    assert "与第2行是同一个事项" in page
    table = desk.get(re.findall(r'href="(/desk/lists/[^"]+report\.csv)"', page)[0]).lstrip("\ufeff").splitlines()
    assert table[0] == "性质,工作表,行,列,代码,说明,原值" and table[1].startswith("错误,") and "半网" in table[1]
    assert "请选择一个文件" in desk.post(f"{draft}file/check/", {"revision": revision(page)})
    desk.post(f"{draft}taken_over/", {"revision": revision(desk.get(draft))})
    assert "没有已检查的文件" in desk.answer.content.decode()
    with federation.at(GANSU):
        assert ListDraft.objects.get(code="cross").words["entries"] == []


def test_what_is_missing_in_a_new_list_is_said_in_words(federation: World) -> None:
    desk = Desk(federation, YANG)
    for given, said in (
        ({"title": "", "code": "a", "scope": "city"}, "请填写清单名称"),
        ({"title": "甲", "code": "A", "scope": "city"}, "清单代码须以小写字母开头"),
        ({"title": "甲", "code": "a"}, "请选择清单的范围"),
        ({"title": "甲", "code": "a", "scope": "regional", "regions": "湖南"}, "六位行政区划代码"),
    ):
        assert said in desk.post("/desk/lists/start/", given)
        assert desk.answer.status_code == 422


def test_entries_and_batches_are_written_on_the_page(federation: World) -> None:
    desk = Desk(federation, YANG)
    draft = begun(desk)
    batch = {"code": "2020", "name": "第一批", "deadline": "2020-12-31", "announced": "58"}
    page = desk.post(f"{draft}batches/keep/", {"revision": revision(desk.get(draft)), **batch})
    assert "公布 58 项" in page
    said = {"code": "a-1", "name": "学历公证", "batch": "2020", "mode": "online", "timetable": "对接：2020-06-30\n上线"}
    page = desk.post(f"{draft}entries/new/keep/", {"revision": revision(page), **said, "responsible": "甲局\n乙局"})
    assert "学历公证" in page
    assert "对接：2020-06-30" in desk.get(f"{draft}entries/a-1/")
    again = desk.post(f"{draft}entries/new/keep/", {"revision": revision(page), **said})
    assert "已经有了" in again
    assert desk.answer.status_code == 422
    desk.post(f"{draft}entries/a-1/keep/", {"revision": revision(page), **said, "name": "学位公证"})
    head = {"title": "另一个名称", "scope": "cross_province", "basis": "依据", "note": "说明"}
    page = desk.post(f"{draft}head/", {"revision": revision(desk.get(draft)), **head})
    assert "另一个名称" in page
    assert "这个批次还有条目" in desk.post(f"{draft}batches/remove/", {"revision": revision(page), "code": "2020"})
    desk.post(f"{draft}entries/a-1/remove/", {"revision": revision(page)})
    desk.post(f"{draft}batches/remove/", {"revision": revision(desk.get(draft)), "code": "2020"})
    assert "草稿已放弃" in desk.post(f"{draft}dropped/", {"revision": revision(desk.get(draft))})


def test_how_entries_stand_is_changed_with_a_history_that_everybody_sees(federation: World) -> None:
    published(federation)
    desk, one = Desk(federation, YANG), f"/desk/lists/{CENTRE.code}/cross/"
    assert "请选择要变更的条目" in desk.post(f"{one}act/standing/", {"status": "open"})
    assert "请写明理由" in desk.post(f"{one}act/standing/", {"status": "on_hold", "entries": ["a-1"]})
    assert "状态已变更" in desk.post(f"{one}act/standing/", {"status": "open", "entries": ["a-1"]})
    assert "已开通" in desk.get(f"{one}entries/a-1/")
    federation.settle()
    assert "已开通" in Browser(federation, HUNAN).get(f"/lists/{CENTRE.code}/cross/?status=open")

    assert "已撤回" in desk.post(f"{one}act/withdrawn/", {"reason": "名录有误。"})
    federation.settle()
    page = Browser(federation, HUNAN).get(f"/lists/{CENTRE.code}/cross/")
    assert "名录有误。" in page
    desk.post(f"{one}act/draft/", {})
    assert DRAFT.search(desk.path)


def test_two_publishers_lists_and_two_versions_are_compared(federation: World) -> None:
    published(federation)
    published(federation, entries=[entry(), entry("a-2", "失业登记", batch="2021")])
    desk, own = Desk(federation, YANG), f"{CENTRE.code}/cross"
    page = desk.get(f"/desk/lists/compare/?before={own}/1&after={own}/2")
    assert "只在“跨省通办事项清单”第 2 版" in page
    assert "失业登记" in page
    page = desk.get(f"/desk/lists/compare/?before={own}&after={LANZHOU_CENTRE.code}/cross_province")
    assert "社会保障卡申领" in page
    assert "比较两份清单" in desk.get("/desk/lists/compare/")
    assert "第 1 版" in desk.get(f"/desk/lists/{own}/?version=1")


def test_an_agreement_is_offered_confirmed_and_ended_on_pages(federation: World) -> None:
    tang = Desk(federation, staff("tangyi", HUNAN))
    li = Desk(federation, colleague(federation, LANZHOU_CENTRE, "lilan"))
    said: dict[str, Any] = {"title": "长沙、兰州点对点协议", "side": "handling", "moves": ["accept"]}
    said |= {
        "other": LANZHOU_CENTRE.code,
        "shares": "原件核验：核对后注明",
        "begins": "2026-11-01",
        "notice_days": "30",
        "basis": "两地协议",
    }
    assert "请填写开始日期" in tang.post("/desk/agreements/offer/", said | {"begins": ""})
    assert "至少写明一项" in tang.post("/desk/agreements/offer/", said | {"moves": [], "shares": ""})
    assert "等待对方确认" in tang.post("/desk/agreements/offer/", said)
    own = tang.path
    federation.settle()
    assert "长沙、兰州点对点协议" in li.get("/desk/agreements/")
    assert "请写明理由" in li.post(f"{own}refused/", {"reason": ""})
    assert "双方都已签名" in li.post(f"{own}confirmed/", {})
    federation.settle()
    assert "生效中" in tang.get(own)
    assert "长沙、兰州点对点协议" in Browser(federation, GANSU).get("/lists/")
    assert "长沙、兰州点对点协议" in Desk(federation, MA).get("/desk/agreements/")
    assert "须提前 30 天" in tang.get(own)
    page = tang.post(f"{own}ended/", {"ends_on": "2026-12-01", "reason": "调整。"})
    assert "最早到 2026-12-23 止" in page
    assert "最后一天是" in tang.post(f"{own}ended/", {"ends_on": "2026-12-31", "reason": "调整。"})


def test_a_copy_that_was_not_renewed_for_long_bears_a_warning(federation: World) -> None:
    published(federation)
    federation.settle()
    for node, is_warned in ((HUNAN, True), (GANSU, False)):
        with federation.at(node):
            old = federation.clock.now() - timedelta(days=1)
            ListVersion.objects.filter(publisher=CENTRE.code, origin="copy").update(fresh_until=old)
        phone = Browser(federation, node)
        assert ("可能已过时" in phone.get(f"/lists/{CENTRE.code}/cross/")) is is_warned
        assert ("来自节点" in phone.get(f"/lists/{CENTRE.code}/cross/")) is is_warned


# For programs


def told(world: World, node: str, path: str) -> tuple[int, Any]:
    browser = Browser(world, node)
    browser.get(f"/api/v1{path}")
    return browser.answer.status_code, json.loads(browser.answer.content)


def test_programs_read_lists_as_they_were_digested_and_agreements_in_force(federation: World) -> None:
    federation.settle()
    status, found = told(federation, GANSU, f"/lists?publisher={HUB_OFFICE.code}")
    (nation,) = found["lists"]
    assert (status, nation["code"], nation["node"]) == (200, "national", HUB)
    status, whole = told(federation, GANSU, f"/lists/{HUB_OFFICE.code}/national")
    assert status == 200
    assert whole["head"]["digest"] == nation["digest"]
    assert len(whole["content"]["entries"]) == len(whole["entries"]) == 99
    assert {"unsaid"} == {one["status"] for one in whole["entries"]}
    assert told(federation, GANSU, "/lists/x/y")[0] == 404
    with federation.at(GANSU):
        row = ListVersion.objects.get(publisher=HUB_OFFICE.code, code="national")
    assert row.content.entries[0].name == whole["content"]["entries"][0]["name"]

    agreed(federation, CHANGSHA_POLICE, LANZHOU_CENTRE)
    offered(federation, CHANGSHA_POLICE, LANZHOU_CENTRE, title="未确认")
    federation.settle()
    told_of = told(federation, GANSU, "/lists/agreements")[1]["agreements"]
    names = [one["content"]["handling"]["name"] for one in told_of]
    assert CHANGSHA_POLICE.name in names
    assert "未确认" not in json.dumps(told_of, ensure_ascii=False)


@pytest.mark.usefixtures("still")
def test_a_page_of_a_list_takes_few_statements_however_long_it_is(federation: World) -> None:
    federation.settle()
    browser = Browser(federation, GANSU)
    with federation.at(GANSU), CaptureQueriesContext(connection) as asked:
        browser.client.get(f"/lists/{HUB_OFFICE.code}/national/")
        assert len(asked) <= 6, [each["sql"] for each in asked]


# Who may open what: every address of lists and agreements, for everybody


PATHS: dict[str, Callable[["Ground"], str]] = {
    "lists": lambda g: "lists/",
    "list-start": lambda g: "lists/start/",
    "list-compare": lambda g: "lists/compare/",
    "list": lambda g: f"lists/{CENTRE.code}/public/",
    "list-act": lambda g: f"lists/{CENTRE.code}/public/act/withdrawn/",
    "list-entry": lambda g: f"lists/{CENTRE.code}/public/entries/a-1/",
    "list-draft": lambda g: f"lists/drafts/{g.draft}/",
    "list-head": lambda g: f"lists/drafts/{g.draft}/head/",
    "list-batch": lambda g: f"lists/drafts/{g.draft}/batches/keep/",
    "list-batch-remove": lambda g: f"lists/drafts/{g.draft}/batches/remove/",
    "list-file": lambda g: f"lists/drafts/{g.draft}/file/",
    "list-file-report": lambda g: f"lists/drafts/{g.draft}/file/report.csv",
    "list-file-check": lambda g: f"lists/drafts/{g.draft}/file/check/",
    "list-entry-form": lambda g: f"lists/drafts/{g.draft}/entries/a-1/",
    "list-entry-keep": lambda g: f"lists/drafts/{g.draft}/entries/a-1/keep/",
    "list-entry-remove": lambda g: f"lists/drafts/{g.draft}/entries/a-1/remove/",
    "list-step": lambda g: f"lists/drafts/{g.draft}/submitted/",
    "agreements": lambda g: "agreements/",
    "agreement-new": lambda g: "agreements/new/",
    "agreement-offer": lambda g: "agreements/offer/",
    "agreement": lambda g: f"agreements/{g.waiting}/",
    "agreement-step": lambda g: f"agreements/{g.waiting}/confirmed/",
}
POSTED = {
    *("list-start", "list-act", "list-head", "list-batch", "list-batch-remove", "list-file-check", "list-entry-keep"),
    *("list-entry-remove", "list-step", "agreement-offer", "agreement-step"),
}
MANAGERS_MAY = {"lists", "list-compare", "list", "list-entry", "agreements", "agreement-new"}  # of any organization
MANAGERS_BEGIN = {"list-start", "agreement-offer"}  # something of their own
STAFF_MAY = {"agreements"}  # what binds them


class Ground:
    """Something of Gansu's centre at its node: a draft, a public list, an agreement that waits for an answer."""

    def __init__(self, world: World) -> None:
        self.world = world
        published(world, code="public")
        with world.at(GANSU):
            now, me = world.clock.now(), system(GANSU)
            words: dict[str, Any] = {"organization": CENTRE.code, "actor": me, "at": now}
            head = {"title": "草稿里的清单", "scope": "cross_province"}
            self.draft = actions.import_file(CSV, "x.csv", "secret", head, **words)[0].id  # type: ignore[union-attr]
            ListDraft.objects.filter(id=self.draft).update(stage="editing")
        self.waiting = offered(world, ORGANIZATIONS["lanzhou-police"], LANZHOU_CENTRE, title="草稿里的协议").id

    def kept(self) -> list[Any]:
        with self.world.at(GANSU):
            tables = (ListDraft, ListVersion, ListAct, RegionAgreement)
            return [sorted(map(str, table.objects.values())) for table in tables]


@pytest.fixture
def private(federation: World) -> Ground:
    return Ground(federation)


def addresses() -> Iterator[URLPattern]:
    for module in (lists, list_drafts, agreements):
        yield from module.urlpatterns


def test_every_address_of_lists_and_agreements_is_tried() -> None:
    assert {pattern.name for pattern in addresses()} == set(PATHS)


def test_people_without_business_there_neither_read_nor_change_anything(private: Ground) -> None:
    world, before = private.world, private.kept()
    lanzhou = colleague(world, ORGANIZATIONS["lanzhou-police"], "lanpolice")  # signed the agreement, not the lists
    strangers = {
        "nobody": Browser(world, GANSU),
        "clerk": Desk(world, MA),
        "approver": Desk(world, staff("zhaomin", GANSU)),
        "operator": Desk(world, DemoStaff(SUN.login, GANSU, SUN.name, CENTRE, SUN.roles)),
        "another manager": Desk(world, colleague(world, ORGANIZATIONS["chengguan-centre"], "chengguan")),
        "the other side's manager": Desk(world, lanzhou),
    }
    for who, desk in strangers.items():
        for name, path in PATHS.items():
            is_manager = "manager" in who
            if is_manager and name in MANAGERS_BEGIN | MANAGERS_MAY:
                continue
            if who == "the other side's manager" and name in ("agreement", "agreement-step"):
                continue
            address = f"/desk/{path(private)}"
            answer = desk.post(address, {}) if name in POSTED else desk.get(address)
            said = f"{who} {name} {desk.answer.status_code}"
            assert "草稿里的清单" not in answer, said
            assert "草稿里的协议" not in answer, said
            if who != "nobody" and name not in STAFF_MAY:
                assert desk.answer.status_code in (403, 404), said
    assert private.kept() == before


def test_a_stranger_is_told_the_same_as_of_what_does_not_exist(private: Ground) -> None:
    desk = Desk(private.world, colleague(private.world, ORGANIZATIONS["chengguan-centre"], "chengguan"))
    nothing = UUID(int=7)
    for there, nowhere in (
        (f"lists/drafts/{private.draft}/", f"lists/drafts/{nothing}/"),
        (f"lists/drafts/{private.draft}/file/", f"lists/drafts/{nothing}/file/"),
        (f"lists/drafts/{private.draft}/file/report.csv", f"lists/drafts/{nothing}/file/report.csv"),
        (f"agreements/{private.waiting}/", f"agreements/{nothing}/"),
    ):
        answers = []
        for path in (there, nowhere):
            page = desk.get(f"/desk/{path}")
            told = re.sub(r"<[^>]*>", " ", page.partition("<main")[2])
            answers.append((desk.answer.status_code, re.sub(r"[0-9a-f-]{8,}", "", told)))
        assert answers[0] == answers[1]
        assert answers[0][0] == 404


def test_an_approver_of_another_node_opens_no_list_manager_page(federation: World) -> None:
    desk = Desk(federation, CHEN)
    for path in ("lists/", "lists/compare/", "agreements/new/"):
        desk.get(f"/desk/{path}")
        assert desk.answer.status_code == 403


def test_drafts_and_offers_are_not_counted_or_listed_anywhere_public(private: Ground) -> None:
    for path in ("/lists/", "/lists/?scope=cross_province", "/api/v1/lists", "/api/v1/lists/agreements"):
        page = Browser(private.world, GANSU).get(path)
        assert "草稿里的" not in page
    with private.world.at(GANSU):
        assert "secret" not in {row.code for row in queries.lists()}
