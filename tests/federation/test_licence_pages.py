# SPDX-License-Identifier: Apache-2.0
"""A type from its draft to a licence in its holder's hands, by the pages: defined, taken over, sealed, renewed."""

import re
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.desks import Browser, Desk, Phone
from tests.people import CHEN, ZHANG, staff
from tests.world import World
from tongban.demo import identity_cards
from tongban.licences import queries
from tongban.licences.models import Licence, SealOrder, ToldStanding
from tongban.licences.tests.test_stock import table

HUNAN, JILIN = "430000", "220000"
LIN = staff("linyue", HUNAN)  # keeps the seal of Changsha's police
SUN = staff("sunqiang", HUNAN)
CODE = "11994301000000035F901"
TYPED = {
    "suffix": "901",
    "name": "居住登记卡",
    "holders": ["person"],
    "fields": "address,住址,文字,必填,个人\nuntil,有效期截止,日期,选填,公开",
    "rule": "field",
    "field": "until",
    "style": "certificate",
    "paragraphs": "{holder}住在{address}。",
    "satisfies": ["identity"],
    "number_personal": "1",
    "two_persons": "1",
}
WHY = {"reason": "住址变更。", "basis": "演示规定第一条"}


def published(world: World) -> None:
    """The type, written by one and published by another, in force today."""
    writer, other = Desk(world, staff("tangyi", HUNAN)), Desk(world, staff("zhouhang", HUNAN))
    assert "请写成" in writer.post("/desk/licence-types/new/", TYPED | {"fields": "住址"})
    assert "草稿已保存" in writer.post("/desk/licence-types/new/", dict(TYPED))
    assert "编写的人不能发布" in writer.get(f"/desk/licence-types/{CODE}/")
    tomorrow = world.clock.now().date() + timedelta(days=1)
    said = {"how": "publish", "effective_from": tomorrow.isoformat()}
    assert "生效日期最早为明天" in other.post(
        f"/desk/licence-types/{CODE}/publish/", said | {"effective_from": "2026-11-23"}
    )
    assert "已发布" in other.post(f"/desk/licence-types/{CODE}/publish/", said)
    assert "居住登记卡" in Browser(world, HUNAN).get("/api/v1/licence-types")
    world.clock.advance(timedelta(days=1))


def taken_over(world: World) -> None:
    """张伟's card from a file, confirmed by another person, sealed when whoever keeps the seal allows it."""
    row = {
        "持有人名称": ZHANG.name,
        "持有人证件号码": ZHANG.id_number,
        "证照编号": ZHANG.id_number,
        "签发日期": "2020-01-02",
        "住址": "长沙市芙蓉区演示路1号",
        "有效期截止": "2027-01-02",
    }
    one, other = Desk(world, CHEN), Desk(world, LIN)
    file = SimpleUploadedFile("卡.csv", table(row), "text/csv")
    one.post("/desk/licences/stock/begin/", {"type": CODE, "file": file})
    batch = one.path
    world.settle()
    assert "等待本机关的另一位审批人员确认" in one.get(batch)
    other.post(f"{batch}step/", {"how": "confirm"})
    world.settle()
    assert "1 份已收录" in one.get(batch)
    one.post(f"{batch}step/", {"how": "seal", "reason": "存量制证。"})
    (seal,) = re.findall(r'href="(/desk/seals/[0-9a-f-]{36}/)"', other.get("/desk/seals/"))
    other.post(f"{seal}act/", {"act": "allow", "order": shown_order(other.get(seal))})
    world.settle()
    assert "其中 1 份已生成盖章文件" in one.get(batch)


def shown_order(page: str) -> str:
    """The order about which the buttons of a seal's page are."""
    (order,) = re.findall(r'name="order" value="([0-9a-f-]{36})"', page)
    return str(order)


def test_whoever_keeps_a_seal_reads_what_an_order_is_for_and_allows_that_one_and_no_other(federation: World) -> None:
    with federation.at(HUNAN):
        identity_cards.issue(HUNAN, federation.clock.now())
    federation.settle()
    one, other, sun = Desk(federation, CHEN), Desk(federation, LIN), Desk(federation, SUN)
    renewal = {"kind": "renew", "ending_by": "2040-12-31", "until": "2045-12-31", "basis": "演示规定第一条"}
    assert "已提交" in one.post("/desk/licences/bulk/", renewal | {"reason": "统一延续。"})
    (seal,) = re.findall(r'href="(/desk/seals/[0-9a-f-]{36}/)"', other.get("/desk/seals/"))
    page = other.get(seal)
    for word in ("延续有效期，重新盖章", "居民身份证", "2045", "演示规定第一条", "统一延续。"):
        assert word in page
    first = shown_order(page)
    sun.post(f"{seal}act/", {"act": "refuse", "order": first})
    one.post("/desk/licences/bulk/", renewal | {"until": "2099-12-31", "reason": "再来一次。"})
    for order in (first, "", "x"):  # the page of before is still open
        assert "请看清后再复核" in other.post(f"{seal}act/", {"act": "allow", "order": order})
        assert other.answer.status_code == 409
    with federation.at(HUNAN):
        assert [each.answer for each in SealOrder.objects.order_by("asked_at")] == ["refused", ""]
    assert "依据：演示规定第一条" in one.get("/desk/licences/bulk/")


def test_a_type_is_defined_a_card_taken_over_sealed_shown_to_its_holder_and_altered_by_two(federation: World) -> None:
    published(federation)
    taken_over(federation)
    phone, one, other = Phone(federation, ZHANG), Desk(federation, CHEN), Desk(federation, LIN)
    with federation.at(HUNAN):
        before = Licence.objects.get(definition=CODE)
    card = f"/my/licences/{before.id}/"
    assert "居住登记卡" in phone.get("/my/licences/")
    assert "长沙市芙蓉区演示路1号" in phone.get(card)
    with federation.at(HUNAN):
        answer = phone.client.get(f"{card}file/")
        assert queries.check_file(b"".join(answer.streaming_content)).intact  # type: ignore[attr-defined]

    desk = f"/desk/licences/{before.id}/"
    assert "没有要素与原来不同" in one.post(
        f"{desk}edition/", WHY | {"kind": "alter", "said-address": "长沙市芙蓉区演示路1号", "said-until": "2027-01-02"}
    )
    one.post(f"{desk}edition/", WHY | {"kind": "alter", "said-address": "长沙市岳麓区", "said-until": "2027-01-02"})
    assert "不能由申请人自己复核" in one.get(desk)
    (answer_at,) = re.findall(r'action="([^"]+/edition/[0-9a-f-]{36}/)"', other.get(desk))
    assert "新的证照正在生成" in other.post(answer_at, {"answer": "allow"})
    federation.settle()

    assert "已由新的一份代替" in phone.get(card)
    (newer,) = re.findall(r'href="/my/licences/([0-9a-f-]{36})/"', phone.get("/my/licences/"))
    assert "长沙市岳麓区" in phone.get(f"/my/licences/{newer}/")
    assert "失效" in Browser(federation, HUNAN).get(f"/verify/{before.id}")
    with federation.at(JILIN):
        assert ToldStanding.objects.get(file_digest=before.file_digest).standing == "lapsed"


def test_the_region_publishes_what_it_recognises_and_everybody_reads_it(federation: World) -> None:
    centre = Desk(federation, staff("luojun", HUNAN))
    line = "11990000000000019A001,220000,,2026-01-01,"

    assert "第 1 行" in centre.post("/desk/recognition/", {"lines": "x", "reason": "首次发布。"})
    assert "已发布" in centre.post("/desk/recognition/", {"lines": line, "reason": "首次发布。"})

    page = Browser(federation, HUNAN).get("/recognition/")
    assert "居民身份证" in page and "吉林省" in page and "全部事项" in page
    assert "220000" in Browser(federation, HUNAN).get("/api/v1/licence-recognition")
