# SPDX-License-Identifier: Apache-2.0
"""A trust list is believed for its signature and its time, and says who speaks for whom."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from tongban.regions import errors, trustlist
from tongban.regions.tests.hub import NOON, YEAR, Keys, listed, node
from tongban.standards.canonical import canonical, parse
from tongban.standards.signer import signed

HUB = Keys.fresh()


@pytest.mark.parametrize("name", ["ed25519", "sm2"])
def test_a_list_that_the_hub_signed_is_read_as_it_was_written(name: str) -> None:
    hub = Keys.fresh(name)
    document = trustlist.compose(listed(hub))

    assert trustlist.check(document, hub.sign(document), [hub.as_hub], NOON) == listed(hub)


def test_one_changed_byte_is_a_forgery() -> None:
    document = trustlist.compose(listed(HUB))
    signature = HUB.sign(document)

    with pytest.raises(errors.TrustListForged):
        trustlist.check(document.replace(b"430100", b"430101"), signature, [HUB.as_hub], NOON)


def test_a_stranger_cannot_sign_for_the_hub() -> None:
    document = trustlist.compose(listed(HUB))

    with pytest.raises(errors.TrustListForged):
        trustlist.check(document, Keys.fresh().sign(document), [HUB.as_hub], NOON)
    with pytest.raises(errors.TrustListForged):
        trustlist.check(document, HUB.sign(document), [], NOON)


def test_a_list_is_refused_from_the_moment_it_expires() -> None:
    document = trustlist.compose(listed(HUB))
    signature = HUB.sign(document)

    trustlist.check(document, signature, [HUB.as_hub], NOON + YEAR - timedelta(seconds=1))
    with pytest.raises(errors.TrustListExpired):
        trustlist.check(document, signature, [HUB.as_hub], NOON + YEAR)


def test_an_older_list_does_not_bring_back_what_was_taken_off() -> None:
    document = trustlist.compose(listed(HUB, serial=4))

    with pytest.raises(errors.TrustListOlder):
        trustlist.check(document, HUB.sign(document), [HUB.as_hub], NOON, current=5)


@pytest.mark.parametrize(
    "words",
    [
        {"hub": "999999"},
        {"serial": 0},
        {"serial": "1"},
        {"expires_at": "2026-11-23T04:00:00Z"},
        {"issued_at": "2026-11-23T04:00:00"},
        {"surprise": 1},
        {"v": 2},
    ],
    ids=str,
)
def test_a_signed_document_that_is_no_list_is_malformed(words: dict[str, object]) -> None:
    document = canonical(parse(trustlist.compose(listed(HUB))) | words)

    with pytest.raises(errors.TrustListMalformed):
        trustlist.check(document, HUB.sign(document), [HUB.as_hub], NOON)


def test_two_nodes_cannot_speak_for_one_region() -> None:
    twice = {code: node(code, "43", keys=HUB) for code in ("000000", "430000")}

    with pytest.raises(errors.TrustListMalformed):
        trustlist.read(trustlist.compose(listed(HUB, nodes=twice)))


def test_a_document_in_another_spelling_is_malformed() -> None:
    with pytest.raises(errors.TrustListMalformed):
        trustlist.read(trustlist.compose(listed(HUB)).replace(b",", b", ", 1))


def test_the_longest_prefix_speaks_for_a_region() -> None:
    nodes = listed(HUB)

    assert nodes.node_for_region("430102").code == "430100"
    assert nodes.node_for_region("430200").code == "430000"
    assert nodes.node_for_region("000000").code == "000000"


def test_a_region_that_nobody_speaks_for_is_not_the_hubs() -> None:
    with pytest.raises(errors.NoNodeForRegion):
        listed(HUB).node_for_region("620100")


def test_a_removed_node_is_unknown_and_speaks_for_nobody() -> None:
    gone = msgspec.structs.replace(node("430100", "4301", keys=HUB), status="removed")
    nodes = listed(HUB)
    nodes = replace(nodes, nodes=nodes.nodes | {"430100": gone})

    assert nodes.node_for_region("430102").code == "430000"
    assert [peer.code for peer in nodes.peers("000000")] == ["430000"]
    with pytest.raises(errors.UnknownNode):
        nodes.node("430100")


def test_a_key_counts_only_in_its_time_and_the_newest_signs() -> None:
    old, new = Keys.fresh(), Keys.fresh()
    one = node("430000", "43", keys=old)
    changed = msgspec.structs.replace(one, keys=(*one.keys, *node("430000", keys=new, since=NOON).keys))

    assert changed.key_for("exchange", NOON - timedelta(seconds=1)).public_bytes == old.public
    assert [key.public_bytes for key in changed.keys_for("exchange", NOON)] == [new.public, old.public]
    with pytest.raises(errors.NoKeyInForce):
        changed.key_for("exchange", NOON + 4 * YEAR)
    with pytest.raises(errors.NoKeyInForce):
        changed.key_for("document", NOON)


def test_the_next_list_is_checked_by_the_keys_that_this_one_gives_the_hub() -> None:
    (key,) = trustlist.hub_keys(listed(HUB))

    assert (key.suite, key.public) == (HUB.suite, HUB.public)
    assert key.fits(NOON)
    assert not key.fits(NOON + 3 * YEAR)


def test_a_list_is_handed_over_whole() -> None:
    handed = signed(HUB, trustlist.compose(listed(HUB)))

    assert trustlist.unpacked(trustlist.packed(handed)) == handed
    for broken in (b"", b"[]", b'{"document":"?"}', trustlist.packed(handed).replace(b'"suite"', b'"suit"')):
        with pytest.raises(errors.TrustListMalformed):
            trustlist.unpacked(broken)
