# SPDX-License-Identifier: Apache-2.0
"""Who may be listed and how; every refusal has its name, and nothing is changed by one."""

import json
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from tongban.regions import errors, membership, requests, trustlist
from tongban.regions.requests import Request
from tongban.regions.tests.hub import NOON, YEAR, Keys, listed, node
from tongban.regions.trustlist import Agreement, Key, TrustList
from tongban.standards.crypto import key_id, listed_sealing
from tongban.standards.refusal import Refusal

HUB, LANZHOU, NEW = Keys.fresh(), Keys.fresh("sm2"), Keys.fresh()
LIST = listed(HUB)


def asking(code: str = "620000", *regions: str, keys: Keys = LANZHOU, by: Keys | None = None) -> Request:
    """A request to join, as the hub reads it."""
    asked = requests.joining(node(code, *(regions or ("62",)), keys=keys), NOON)
    return requests.read(requests.write(asked, [by or keys]))


def join(request: Request, fingerprint: str = "", *, carve: bool = False) -> TrustList:
    told = fingerprint or request.fingerprint
    changed = membership.joined(LIST, request, told, NOON, roles=("region",), carve=carve)
    return following(changed)


def following(changed: membership.Changed, before: TrustList = LIST) -> TrustList:
    """The next list, read as others read it."""
    nodes = {each.code: each for each in changed.nodes}
    made = TrustList("test", "000000", before.serial + 1, NOON, NOON + YEAR, nodes, changed.agreements)
    return trustlist.read(trustlist.compose(made))


def rotating(*signers: Keys, code: str = "430000", new: Keys = NEW) -> Request:
    (key,) = node(code, keys=new).keys
    return requests.read(requests.write(requests.rotating(code, key, NOON), signers))


def test_a_node_joins_by_its_own_signature_and_a_fingerprint_read_aloud() -> None:
    request = asking()

    made = join(request, request.fingerprint.upper().replace(" ", "-"))

    assert made.node("620000").status == "active"
    assert made.node_for_region("620100").code == "620000"
    assert len(request.fingerprint.split()) == 8


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [
        (asking("430000", "62"), errors.CodeTaken),
        (asking("620000", "43"), errors.RegionSpokenFor),
        (asking("430200", "4302"), errors.RegionTaken),
        (asking(by=NEW), errors.RequestNotProven),
        (rotating(HUB, NEW), errors.RequestMalformed),
    ],
)
def test_who_may_not_join_is_told_by_name(request_: Request, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        join(request_)


def test_a_file_that_was_exchanged_on_the_way_is_found_by_its_fingerprint() -> None:
    with pytest.raises(errors.FingerprintDiffers):
        join(asking(keys=NEW), asking().fingerprint)


def test_a_part_of_a_region_can_be_taken_out_when_that_was_agreed() -> None:
    made = join(asking("430200", "4302"), carve=True)

    assert made.node_for_region("430200").code == "430200"
    assert made.node_for_region("430300").code == "430000"


def test_an_old_request_is_made_again() -> None:
    for late in (timedelta(days=31), -timedelta(hours=1)):
        with pytest.raises(errors.RequestStale):
            membership.joined(LIST, asking(), asking().fingerprint, NOON + late, roles=())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: b"",
        lambda told: b"[]",
        lambda told: json.dumps(told | {"request": "{}"}).encode(),
        lambda told: json.dumps(told | {"proofs": {"x": "?"}}).encode(),
        lambda told: json.dumps(
            told | {"request": told["request"].replace('"kind":"join"', '"kind":"leave"')}
        ).encode(),
        lambda told: json.dumps(told | {"request": told["request"].replace("sm2-", "sm2-0")}).encode(),
    ],
)
def test_what_is_no_request_is_malformed(spoil: Callable[[dict[str, str]], bytes]) -> None:
    asked = requests.joining(node("620000", "62", keys=LANZHOU), NOON)

    with pytest.raises(errors.RequestMalformed):
        requests.read(spoil(json.loads(requests.write(asked, [LANZHOU]))))


def test_a_new_key_is_listed_beside_the_old_one_which_ends_later() -> None:
    made = following(membership.key_changed(LIST, rotating(HUB, NEW), NOON))
    of = made.node("430000")

    assert [key.id for key in of.keys_for("exchange", NOON)] == [HUB.key_id]
    soon = NOON + membership.GRACE
    assert [key.id for key in of.keys_for("exchange", soon)] == [NEW.key_id, HUB.key_id]
    assert [key.id for key in of.keys_for("exchange", soon + membership.OVERLAP)] == [NEW.key_id]


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [
        (rotating(NEW), errors.RequestNotProven),
        (rotating(HUB), errors.RequestNotProven),
        (rotating(LANZHOU, NEW), errors.RequestNotProven),
        (rotating(HUB, new=HUB), errors.KeyListed),
        (rotating(HUB, NEW, code="620000"), errors.UnknownNode),
        (asking(), errors.RequestMalformed),
    ],
)
def test_a_key_needs_the_word_of_the_old_one_and_its_own(request_: Request, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        membership.key_changed(LIST, request_, NOON)


def encryption_key(name: str, public: bytes, id: str = "") -> Key:
    named = id or key_id(listed_sealing(name), public)
    return trustlist.key_of("encryption", name, public, id=named, not_before=NOON, not_after=NOON + YEAR)


def public_of(name: str) -> bytes:
    return listed_sealing(name).public(listed_sealing(name).generate())


def asking_for(key: Key, *signers: Keys) -> Request:
    return requests.read(requests.write(requests.rotating("430000", key, NOON), signers))


@pytest.mark.parametrize("name", ["x25519", "sm2"])
def test_a_key_for_encryption_is_listed_by_the_word_of_the_exchange_key_alone(name: str) -> None:
    first, second = encryption_key(name, public_of(name)), encryption_key(name, public_of(name))
    made = following(membership.key_changed(LIST, asking_for(first, HUB), NOON))
    made = following(membership.key_changed(made, asking_for(second, HUB), NOON + timedelta(hours=1)), made)
    of, soon = made.node("430000"), NOON + timedelta(hours=1) + membership.GRACE

    assert [key.id for key in of.keys_for("encryption", soon)] == [second.id, first.id]
    assert [key.id for key in of.keys_for("encryption", soon + membership.OVERLAP)] == [second.id]
    assert [key.id for key in of.keys_for("exchange", soon + membership.OVERLAP)] == [HUB.key_id]
    for signers in ((), (NEW,)):
        with pytest.raises(errors.RequestNotProven):
            membership.key_changed(LIST, asking_for(first, *signers), NOON)


@pytest.mark.parametrize(
    "key",
    [
        encryption_key("x25519", bytes(32)),
        encryption_key("x25519", public_of("sm2")),
        encryption_key("sm2", b"\x04" + b"\x01" * 64),
        encryption_key("sm2", public_of("sm2"), "sm2-another"),
        msgspec.structs.replace(encryption_key("x25519", public_of("x25519")), suite="ed25519"),
        msgspec.structs.replace(encryption_key("x25519", public_of("x25519")), use="exchange"),
        msgspec.structs.replace(encryption_key("x25519", public_of("x25519")), use="sign_in"),
    ],
    ids=["no secret", "of sm2", "no point", "another id", "of a signing suite", "for signing", "for sign-in"],
)
def test_nothing_is_listed_that_cannot_be_sealed_to(key: Key) -> None:
    with pytest.raises(errors.RequestMalformed):
        asking_for(key, HUB)


def test_a_suspended_node_keeps_its_regions_and_comes_back() -> None:
    resting = following(membership.suspended(LIST, "430000", "检查"))

    assert resting.node_for_region("430200").status == "suspended"
    with pytest.raises(errors.AlreadySuspended):
        membership.suspended(resting, "430000", "检查")
    assert following(membership.resumed(resting, "430000")).node("430000").status == "active"
    with pytest.raises(errors.NotSuspended):
        membership.resumed(LIST, "430000")


def test_a_node_that_left_speaks_for_nobody_and_may_come_back_with_its_old_keys_listed() -> None:
    gone = following(membership.left(LIST, "430000", NOON))
    with pytest.raises(errors.UnknownNode):
        gone.node("430000")
    assert [key.id for key in gone.nodes["430000"].keys] == [HUB.key_id]

    request = asking("430000", "43", keys=NEW)
    back = membership.joined(gone, request, request.fingerprint, NOON, roles=("region",), carve=True)

    assert [key.id for key in following(back).node("430000").keys] == [NEW.key_id, HUB.key_id]


def test_the_hub_can_be_neither_suspended_nor_removed() -> None:
    with pytest.raises(errors.HubStays):
        membership.suspended(LIST, "000000", "x")
    with pytest.raises(errors.HubStays):
        membership.left(LIST, "000000", NOON)


def test_a_region_moves_whole_or_in_part() -> None:
    whole = following(membership.region_moved(LIST, "4301", "430000"))
    part = following(membership.region_moved(LIST, "4302", "430100"))

    assert (whole.node("430100").regions, whole.node_for_region("430100").code) == ((), "430000")
    assert part.node_for_region("430200").code == "430100"
    with pytest.raises(errors.RegionSpokenFor):
        membership.region_moved(LIST, "43", "430000")


def test_without_agreements_everything_may_be_sent() -> None:
    assert LIST.may_send("430000", "430100", "anything.at_all")


def test_with_agreements_only_what_they_name_and_what_all_must_hear() -> None:
    agreement = Agreement("4301", "43", ("case.*", "rating.given"))
    made = following(membership.agreed(join(asking()), [agreement]))

    assert made.may_send("430100", "430000", "case.opened")
    assert made.may_send("430100", "430000", "rating.given")
    assert not made.may_send("430100", "430000", "rating.asked")
    assert not made.may_send("430100", "430000", "cases.opened")
    assert not made.may_send("430000", "430100", "case.opened")  # the other direction is another agreement
    assert not made.may_send("430100", "620000", "case.opened")
    for kind in ("item.published", "ledger.head", "exchange.again"):
        assert made.may_send("620000", "430100", kind)
    assert made.may_send("000000", "430100", "anything.at_all")
    assert made.may_send("430100", "000000", "anything.at_all")


def test_an_agreement_on_a_province_holds_for_the_cities_in_it() -> None:
    made = following(membership.agreed(join(asking()), [Agreement("43", "62", ("case.*",))]))

    assert made.may_send("430100", "620000", "case.opened")
    assert made.may_send("430000", "620000", "case.opened")


def test_a_later_agreement_replaces_the_earlier_and_the_last_that_ends_opens_everything() -> None:
    made = following(membership.agreed(LIST, [Agreement("43", "4301", ("case.*",))]))
    made = following(membership.agreed(made, [Agreement("43", "4301", ("rating.*",))]), made)

    assert [each.kinds for each in made.agreements] == [("rating.*",)]
    with pytest.raises(errors.NoSuchAgreement):
        membership.agreement_ended(made, "4301", "43")
    assert following(membership.agreement_ended(made, "43", "4301"), made).may_send("430000", "430100", "case.opened")


@pytest.mark.parametrize("kind", ["", "*", "case.", "Case.opened", "case.*.x", "案件"])
def test_a_family_is_written_in_one_way(kind: str) -> None:
    with pytest.raises(errors.OddRegionOrKind):
        membership.agreed(LIST, [Agreement("43", "62", (kind,))])
    with pytest.raises(errors.OddRegionOrKind):
        membership.region_moved(LIST, "4", "430000")
