# SPDX-License-Identifier: Apache-2.0
"""Neighbours keep each other's tree heads: whoever rewrites a diary, or loses part of it, is found out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from tests.federation.test_window_pages import Desk
from tests.people import SUN
from tests.world import Sent, World, altered
from tongban.exchange import keys, witness, witnesses
from tongban.exchange.actions import witnessing
from tongban.exchange.errors import AnswerInvalid, Unreachable
from tongban.exchange.models import Inbox, ToldHead, WitnessedHead
from tongban.ledger import actions as ledger
from tongban.ledger import queries as diary
from tongban.ledger.heads import Mark, TreeHead
from tongban.ledger.lines import line_digest
from tongban.ledger.models import Branch, Head, Leaf, Line, Tree
from tongban.ledger.queries import first_broken
from tongban.ledger.tests.burglar import tamper
from tongban.ledger.tree import grow
from tongban.standards.actor import system
from tongban.standards.canonical import canonical, parse
from tongban.standards.crypto import merkle, suite
from tongban.standards.crypto.merkle import Frontier
from tongban.standards.node import here

HUNAN, GANSU, JILIN, HEBEI, HUB = "430000", "620000", "220000", "130000", "000000"
MINUTE = timedelta(seconds=60)


def act(world: World, code: str, count: int = 1, subject: str = "case:witnessed") -> None:
    """Something happens at a node, and enters its tree."""
    with world.at(code):
        for number in range(count):
            ledger.write(subject, verb="note", actor=system(code), at=world.clock.now(), facts={"n": number})
        while ledger.sequence_once(world.clock.now(), keys.signer()):
            pass


def tell(world: World, code: str) -> None:
    """A minute passes, the node's worker looks whether peers must be told, and everything arrives."""
    world.pass_time(MINUTE)
    with world.at(code):
        witnessing.tell_heads(world.clock.now(), MINUTE)
    world.settle()


def kept(world: World, at: str, of: str) -> list[tuple[int, int, str]]:
    """What one node holds of another: epoch, size, how it stands."""
    with world.at(at):
        rows = WitnessedHead.objects.filter(node=of).order_by("received_at", "epoch", "size")
        return list(rows.values_list("epoch", "size", "standing"))


def standings(world: World, at: str, of: str) -> list[str]:
    return [standing for _, _, standing in kept(world, at, of)]


def size_at(world: World, code: str) -> int:
    with world.at(code):
        return diary.own_mark().size


def compared(world: World, code: str, by: str) -> witnesses.Compared:
    """What `tongban ledger verify --witnesses` learns from one neighbour."""
    with world.at(code):
        said, _ = witnessing.ask_witness(by, world.clock.now(), world.network)
        return witnesses.compare(said)


@pytest.mark.parametrize("code", [GANSU, JILIN])
def test_every_peer_keeps_the_newest_head_of_a_node(federation: World, code: str) -> None:
    act(federation, code)
    tell(federation, code)
    act(federation, code, 3)
    tell(federation, code)

    size = size_at(federation, code)
    for peer in {GANSU, JILIN, HUNAN, HEBEI, HUB} - {code}:
        assert kept(federation, peer, code) == [(1, size - 3, "first"), (1, size, "consistent")]
        assert compared(federation, code, peer).sentence.endswith(f"见证到第 {size} 行，与本节点账本一致。")


def test_a_head_is_told_at_most_once_a_minute_and_only_when_it_changed(federation: World) -> None:
    act(federation, GANSU)
    tell(federation, GANSU)
    tell(federation, GANSU)
    assert standings(federation, HUNAN, GANSU) == ["first"]

    for _ in range(3):
        act(federation, GANSU)
        with federation.at(GANSU):
            witnessing.tell_heads(federation.clock.now(), MINUTE)
        federation.settle()
        federation.pass_time(timedelta(seconds=25))

    assert standings(federation, HUNAN, GANSU) == ["first", "consistent"]


def test_a_peer_that_is_away_is_not_told_again_and_again(federation: World) -> None:
    federation.network.down.add(HUNAN)
    for _ in range(4):
        act(federation, GANSU)
        tell(federation, GANSU)
    federation.network.down.clear()
    federation.pass_time(timedelta(minutes=10))
    federation.settle()
    tell(federation, GANSU)

    assert standings(federation, HUNAN, GANSU) == ["first", "consistent"]
    assert standings(federation, HEBEI, GANSU) == ["first"] + ["consistent"] * 3


def test_witnessing_adds_no_line_to_anybodys_diary(federation: World) -> None:
    act(federation, GANSU)
    before = {code: size_at(federation, code) for code in federation.nodes}
    tell(federation, GANSU)
    tell(federation, GANSU)

    assert {code: size_at(federation, code) for code in federation.nodes} == before


def rewrite(world: World, code: str, subject: str, number: int) -> None:
    """What an operator could do: change a line and make everything after it fit, signatures too."""
    with world.at(code):
        mine, found = suite(here().suite), list(Line.objects.filter(subject=subject).order_by("number"))
        previous = found[number - 2].digest if number > 1 else ""
        for line in found[number - 1 :]:
            verb = "note.never" if line.number == number else line.verb
            words = {"at": line.at, "actor": line.actor, "facts_digest": line.facts_digest, "previous": previous}
            digest = line_digest(mine, subject=subject, number=line.number, verb=verb, **words)
            tamper(
                "UPDATE ledger_line SET verb = %s, previous = %s, digest = %s WHERE subject = %s AND number = %s",
                [verb, previous, digest, subject, line.number],
            )
            tamper(
                "UPDATE ledger_leaf SET line_digest = %s WHERE subject = %s AND number = %s",
                [digest, subject, line.number],
            )
            previous = digest
        tamper("UPDATE ledger_chain SET head = %s WHERE subject = %s", [previous, subject])
        sign_everything_again()


def sign_everything_again() -> None:
    """The tree over the leaves as they are now, and every head signed anew with the node's own key."""
    mine = suite(here().suite)
    hashes = [
        merkle.leaf_hash(mine, digest.encode())
        for digest in Leaf.objects.order_by("position").values_list("line_digest", flat=True)
    ]
    frontier, whole = grow(mine, Frontier(), hashes)
    for branch in whole:
        tamper(
            "UPDATE ledger_branch SET hash = %s WHERE level = %s AND place = %s",
            [branch.hash, branch.level, branch.place],
        )
    Tree.objects.update(peaks=[peak.hex() for peak in frontier.peaks])
    for head in Head.objects.all():
        root = merkle.root(mine, hashes[: head.size]).hex()
        document = canonical(parse(bytes(head.document)) | {"root": root})
        tamper(
            "UPDATE ledger_head SET document = %s, signature = %s WHERE size = %s",
            [document, keys.signer().sign(document), head.size],
        )
    assert Branch.objects.count() == len(whole)


def is_ours(suite_name: str, key_id: str, data: bytes, signature: bytes) -> bool:
    mine = suite(suite_name)
    return key_id == keys.signer().key_id and mine.verify(mine.public(keys.private("exchange")), data, signature)


@pytest.mark.parametrize("code", [GANSU, JILIN])
@pytest.mark.parametrize("neighbour", [HUNAN, HEBEI, HUB])
def test_an_operator_who_rewrites_everything_is_found_out_by_any_single_neighbour(
    federation: World, code: str, neighbour: str
) -> None:
    act(federation, code, 2)
    tell(federation, code)
    act(federation, code, 3)
    tell(federation, code)
    begun = size_at(federation, code) - 5

    rewrite(federation, code, "case:witnessed", 4)

    with federation.at(code):
        assert first_broken(verify=is_ours) is None  # alone the node looks whole
    federation.network.down |= {HUNAN, HEBEI, HUB, GANSU, JILIN} - {code, neighbour}
    found = compared(federation, code, neighbour)
    assert not found.agrees
    assert f"第 {begun + 3} 至 {begun + 5} 行之间（从 case:witnessed 第 3 行起）在见证之后被改动过" in found.sentence


def test_a_rewritten_diary_is_a_conflict_at_every_neighbour_as_soon_as_it_goes_on(federation: World) -> None:
    act(federation, GANSU, 5)
    tell(federation, GANSU)
    rewrite(federation, GANSU, "case:witnessed", 2)
    with federation.at(GANSU):  # the operator also hides what peers were told
        mark = diary.own_mark()
        ToldHead.objects.update(root=mark.root)
    act(federation, GANSU)
    tell(federation, GANSU)

    for peer in (HUNAN, JILIN, HEBEI, HUB):
        assert standings(federation, peer, GANSU) == ["first", "conflict"]
        with federation.at(peer):
            assert witnesses.conflict_counts() == {GANSU: 1}
            assert witnesses.conflicts()[0].name
            assert [line.verb for line in diary.story(f"ledger/{GANSU}")] == ["ledger.conflict"]
            view = next(each for each in witnesses.witnessing() if each.code == GANSU)
            assert (view.conflicts, view.size) == (1, mark.size)


def test_two_heads_of_one_size_are_both_kept_as_evidence(federation: World) -> None:
    act(federation, GANSU, 3)
    tell(federation, GANSU)
    rewrite(federation, GANSU, "case:witnessed", 3)
    with federation.at(GANSU):
        ToldHead.objects.all().delete()
    tell(federation, GANSU)

    with federation.at(HUNAN):
        rows = WitnessedHead.objects.filter(node=GANSU)
        assert sorted(rows.values_list("standing", flat=True)) == ["conflict", "first"]
        assert len({bytes(row.document) for row in rows}) == 2
        odd = rows.get(standing="conflict")
        assert odd.why == "同一长度的账本树有两个不同的根"
        assert odd.against == f"1:{odd.size}"


def test_a_diary_cut_short_is_named_as_such(federation: World) -> None:
    act(federation, GANSU, 4)
    tell(federation, GANSU)
    cut_back(federation, GANSU, 2)

    found = compared(federation, GANSU, HUNAN)
    assert not found.agrees
    assert "账本被截短" in found.sentence


def cut_back(world: World, code: str, lines: int) -> None:
    """The database as an older backup has it: without the last lines of the story's subject."""
    with world.at(code):
        length = Line.objects.filter(subject="case:witnessed").count() - lines
        digest = Line.objects.get(subject="case:witnessed", number=length).digest
        tamper("DELETE FROM ledger_line WHERE subject = 'case:witnessed' AND number > %s", [length])
        tamper("DELETE FROM ledger_leaf WHERE subject = 'case:witnessed' AND number > %s", [length])
        tamper("UPDATE ledger_chain SET length = %s, head = %s WHERE subject = 'case:witnessed'", [length, digest])
        size = Leaf.objects.count()
        tamper("DELETE FROM ledger_head WHERE size > %s", [size])
        mine = suite(here().suite)
        hashes = [
            merkle.leaf_hash(mine, digest.encode())
            for digest in Leaf.objects.order_by("position").values_list("line_digest", flat=True)
        ]
        frontier, _ = grow(mine, Frontier(), hashes)
        Tree.objects.update(size=size, peaks=[peak.hex() for peak in frontier.peaks])


def restored(world: World) -> Mark:
    """Gansu loses its last two lines, which peers had witnessed; what it had told them is as the backup knows it."""
    act(world, GANSU, 3)
    tell(world, GANSU)
    with world.at(GANSU):
        remembered = list(ToldHead.objects.values("recipient", "epoch", "size", "root", "at"))
    act(world, GANSU, 2)
    tell(world, GANSU)
    with world.at(GANSU):
        lost = diary.own_mark()
    cut_back(world, GANSU, 2)
    with world.at(GANSU):
        ToldHead.objects.all().delete()
        ToldHead.objects.bulk_create(ToldHead(**row) for row in remembered)
    return lost


def begin_again(world: World, epoch: int = 2) -> None:
    """What the restore does before the node serves."""
    with world.at(GANSU):
        said, _ = witnessing.ask_witnesses(world.clock.now(), world.network)
        heard = [statement for statement, _ in said]
        witnessing.begin_again(epoch, heard, actor=system(GANSU), at=world.clock.now())
        while ledger.sequence_once(world.clock.now(), keys.signer()):
            pass


def test_a_node_restored_from_a_backup_says_so_and_its_peers_see_it(federation: World) -> None:
    lost = restored(federation)
    begin_again(federation)
    tell(federation, GANSU)
    act(federation, GANSU, 4)
    tell(federation, GANSU)

    for peer in (HUNAN, JILIN, HEBEI, HUB):
        assert standings(federation, peer, GANSU) == ["first", "consistent", "restarted", "consistent"]
        with federation.at(peer):
            row = WitnessedHead.objects.get(node=GANSU, standing="restarted")
            assert row.why == f"从备份恢复，失去 2 行；前 {lost.size - 2} 行与见证过的一致"
            assert [line.verb for line in diary.story(f"ledger/{GANSU}")] == ["ledger.peer_restarted"]
        assert compared(federation, GANSU, peer).agrees
    with federation.at(GANSU):
        assert first_broken(verify=is_ours) is None


def test_lines_that_went_on_before_the_restore_was_declared_are_not_called_kept(federation: World) -> None:
    lost = restored(federation)
    act(federation, GANSU, 6, "case:went_on")
    begin_again(federation)
    tell(federation, GANSU)

    with federation.at(HUNAN):
        row = WitnessedHead.objects.get(node=GANSU, standing="restarted")
        assert row.why == f"从备份恢复，失去 2 行；前 {lost.size - 2} 行与见证过的一致"
    assert compared(federation, GANSU, HUNAN).agrees


def test_a_restore_in_silence_is_a_conflict_and_the_node_itself_can_find_it(federation: World) -> None:
    restored(federation)
    act(federation, GANSU)
    assert "账本被截短" in compared(federation, GANSU, HUNAN).sentence
    act(federation, GANSU, 4)
    tell(federation, GANSU)

    assert standings(federation, HUNAN, GANSU)[-1] == "conflict"
    assert not compared(federation, GANSU, HUNAN).agrees


def test_a_restore_that_admits_less_than_was_witnessed_is_a_conflict(federation: World) -> None:
    lost = restored(federation)
    with federation.at(GANSU):
        ledger.begin_epoch(2, None, diary.tree_size(), actor=system(GANSU), at=federation.clock.now())
        while ledger.sequence_once(federation.clock.now(), keys.signer()):
            pass
    tell(federation, GANSU)

    with federation.at(HUNAN):
        row = WitnessedHead.objects.get(node=GANSU, standing="conflict")
    assert row.why == "申明的起点早于本节点见证过的树头"
    assert f"却只申明接在第 {lost.size - 2} 行之后" in compared(federation, GANSU, HUNAN).sentence


def test_a_restore_from_a_backup_that_was_rewritten_is_a_conflict(federation: World) -> None:
    restored(federation)
    rewrite(federation, GANSU, "case:witnessed", 2)
    with federation.at(GANSU):
        ToldHead.objects.update(root=diary.own_mark().root)
    begin_again(federation)
    tell(federation, GANSU)

    with federation.at(HUNAN):
        assert WitnessedHead.objects.filter(node=GANSU, standing="conflict").exists()
    assert not compared(federation, GANSU, HUNAN).agrees


def forged(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[World, dict[str, Any]], dict[str, Any]]:
    """A head of Gansu's with other words, signed with its own key all the same."""

    def make(world: World, body: dict[str, Any]) -> dict[str, Any]:
        with world.at(GANSU):
            document = canonical(change(parse(body["head"].encode())))
            return body | {"head": document.decode(), "signature": keys.signer().sign(document).hex()}

    return make


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda _, body: body | {"signature": "00" * 64}, "签名无效"),
        (lambda _, body: body | {"key_id": "ed25519-" + "0" * 32}, "不在信任名单上"),
        (lambda _, body: body | {"proof": ["00"] * 3}, "格式不符"),
        (lambda _, body: body | {"proof": ["00" * 32] * 200}, "格式不符"),
        (lambda _, body: {"head": "{}"}, "格式不符"),
        (forged(lambda head: head | {"node": HEBEI}), "另一个节点"),
        (forged(lambda head: head | {"v": 2}), "格式不符"),
        (forged(lambda head: head | {"at": "2020-01-01T00:00:00.000000Z"}), "当时不在有效期内"),
    ],
)  # fmt: skip
def test_what_is_no_head_of_the_sender_is_parked_by_name(
    federation: World, make: Callable[[World, dict[str, Any]], dict[str, Any]], why: str
) -> None:
    act(federation, GANSU)
    with federation.at(GANSU):
        newest = diary.newest_head()
        assert newest is not None
        body = make(federation, witness.body(newest.signed, None, ()))
        witnessing.send([HUNAN], kind=witnessing.KIND, subject=f"ledger/{GANSU}", body=body, at=federation.clock.now())
    federation.settle()

    with federation.at(HUNAN):
        row = Inbox.objects.get(sender=GANSU, kind=witnessing.KIND)
        assert row.state == "parked"
        assert row.reason.startswith("head_invalid")
        assert why in row.reason
        assert not WitnessedHead.objects.exists()


def test_a_shorter_head_of_the_same_epoch_is_a_conflict(federation: World) -> None:
    act(federation, GANSU, 3)
    tell(federation, GANSU)
    with federation.at(GANSU):
        mark, now = diary.own_mark(), federation.clock.now()
        document = TreeHead(GANSU, 1, mark.size - 1, "ab" * 32, now, None).bytes()
        signed = witness.Signed(document, keys.signer().sign(document), keys.signer().key_id, here().suite)
        body = witness.body(signed, None, ())
        witnessing.send([HUNAN], kind=witnessing.KIND, subject=f"ledger/{GANSU}", body=body, at=now)
    federation.settle()

    assert sorted(kept(federation, HUNAN, GANSU)) == [(1, mark.size - 1, "conflict"), (1, mark.size, "first")]


def test_a_node_cannot_fill_a_neighbours_disk_with_conflicts(federation: World) -> None:
    act(federation, GANSU, 3)
    tell(federation, GANSU)
    with federation.at(GANSU):
        mark, now = diary.own_mark(), federation.clock.now()
        for number in range(witnessing.MOST_CONFLICTS + 5):
            document = TreeHead(GANSU, 1, mark.size, f"{number:064x}", now, None).bytes()
            signed = witness.Signed(document, keys.signer().sign(document), keys.signer().key_id, here().suite)
            body = witness.body(signed, None, ())
            witnessing.send([HUNAN], kind=witnessing.KIND, subject=f"ledger/{GANSU}", body=body, at=now)
    federation.settle()

    assert standings(federation, HUNAN, GANSU).count("conflict") == witnessing.MOST_CONFLICTS


def test_only_a_listed_peer_learns_what_is_held_and_only_of_itself(federation: World) -> None:
    act(federation, GANSU)
    tell(federation, GANSU)
    stranger = federation.request(
        HUNAN, "GET", federation.nodes[HUNAN].dial + "/exchange/witness", {}, b"", door="exchange"
    )
    assert stranger.status == 403

    with federation.at(JILIN):
        said, _ = witnessing.ask_witness(HUNAN, federation.clock.now(), federation.network)
    assert (said.of, said.heads) == (JILIN, ())


def test_a_witness_that_is_silent_or_lies_is_named(federation: World) -> None:
    act(federation, GANSU)
    tell(federation, GANSU)
    federation.network.down.add(JILIN)
    with federation.at(GANSU):
        said, silent = witnessing.ask_witnesses(federation.clock.now(), federation.network)
        assert {statement.witness for statement, _ in said} == {HUNAN, HEBEI, HUB}
        assert isinstance(silent[JILIN], Unreachable)
    with federation.at(HUNAN):
        other = witness.statement(HUNAN, HEBEI, federation.clock.now(), [])
        handed = witness.wire(witness.Signed(other, keys.signer().sign(other), keys.signer().key_id, here().suite))

    class Lying:
        def ask(self, *_: object) -> Any:
            return type("Answer", (), {"status": 200, "body": handed})

    with federation.at(GANSU), pytest.raises(AnswerInvalid):
        witnessing.ask_witness(HUNAN, federation.clock.now(), Lying())


def test_a_head_lost_on_the_way_leaves_the_next_one_waiting_not_wrong(federation: World) -> None:
    act(federation, GANSU)
    federation.network.faults.append(lambda sent: None if sent.recipient == HUNAN else sent)
    tell(federation, GANSU)
    federation.network.faults.clear()
    act(federation, GANSU)
    federation.pass_time(timedelta(minutes=10))
    federation.settle()
    tell(federation, GANSU)

    assert standings(federation, HUNAN, GANSU) == ["first", "consistent"]


def test_a_witness_restored_without_the_last_heads_says_that_it_cannot_tell(federation: World) -> None:
    for _ in range(3):
        act(federation, GANSU)
        tell(federation, GANSU)
    with federation.at(HUNAN), transaction.atomic():
        size = max(size for _, size, _ in kept(federation, HUNAN, GANSU))
    with federation.at(HUNAN):
        tamper("DELETE FROM exchange_witnessed WHERE node = %s AND size = %s", [GANSU, size])
    act(federation, GANSU)
    tell(federation, GANSU)

    assert standings(federation, HUNAN, GANSU) == ["first", "consistent", "unlinked"]
    assert compared(federation, GANSU, HUNAN).agrees


def test_what_a_neighbour_keeps_can_be_changed_by_nobody_on_the_way(federation: World) -> None:
    def other(sent: Sent) -> Sent:
        return (
            altered(sent, body=sent.body.replace(b'"size\\":', b'"size\\": ')) if b"ledger.head" in sent.body else sent
        )

    act(federation, GANSU)
    federation.network.faults.append(other)
    tell(federation, GANSU)

    assert kept(federation, HUNAN, GANSU) == []


def test_the_operator_sees_who_witnessed_what_and_which_heads_contradict_one_another(federation: World) -> None:
    act(federation, GANSU, 3)
    tell(federation, GANSU)
    calm = Desk(federation, SUN).get("/desk/operations/")
    rewrite(federation, GANSU, "case:witnessed", 3)
    with federation.at(GANSU):
        ToldHead.objects.all().delete()
    tell(federation, GANSU)

    assert "账本见证" in calm
    assert "需要查看的树头" not in calm
    assert "同一长度的账本树有两个不同的根" in Desk(federation, SUN).get("/desk/operations/")
