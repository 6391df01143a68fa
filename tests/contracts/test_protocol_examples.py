# SPDX-License-Identifier: Apache-2.0
"""The published examples are what the protocol says, read by the code that a node runs."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain as joined
from pathlib import Path

import pytest

from tongban.cases import chain, custody
from tongban.cases.chain import Head
from tongban.cases.custody import Holding, Party
from tongban.cases.states import Part, State
from tongban.exchange import acknowledgement, batch, envelope, hop, sealed_part, witness
from tongban.exchange.batch import Batch
from tongban.exchange.envelope import Envelope
from tongban.exchange.errors import ClockSkew, ExchangeRefusal, SignatureInvalid, Tampered
from tongban.exchange.sealed_part import Place
from tongban.ledger import heads
from tongban.regions import membership, requests, trustlist
from tongban.regions.errors import TrustListExpired, TrustListForged
from tongban.regions.trustlist import HubKey, Key, TrustList
from tongban.standards.base64url import decode
from tongban.standards.canonical import canonical, parse
from tongban.standards.crypto import digest_with, listed_sealing, merkle, suite
from tongban.standards.signer import Signed

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "protocol" / "examples"
BATCHES = sorted(EXAMPLES.glob("*/*.batch.ndjson"))
AT = datetime(2026, 11, 23, 1, 30, 12, tzinfo=UTC)

every_batch = pytest.mark.parametrize("file", BATCHES, ids=lambda file: f"{file.parent.name}/{file.name}")


def trusted() -> TrustList:
    handed = given()
    hub = trustlist.read(handed.data).nodes["000000"].key_for("exchange", AT)
    return trustlist.check(handed.data, handed.signature, [HubKey(hub.suite, hub.public_bytes)], AT)


def given() -> Signed:
    return trustlist.unpacked((EXAMPLES / "trust-list.json").read_bytes())


def key_of(node: str, key_id: str) -> Key:
    return next(key for key in trusted().nodes[node].keys if key.id == key_id)


def beside(file: Path, name: str) -> Path:
    return file.with_name(file.name.replace(".batch.ndjson", name))


def request(file: Path) -> hop.Hop:
    """The published request head with the published body."""
    head = beside(file, ".request.http").read_text(encoding="ascii")
    first, *lines = head.splitlines()
    headers = dict(line.split(": ", 1) for line in lines if line)
    method, path, _ = first.split(" ")
    return hop.Hop(method, f"https://{headers['Host']}{path}", headers, file.read_bytes())


def read(file: Path) -> tuple[Batch, list[Envelope]]:
    packed = batch.unpack(file.read_bytes())
    return packed, [envelope.read(data) for data in packed.messages]


def test_the_examples_cover_both_suites_in_both_directions_and_the_hub_s_word_to_each() -> None:
    heads = [batch.unpack(file.read_bytes()).head for file in BATCHES]
    assert {head.suite for head in heads} == {"ed25519", "sm2"}
    assert len(heads) == 6


def test_every_kind_of_message_has_an_example() -> None:
    told = (ROOT / "docs" / "protocol" / "messages.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^## `([a-z.]+)`", told, re.MULTILINE))
    assert {message.kind for file in BATCHES for message in read(file)[1]} == described


def test_the_trust_list_is_signed_by_its_hub() -> None:
    assert trusted().serial == 7
    assert given().data == (EXAMPLES / "trust-list.document.json").read_bytes()


def test_the_lists_follow_one_another_and_the_next_names_the_new_keys() -> None:
    first, second = trustlist.unpacked_lists((EXAMPLES / "trust-lists.json").read_bytes())
    assert first == given()

    listed = trustlist.check(second.data, second.signature, trustlist.hub_keys(trusted()), AT, trusted().serial)

    assert listed.serial == 8
    asked = requests.read((EXAMPLES / "key-request.json").read_bytes()).asked
    for code in ("000000", asked.code):
        old, new = sorted(
            (key for key in listed.nodes[code].keys if key.use == "exchange"), key=lambda key: key.not_before
        )
        assert trusted().nodes[code].keys[0].id == old.id
        assert listed.issued_at < new.not_before < old.not_after
    assert asked.keys[0].id == new.id


def test_the_requests_prove_what_they_say() -> None:
    joining, rotating = (requests.read((EXAMPLES / f"{name}-request.json").read_bytes()) for name in ("join", "key"))

    joining.require_proofs(joining.asked.keys)
    rotating.require_proofs([*rotating.asked.keys, *trusted().nodes[rotating.asked.code].keys])
    joined_list = membership.joined(trusted(), joining, joining.fingerprint, AT, roles=("region",))
    assert joined_list.nodes[-1].code == joining.asked.code


def test_the_agreements_of_the_list_allow_the_messages_of_the_examples() -> None:
    letters = [message for file in BATCHES for message in read(file)[1]]

    assert all(trusted().may_send(one.sender, one.recipient, one.kind) for one in letters)
    assert not trusted().may_send("620000", "220000", "case.opened")


def test_a_changed_or_expired_trust_list_is_refused() -> None:
    document, signature = given().data, given().signature
    hub = trusted().nodes["000000"].keys[0]
    keys = [HubKey(hub.suite, hub.public_bytes)]

    with pytest.raises(TrustListForged):
        trustlist.check(document.replace(b"430000", b"430001"), signature, keys, AT)
    with pytest.raises(TrustListExpired):
        trustlist.check(document, signature, keys, AT + timedelta(days=60))


@every_batch
def test_head_and_envelopes_are_canonical_and_signed(file: Path) -> None:
    packed, _ = read(file)
    key = key_of(packed.head.sender, packed.head.key_id)

    assert all(canonical(parse(data)) == data for data in (packed.head_bytes, *packed.messages))
    assert suite(key.suite).verify(key.public_bytes, packed.head_bytes, packed.signature)
    batch.check_root(packed, suite(key.suite))


@every_batch
def test_one_changed_byte_is_noticed(file: Path) -> None:
    packed, _ = read(file)
    theirs = suite(packed.head.suite)
    lines = file.read_bytes().split(b"\n")
    lines[2] = lines[2].replace(b'"epoch":1', b'"epoch":2')

    with pytest.raises(Tampered):
        batch.check_root(batch.unpack(b"\n".join(lines)), theirs)
    key = key_of(packed.head.sender, packed.head.key_id)
    assert not theirs.verify(key.public_bytes, packed.head_bytes.replace(b'"count":', b'"count": '), packed.signature)


@every_batch
def test_the_hop_is_signed_and_binds_the_body(file: Path) -> None:
    asked, (packed, _) = request(file), read(file)
    key = key_of(packed.head.sender, packed.head.key_id)

    hop.check(asked, suite_name=key.suite, public=key.public_bytes, at=AT)
    with pytest.raises(ClockSkew):
        hop.check(asked, suite_name=key.suite, public=key.public_bytes, at=AT + timedelta(minutes=6))
    asked.body += b" "
    with pytest.raises(SignatureInvalid):
        hop.check(asked, suite_name=key.suite, public=key.public_bytes, at=AT)


@every_batch
def test_the_acknowledgement_answers_every_message_of_this_batch(file: Path) -> None:
    packed, messages = read(file)
    word = acknowledgement.unwire(beside(file, ".acknowledgement.json").read_bytes())
    key = key_of(packed.head.recipient, word.key_id)

    assert suite(key.suite).verify(key.public_bytes, word.data, word.signature)
    told = acknowledgement.answers(
        word.data, batch=packed.head.batch, recipient=packed.head.recipient, root=packed.head.root
    )
    assert told == {str(message.id): "stored" for message in messages}
    with pytest.raises(ExchangeRefusal):
        acknowledgement.answers(word.data, batch=packed.head.batch, recipient="130000", root=packed.head.root)


@every_batch
def test_one_message_can_be_proven_without_the_others(file: Path) -> None:
    packed, _ = read(file)
    theirs = suite(packed.head.suite)
    proof = json.loads(beside(file, ".proof-of-message-1.json").read_bytes())
    leaf = merkle.leaf_hash(theirs, packed.messages[0])
    path = [bytes.fromhex(step) for step in proof["path"]]

    root = bytes.fromhex(packed.head.root)
    assert merkle.verify_path(theirs, leaf, proof["index"], proof["size"], path, root)


@pytest.mark.parametrize(("name", "code"), [("ed25519", "620000"), ("sm2", "220000")])
def test_the_sealed_parts_open_with_their_key_where_they_belong_and_nowhere_else(name: str, code: str) -> None:
    told = json.loads((EXAMPLES / name / "sealed-part.json").read_bytes())
    private, sealed = told["private_key"].encode(), decode(told["sealed"])
    key = trusted().nodes[code].key_for("encryption", AT)
    of = listed_sealing(key.suite)
    place = Place(**{name: value for name, value in parse(told["context"].encode()).items() if name != "v"})

    assert sealed_part.key_in(told["content_type"]) == key.id
    assert of.public(private) == key.public_bytes
    assert place.context().decode() == told["context"]
    assert of.open_with(private, sealed, place.context()).decode() == told["content"]
    assert digest_with(place.digest, told["content"].encode()) == place.digest
    with pytest.raises(ValueError, match=r".+"):
        of.open_with(private, sealed, replace(place, recipient="130000").context())


@pytest.mark.parametrize("name", ["ed25519", "sm2"])
def test_the_case_in_the_examples_is_one_chain_across_both_nodes(name: str) -> None:
    messages = list(joined.from_iterable(read(file)[1] for file in BATCHES if file.parent.name == name))
    opened = next(message for message in messages if message.kind == "case.opened")
    parties = [Party(**{**each, "part": Part(each["part"])}) for each in opened.body["parties"]]
    told = [(m.sender, event) for m in messages if "events" in m.body for event in m.body["events"]]
    told.sort(key=lambda one: json.loads(one[1]["line"])["number"])

    head, moves = Head(length=0, digest="", holding=Holding(holder=1)), []
    for sender, event in told:
        line = chain.follow(event, head, case=opened.body["case"], sender=sender, parties=parties).line
        head = Head(line.number, line.digest, Holding(line.holder, line.offered_to))
        moves.append(line.move)

    assert moves == ["submit", "offer", "take", "accept", "withdraw"]
    assert custody.party(parties, head.holding.holder).part is Part.HANDLING
    assert line.state == State.WITHDRAWN


def test_sequences_of_each_subject_have_no_gap() -> None:
    for file in BATCHES:
        by_subject: dict[str, list[int]] = {}
        for message in read(file)[1]:
            by_subject.setdefault(message.subject, []).append(message.sequence)
        assert all(given == list(range(1, len(given) + 1)) for given in by_subject.values())


def test_the_published_item_is_what_its_digest_says() -> None:
    published = [m for file in BATCHES for m in read(file)[1] if m.kind == "item.published"]
    assert published
    for message in published:
        assert digest_with(message.body["digest"], message.body["document"].encode()) == message.body["digest"]


def test_the_tree_heads_in_the_examples_are_signed_and_go_on_from_one_another() -> None:
    told = [m for file in BATCHES for m in read(file)[1] if m.kind == "ledger.head"]
    assert len(told) == 4
    for first, second in zip(told[::2], told[1::2], strict=True):
        earlier, later = witness.read(first.body, first.sender), witness.read(second.body, second.sender)
        for each in (earlier, later):
            key = key_of(first.sender, each.signed.key_id)
            assert suite(key.suite).verify(key.public_bytes, each.signed.data, each.signed.signature)
        assert (earlier.since, later.since) == (None, earlier.head.mark)
        assert heads.continues(suite(later.signed.suite), earlier.head.mark, later.head.mark, later.proof)
