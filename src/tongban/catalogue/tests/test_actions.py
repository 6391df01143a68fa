# SPDX-License-Identifier: Apache-2.0
"""A version is published once, frozen, told to the others, and kept by them as it was published."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import CHANGSHA_POLICE, LANZHOU_POLICE
from tongban.catalogue import actions, content, queries
from tongban.catalogue.errors import (
    ContentRefused,
    ItemDigestWrong,
    ItemNotFromPublisher,
    ItemVersionReused,
    NotYourItem,
)
from tongban.catalogue.messages import store_copy
from tongban.catalogue.models import BasicItem, ItemVersion, KnownItem
from tongban.catalogue.tests.items import content as words
from tongban.database.statement import Statement
from tongban.exchange.models import Outbox, Sent
from tongban.exchange.registry import Message
from tongban.ledger.models import Line
from tongban.regions.errors import UnknownOrganization
from tongban.standards.actor import Actor, Role, system
from tongban.standards.crypto import suite
from tongban.standards.node import Node
from tongban.standards.refusal import NotFound

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
KEEPER = Actor(id=UUID(int=7), role=Role.ITEM_MANAGER, name="杨磊", node="620000", region="620000")
GANSU = system("620000")
BASIC = "002099777000"  # of no item that the demo publishes


def lanzhou(**changed: Any) -> dict[str, Any]:
    """An item of the Lanzhou police that nobody has published yet."""
    office = {"code": LANZHOU_POLICE.code, "name": LANZHOU_POLICE.name, "region": LANZHOU_POLICE.region}
    return words(publisher=office, basic_code=BASIC, task_code=f"{LANZHOU_POLICE.code}3{BASIC}", **changed)


def publish(**changed: Any) -> ItemVersion:
    return actions.publish(lanzhou(**changed), actor=GANSU, at=NOON)


def told(**changed: Any) -> Message:
    """What Hunan tells of an item of the Changsha police."""
    office = {"code": CHANGSHA_POLICE.code, "name": CHANGSHA_POLICE.name, "region": CHANGSHA_POLICE.region}
    item = words(publisher=office, basic_code=BASIC, task_code=f"{CHANGSHA_POLICE.code}3{BASIC}")
    document = content.document(content.convert(item | changed.pop("words", {})))
    digest = suite(changed.pop("suite", "ed25519")).digest(document)
    body = {"version": 1, "document": document.decode(), "digest": digest, "effective_from": "2026-11-23"}
    return message(body | changed)


def message(body: Mapping[str, Any], sender: str = "430000") -> Message:
    subject = "item/x"
    return Message(UUID(int=1), sender, "item.published", subject, 1, NOON, NOON, body, "sha256:0", None)


def keep(what: Message) -> None:
    write = Statement()
    write.guard("SELECT 1", [])
    store_copy(what, write)
    write.run()


def copies() -> dict[int, str]:
    task_code = f"{CHANGSHA_POLICE.code}3{BASIC}"
    return {row.version: row.status for row in queries.versions(task_code)}


def test_the_first_version_is_frozen_with_its_digest_and_in_the_ledger(node: Node) -> None:
    version = publish()

    assert (version.version, version.status, version.origin, version.node_code) == (1, "published", "own", "620000")
    assert version.digest == suite(node.suite).digest(bytes(queries.item(version.task_code).document))
    assert version.effective_from == date(2026, 11, 23)
    assert [line.verb for line in Line.objects.filter(subject=f"item/{version.task_code}")] == ["item.published"]


def test_every_other_node_is_told(node: Node) -> None:
    version = publish()
    sent = Outbox.objects.filter(subject=f"item/{version.task_code}")

    assert sorted(row.recipient for row in sent) == ["000000", "130000", "220000", "430000"]


def test_the_same_content_again_changes_nothing(node: Node) -> None:
    first, again = publish(), publish()

    assert again.version == first.version == 1
    assert Outbox.objects.filter(subject=f"item/{first.task_code}").count() == 4


def test_a_changed_content_is_the_next_version_and_the_old_one_stays_readable(node: Node) -> None:
    first = publish()
    second = publish(summary="换了说法。")

    assert (second.version, queries.item(first.task_code).version) == (2, 2)
    assert queries.item(first.task_code, 1).status == "superseded"
    assert queries.item(first.task_code, 1).item.summary == "证明没有犯罪记录。"
    assert [row.version for row in queries.versions(first.task_code)] == [2, 1]


def test_a_content_that_breaks_a_rule_is_not_published(node: Node) -> None:
    with pytest.raises(ContentRefused) as refused:
        publish(complaint_phone="0731-00000001")

    assert refused.value.field == "complaint_phone"


def test_nobody_publishes_past_the_review(node: Node) -> None:
    own = replace(KEEPER, organization=LANZHOU_POLICE.code, region=LANZHOU_POLICE.region)

    for actor in (KEEPER, own, replace(own, role=Role.CLERK)):
        with pytest.raises(NotYourItem):
            actions.publish(lanzhou(), actor=actor, at=NOON)
    assert actions.publish(lanzhou(), actor=GANSU, at=NOON).version == 1


def test_a_node_publishes_for_its_own_organizations_only(node: Node) -> None:
    foreign = {"code": CHANGSHA_POLICE.code, "name": "长沙", "region": "430100"}
    elsewhere = {"code": LANZHOU_POLICE.code, "name": "兰州", "region": "620102"}

    for publisher in (foreign, elsewhere):
        task_code = f"{publisher['code']}3{BASIC}"
        with pytest.raises(ItemNotFromPublisher):
            actions.publish(lanzhou() | {"publisher": publisher, "task_code": task_code}, actor=GANSU, at=NOON)
    with pytest.raises(UnknownOrganization):
        actions.publish(words(), actor=GANSU, at=NOON)


def test_a_node_that_joins_later_is_told_everything(node: Node) -> None:
    Sent.objects.filter(recipient="430000").delete()
    before = Outbox.objects.count()
    own = ItemVersion.objects.filter(origin="own", status="published").count()

    assert actions.announce("430000", NOON) == own > 0
    assert Outbox.objects.count() - before == own
    assert actions.announce("430000", NOON) == 0  # nothing is told twice


@pytest.mark.parametrize("name", ["ed25519", "sm2"])
def test_a_copy_is_kept_as_it_was_published(node: Node, name: str) -> None:
    keep(told(suite=name))
    kept = queries.item(f"{CHANGSHA_POLICE.code}3{BASIC}")

    assert (kept.origin, kept.node_code, kept.publisher_name) == ("copy", "430000", CHANGSHA_POLICE.name)
    assert kept.digest.startswith(f"{suite(name).hash_name}:")
    assert kept.fresh_until is not None


def test_a_copy_that_comes_again_changes_nothing(node: Node) -> None:
    keep(told())
    keep(told())

    assert copies() == {1: "published"}


def test_the_newest_copy_is_in_force_whatever_comes_first(node: Node) -> None:
    keep(told())
    keep(told(version=3, words={"summary": "第三版"}))
    keep(told(version=2, words={"summary": "第二版"}))

    assert copies() == {1: "superseded", 2: "superseded", 3: "published"}


def test_a_copy_that_is_not_what_its_digest_says_is_refused(node: Node) -> None:
    honest = told()
    document = str(honest.body["document"]).replace("证明没有", "证明确有")

    for body in ({"document": document}, {"digest": "sha256:00"}, {"digest": "md5:00"}):
        with pytest.raises(ItemDigestWrong):
            keep(message(dict(honest.body) | body))
    assert copies() == {}


def test_a_node_cannot_publish_for_a_place_it_does_not_speak_for(node: Node) -> None:
    with pytest.raises(ItemNotFromPublisher):
        keep(message(told().body, sender="220000"))


def test_a_version_is_not_replaced_by_another_of_the_same_number(node: Node) -> None:
    keep(told())

    with pytest.raises(ItemVersionReused):
        keep(told(words={"summary": "同号不同文"}))


def test_a_message_in_another_shape_is_refused(node: Node) -> None:
    for body in ({}, {"version": "1"}, dict(told().body) | {"effective_from": "soon"}):
        with pytest.raises(ContentRefused):
            keep(message(body))


def test_a_version_is_read_once_into_memory(node: Node) -> None:
    queries.forget()
    version = publish()
    queries.item_cached(version.task_code, 1)

    with CaptureQueriesContext(connection) as asked:
        assert queries.item_cached(version.task_code, 1).item.name == version.name
    assert len(asked) == 0
    queries.forget()


def test_an_item_that_is_not_there_does_not_exist(node: Node) -> None:
    for version in (None, 9):
        with pytest.raises(NotFound):
            queries.item("1" * 31, version)


def test_a_version_is_in_force_on_its_days(node: Node) -> None:
    version = publish()
    version.effective_to = date(2026, 12, 1)

    days = [date(2026, 11, 22), date(2026, 11, 23), date(2026, 12, 1), date(2026, 12, 2)]
    assert [queries.in_force(version, day) for day in days] == [False, True, True, False]


def test_the_national_lists_are_loaded_with_what_is_known_and_no_more(node: Node) -> None:
    assert actions.load_known_items() == KnownItem.objects.count() == 99
    named = {row.name: row for row in queries.known_items()}
    police = named["开具无犯罪记录证明"]

    assert (police.mode, police.confidence, police.batch) == ("", "high", "2021")
    assert {row.confidence for row in named.values() if "未核实" in row.source_note} == {"low"}


def test_the_basic_catalogue_can_be_loaded_again(node: Node) -> None:
    row = BasicItem(code="002099999000", name="一", item_type="public_service", demonstration=True, source="")
    actions.load_basic_items([row])
    row.name = "二"
    actions.load_basic_items([row])

    assert [item.name for item in queries.basic_items() if item.code == row.code] == ["二"]
