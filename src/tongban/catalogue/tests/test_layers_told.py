# SPDX-License-Identifier: Apache-2.0
"""What is laid down reaches the nodes inside the region; how a version stands reaches every node."""

from typing import Any
from uuid import UUID

import pytest

from tests.people import CHANGSHA_POLICE
from tongban.catalogue import actions, basics, content, queries
from tongban.catalogue.errors import (
    BasicVersionReused,
    ContentRefused,
    ItemNotFromPublisher,
    NotYourItem,
)
from tongban.catalogue.messages import store_copy, store_layer
from tongban.catalogue.models import BasicItem, BasicVersion
from tongban.catalogue.tests.items import content as words
from tongban.catalogue.tests.layers import FOUR, KEEPER, NODE, NOON, laid, layer
from tongban.database.statement import Statement
from tongban.demo.people import ORGANIZATIONS
from tongban.exchange.models import Outbox, Sent
from tongban.exchange.registry import Handler, Message
from tongban.standards.actor import system
from tongban.standards.canonical import parse
from tongban.standards.clock import local_date
from tongban.standards.crypto import suite
from tongban.standards.node import Node

HUB, HUNAN = ORGANIZATIONS["hub"], ORGANIZATIONS["hunan-centre"]
NATIONAL = "002099777000"
TASK = f"{CHANGSHA_POLICE.code}3{NATIONAL}"


def told(document: bytes, sender: str, kind: str, **more: Any) -> Message:
    digest = suite("ed25519").digest(document)
    body = {"version": 1, "document": document.decode(), "digest": digest, "effective_from": "2026-11-23"} | more
    return Message(UUID(int=1), sender, kind, "x/y", 1, NOON, NOON, body, "sha256:0", None)


def keep(reader: Handler, what: Message) -> None:
    write = Statement()
    write.guard("SELECT 1", [])
    reader(what, write)
    write.run()


def national(office: Any = HUB, sender: str = "000000", version: int = 1, **fixed: Any) -> Message:
    publisher = {"code": office.code, "name": office.name, "region": office.region}
    plain = {"code": NATIONAL, "region": office.region, "publisher": publisher, "levels": ["city"]}
    document = basics.document(basics.convert(plain | {"elements": FOUR | fixed}))
    return told(document, sender, "basic.published", version=version)


def item(version: int = 1, summary: str = "一", **more: Any) -> Message:
    office = {"code": CHANGSHA_POLICE.code, "name": CHANGSHA_POLICE.name, "region": CHANGSHA_POLICE.region}
    plain = words(publisher=office, basic_code=NATIONAL, task_code=TASK, summary=summary)
    return told(content.document(content.convert(plain)), "430000", "item.published", version=version, **more)


def standing() -> list[tuple[int, str]]:
    return [(row.version, row.status) for row in queries.versions(TASK)]


def test_the_nation_s_word_is_kept_and_inherited_by_all(node: Node) -> None:
    keep(store_layer, national(visits=0))
    keep(store_layer, national(visits=0))
    keep(store_layer, national(version=2, visits=1))

    assert queries.inherited(NATIONAL, "620102").content["visits"] == 1
    assert BasicItem.objects.get(code=NATIONAL).name == FOUR["name"]
    assert sorted(BasicVersion.objects.filter(code=NATIONAL).values_list("version", "status", "origin")) == [
        (1, "superseded", "copy"),
        (2, "published", "copy"),
    ]
    assert NATIONAL in {each.code for each in queries.shared_with("620100")}


def test_an_older_word_that_comes_late_does_not_hold(node: Node) -> None:
    keep(store_layer, national(version=2, visits=1))
    keep(store_layer, national(version=1, visits=0))

    assert queries.inherited(NATIONAL, "620000").content["visits"] == 1


@pytest.mark.parametrize(
    ("office", "sender"), [(HUB, "430000"), (HUNAN, "620000"), (HUNAN, "220000")], ids=["nation", "own", "other"]
)
def test_nobody_lays_down_for_a_place_they_do_not_speak_for(node: Node, office: Any, sender: str) -> None:
    with pytest.raises(ItemNotFromPublisher):
        keep(store_layer, national(office, sender))


def test_a_word_that_is_not_what_its_digest_says_or_comes_twice_is_refused(node: Node) -> None:
    honest = national()

    with pytest.raises(ContentRefused):
        keep(store_layer, told(b"{}", "000000", "basic.published"))
    with pytest.raises(ContentRefused):
        keep(store_layer, told(bytes(str(honest.body["document"]), "utf-8"), "000000", "x", digest="sha256:00"))
    keep(store_layer, honest)
    with pytest.raises(BasicVersionReused):
        keep(store_layer, national(visits=2))


def test_the_nation_tells_everybody_and_a_province_nobody_outside(node: Node) -> None:
    laid()

    assert not Outbox.objects.filter(kind="basic.published").exists()
    assert actions.announce_basics("430000", NOON) == 0


def test_the_hub_s_word_goes_to_every_node(federation: Any) -> None:
    with federation.at("000000"):
        plain = parse(str(national().body["document"]).encode())
        actions.publish_basic(plain, actor=system("000000"), at=federation.clock.now())
        sent = Outbox.objects.filter(kind="basic.published", subject=f"basic/{NATIONAL}/000000")
        assert sorted(row.recipient for row in sent) == ["130000", "220000", "430000", "620000"]
        mine = BasicVersion.objects.filter(origin="own", status="published").count()
        assert actions.announce_basics("430000", federation.clock.now()) == 0  # nothing is told twice
        Sent.objects.filter(recipient="430000").delete()
        assert actions.announce_basics("430000", federation.clock.now()) == mine


def test_people_lay_nothing_down_past_the_review(node: Node) -> None:
    with pytest.raises(NotYourItem):
        actions.publish_basic(layer(), actor=KEEPER, at=NOON)
    with pytest.raises(ContentRefused):
        actions.publish_basic(layer(phone="1"), actor=NODE, at=NOON)
    first, again = laid(), laid()
    assert (first.version, again.version, laid(visits=0).version) == (1, 1, 2)


def test_a_copy_for_a_later_day_waits_there_too(node: Node) -> None:
    keep(store_copy, item())
    keep(store_copy, item(2, "二", effective_from="2026-12-01"))

    assert standing() == [(2, "scheduled"), (1, "published")]
    assert queries.handled_under(TASK, local_date(NOON)).version == 1
    keep(store_copy, item(3, "三", effective_from="2026-11-25"))
    assert standing() == [(3, "scheduled"), (2, "superseded"), (1, "published")]
    keep(store_copy, item(4, "四"))
    assert standing() == [(4, "published"), (3, "superseded"), (2, "superseded"), (1, "superseded")]


def test_a_copy_stands_as_its_publisher_says_and_nobody_else(node: Node) -> None:
    keep(store_copy, item())
    keep(store_copy, item(status="suspended", reason="系统升级。"))
    assert standing() == [(1, "suspended")]
    assert queries.versions(TASK)[0].status_reason == "系统升级。"

    keep(store_copy, item(status="published", reason="好了。"))
    keep(store_copy, item(status="scheduled", reason="x"))
    assert standing() == [(1, "published")]
    keep(store_copy, item(status="retired", reason="法律已修改。"))
    assert (standing(), queries.versions(TASK)[0].effective_to) == ([(1, "retired")], local_date(NOON))


def test_a_copy_that_comes_already_suspended_is_kept_so(node: Node) -> None:
    keep(store_copy, item(status="suspended", reason="系统升级。"))

    assert standing() == [(1, "suspended")]


@pytest.mark.parametrize(
    ("region", "prefix"),
    [
        ("430000", "43"),
        ("430100", "4301"),
        ("430102", "430102"),
        ("430102000000", "430102"),
        ("430102003000", "430102003"),
        ("430102003001", "430102003001"),
    ],
)
def test_a_region_is_searched_with_all_it_contains_down_to_the_village(region: str, prefix: str) -> None:
    assert queries.in_region(region).children == [("region_code__startswith", prefix)]
    assert not queries.in_region("000000").children


def test_implementations_of_a_basic_item_are_found_in_a_region(node: Node) -> None:
    keep(store_copy, item())
    found = queries.implementations([NATIONAL], "430000")

    assert [row.task_code for row in found] == [TASK]
    assert not queries.implementations([NATIONAL], "620000").exists()
