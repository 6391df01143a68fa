# SPDX-License-Identifier: Apache-2.0
"""Dossiers made by somebody who wants to be believed: each is refused by name, whoever signed it."""

import io
import random
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests import dossiers, story
from tests.dossiers import MANIFEST, SIGNATURE, changed, checked, packed, resealed
from tests.people import CHEN, ZHANG
from tests.world import World
from tongban.dossier import container, contents
from tongban.dossier.report import Report, Verdict
from tongban.exchange import keys, witness
from tongban.ledger.heads import TreeHead, read
from tongban.regions import trustlist
from tongban.standards.canonical import canonical, parse
from tongban.standards.crypto import key_id, suite
from tongban.standards.node import here
from tongban.standards.signer import Signed

HUNAN, GANSU, JILIN, HUB = "430000", "620000", "220000", "000000"


@dataclass(frozen=True)
class Whole:
    """A good dossier of Gansu's, taken apart, and who made it."""

    world: World
    data: bytes
    held: dict[str, bytes]
    key: str
    other: dict[str, bytes]  # the dossier of another case of the same node

    def letter(self, kind: str) -> str:
        """The first message of a kind."""
        return next(
            name
            for name, data in self.held.items()
            if name.startswith("messages/") and f'\\"kind\\":\\"{kind}\\"'.encode() in data
        )


@pytest.fixture(scope="module")
def whole(town: World, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """Made once: the tests here only take it apart."""
    folder = tmp_path_factory.mktemp("dossiers")
    with town.running():
        told = dossiers.tell(town, ZHANG, GANSU, "430100", CHEN)
        dossiers.dossier(town, GANSU, told.number, folder / "case.zip")
        zhang = story.visitor(town, ZHANG, GANSU)
        second = story.submit(town, zhang, story.item_of(town, GANSU, "430100"))
        town.settle()
        dossiers.dossier(town, GANSU, second.receipt_no, folder / "other.zip")
        key = dossiers.hub_key(town)
    data, other = (folder / "case.zip").read_bytes(), (folder / "other.zip").read_bytes()
    return Whole(town, data, dossiers.entries(data), key, dossiers.entries(other))


def broken(report: Report) -> str:
    """What the report calls broken, in one text."""
    assert not report.sound
    return "\n".join(report.of(Verdict.BROKEN))


def inside(whole: Whole, held: dict[str, bytes], **changes: Any) -> str:
    """What is found when the exporting node itself signs the forged content."""
    return broken(checked(resealed(whole.world, GANSU, held, **changes), whole.key))


# One byte


def test_one_changed_byte_anywhere_is_named(whole: Whole) -> None:
    drawn = random.Random(7)
    places = [*range(0, 40), *drawn.sample(range(len(whole.data)), 150), *range(len(whole.data) - 40, len(whole.data))]
    names = set(whole.held)
    for place in places:
        data = bytearray(whole.data)
        data[place] ^= 1 << drawn.randrange(8)
        said = broken(checked(bytes(data), whole.key))
        assert any(name in said for name in names) or "这不是办件档案" in said or "目录" in said or "字节" in said, (
            place
        )


@pytest.mark.parametrize("name", ["case.json", "chain.json", "ledger.json", "papers.json", "materials.json"])
def test_an_altered_entry_is_named(whole: Whole, name: str) -> None:
    data = whole.held[name]
    assert f"{name}：内容与清单不符" in broken(checked(packed({**whole.held, name: data[:-2] + b" }"}), whole.key))


# The container


def test_what_is_no_dossier_is_said_to_be_none() -> None:
    for data in (b"", b"PK", b"PK\x03\x04" + b"\0" * 26, b"%PDF-1.7", b"\0" * 5000, packed({"a.json": b"{}"})):
        assert "这不是办件档案" in broken(checked(data))


@pytest.mark.parametrize("tail", [b"\0", b"PK\x05\x06" + b"\0" * 18, b"x" * 10_000])
def test_nothing_can_hide_behind_the_end(whole: Whole, tail: bytes) -> None:
    assert "字节" in broken(checked(whole.data + tail, whole.key))


def test_nothing_can_hide_before_the_beginning(whole: Whole) -> None:
    assert "这不是办件档案" in broken(checked(b"#!/bin/sh\n" + whole.data, whole.key))


def test_a_bomb_is_not_unpacked(whole: Whole) -> None:
    """A ZIP tool would inflate a gigabyte; nothing here is ever inflated."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in whole.held.items():
            opened.writestr(name, data)
        opened.writestr("materials/9999", b"\0" * 50_000_000)
    tracemalloc.start()
    assert "这不是办件档案" in broken(checked(made.getvalue(), whole.key))
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_sizes_that_promise_more_than_there_is_are_refused_before_anything_is_read(whole: Whole) -> None:
    manifest = parse(whole.held[MANIFEST])
    manifest["entries"][0]["size"] = 2**40
    held = {**whole.held, MANIFEST: canonical(manifest)}
    assert "内容不再核对" in broken(checked(packed(held), whole.key))
    huge = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0x21, 0, 2**31, 2**31, 13, 0) + b"manifest.json"
    assert "长度不对" in broken(checked(huge + whole.data, whole.key))


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "materials/../x",
        "trust/1.json",
        "messages/0001.json\n",
        "CASE.JSON",
        "a" * 400,
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(whole: Whole, name: str) -> None:
    assert "不是规范的清单" in inside(whole, {**whole.held, name: b"x"})


def test_a_name_listed_twice_is_refused(whole: Whole) -> None:
    entry = parse(whole.held[MANIFEST])["entries"][0]
    manifest = canonical(parse(whole.held[MANIFEST]) | {"entries": [entry, entry]})
    assert "把同一项列了两次" in broken(checked(packed({**whole.held, MANIFEST: manifest}), whole.key))


def test_a_manifest_that_lists_too_much_is_refused(whole: Whole) -> None:
    entry = {"name": "materials/0001", "size": 0, "digest": "sha256:" + "0" * 64}
    manifest = canonical(parse(whole.held[MANIFEST]) | {"entries": [entry] * (contents.MOST + 1)})
    assert "不是规范的清单" in broken(checked(packed({**whole.held, MANIFEST: manifest}), whole.key))


@pytest.mark.parametrize("name", ["case.json", "chain.json", "ledger.json", "papers.json", "materials.json"])
def test_what_every_dossier_has_is_missed_by_name(whole: Whole, name: str) -> None:
    held = {each: data for each, data in whole.held.items() if each != name}
    assert f"缺少必备的 {name}" in inside(whole, held)


@pytest.mark.parametrize(
    "data", [b"", b"null", b"[]", b"{", b'{"lines":[]} ', b'{"lines":[{}]}', b"[" * 5000, b'{"lines":1.5}']
)
def test_a_document_of_an_odd_shape_is_named(whole: Whole, data: bytes) -> None:
    assert "chain.json 的格式不符" in inside(whole, {**whole.held, "chain.json": data})


def test_an_entry_that_nothing_speaks_of_is_named(whole: Whole) -> None:
    said = inside(whole, {**whole.held, "materials/0099": b"extra", "papers/0099.pdf": b"extra"})
    assert "materials/0099 是多出来的" in said
    assert "papers/0099.pdf 是多出来的" in said


def test_a_large_material_is_verified_in_little_memory(whole: Whole, tmp_path: Path) -> None:
    listed = parse(whole.held["materials.json"])["materials"]
    assert listed
    big = tmp_path / "big.zip"
    piece = b"\x5a" * (1 << 20)
    entries = [container.measured("materials/0001", lambda: (piece for _ in range(64)))]
    manifest = parse(whole.held[MANIFEST])
    manifest["entries"] = [{"name": each.name, "size": each.size, "digest": each.digest} for each in entries]
    first = container.of_bytes(MANIFEST, canonical(manifest))
    second = container.of_bytes(SIGNATURE, whole.held[SIGNATURE])
    with big.open("wb") as file:
        container.write(file, [first, second, *entries])

    tracemalloc.start()
    with big.open("rb") as file:
        dossiers.verify_file(file, whole.key)
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()


# Who is believed


def test_without_the_exporting_nodes_signature_nothing_counts(whole: Whole) -> None:
    word = parse(whole.held[SIGNATURE])
    forged = canonical(word | {"signature": "00" * 64})
    assert "签名无效" in broken(checked(packed({**whole.held, SIGNATURE: forged}), whole.key))


def test_another_nodes_signature_is_not_the_exporting_nodes(whole: Whole) -> None:
    data = resealed(whole.world, HUNAN, whole.held)
    assert "没有签名所用的密钥" in broken(checked(data, whole.key))


def test_the_list_of_another_hub_is_refused(whole: Whole) -> None:
    """A whole federation of the forger's own, with every node's true name."""
    mine = suite("ed25519")
    private = mine.generate()
    public = mine.public(private)
    serial = max(int(name[6:12]) for name in whole.held if name.startswith("trust/"))
    name = f"trust/{serial:06d}.json"
    listed = trustlist.read(trustlist.unpacked(whole.held[name]).data)
    hub = listed.nodes[HUB]
    own = trustlist.key_of(
        "exchange", "ed25519", public, id=key_id(mine, public), not_before=listed.issued_at, not_after=listed.expires_at
    )
    listed.nodes[HUB] = trustlist.TrustedNode(
        hub.code, hub.name, hub.regions, hub.address, hub.dial, hub.status, hub.roles, (own,)
    )
    document = trustlist.compose(listed)
    handed = Signed(document, mine.sign(private, document), own.id, "ed25519")
    held = {each: data for each, data in whole.held.items() if not each.startswith("trust/")}
    held[name] = trustlist.packed(handed)

    assert "这是另一个枢纽的名单" in inside(whole, held)
    report = checked(resealed(whole.world, GANSU, held))
    assert not report.compared
    assert report.hub_keys != (f"ed25519-{whole.key}",)  # what the reader is asked to compare gives it away


def test_a_list_that_was_altered_is_named(whole: Whole) -> None:
    name = next(each for each in whole.held if each.startswith("trust/"))
    handed = trustlist.unpacked(whole.held[name])
    forged = Signed(handed.data, b"\0" * 64, handed.key_id, handed.suite)
    assert "接不上" in inside(whole, {**whole.held, name: trustlist.packed(forged)})
    assert "不是规范的信任名单" in inside(whole, {**whole.held, name: whole.held[name] + b"\n"})


def test_a_wrong_fingerprint_believes_nobody(whole: Whole) -> None:
    said = broken(checked(whole.data, "0" * 64))
    assert "另一个枢纽" in said
    assert not checked(whole.data, "0123").sound  # too short to mean anybody


# Messages


def test_a_message_of_another_case_is_refused_though_its_signature_is_good(whole: Whole) -> None:
    strange = next(data for name, data in whole.other.items() if name.startswith("messages/"))
    said = inside(whole, {**whole.held, "messages/0099.json": strange})
    assert "messages/0099.json：这是另一对象" in said


def test_a_message_that_stands_twice_is_refused(whole: Whole) -> None:
    said = inside(whole, {**whole.held, "messages/0099.json": whole.held[whole.letter("case.opened")]})
    assert "同一报文出现了两次" in said


def test_words_put_into_a_neighbours_mouth_are_refused(whole: Whole) -> None:
    name = whole.letter("case.moved")

    def alter(letter: Any) -> Any:
        message = parse(letter["envelope"].encode())
        message["body"]["events"][0]["facts"]["stated"] = {"reason": "另一个理由"}
        return letter | {"envelope": canonical(message).decode()}

    said = inside(whole, changed(whole.held, name, alter))
    assert f"{name}：报文不在已签名的批次中" in said


def test_a_batch_that_the_exporter_signed_itself_is_not_the_neighbours(whole: Whole) -> None:
    name = whole.letter("case.moved")

    def alter(letter: Any) -> Any:
        head = canonical(parse(letter["head"].encode()) | {"root": "ab" * 32})
        with whole.world.at(GANSU):
            signature = keys.signer().sign(head).hex()
        return letter | {"head": head.decode(), "signature": signature}

    assert f"{name}：湖南" in inside(whole, changed(whole.held, name, alter))


def test_a_message_left_out_is_missed_by_its_number(whole: Whole) -> None:
    name = whole.letter("case.moved")
    held = {each: data for each, data in whole.held.items() if each != name}
    report = checked(resealed(whole.world, GANSU, held), whole.key)

    assert any("报文缺少第 1 号" in each for each in report.of(Verdict.MISSING))
    assert any("但没有它签名的报文" in each for each in report.of(Verdict.UNPROVEN))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda word: word | {"signature": "00" * 64}, "签名无效"),
        (lambda word: word | {"document": word["document"].replace("stored", "unsure")}, "签名无效"),
        (lambda word: word | {"document": "{}"}, "回执没有时间"),
        (lambda word: word | {"key_id": "ed25519-" + "0" * 32}, "没有签名所用的密钥"),
    ],
)
def test_a_forged_acknowledgement_is_refused(whole: Whole, change: Callable[[Any], Any], why: str) -> None:
    name = whole.letter("case.opened")
    held = changed(whole.held, name, lambda letter: letter | {"acknowledgement": change(letter["acknowledgement"])})
    said = inside(whole, held)
    assert f"{name}：回执不能采信" in said
    assert why in said


def test_the_acknowledgement_of_another_batch_is_refused(whole: Whole) -> None:
    opened, moved = whole.letter("case.opened"), whole.letter("case.moved")
    strange = parse(whole.held[moved])["acknowledgement"]
    held = changed(whole.held, opened, lambda letter: letter | {"acknowledgement": strange})
    assert "回执不能采信" in inside(whole, held)


def test_an_acknowledgement_left_out_is_missed(whole: Whole) -> None:
    held = changed(whole.held, whole.letter("case.opened"), lambda letter: letter | {"acknowledgement": None})
    report = checked(resealed(whole.world, GANSU, held), whole.key)
    assert any("不能证明对方已经收到" in each for each in report.of(Verdict.MISSING))


def newest_list(whole: Whole) -> tuple[str, trustlist.TrustList]:
    """The name and content of the newest trust list in the dossier."""
    name = max(each for each in whole.held if each.startswith("trust/"))
    return name, trustlist.read(trustlist.unpacked(whole.held[name]).data)


def by_the_hub(whole: Whole, listed: trustlist.TrustList) -> bytes:
    """A list that the true hub signed."""
    with whole.world.at(HUB):
        document, signer = trustlist.compose(listed), keys.signer()
        return trustlist.packed(Signed(document, signer.sign(document), signer.key_id, signer.suite))


def test_a_key_that_had_expired_when_it_signed_is_refused(whole: Whole) -> None:
    """The hub says so itself: in the list that the batch names, the key ended before."""
    name, listed = newest_list(whole)
    hunan, ended = listed.nodes[HUNAN], whole.world.clock.now() - timedelta(days=1)
    before = ended - timedelta(days=9)
    short = tuple(msgspec.structs.replace(key, not_before=before, not_after=ended) for key in hunan.keys)
    listed.nodes[HUNAN] = msgspec.structs.replace(hunan, keys=short)
    held = {each: data for each, data in whole.held.items() if not each.startswith("trust/")}

    said = inside(whole, {**held, name: by_the_hub(whole, listed)})
    assert "所用的密钥" in said
    assert "不在有效期内" in said


def test_a_node_that_was_suspended_when_it_signed_is_refused(whole: Whole) -> None:
    name, listed = newest_list(whole)
    listed.nodes[HUNAN] = msgspec.structs.replace(listed.nodes[HUNAN], status="suspended")
    held = {each: data for each, data in whole.held.items() if not each.startswith("trust/")}
    assert "不是有效成员" in inside(whole, {**held, name: by_the_hub(whole, listed)})


def test_a_list_renewed_meanwhile_still_proves_what_was_signed_before(whole: Whole) -> None:
    _, listed = newest_list(whole)
    newer = replace(listed, serial=listed.serial + 1)
    held = {**whole.held, f"trust/{newer.serial:06d}.json": by_the_hub(whole, newer)}
    report = checked(resealed(whole.world, GANSU, held), whole.key)
    assert report.sound, "\n".join(report.lines())


# Chain and case


@pytest.mark.parametrize(
    "change",
    [
        lambda chain: {"lines": chain["lines"][1:]},
        lambda chain: {"lines": [*chain["lines"][:3], *chain["lines"][4:]]},
        lambda chain: {"lines": [chain["lines"][0] | {"facts": {"stated": {"note": "别的"}}}, *chain["lines"][1:]]},
        lambda chain: {"lines": [chain["lines"][0] | {"salt": "00" * 16}, *chain["lines"][1:]]},
        lambda chain: {"lines": [chain["lines"][0] | {"line": "{}"}, *chain["lines"][1:]]},
        lambda chain: {"lines": [chain["lines"][0] | {"line": "not json"}, *chain["lines"][1:]]},
    ],
)
def test_a_chain_that_does_not_hold_is_named_at_its_first_line(whole: Whole, change: Callable[[Any], Any]) -> None:
    assert "行与前面的链、保管责任或所载事实不符" in inside(whole, changed(whole.held, "chain.json", change))


def test_a_chain_cut_short_does_not_end_where_the_case_says(whole: Whole) -> None:
    held = changed(whole.held, "chain.json", lambda chain: {"lines": chain["lines"][:-1]})
    assert "链尾状态" in inside(whole, held)
    assert "办件链是空的" in inside(whole, changed(whole.held, "chain.json", lambda _: {"lines": []}))


def test_the_chain_of_another_case_is_refused(whole: Whole) -> None:
    assert "不符" in inside(whole, {**whole.held, "chain.json": whole.other["chain.json"]})
    assert "属于另一个办件" in inside(whole, {**whole.held, "case.json": whole.other["case.json"]})


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"receipt_no": "620100202611230000001"}, "收件编号"),
        ({"answers": {"who": "other"}}, "填写内容"),
        ({"applicant": {"name": "别人"}}, "申请人"),
    ],
)
def test_content_that_differs_from_the_message_that_opened_the_case_is_named(
    whole: Whole, change: dict[str, Any], word: str
) -> None:
    assert f"{word}与打开办件的签名报文不符" in inside(
        whole, changed(whole.held, "case.json", lambda case: case | change)
    )


def test_parties_exchanged_are_named(whole: Whole) -> None:
    def swap(case: Any) -> Any:
        first, second = case["parties"]
        return case | {"parties": [first | {"node": second["node"]}, second | {"node": first["node"]}]}

    assert "不符" in inside(whole, changed(whole.held, "case.json", swap))


# Ledger and witnesses


def ledger_with(whole: Whole, change: Callable[[Any], Any]) -> dict[str, bytes]:
    return changed(whole.held, "ledger.json", change)


def first_line(**words: Any) -> Callable[[Any], Any]:
    return lambda ledger: ledger | {"lines": [ledger["lines"][0] | words, *ledger["lines"][1:]]}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (first_line(verb="case.deny"), "内容与摘要不符"),
        (first_line(at="yesterday"), "时间格式不符"),
        (first_line(subject="case:another"), "不属于本办件"),
        (first_line(number=2), "与上一行不衔接"),
        (first_line(facts={"line": "sha256:" + "0" * 64}), "所示事实与摘要不符"),
        (first_line(position=0), "不在签名的账本树中"),
        (first_line(path=[]), "不在签名的账本树中"),
        (first_line(position=None), "没有位置却有路径"),
        (lambda ledger: ledger | {"lines": ledger["lines"][1:]}, "与上一行不衔接"),
    ],
)
def test_a_line_of_the_ledger_that_does_not_hold_is_named(whole: Whole, change: Callable[[Any], Any], why: str) -> None:
    assert why in inside(whole, ledger_with(whole, change))


def head_signed(whole: Whole, by: str, **words: Any) -> Callable[[Any], Any]:
    """The head with other words, signed by some node."""

    def alter(ledger: Any) -> Any:
        document = canonical(parse(ledger["head"]["document"].encode()) | words)
        with whole.world.at(by):
            signer = keys.signer()
            word = {"signature": signer.sign(document).hex(), "key_id": signer.key_id, "suite": signer.suite}
        return ledger | {"head": {"document": document.decode(), **word}}

    return alter


def test_a_forged_head_is_refused_by_name(whole: Whole) -> None:
    other = head_signed(whole, HUNAN, root="ab" * 32)
    assert "账本树头不能采信" in inside(whole, ledger_with(whole, other))
    strange = head_signed(whole, HUNAN, node=HUNAN)
    assert "账本树头属于另一个节点" in inside(whole, ledger_with(whole, strange))
    assert "账本树头的格式不符" in inside(whole, ledger_with(whole, head_signed(whole, GANSU, v=7)))


def test_a_ledger_that_the_node_itself_wrote_anew_is_given_away_by_any_witness(whole: Whole) -> None:
    """Everything fits and is signed by the node's own key, but neighbours saw another tree."""
    mark = read(parse(whole.held["ledger.json"])["head"]["document"].encode())
    shorter = head_signed(whole, GANSU, root="cd" * 32)
    held = ledger_with(whole, lambda ledger: shorter(ledger) | {"lines": []})
    said = inside(whole, held)
    assert mark.size
    assert said.count("与档案中的账本不是同一个账本") == 4


def statement_of(whole: Whole, by: str, heads: list[dict[str, Any]], of: str = GANSU) -> bytes:
    with whole.world.at(by):
        document = witness.statement(by, of, whole.world.clock.now(), heads)
        signer = keys.signer()
        word = contents.SignedText(
            document=document.decode(),
            signature=signer.sign(document).hex(),
            key_id=signer.key_id,
            suite=signer.suite,
        )
        return contents.written(word)


def test_a_witness_that_holds_a_contradiction_is_heard(whole: Whole) -> None:
    now = whole.world.clock.now()
    with whole.world.at(GANSU):
        document = TreeHead(GANSU, 1, 5, "ab" * 32, now, None).bytes()
        signed = Signed(document, keys.signer().sign(document), keys.signer().key_id, here().suite)
    said = statement_of(whole, HUNAN, [witness.held_head(signed, "conflict", now)])
    assert "它的账本被改写过" in inside(whole, {**whole.held, f"witnesses/{HUNAN}.json": said})


def test_a_witness_cannot_accuse_with_heads_that_the_node_never_signed(whole: Whole) -> None:
    now = whole.world.clock.now()
    with whole.world.at(HUNAN):
        document = TreeHead(GANSU, 1, 5, "ab" * 32, now, None).bytes()
        signed = Signed(document, keys.signer().sign(document), keys.signer().key_id, here().suite)
    said = statement_of(whole, HUNAN, [witness.held_head(signed, "conflict", now)])
    report = checked(resealed(whole.world, GANSU, {**whole.held, f"witnesses/{HUNAN}.json": said}), whole.key)
    assert report.sound
    assert any("还没有见证过" in each for each in report.of(Verdict.MISSING))


def test_a_witness_statement_that_was_altered_or_is_of_another_node_is_refused(whole: Whole) -> None:
    name = f"witnesses/{HUNAN}.json"
    altered = changed(whole.held, name, lambda word: word | {"document": word["document"].replace('"v":1', '"v":2')})
    assert f"{HUNAN} 的见证" in inside(whole, altered)
    assert "不是对导出节点账本的见证" in inside(whole, {**whole.held, name: statement_of(whole, HUNAN, [], JILIN)})
    assert "见证不能采信" in inside(whole, {**whole.held, name: whole.held[f"witnesses/{JILIN}.json"]})


# Papers and materials


def paper(whole: Whole) -> str:
    return next(name for name in whole.held if name.startswith("papers/"))


def test_a_certificate_with_one_other_byte_is_refused(whole: Whole) -> None:
    name = paper(whole)
    data = bytearray(whole.held[name])
    data[1000] ^= 1
    assert "改动" in inside(whole, {**whole.held, name: bytes(data)})


def test_a_paper_that_nobody_sealed_is_refused(whole: Whole) -> None:
    assert "没有完整的数字签名" in inside(whole, {**whole.held, paper(whole): b"%PDF-1.7 nothing"})


def test_a_paper_that_is_named_and_not_there_is_missed(whole: Whole) -> None:
    held = {name: data for name, data in whole.held.items() if name != paper(whole)}
    assert "清单中没有它的文件" in inside(whole, held)


def test_another_file_in_a_materials_place_is_refused(whole: Whole) -> None:
    assert "不是所列的那一份" in inside(whole, {**whole.held, "materials/0001": b"another picture"})


def test_a_material_exchanged_with_its_entry_is_not_called_the_one_handed_in(whole: Whole) -> None:
    """The node may list another file and sign for it; the messages do not speak of it."""
    digest = container.of_bytes("x", b"another picture").digest

    def alter(told: Any) -> Any:
        first = told["materials"][0] | {"digest": digest, "size": 15}
        return {"materials": [first, *told["materials"][1:]]}

    held = changed({**whole.held, "materials/0001": b"another picture"}, "materials.json", alter)
    report = checked(resealed(whole.world, GANSU, held), whole.key)
    assert any("只由导出节点的清单签名证明" in each for each in report.of(Verdict.UNPROVEN))
