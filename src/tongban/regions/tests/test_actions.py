# SPDX-License-Identifier: Apache-2.0
"""Regions and organizations are loaded; trust lists are published and taken over."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tongban.ledger.models import Line
from tongban.regions import actions, errors, queries, trustlist
from tongban.regions.models import Organization, Region, SignedTrustList
from tongban.regions.tests.hub import NOON, YEAR, Keys, listed
from tongban.regions.tests.hub import node as trust_node
from tongban.standards.actor import system
from tongban.standards.identifiers import make_credit_code
from tongban.standards.node import Node, at
from tongban.standards.refusal import BadInput
from tongban.standards.signer import Signed, signed

HUB = Keys.fresh()
SYSTEM = system("620000")


@pytest.fixture
def bare(node: Node) -> Node:
    """A node that has joined nothing and knows no organization yet."""
    SignedTrustList.objects.all().delete()
    Organization.objects.all().delete()
    queries.forget()
    return node


def lines(subject: str) -> int:
    return Line.objects.filter(subject=subject).count()


def handed(serial: int, keys: Keys = HUB) -> Signed:
    return signed(keys, trustlist.compose(listed(HUB, serial=serial)))


def accept(what: Signed, keys: Keys | None = HUB) -> trustlist.TrustList:
    return actions.accept_trust_list(what, NOON, actor=SYSTEM, anchor=keys.as_hub if keys else None)


def test_regions_can_be_loaded_again_and_again(node: Node) -> None:
    count = actions.load_regions()
    Region.objects.filter(code="430100").update(name="另一个名字")

    assert actions.load_regions() == count == Region.objects.count()
    assert queries.region("430100").name == "长沙市"
    assert queries.region("330104").successor == "330102"


def test_a_region_has_a_path_and_a_full_name(node: Node) -> None:
    actions.load_regions()

    assert [part.name for part in queries.region_path("430102")] == ["湖南省", "长沙市", "芙蓉区"]
    assert queries.region_names(["430102", "110101", "000000", "999999"]) == {
        "430102": "湖南省长沙市芙蓉区",
        "110101": "北京市东城区",
        "000000": "全国",
    }
    assert len(queries.regions_in("430000")) == 14
    assert "430000" in {part.code for part in queries.regions_in("000000")}
    with pytest.raises(errors.UnknownRegion):
        queries.region("999999")


def office(**changed: str) -> Organization:
    words = {"code": make_credit_code("11", "994301", 1), "name": "长沙市公安局（测试）", "short_name": "长沙公安"}
    return Organization(**{**words, "region_code": "430100", "node_code": "430000", **changed})


def test_an_organization_is_entered_once_and_its_changes_are_in_the_ledger(bare: Node) -> None:
    before = lines(f"organization/{office().code}")
    for name in ("长沙市公安局（测试）", "长沙市公安局（测试）", "长沙市公安局（改名）"):
        actions.add_organization(office(name=name), actor=SYSTEM, at=NOON)

    assert queries.organization(office().code).name == "长沙市公安局（改名）"
    assert [one.code for one in queries.organizations("430000")] == [office().code]
    assert lines(f"organization/{office().code}") - before == 2


def test_an_organization_needs_a_true_code_and_a_known_region(bare: Node) -> None:
    actions.load_regions()

    with pytest.raises(BadInput):
        actions.add_organization(office(code="1" * 18), actor=SYSTEM, at=NOON)
    with pytest.raises(errors.UnknownRegion):
        actions.add_organization(office(region_code="439900"), actor=SYSTEM, at=NOON)
    with pytest.raises(errors.UnknownOrganization):
        queries.organization(office().code)


def test_a_node_that_has_not_joined_says_so(bare: Node) -> None:
    with pytest.raises(errors.NoTrustList):
        queries.trust_list()


def test_the_hub_numbers_its_lists_and_everybody_can_read_them(bare: Node) -> None:
    hub = replace(bare, hub=bare.code)
    nodes = [*listed(HUB).nodes.values(), trust_node(bare.code, "62", keys=HUB)]
    for _ in range(2):
        with at(hub):
            made = actions.publish_trust_list(nodes, NOON, signer=HUB, actor=SYSTEM, federation="test")

    assert (made.serial, made.hub, queries.trust_list()) == (2, bare.code, made)
    assert trustlist.unpacked(queries.trust_list_document()).key_id == HUB.key_id


def test_only_the_hub_publishes(bare: Node) -> None:
    with pytest.raises(errors.NotTheHub):
        actions.publish_trust_list([], NOON, signer=HUB, actor=SYSTEM, federation="test")


def test_a_node_joins_by_the_key_it_was_handed_and_then_follows_the_list(bare: Node) -> None:
    before = lines("trust_list")
    accept(handed(1))
    assert queries.trust_list().serial == 1

    accept(handed(3), keys=None)
    accept(handed(3), keys=None)
    assert queries.trust_list().serial == 3
    assert lines("trust_list") - before == 2


def test_a_list_that_is_forged_older_or_expired_changes_nothing(bare: Node) -> None:
    stranger = Keys.fresh()
    accept(handed(2))

    with pytest.raises(errors.TrustListForged):
        accept(handed(3, stranger), keys=stranger)
    with pytest.raises(errors.TrustListOlder):
        accept(handed(1))
    with pytest.raises(errors.TrustListExpired):
        actions.accept_trust_list(handed(3), NOON + YEAR, actor=SYSTEM)
    assert queries.trust_list().serial == 2


def test_a_hub_that_signs_one_number_twice_is_not_followed(bare: Node) -> None:
    accept(handed(2))
    other = listed(HUB, serial=2, expires_at=NOON + YEAR + timedelta(days=1))

    with pytest.raises(errors.TrustListForged):
        accept(signed(HUB, trustlist.compose(other)))


def test_a_node_without_a_key_to_check_by_believes_nobody(bare: Node) -> None:
    with pytest.raises(errors.TrustListForged):
        accept(handed(1), keys=None)


def test_the_trust_list_costs_at_most_one_small_select_a_second(bare: Node) -> None:
    accept(handed(1))
    queries.trust_list()

    with CaptureQueriesContext(connection) as asked:
        for _ in range(100):
            queries.trust_list()
    assert len(asked) <= 1


def test_a_key_that_was_changed_in_the_list_signs_the_next_one(bare: Node) -> None:
    new = Keys.fresh()
    accept(handed(1))
    nodes = listed(HUB).nodes
    hub = trust_node("000000", "00", keys=new)
    accept(signed(HUB, trustlist.compose(listed(HUB, serial=2, nodes=nodes | {"000000": hub}))), keys=None)

    with pytest.raises(errors.TrustListForged):
        accept(handed(3), keys=None)
    accept(handed(3, new), keys=None)


def test_a_code_says_whether_it_is_in_force_and_where_its_place_has_gone(node: Node) -> None:
    asked = ["430102", "110103", "999999"]

    assert [queries.region_status(code) for code in asked] == ["active", "abolished", "unknown"]
    assert (queries.region_now("110103").code, queries.region_now("430102").code) == ("110101", "430102")
