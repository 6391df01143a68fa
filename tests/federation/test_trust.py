# SPDX-License-Identifier: Apache-2.0
"""The life of a trust list among nodes that work on: keys change, nodes rest and leave, the hub is away."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests import story
from tests.people import CHEN, LIU, WANG, ZHANG, DemoPerson, DemoStaff
from tests.world import World
from tongban.cases.actions import Submitted
from tongban.config import joining, new_keys, rotation
from tongban.exchange import actions as exchange
from tongban.exchange import keys, trust
from tongban.exchange.errors import NotAgreed, Unreachable
from tongban.exchange.models import Batch, Inbox, Outbox, Peer
from tongban.ledger.models import Line
from tongban.licences.queries import check_file
from tongban.regions import membership, requests
from tongban.regions.actions import change_trust_list
from tongban.regions.errors import FingerprintDiffers, SignerNotListed, TrustListExpired
from tongban.regions.membership import GRACE, OVERLAP, Changed
from tongban.regions.models import SignedTrustList
from tongban.regions.queries import forget, trust_list, trust_list_named, trust_lists_after
from tongban.regions.trustlist import CAP, Agreement, TrustList, unpacked_lists
from tongban.standards.actor import system
from tongban.standards.node import here

HUB, HUNAN, GANSU, JILIN, HEBEI = "000000", "430000", "620000", "220000", "130000"
OTHERS = (HUNAN, GANSU, JILIN, HEBEI)


@pytest.fixture(autouse=True)
def _keys_are_forgotten(federation: World) -> Iterator[None]:
    """Databases forget what a test did; folders must be told to."""
    folders = [node.secrets / "keys" for node in federation.nodes.values()]
    before = {file: file.read_bytes() for folder in folders for file in _files(folder)}
    yield
    for file in (file for folder in folders for file in _files(folder) if file not in before):
        file.unlink()
    for file, content in before.items():
        file.write_bytes(content)


def _files(folder: Path) -> list[Path]:
    return [*folder.iterdir(), folder.parent.parent / "entry.json"]


def at_hub(world: World, change: Callable[[TrustList], Changed]) -> TrustList:
    """One act of the hub's operator."""
    with world.at(HUB):
        return exchange.change_at_hub(change, world.clock.now(), actor=system(HUB))


def follow(world: World, *codes: str) -> None:
    """These nodes, or all, ask the hub what is new."""
    for code in codes or OTHERS:
        with world.at(code):
            exchange.fetch_trust_list(world.clock.now(), world.network)


def rotate(world: World, code: str, **how: object) -> str:
    """A node makes a new exchange key and the hub lists it. Its id."""
    now = world.clock.now()
    with world.at(code):
        request = rotation.rotation("exchange", now)
    with world.at(HUB):
        rotation.approve(request, now, **how)  # type: ignore[arg-type]
    follow(world)
    with world.at(code):
        return key_ids(code)[-1]


def key_ids(code: str) -> list[str]:
    """The exchange keys of a node as this one's list names them, oldest first."""
    listed = trust_list().nodes[code].keys
    return [key.id for key in sorted(listed, key=lambda key: key.not_before) if key.use == "exchange"]


def signs_with(world: World, code: str) -> str:
    with world.at(code):
        return keys.signer().key_id


def signed_with(world: World, sender: str, at: str) -> list[str]:
    """The keys that signed what a node has taken in, in the order in which it came."""
    with world.at(at):
        heads = [bytes(row.head).decode() for row in Batch.objects.filter(sender=sender).order_by("at", "batch_id")]
    return [head.partition('"key_id":"')[2].partition('"')[0] for head in heads]


def filed(world: World, who: DemoPerson, region: str) -> Submitted:
    visitor = story.visitor(world, who, GANSU)
    return story.submit(world, visitor, story.item_of(world, GANSU, region))


STORIES = [(HUNAN, "430100", ZHANG, CHEN), (JILIN, "220100", WANG, LIU)]


@pytest.mark.parametrize(("deciding", "region", "who", "officer"), STORIES, ids=["ed25519", "sm2"])
def test_keys_change_in_the_middle_of_a_story_and_nothing_is_lost(
    federation: World, deciding: str, region: str, who: DemoPerson, officer: DemoStaff
) -> None:
    given = filed(federation, who, region)
    federation.settle()
    old = signs_with(federation, deciding)

    new = rotate(federation, deciding)
    story.decide(federation, story.approver(federation, officer), given.case_id)
    federation.settle()
    assert signs_with(federation, deciding) == old  # peers may not have heard of the new one
    federation.pass_time(GRACE + keys.SETTLE)
    assert signs_with(federation, deciding) == new
    federation.settle()

    again = filed(federation, who, region)
    federation.settle()
    story.decide(federation, story.approver(federation, officer), again.case_id)
    federation.settle()

    visitor = story.visitor(federation, who, GANSU)
    assert {story.page(federation, visitor, each.receipt_no).state for each in (given, again)} == {"issued"}
    assert list(dict.fromkeys(signed_with(federation, deciding, GANSU))) == [old, new]


def test_a_batch_signed_with_the_old_key_is_taken_in_the_overlap_and_refused_after(federation: World) -> None:
    with federation.at(GANSU):
        old = keys.signer()
    rotate(federation, GANSU)
    federation.pass_time(GRACE + OVERLAP / 2)
    follow(federation)
    assert deliver_signed_by(federation, old) == ""

    federation.pass_time(OVERLAP / 2)
    assert "unknown_key" in deliver_signed_by(federation, old)
    federation.pass_time(timedelta(minutes=10))
    federation.settle()
    with federation.at(HUNAN):
        assert Inbox.objects.filter(sender=GANSU, kind="item.published", subject__startswith="item:x").count() == 2


def deliver_signed_by(world: World, signer: object) -> str:
    """Gansu sends a letter with a certain key. The error of its line to Hunan, empty when there is none."""
    now = world.clock.now()
    with world.at(GANSU), pytest.MonkeyPatch.context() as patch:
        exchange.send([HUNAN], kind="item.published", subject=f"item:x{now.timestamp()}", body={}, at=now)
        patch.setattr(keys, "signer", lambda: signer if here().code == GANSU else keys.in_use("exchange"))
        exchange.deliver_once(HUNAN, now, world.network)
        peer = Peer.objects.get(code=HUNAN)
        return peer.last_error if peer.failures else ""


def test_a_lost_key_ends_at_once(federation: World) -> None:
    old = signs_with(federation, GANSU)
    new = rotate(federation, GANSU, at_once=True)

    assert signs_with(federation, GANSU) == new != old
    with federation.at(GANSU):
        exchange.send([HUNAN], kind="item.published", subject="item:x", body={}, at=federation.clock.now())
    federation.settle()
    with federation.at(GANSU):
        assert not Outbox.objects.filter(subject="item:x", answered_at=None).exists()


def test_asking_twice_asks_for_the_same_key(federation: World) -> None:
    with federation.at(GANSU):
        first, second = (rotation.rotation("exchange", federation.clock.now()) for _ in range(2))
        assert len(keys.key_store.held("exchange")) == 2
        made = Line.objects.filter(subject="trust_list", verb="trust.key_made")
        assert made.count() == 1
    assert first.count(b'\\"id\\"') == second.count(b'\\"id\\"') == 1


def test_a_new_document_key_seals_new_papers_and_old_papers_stay_good(federation: World) -> None:
    papers = [a_paper(federation)]
    with federation.at(HUNAN):
        old, request = keys.in_use("document"), rotation.rotation("document", federation.clock.now())
    with federation.at(HUB):
        rotation.approve(request, federation.clock.now())
    follow(federation)
    federation.pass_time(GRACE + keys.SETTLE)
    papers.append(a_paper(federation))

    with federation.at(HUNAN):
        assert keys.in_use("document").key_id != old.key_id
    federation.pass_time(OVERLAP * 2)
    with federation.at(JILIN):
        verdicts = [check_file(paper) for paper in papers]
    assert [verdict.intact for verdict in verdicts] == [True, True]
    assert {verdict.signer_node for verdict in verdicts} == {HUNAN}


def a_paper(world: World) -> bytes:
    """A sealed file that Hunan has issued to somebody in Gansu."""
    given = filed(world, ZHANG, "430100")
    world.settle()
    story.decide(world, story.approver(world, CHEN), given.case_id)
    world.settle()
    with world.at(GANSU):
        who = story.visitor(world, ZHANG, GANSU)
        fetched = story.actions.fetch_result(given.receipt_no, actor=who, at=world.clock.now())
        return b"".join(fetched.chunks)


# The hub


def test_the_hub_changes_its_own_key_and_who_was_away_follows_list_by_list(federation: World) -> None:
    old = signs_with(federation, HUB)
    with federation.at(HUB):
        listed = rotation.approve(rotation.rotation("exchange", federation.clock.now()), federation.clock.now())
    assert listed.nodes[HUB].status == "active"
    follow(federation, HUNAN, GANSU, HEBEI)  # Jilin is away
    federation.pass_time(GRACE + OVERLAP)
    new = signs_with(federation, HUB)
    for _ in range(3):
        at_hub(federation, membership.renewed)

    follow(federation)

    with federation.at(JILIN):
        assert trust_list().serial == listed.serial + 3
        rows = unpacked_lists(trust_lists_after(listed.serial - 1))
        assert [row.key_id for row in rows] == [old, new, new, new]


def test_a_node_that_was_away_for_many_lists_asks_until_it_has_the_last(federation: World) -> None:
    first = at_hub(federation, membership.renewed).serial
    for _ in range(CAP + 3):
        federation.pass_time(timedelta(days=20))
        last = at_hub(federation, membership.renewed).serial
    with federation.at(JILIN), pytest.raises(TrustListExpired):
        trust.peer(HUNAN, federation.clock.now())

    follow(federation, JILIN)

    with federation.at(JILIN):
        assert trust_list().serial == last == first + CAP + 3
        assert trust.peer(HUNAN, federation.clock.now()).code == HUNAN


def test_the_hub_cannot_lock_everybody_out_by_a_key_that_nobody_knows(federation: World) -> None:
    with federation.at(HUB):
        rotation.rotation("exchange", federation.clock.now())
        stranger = keys.unlisted("exchange")
        assert stranger is not None
        with pytest.raises(SignerNotListed):
            change_trust_list(membership.renewed, federation.clock.now(), signer=stranger, actor=system(HUB))


def test_a_hub_that_is_away_stops_nothing_while_the_list_lasts(federation: World) -> None:
    federation.network.down.add(HUB)
    with federation.at(GANSU):
        ends = trust_list().expires_at
    while federation.clock.now() + timedelta(days=6) < ends:
        federation.pass_time(timedelta(days=5))
        given = filed(federation, ZHANG, "430100")
        federation.settle()
        assert story.page(federation, story.approver(federation, CHEN), given.receipt_no).state == "submitted"
        with federation.at(GANSU), pytest.raises(Unreachable):
            exchange.fetch_trust_list(federation.clock.now(), federation.network)

    federation.clock.advance(ends - federation.clock.now())
    with federation.at(GANSU):
        exchange.send([HUNAN], kind="item.published", subject="item:x", body={}, at=federation.clock.now())
    federation.settle()
    with federation.at(GANSU):
        assert Outbox.objects.filter(subject="item:x", answered_at=None).exists()
        assert "trust_list_expired" in Peer.objects.get(code=HUNAN).last_error

    federation.network.down.clear()
    with federation.at(HUB):
        exchange.renew_trust_list(federation.clock.now())
    follow(federation)
    federation.pass_time(timedelta(minutes=6))
    federation.settle()
    with federation.at(GANSU):
        assert not Outbox.objects.filter(subject="item:x", answered_at=None).exists()


def test_the_list_after_a_serial_is_asked_for_at_the_door(federation: World) -> None:
    dial = federation.nodes[HUB].dial + "/exchange/trust-list"
    with federation.at(HUB):
        serial = trust_list().serial
    at_hub(federation, membership.renewed)

    def ask(query: str) -> tuple[int, bytes]:
        came = federation.request(HUB, "GET", dial + query, {}, b"", door="exchange")
        return came.status, came.body

    status, body = ask(f"?after={serial}")
    assert (status, len(unpacked_lists(body))) == (200, 1)
    assert unpacked_lists(ask(f"?after={serial + 1}")[1]) == []
    for odd in ("?after=", "?after=-1", "?after=x", "?after=99999999999", "?after=%D9%A1"):
        assert ask(odd)[0] == 400


# Nodes rest, leave, hand over


def test_what_waits_for_a_suspended_node_goes_on_when_it_is_resumed(federation: World) -> None:
    at_hub(federation, lambda listed: membership.suspended(listed, HUNAN, "安全检查"))
    follow(federation)
    given = filed(federation, ZHANG, "430100")
    federation.settle()
    with federation.at(GANSU):
        assert Outbox.objects.filter(recipient=HUNAN, answered_at=None).exists()
        assert "sender_suspended" in Peer.objects.get(code=HUNAN).last_error

    at_hub(federation, lambda listed: membership.resumed(listed, HUNAN))
    follow(federation)
    federation.pass_time(timedelta(minutes=6))
    federation.settle()

    assert story.page(federation, story.approver(federation, CHEN), given.receipt_no).state == "submitted"
    with federation.at(HUB):
        lines = Line.objects.filter(subject="trust_list", verb__startswith="trust.").order_by("number")
        assert [line.verb for line in lines][-2:] == ["trust.suspended", "trust.resumed"]


def test_the_papers_of_a_node_that_left_stay_good_and_its_letters_are_refused(federation: World) -> None:
    paper = a_paper(federation)
    at_hub(federation, lambda listed: membership.left(listed, HUNAN, federation.clock.now()))
    follow(federation, GANSU, JILIN, HEBEI)

    with federation.at(JILIN):
        assert check_file(paper).intact
    with federation.at(HUNAN):
        exchange.send([GANSU], kind="item.published", subject="item:x", body={}, at=federation.clock.now())
        exchange.deliver_once(GANSU, federation.clock.now(), federation.network)
        assert "unknown_sender" in Peer.objects.get(code=GANSU).last_error


def test_a_case_written_by_an_older_list_is_taken_by_the_list_that_it_names(federation: World) -> None:
    federation.network.down.add(HUNAN)
    given = filed(federation, ZHANG, "430100")
    federation.settle()
    listed = at_hub(federation, lambda listed: membership.region_moved(listed, "4301", HEBEI))
    follow(federation, HEBEI)
    federation.network.down.clear()
    follow(federation)
    federation.pass_time(timedelta(minutes=6))
    federation.settle()

    assert story.page(federation, story.approver(federation, CHEN), given.receipt_no).state == "submitted"
    with federation.at(HUNAN):
        now = federation.clock.now()
        assert trust_list().node_for_region("430100").code == HEBEI
        assert trust_list_named(listed.serial - 1, now).node_for_region("430100").code == HUNAN
        assert trust_list_named(listed.serial - 1, now + timedelta(days=31)) == trust_list()
        assert trust_list_named(listed.serial + 7, now) == trust_list()


def test_a_node_that_left_joins_again_by_two_fingerprints_read_aloud(federation: World) -> None:
    now, hub_entry = federation.clock.now(), federation.nodes[HUB].home / new_keys.ENTRY
    at_hub(federation, lambda listed: membership.left(listed, HEBEI, now))
    with federation.at(HEBEI):
        file = rotation.joining(["13"], now)
        SignedTrustList.objects.all().delete()
        forget()
    asked = requests.read(file)
    listed = at_hub(
        federation, lambda listed: membership.joined(listed, asked, asked.fingerprint, now, roles=("region",))
    )

    with federation.at(HEBEI):
        for told in ("", "0000 " * 8):
            with pytest.raises(FingerprintDiffers):
                joining.fetch(now, federation.network, hub_entry, told)
        taken = joining.fetch(now, federation.network, hub_entry, new_keys.fingerprint(hub_entry))
    assert taken.serial == listed.serial
    assert taken.node_for_region("130100").code == HEBEI
    follow(federation)
    with federation.at(HEBEI):
        exchange.send([HUNAN], kind="item.published", subject="item:x", body={}, at=now)
    federation.settle()
    with federation.at(HEBEI):
        assert not Outbox.objects.filter(subject="item:x", answered_at=None).exists()


# Agreements between regions


def agree(world: World, *agreements: Agreement) -> None:
    at_hub(world, lambda listed: membership.agreed(listed, agreements))


def test_what_two_regions_have_not_agreed_is_refused_where_it_is_written(federation: World) -> None:
    agree(federation, Agreement("62", "22", ("case.*",)), Agreement("22", "62", ("case.*",)))
    follow(federation)

    with pytest.raises(NotAgreed, match="430000"):
        filed(federation, ZHANG, "430100")
    filed(federation, WANG, "220100")
    with federation.at(GANSU):
        exchange.send([HUNAN], kind="item.published", subject="item:x", body={}, at=federation.clock.now())
        assert not Outbox.objects.filter(recipient=HUNAN, kind="case.opened").exists()


def test_a_receiver_that_heard_of_the_agreement_first_answers_by_name_and_nothing_is_lost(federation: World) -> None:
    given = filed(federation, ZHANG, "430100")
    agree(federation, Agreement("62", "22", ("case.*",)))
    follow(federation, HUNAN)
    federation.settle()

    with federation.at(GANSU):
        row = Outbox.objects.get(kind="case.opened", recipient=HUNAN, subject=f"case:{given.case_id}")
        assert row.answer == "not_agreed"
    with federation.at(HUNAN):
        assert not Inbox.objects.filter(subject=f"case:{given.case_id}").exists()
