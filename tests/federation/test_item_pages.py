# SPDX-License-Identifier: Apache-2.0
"""Item managers claim, write, review, publish and compare on pages; nobody else opens them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests import story
from tests.desks import Browser, Desk
from tests.people import CHEN, SUN, staff
from tests.world import World
from tongban.catalogue import queries
from tongban.demo.people import ORGANIZATIONS, DemoStaff
from tongban.web.desk import items

HUB, HUNAN = "000000", "430000"
TANG, ZHOU, LUO = staff("tangyi", HUNAN), staff("zhouhang", HUNAN), staff("luojun", HUNAN)
QIN, LU = staff("qinyu", HUB), staff("lulu", HUB)
BASIC = "002099001000"  # 开具无犯罪记录证明
TASK = f"{ORGANIZATIONS['changsha-police'].code}3{BASIC}"
DRAFT = re.compile(r"/desk/items/drafts/([0-9a-f-]{36})/")


def revision(page: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', page)
    assert found
    return found[1]


@pytest.fixture
def shared(federation: World) -> World:
    """Every node has what the hub lays down."""
    federation.settle()
    return federation


def begun(desk: Desk, basic: str = BASIC) -> str:
    """A claimed item's draft; its address."""
    desk.post(f"/desk/items/{basic}/act/claimed/", {})
    desk.post(f"/desk/items/{basic}/act/draft/", {})
    return desk.path


def keep(desk: Desk, draft: str, element: str, **given: object) -> str:
    page = desk.get(f"{draft}elements/{element}/")
    words = {f"{element}.{name}" if name else element: value for name, value in given.items()}
    return desk.post(f"{draft}elements/{element}/keep/", {"revision": revision(page), **words})


def test_a_manager_sees_the_catalogue_and_claims_what_is_theirs(shared: World) -> None:
    desk = Desk(shared, TANG)
    page = desk.get("/desk/items/")

    assert "开具无犯罪记录证明" in page
    assert "国家政务服务平台跨省通办枢纽" in desk.get(f"/desk/items/{BASIC}/")
    assert "已认领" in desk.post(f"/desk/items/{BASIC}/act/claimed/", {})
    assert "请写明理由" in desk.post("/desk/items/002099002000/act/declined/", {"reason": ""})
    assert desk.answer.status_code == 422
    assert "由公积金中心办理" in desk.post("/desk/items/002099002000/act/declined/", {"reason": "由公积金中心办理。"})


def test_what_was_published_is_changed_by_draft_and_review(shared: World) -> None:
    tang, zhou = Desk(shared, TANG), Desk(shared, ZHOU)
    draft = begun(tang)
    assert "基本目录" in tang.get(draft)
    page = tang.post(f"{draft}elements/phone/keep/", {"revision": revision(tang.get(draft)), "phone": "0731-00009999"})
    assert "已保存" in page
    assert "咨询方式" in page
    assert "待审核" in tang.post(f"{draft}submitted/", {"revision": revision(page)})
    assert "须由本机构的另一位" in tang.get(draft)
    tang.post(f"{draft}approved/", {"revision": revision(tang.get(draft))})
    assert tang.answer.status_code == 403

    assert "已发布" in zhou.post(f"{draft}approved/", {"revision": revision(zhou.get(draft))})
    with shared.at(HUNAN):
        assert (queries.item(TASK).version, queries.item(TASK).item.phone) == (2, "0731-00009999")
    assert "0731-00009999" in zhou.get(f"/desk/items/{BASIC}/versions/?before=1&after=2")
    shared.settle()
    with shared.at("620000"):
        assert queries.item(TASK).version == 2


def test_a_version_for_a_later_day_comes_into_force_at_every_node_by_itself(shared: World) -> None:
    tang, zhou = Desk(shared, TANG), Desk(shared, ZHOU)
    draft = begun(tang)
    words = {"revision": revision(tang.get(draft)), "phone": "0731-00009999"}
    page = tang.post(f"{draft}elements/phone/keep/", words)
    tang.post(f"{draft}submitted/", {"revision": revision(page), "effective_from": "2026-11-25"})
    zhou.post(f"{draft}approved/", {"revision": revision(zhou.get(draft))})
    shared.settle()

    def standing(node: str) -> list[str]:
        with shared.at(node):
            return [each.status for each in queries.versions(TASK)]

    assert standing(HUNAN) == standing("620000") == ["scheduled", "published"]
    shared.pass_time(timedelta(days=3))
    for node in (HUNAN, "620000"):
        (duty,) = (each for each in shared.duties(node) if each.name == "items")
        with shared.at(node):
            assert duty.once(shared.clock.now())
            assert not duty.once(shared.clock.now())
    assert standing(HUNAN) == standing("620000") == ["published", "superseded"]


def test_a_draft_is_sent_back_with_what_is_wrong(shared: World) -> None:
    tang, zhou = Desk(shared, TANG), Desk(shared, ZHOU)
    draft = begun(tang)
    tang.post(f"{draft}submitted/", {"revision": revision(tang.get(draft))})

    assert "请写明理由" in zhou.post(f"{draft}sent_back/", {"revision": revision(zhou.get(draft)), "note": ""})
    zhou.post(f"{draft}sent_back/", {"revision": revision(zhou.get(draft)), "note": "电话换了。"})
    assert "电话换了。" in tang.get(draft)
    assert "已放弃" in tang.post(f"{draft}dropped/", {"revision": revision(tang.get(draft))})


def test_what_breaks_a_rule_is_told_beside_its_element(shared: World) -> None:
    tang = Desk(shared, TANG)
    draft = begun(tang)
    same = tang.get(f"{draft}elements/complaint_phone/")
    phone = re.search(r'name="complaint_phone" value="([^"]+)"', same)
    assert phone
    page = tang.post(f"{draft}elements/phone/keep/", {"revision": revision(same), "phone": phone[1]})

    assert "咨询电话和投诉电话不得相同" in page
    assert "改好后才能提交" in page
    tang.post(f"{draft}submitted/", {"revision": revision(page)})
    assert tang.answer.status_code == 422


def test_lists_groups_and_choices_are_filled_in_on_the_page(shared: World) -> None:
    tang = Desk(shared, TANG)
    draft = begun(tang)
    page = tang.get(f"{draft}elements/conditions/")
    page = tang.post(
        f"{draft}elements/conditions/keep/", {"revision": revision(page), "conditions": "第一条。\r\n\r\n第二条。"}
    )
    window = {"window.address": "新地址", "window.hours": "工作日"}
    page = tang.post(f"{draft}elements/window/keep/", {"revision": revision(page), **window})
    page = tang.post(f"{draft}elements/power.source/keep/", {"revision": revision(page), "power.source": "own"})
    faq = {"faq.0.question": "多久？", "faq.0.answer": "五天。", "faq.1.question": "", "faq.1.answer": ""}
    page = tang.post(f"{draft}elements/faq/keep/", {"revision": revision(page), **faq})
    page = tang.post(f"{draft}elements/visits/keep/", {"revision": revision(page), "visits": "三"})
    assert tang.answer.status_code == 422
    assert "没有保存" in page

    with shared.at(HUNAN):
        words = queries.draft(DRAFT.search(draft)[1], story.officer(shared, TANG)).words  # type: ignore[index,arg-type]
    assert words["conditions"] == ["第一条。", "第二条。"]
    assert (words["window"]["address"], words["power"]) == ("新地址", {"source": "own"})
    assert words["faq"] == [{"question": "多久？", "answer": "五天。"}]


def test_every_element_has_a_page_that_keeps_what_it_shows(shared: World) -> None:
    tang = Desk(shared, TANG)
    draft = begun(tang)
    page = tang.get(draft)
    paths = re.findall(r'/elements/([a-z_.]+)/"', page)
    assert len(paths) > 50
    for path in paths:
        tang.get(f"{draft}elements/{path}/")
        assert tang.answer.status_code == 200, path
    materials = tang.get(f"{draft}elements/materials/")
    fields = dict(re.findall(r'<textarea[^>]*name="(materials[^"]+)">([^<]*)<', materials))
    fields |= dict(re.findall(r'<input class="input[^>]*name="(materials[^"]+)"[^>]* value="([^"]*)"', materials))
    chosen: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="(materials[^"]+)" value="([^"]*)" checked', materials):
        chosen.setdefault(name, []).append(value)
    tang.post(f"{draft}elements/materials/keep/", {"revision": revision(materials), **fields, **chosen})

    assert tang.answer.status_code == 200
    assert "已保存" in tang.get(tang.path + "?at=materials")
    assert "与第 1 版的差别" not in tang.get(draft)


def test_the_locked_cannot_be_sent_either(shared: World) -> None:
    tang = Desk(shared, TANG)
    draft = begun(tang)

    tang.post(f"{draft}elements/name/keep/", {"revision": revision(tang.get(draft)), "name": "改名"})
    assert tang.answer.status_code == 409
    tang.get(f"{draft}elements/weather/")
    assert tang.answer.status_code == 404


def test_an_item_is_suspended_and_resumed_with_a_reason(shared: World) -> None:
    tang = Desk(shared, TANG)

    assert "请写明理由" in tang.post(f"/desk/items/{BASIC}/act/suspended/", {"reason": ""})
    assert "暂停" in tang.post(f"/desk/items/{BASIC}/act/suspended/", {"reason": "系统升级。"})
    shared.settle()
    with shared.at("620000"):
        assert queries.versions(TASK)[0].status == "suspended"
    assert "在用" in tang.post(f"/desk/items/{BASIC}/act/resumed/", {"reason": "升级完成。"})


def test_regions_are_compared_and_rates_counted_also_as_files(shared: World) -> None:
    tang = Desk(shared, TANG)
    page = tang.get(f"/desk/items/{BASIC}/compare/")

    assert "承诺办结时限" in page
    assert "兰州市" in page or "长春市" in page or "廊坊市" in page
    tang.get(f"/desk/items/{BASIC}/compare/?as=csv")
    assert tang.answer["Content-Type"].startswith("text/csv")
    assert tang.answer.content.startswith(b"\xef\xbb\xbf")
    assert "长沙市" in tang.get("/desk/items/rates/")
    assert "430100" in tang.get("/desk/items/rates/?as=csv")


def test_the_hub_lays_down_more_by_draft_and_review(shared: World) -> None:
    qin, lu = Desk(shared, QIN), Desk(shared, LU)
    qin.post(f"/desk/items/{BASIC}/act/basic/", {})
    draft = qin.path
    page = qin.post(f"{draft}elements/visits/keep/", {"revision": revision(qin.get(draft)), "visits": "0"})
    page = qin.post(f"{draft}saved/", {"revision": revision(page), "levels": ["city", "county"]})
    qin.post(f"{draft}submitted/", {"revision": revision(page)})
    lu.post(f"{draft}approved/", {"revision": revision(lu.get(draft))})
    shared.settle()

    with shared.at(HUNAN):
        read = queries.inherited(BASIC, "430100")
    assert (read.content["visits"], [str(each) for each in read.levels]) == (0, ["city", "county"])


# Who may open or do what: every address of these pages, every role, and how the person stands to the draft.
ADDRESSES: dict[str, tuple[str, Callable[[str], str]]] = {
    "items": ("GET", lambda draft: ""),
    "claim-rates": ("GET", lambda draft: "rates/"),
    "unclaimed": ("GET", lambda draft: "rates/430100/"),
    "item": ("GET", lambda draft: f"{BASIC}/"),
    "item-compare": ("GET", lambda draft: f"{BASIC}/compare/"),
    "item-versions": ("GET", lambda draft: f"{BASIC}/versions/?before=1&after=1"),
    "item-act": ("POST", lambda draft: f"{BASIC}/act/declined/"),
    "item-draft": ("GET", lambda draft: f"drafts/{draft}/"),
    "item-element": ("GET", lambda draft: f"drafts/{draft}/elements/phone/"),
    "keep-element": ("POST", lambda draft: f"drafts/{draft}/elements/phone/keep/"),
    "item-attach": ("POST", lambda draft: f"drafts/{draft}/files/"),
    "item-draft-file": ("GET", lambda draft: f"drafts/{draft}/files/{'0' * 64}/"),
    "item-step": ("POST", lambda draft: f"drafts/{draft}/dropped/"),
}
ROLES: dict[str, Callable[[World], Browser]] = {
    "nobody": lambda world: Browser(world, HUNAN),
    "approver of the organization": lambda world: Desk(world, CHEN),
    "clerk of another organization": lambda world: Desk(world, staff("tangli", HUNAN)),
    "operator": lambda world: Desk(world, DemoStaff(SUN.login, HUNAN, SUN.name, CENTRE, SUN.roles)),
    "item manager of another organization": lambda world: Desk(world, LUO),
    "item manager at another node": lambda world: Desk(world, QIN),
}
CENTRE = ORGANIZATIONS["hunan-centre"]
SECRET, NOBODYS = "0731-00088888", "00000000-0000-7000-8000-000000000000"


def test_every_address_of_items_is_in_the_table() -> None:
    assert {pattern.name for pattern in items.urlpatterns} == ADDRESSES.keys()


@pytest.fixture
def secret(shared: World) -> str:
    """A draft of the police of Changsha, with a telephone number that nobody else may read; its id."""
    tang = Desk(shared, TANG)
    draft = begun(tang)
    keep(tang, draft, "phone", **{"": SECRET})
    assert SECRET in tang.get(draft)
    found = DRAFT.search(draft)
    assert found
    return found[1]


@pytest.mark.parametrize("who", ROLES)
def test_nobody_outside_reads_counts_or_changes_a_draft(shared: World, secret: str, who: str) -> None:
    desk, is_manager = ROLES[who](shared), "item manager" in who
    for name, (method, path) in ADDRESSES.items():
        answers, concerns_one = [], path(secret) != path(NOBODYS)
        for draft in (secret, NOBODYS):
            address = f"/desk/items/{path(draft)}"
            page = desk.get(address) if method == "GET" else desk.post(address, {"revision": "2", "reason": ""})
            assert SECRET not in page and (concerns_one or secret not in page), (who, name)
            told = page.partition("<main")[2].partition("事件编号")[0].replace(draft, "")
            answers.append((desk.answer.status_code, told))
        if who == "nobody":
            assert "/desk/sign-in/" in desk.path, name
        elif not is_manager:
            assert answers[0][0] == 403, (who, name)
        elif concerns_one:
            assert answers[0][0] == 404 and answers[0] == answers[1], (who, name)
    tang = Desk(shared, TANG)
    assert SECRET in tang.get(f"/desk/items/drafts/{secret}/") and "草稿" in tang.get("/desk/items/")
    with shared.at(HUNAN):
        assert queries.claim_of(ORGANIZATIONS["changsha-police"].code, BASIC).standing == "claimed"  # type: ignore[union-attr]


def test_a_region_s_unclaimed_items_are_listed_and_taken_away_as_a_table(shared: World) -> None:
    tang = Desk(shared, TANG)
    before = tang.get("/desk/items/rates/430100/")
    tang.post("/desk/items/002099006000/act/declined/", {"reason": "由公积金中心办理。"})

    assert "长沙市的认领情况" in before and "未认领" in before
    assert "不认领（有理由）" in tang.get("/desk/items/rates/430100/")
    table = tang.get("/desk/items/rates/430100/?as=csv")
    assert table.startswith("\ufeff行政区划代码,行政区划,基本编码,事项,认领情况") and "由公积金中心办理" not in table
    tang.get("/desk/items/rates/999999/")
    assert tang.answer.status_code == 404
