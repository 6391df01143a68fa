# SPDX-License-Identifier: Apache-2.0
"""Items in files on the desk: taken away, changed, handed over, confirmed, published; and who may do which of it."""

import re
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.desks import Browser, Desk
from tests.people import CHEN, staff
from tests.world import World
from tongban.catalogue import queries
from tongban.catalogue.models import ItemImport, ItemVersion
from tongban.catalogue.tables import reading
from tongban.catalogue.tables.actions import work_once
from tongban.catalogue.tables.columns import Table
from tongban.catalogue.tables.tests.things import as_file
from tongban.demo.people import ORGANIZATIONS
from tongban.web.desk import imports

HUNAN = "430000"
TANG, ZHOU, LUO = staff("tangyi", HUNAN), staff("zhouhang", HUNAN), staff("luojun", HUNAN)
TASK = f"{ORGANIZATIONS['changsha-police'].code}3002099001000"
LINE = re.compile(r"/desk/items/import/([0-9a-f-]{36})/")


@pytest.fixture
def shared(federation: World) -> World:
    """Every node has what the hub lays down."""
    federation.settle()
    return federation


def taken(desk: Desk, asked: str = "as=csv") -> bytes:
    """The file that a desk takes away."""
    with desk.world.at(desk.node):
        answer: Any = desk.client.get(f"/desk/items/export/?{asked}")
        assert answer.status_code == 200
        return b"".join(answer.streaming_content)


def changed(data: bytes, column: str, text: str) -> bytes:
    """The same file with another text in a column of the first item."""
    book = reading.read(data, "a.zip")
    tables: dict[Table, list[list[str]]] = {}
    for sheet in book.sheets:
        rows = [[row[name] for name in sheet.header] for row in sheet.rows(book.report)]
        tables[Table(sheet.name)] = [list(sheet.header), *rows]
    basic = tables[Table.BASIC]
    basic[1][basic[0].index(column)] = text
    return as_file(tables)


def handed_over(desk: Desk, data: bytes, name: str = "事项.zip") -> str:
    """A file is uploaded and judged; its page."""
    desk.post("/desk/items/import/begin/", {"file": SimpleUploadedFile(name, data)})
    found = LINE.search(desk.path)
    assert found, desk.answer.content.decode()
    with desk.world.at(desk.node):
        while work_once(desk.world.clock.now()):
            pass
    return found[0]


def test_a_file_goes_out_is_changed_and_comes_back_published_everywhere(shared: World) -> None:
    tang, zhou = Desk(shared, TANG), Desk(shared, ZHOU)
    page = handed_over(tang, changed(taken(tang), "link_way", "0731-00009999"))
    assert "可以提交" in tang.get(page)
    assert "待确认" in tang.post(f"{page}submitted/", {})
    tang.post(f"{page}confirmed/", {})
    assert tang.answer.status_code == 403
    assert "正在发布" in zhou.post(f"{page}confirmed/", {})
    with shared.at(HUNAN):
        assert queries.item(TASK).version == 1
        while work_once(shared.clock.now()):
            pass
        assert (queries.item(TASK).version, queries.item(TASK).item.phone) == (2, "0731-00009999")
    assert "已全部发布" in zhou.get(page)
    shared.settle()
    with shared.at("620000"):
        copy = queries.item(TASK)
        assert (copy.version, copy.origin, copy.item.phone) == (2, "copy", "0731-00009999")


def test_what_was_taken_away_and_not_touched_changes_nothing(shared: World) -> None:
    tang = Desk(shared, TANG)
    for form, ending in (("csv", "zip"), ("xlsx", "xlsx"), ("json", "json"), ("csv&encoding=gbk&header=zh", "zip")):
        page = tang.get(handed_over(tang, taken(tang, f"as={form}"), f"a.{ending}"))
        assert "没有变化" in page
        assert "新增 0 项，变更 0 项" in page


def test_what_is_wrong_is_listed_by_row_and_column_and_taken_away_as_a_table(shared: World) -> None:
    tang = Desk(shared, TANG)
    page = handed_over(tang, changed(taken(tang), "task_type", "77"))
    told = tang.get(page)
    assert "有错误" in told and "task_type" in told and "第 2 行" in told and "没有这个代码" in told
    report = tang.get(f"{page}report.csv")
    assert report.startswith("\ufeff性质,工作表,行,列,代码,说明,原值")
    assert "错误,basic,2,task_type,wrong_value" in report
    assert "一项也没有发布" in told
    assert "已放弃" in tang.post(f"{page}dropped/", {})


def test_a_file_that_is_none_comes_back_to_the_form(shared: World) -> None:
    tang = Desk(shared, TANG)
    assert "请选择一个文件" in tang.post("/desk/items/import/begin/", {})
    assert tang.answer.status_code == 422
    file = SimpleUploadedFile("a.csv", b"x")
    assert "不能早于今天" in tang.post("/desk/items/import/begin/", {"file": file, "effective_from": "2020-01-01"})
    file = SimpleUploadedFile("a.csv", b"x")
    assert "按“年-月-日”" in tang.post("/desk/items/import/begin/", {"file": file, "effective_from": "明天"})
    assert "可导出为" in tang.get("/desk/items/export/?as=doc")


def test_nonsense_is_told_and_nothing_is_kept(shared: World) -> None:
    tang = Desk(shared, TANG)
    with shared.at(HUNAN):
        before = ItemVersion.objects.count()
    told = tang.get(handed_over(tang, b"\x89nonsense\x00" * 100_000, "x.xlsx"))
    assert "整个文件" in told or "第 1 行" in told
    with shared.at(HUNAN):
        assert ItemVersion.objects.count() == before


# Who may open or do what: every address of these pages, every role, and how the person stands to the import.
ADDRESSES = {
    "item-imports": ("GET", "/desk/items/import/"),
    "begin-import": ("POST", "/desk/items/import/begin/"),
    "item-import": ("GET", "/desk/items/import/{id}/"),
    "import-report": ("GET", "/desk/items/import/{id}/report.csv"),
    "import-step": ("POST", "/desk/items/import/{id}/{how}/"),
    "export-claims": ("GET", "/desk/items/export/claims.csv"),
    "item-export": ("GET", "/desk/items/export/?whose={whose}"),
}
STEPS = ("submitted", "confirmed", "sent_back", "again", "dropped")
WHO = {
    "nobody": None,
    "officer": CHEN,
    "window": staff("tangli", HUNAN),
    "manager of another organization": LUO,
    "who handed it over": TANG,
    "second of the same organization": ZHOU,
}
OWN = ("who handed it over", "second of the same organization")
UNKNOWN = str(UUID(int=1))


def test_every_address_is_in_the_table() -> None:
    assert {each.name for each in imports.urlpatterns} == ADDRESSES.keys()


def _answers(browser: Browser, name: str, import_id: str) -> list[tuple[int, bytes]]:
    method, pattern = ADDRESSES[name]
    answers = []
    for how, whose in product(
        STEPS if "{how}" in pattern else ("",), ("own", "all") if "{whose}" in pattern else ("",)
    ):
        path = pattern.format(id=import_id, how=how, whose=whose)
        with browser.world.at(browser.node):
            answer: Any = browser.client.get(path) if method == "GET" else browser.client.post(path, {"note": "x"})
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        answers.append((answer.status_code, body))
    return answers


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_import_is_its_organizations_own(shared: World, name: str) -> None:
    tang = Desk(shared, TANG)
    page = handed_over(tang, changed(taken(tang), "link_way", "0731-00007777"), "本机构的.zip")
    import_id = page.rstrip("/").rsplit("/", 1)[-1]
    concerns_one = "{id}" in ADDRESSES[name][1]
    for word, who in WHO.items():
        if word in OWN:
            continue
        browser = Desk(shared, who) if who else Browser(shared, HUNAN)
        told = _answers(browser, name, import_id)
        statuses = {status for status, _ in told}
        if who is None:
            assert statuses <= {302, 401}, (word, name)
        elif who is LUO and concerns_one:
            assert statuses == {404}, (word, name)
            assert statuses == {status for status, _ in _answers(browser, name, UNKNOWN)}
        elif who is LUO:
            assert statuses <= {200, 302, 422}, (word, name)
        else:
            assert statuses == {403}, (word, name)
        assert all("本机构的.zip".encode() not in body and b"0731-00007777" not in body for _, body in told)
    with shared.at(HUNAN):
        assert ItemImport.objects.get(id=import_id).stage == "ready"
        assert queries.item(TASK).version == 1


def test_an_export_holds_no_draft_of_anybody(shared: World) -> None:
    tang, zhou = Desk(shared, TANG), Desk(shared, ZHOU)
    tang.post("/desk/items/002099001000/act/claimed/", {})
    tang.post("/desk/items/002099001000/act/draft/", {})
    draft = tang.path
    revision = re.search(r'name="revision" value="(\d+)"', tang.get(draft))
    assert revision
    tang.post(f"{draft}elements/phone/keep/", {"revision": revision[1], "phone": "0731-00005555"})
    for desk, whose in product((tang, zhou, Desk(shared, LUO)), ("own", "all")):
        assert b"0731-00005555" not in taken(desk, f"as=json&whose={whose}")
    assert TASK.encode() not in taken(Desk(shared, LUO), "as=json&whose=own")


def test_what_is_to_be_claimed_is_taken_away_as_a_table(shared: World) -> None:
    tang = Desk(shared, TANG)
    tang.post("/desk/items/002099002000/act/declined/", {"reason": "由公积金中心办理。"})
    table = tang.get("/desk/items/export/claims.csv")
    assert table.startswith("\ufeff基本编码,事项,应认领,认领情况,理由,版本,版本状态")
    assert "002099002000" in table and "不认领,由公积金中心办理。" in table
    assert "由公积金中心办理。" not in Desk(shared, LUO).get("/desk/items/export/claims.csv")


def test_programs_read_the_same_tables_page_by_page(shared: World) -> None:
    browser = Browser(shared, HUNAN)
    found: list[str] = []
    after = ""
    while True:
        browser.get(f"/api/v1/tables?limit=2&after={after}")
        told = browser.answer.json()
        found += [each["basic"][0]["task_code"] for each in told["items"]]
        after = told["next"]
        if not after:
            break
    with shared.at(HUNAN):
        listed = ItemVersion.objects.filter(status__in=("published", "suspended")).order_by("task_code")
        assert found == list(listed.values_list("task_code", flat=True))
    browser.get("/api/v1/tables?region=430100")
    assert {each["tongban"][0]["tongban_publisher_region"][:4] for each in browser.answer.json()["items"]} == {"4301"}
    for wrong in ("after=x", "region=abc"):
        browser.get(f"/api/v1/tables?{wrong}")
        assert browser.answer.status_code == 422
