# SPDX-License-Identifier: Apache-2.0
"""Lists reach every node as they were published, agreements their other side; nobody speaks for another."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests import story
from tests.agreements import agreed, offered, plain
from tests.newcomer import forget
from tests.people import CHANGSHA_POLICE, LANZHOU_CENTRE, ORGANIZATIONS, staff
from tests.world import World
from tongban.catalogue.lists import actions, queries
from tongban.catalogue.lists import content as contents
from tongban.catalogue.lists.errors import (
    AgreementForged,
    AgreementNotYours,
    AgreementStands,
    ListDigestWrong,
    ListNotFromPublisher,
    ListRefused,
    ListVersionReused,
    NoticeTooShort,
    StatusReasonMissing,
)
from tongban.catalogue.lists.messages import hear_agreement, store_acts, store_list
from tongban.catalogue.lists.tests.samples import entry
from tongban.catalogue.lists.tests.samples import plain as listed
from tongban.catalogue.models import ListAct, ListVersion, RegionAgreement
from tongban.database.statement import Statement
from tongban.exchange.registry import Handler, Message
from tongban.ledger.models import Line
from tongban.standards.actor import Actor, Role, system
from tongban.standards.crypto import suite
from tongban.standards.refusal import NotAllowed, NotFound

HUB, GANSU, HUNAN, JILIN = "000000", "620000", "430000", "220000"
CENTRE, HUNAN_CENTRE = ORGANIZATIONS["gansu-centre"], ORGANIZATIONS["hunan-centre"]
NODES = (HUB, GANSU, HUNAN, JILIN, "130000")


def published(world: World, *entries: dict[str, Any], **said: Any) -> ListVersion:
    """A list of Gansu, of which every node has heard."""
    with world.at(GANSU):
        row = actions.publish(listed(*entries, **said), actor=system(GANSU), at=world.clock.now())
    world.settle()
    return row


def seen(world: World, node: str, code: str = "cross") -> tuple[int, str, str]:
    """How the list stands at a node."""
    with world.at(node):
        row = queries.current(CENTRE.code, code)
        return row.version, row.status, row.origin


def test_every_node_shows_every_publishers_list_with_its_origin(federation: World) -> None:
    federation.settle()
    published(federation, entry(), entry("a-2", "失业登记"))

    assert [seen(federation, node) for node in NODES] == [
        (1, "published", "own" if n == GANSU else "copy") for n in NODES
    ]
    for node in NODES:
        with federation.at(node):
            row = queries.current(CENTRE.code, "cross")
            assert (row.node_code, len(row.content.entries)) == (GANSU, 2)
            assert contents.document(row.content) == bytes(row.document)
            assert queries.is_stale(row, federation.clock.now()) is False
            assert queries.is_stale(row, federation.clock.now() + timedelta(days=181)) is (node != GANSU)
            assert {each.publisher_name for each in queries.lists(scope="cross_province")} >= {
                "国家政务服务平台跨省通办枢纽（演示）",
                "湖南省政务服务中心（演示）",
                "吉林省政务服务中心（演示）",
                "兰州市政务服务中心（演示）",
                "甘肃省政务服务中心（演示）",
            }


def test_a_newer_version_replaces_the_older_and_a_withdrawn_one_says_why_everywhere(federation: World) -> None:
    published(federation)
    published(federation, entry("a-9", "婚姻登记"))
    assert {seen(federation, node)[:2] for node in NODES} == {(2, "published")}

    with federation.at(GANSU):
        me = Actor(UUID(int=5), Role.ITEM_MANAGER, "杨磊", GANSU, CENTRE.region, CENTRE.code)
        actions.withdraw("cross", reason="名录有误。", actor=me, at=federation.clock.now())
    federation.settle()
    assert {seen(federation, node)[:2] for node in NODES} == {(2, "withdrawn")}
    with federation.at(HUNAN):
        assert queries.current(CENTRE.code, "cross").status_reason == "名录有误。"
        assert "cross" not in {row.code for row in queries.lists(publisher=CENTRE.code)}
    published(federation)
    assert {seen(federation, node)[:2] for node in NODES} == {(3, "published")}


def test_how_an_entry_stands_reaches_every_node_with_its_whole_history(federation: World) -> None:
    published(federation)
    words: dict[str, Any] = {"actor": system(GANSU), "at": federation.clock.now(), "own": CENTRE.code}
    with federation.at(GANSU):
        for status, reason in (("under_way", ""), ("open", ""), ("on_hold", "系统升级。")):
            actions.set_status("cross", ["a-1"], status, reason=reason, **words)
    federation.settle()

    for node in NODES:
        with federation.at(node):
            history = [(act.number, act.status, act.reason) for act in queries.acts(CENTRE.code, "cross", "a-1")]
            assert history == [(1, "under_way", ""), (2, "open", ""), (3, "on_hold", "系统升级。")]
    with federation.at(HUNAN):
        ListAct.objects.filter(code="cross").delete()
    with federation.at(GANSU):
        assert actions.announce(HUNAN, federation.clock.now()) == 0  # nothing is told twice
    forget(federation, HUNAN, "list/")
    with federation.at(GANSU):
        assert actions.announce(HUNAN, federation.clock.now()) >= 4
    federation.settle()
    with federation.at(HUNAN):
        assert len(queries.acts(CENTRE.code, "cross")) == 3


# What a node does not believe


def heard(kind: str, subject: str, body: dict[str, Any], sender: str, world: World) -> Message:
    now = world.clock.now()
    return Message(UUID(int=1), sender, kind, subject, 1, now, now, body, "sha256:0", None)


def keep(reader: Handler, what: Message) -> None:
    write = Statement()
    write.guard("SELECT 1", [])
    reader(what, write)
    write.run()


def told(version: int = 1, sender: str = GANSU, world: World | None = None, **said: Any) -> Message:
    document = contents.document(contents.convert(listed(**said)))
    body = {"version": version, "document": document.decode(), "digest": suite("ed25519").digest(document)}
    assert world is not None
    return heard("list.published", "list/x/cross", body, sender, world)


def test_an_older_version_that_comes_late_does_not_hold(federation: World) -> None:
    with federation.at(HUNAN):
        keep(store_list, told(2, world=federation, title="新"))
        keep(store_list, told(1, world=federation, title="旧"))
        keep(store_list, told(2, world=federation, title="新"))
        assert [(row.version, row.status) for row in queries.versions(CENTRE.code, "cross")] == [
            (2, "published"),
            (1, "superseded"),
        ]


def test_nobody_publishes_another_s_list_or_changes_a_version(federation: World) -> None:
    with federation.at(HUNAN):
        for sender in (JILIN, HUB):
            with pytest.raises(ListNotFromPublisher):
                keep(store_list, told(sender=sender, world=federation))
        wrong = told(world=federation)
        with pytest.raises(ListDigestWrong):
            keep(store_list, heard(wrong.kind, "x", {**wrong.body, "digest": "sha256:00"}, GANSU, federation))
        with pytest.raises(ListDigestWrong):
            keep(store_list, heard(wrong.kind, "x", {**wrong.body, "digest": "md5:00"}, GANSU, federation))
        with pytest.raises(ListRefused):
            keep(store_list, heard(wrong.kind, "x", {"version": 0}, GANSU, federation))
        keep(store_list, wrong)
        with pytest.raises(ListVersionReused):
            keep(store_list, told(world=federation, title="另一份"))

        act = {"number": 1, "entry": "a-1", "status": "open", "reason": "", "on_day": "2026-11-23", "actor": "x"}
        acts = {"acts": [act | {"at": "2026-11-23T04:00:00Z"}]}
        subject = f"list/{CENTRE.code}/cross"
        with pytest.raises(ListNotFromPublisher):
            keep(store_acts, heard("list.standing", subject, acts, JILIN, federation))
        for unknown in (f"list/{CENTRE.code}/other", "item/1", "list/"):
            with pytest.raises(ListRefused):
                keep(store_acts, heard("list.standing", unknown, acts, GANSU, federation))
        keep(store_acts, heard("list.standing", subject, acts, GANSU, federation))
        again = {"acts": [acts["acts"][0] | {"status": "on_hold"}]}
        keep(store_acts, heard("list.standing", subject, again, GANSU, federation))
        assert queries.standing(CENTRE.code, "cross")["a-1"].status == "open"  # what is written stays
        newer = {"acts": [acts["acts"][0] | {"number": 2, "status": "moved_to_the_moon"}]}
        keep(store_acts, heard("list.standing", subject, newer, GANSU, federation))
        (line,) = queries.lines(queries.current(CENTRE.code, "cross").content)
        assert line.status == "unsaid"  # a word that only a newer node knows


# Agreements


def stands(world: World, id: UUID) -> dict[str, str]:
    """How an agreement stands at the two nodes."""
    found = {}
    for node in (HUNAN, GANSU):
        with world.at(node):
            row = RegionAgreement.objects.filter(id=id).first()
            found[node] = row.standing if row else ""
    return found


def keeper(office: Any) -> Actor:
    return Actor(UUID(int=6), Role.ITEM_MANAGER, "某某", office.node, office.region, office.code)


def test_both_sides_sign_the_same_bytes_and_both_nodes_hold_both_signatures(federation: World) -> None:
    row = offered(federation, CHANGSHA_POLICE, LANZHOU_CENTRE)
    assert stands(federation, row.id) == {HUNAN: "offered", GANSU: ""}
    federation.settle()
    assert stands(federation, row.id) == {HUNAN: "offered", GANSU: "offered"}
    with federation.at(GANSU):
        actions.confirm(row.id, actor=keeper(LANZHOU_CENTRE), at=federation.clock.now())
    federation.settle()

    documents = set()
    for node in (HUNAN, GANSU):
        with federation.at(node):
            kept = RegionAgreement.objects.get(id=row.id)
            documents.add(bytes(kept.document))
            assert {(one["side"], one["node"]) for one in kept.signatures} == {("handling", HUNAN), ("intake", GANSU)}
            assert kept.standing == "confirmed"
            assert [each.id for each in queries.public_agreements(date(2026, 11, 23)) if each.id == row.id]
            lines = Line.objects.filter(subject=f"agreement/{row.id}").values_list("verb", flat=True)
            assert list(lines) == (["agreement.offered"] if node == HUNAN else ["agreement.confirmed"])
    assert len(documents) == 1
    with federation.at(JILIN):
        assert not RegionAgreement.objects.filter(id=row.id).exists()


def test_a_node_of_the_other_suite_signs_and_is_believed_too(federation: World) -> None:
    row = agreed(federation, ORGANIZATIONS["changchun-police"], LANZHOU_CENTRE)
    with federation.at(GANSU):
        kept = RegionAgreement.objects.get(id=row.id)
        assert {one["side"]: one["suite"] for one in kept.signatures} == {"handling": "sm2", "intake": "ed25519"}
        assert kept.digest.startswith("sm3:")


def test_it_is_refused_with_a_reason_or_taken_back_before_an_answer(federation: World) -> None:
    first, second = (offered(federation, CHANGSHA_POLICE, LANZHOU_CENTRE) for _ in range(2))
    federation.settle()
    now = federation.clock.now()
    with federation.at(GANSU):
        with pytest.raises(StatusReasonMissing):
            actions.refuse(first.id, reason="", actor=keeper(LANZHOU_CENTRE), at=now)
        actions.refuse(first.id, reason="人手不足。", actor=keeper(LANZHOU_CENTRE), at=now)
        with pytest.raises(AgreementStands):
            actions.confirm(first.id, actor=keeper(LANZHOU_CENTRE), at=now)
        with pytest.raises(AgreementStands):
            actions.retract(second.id, actor=keeper(LANZHOU_CENTRE), at=now)
    with federation.at(HUNAN):
        with pytest.raises(AgreementNotYours):
            actions.confirm(second.id, actor=keeper(CHANGSHA_POLICE), at=now)
        actions.retract(second.id, actor=keeper(CHANGSHA_POLICE), at=now)
    federation.settle()
    assert set(stands(federation, first.id).values()) == {"refused"}
    assert set(stands(federation, second.id).values()) == {"retracted"}


def test_who_signs_before_hearing_that_it_was_taken_back_has_signed(federation: World) -> None:
    row = offered(federation, CHANGSHA_POLICE, LANZHOU_CENTRE)
    federation.settle()
    with federation.at(HUNAN):
        actions.retract(row.id, actor=keeper(CHANGSHA_POLICE), at=federation.clock.now())
    with federation.at(GANSU):
        actions.confirm(row.id, actor=keeper(LANZHOU_CENTRE), at=federation.clock.now())
    federation.settle()
    assert set(stands(federation, row.id).values()) == {"confirmed"}


def test_either_side_ends_it_with_notice_and_it_holds_until_that_day(federation: World) -> None:
    row = agreed(federation, CHANGSHA_POLICE, LANZHOU_CENTRE)
    now, last = federation.clock.now(), date(2026, 12, 23)
    with federation.at(GANSU):
        me = keeper(LANZHOU_CENTRE)
        with pytest.raises(NoticeTooShort):
            actions.end(row.id, ends_on=date(2026, 12, 22), reason="到期。", actor=me, at=now)
        with pytest.raises(StatusReasonMissing):
            actions.end(row.id, ends_on=last, reason="", actor=me, at=now)
        actions.end(row.id, ends_on=last, reason="窗口调整。", actor=me, at=now)
        with pytest.raises(AgreementStands):
            actions.end(row.id, ends_on=last, reason="再次。", actor=me, at=now)
    federation.settle()
    with federation.at(HUNAN):
        kept = RegionAgreement.objects.get(id=row.id)
        assert (kept.standing, kept.ends_on, kept.reason) == ("ended", last, "窗口调整。")
        assert queries.is_in_force(kept, last)
        assert not queries.is_in_force(kept, last + timedelta(days=1))


def test_two_offices_of_one_node_agree_without_messages(federation: World) -> None:
    police, county = ORGANIZATIONS["lanzhou-police"], ORGANIZATIONS["qilihe-centre"]
    row = agreed(federation, police, county)
    with federation.at(GANSU):
        kept = RegionAgreement.objects.get(id=row.id)
        assert (kept.standing, {one["node"] for one in kept.signatures}) == ("confirmed", {GANSU})


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"standing": "confirmed", "side": "intake"}, AgreementNotYours),  # who takes in has not spoken
        ({"standing": "confirmed", "side": "handling"}, AgreementNotYours),  # who offered it answers it
        ({"standing": "ended", "side": "handling"}, ListRefused),
        ({"standing": "ended", "side": "handling", "ends_on": "2026-11-24"}, NoticeTooShort),
        ({"digest": "sha256:00", "standing": "retracted"}, ListRefused),
        ({"standing": "signed"}, ListRefused),
    ],
    ids=lambda each: str(each.get("standing", "")) if isinstance(each, dict) else each.__name__,
)
def test_a_word_on_an_agreement_that_is_not_the_senders_is_refused(
    federation: World, changes: dict[str, Any], kind: type[Exception]
) -> None:
    row = offered(federation, CHANGSHA_POLICE, LANZHOU_CENTRE)
    federation.settle()
    body = {"standing": "offered", "side": "handling", "digest": row.digest} | changes
    with federation.at(GANSU), pytest.raises(kind):
        keep(hear_agreement, heard("agreement.told", f"agreement/{row.id}", body, HUNAN, federation))
    assert stands(federation, row.id) == {HUNAN: "offered", GANSU: "offered"}


@pytest.mark.parametrize("fault", ["signature", "side", "missing", "subject", "digest", "sender", "recipient"])
def test_an_offer_that_is_not_signed_by_its_side_is_not_kept(federation: World, fault: str) -> None:
    row = offered(federation, CHANGSHA_POLICE, LANZHOU_CENTRE)
    (own,) = row.signatures
    body = {"standing": "offered", "side": "handling", "digest": row.digest, "document": bytes(row.document).decode()}
    body |= {"signature": dict(own)}
    subject, sender, node = f"agreement/{row.id}", HUNAN, GANSU
    if fault == "signature":
        body["signature"] = own | {"signature": "00" * 64}
    elif fault == "side":
        body["signature"] = own | {"side": "intake"}
    elif fault == "missing":
        del body["signature"]
    elif fault == "subject":
        subject = f"agreement/{UUID(int=1)}"
    elif fault == "digest":
        body["digest"] = "sha256:00"
    elif fault == "sender":
        sender = JILIN
    elif fault == "recipient":
        node = JILIN
    with (
        federation.at(node),
        pytest.raises((AgreementForged, AgreementNotYours, ListRefused, ListDigestWrong)),
    ):
        keep(hear_agreement, heard("agreement.told", subject, body, sender, federation))
    with federation.at(node):
        assert not RegionAgreement.objects.filter(id=row.id).exists()


def test_agreements_are_seen_by_their_two_sides_and_by_whom_they_bind(federation: World) -> None:
    waiting = offered(federation, CHANGSHA_POLICE, LANZHOU_CENTRE)
    row = agreed(federation, CHANGSHA_POLICE, LANZHOU_CENTRE)
    clerk = story.officer(federation, staff("mali", GANSU))
    gansu = story.officer(federation, staff("yanglei", GANSU))
    with federation.at(GANSU):
        mine = keeper(LANZHOU_CENTRE)
        assert {row.id, waiting.id} <= {each.id for each in queries.agreements_of(mine)}
        assert row.id in {each.id for each in queries.agreements_of(clerk)}
        assert waiting.id not in {each.id for each in queries.agreements_of(clerk)}
        assert row.id not in {each.id for each in queries.agreements_of(gansu)}
        assert queries.agreement(row.id, clerk).id == row.id
        for who, id in ((clerk, waiting.id), (gansu, row.id), (gansu, waiting.id)):
            with pytest.raises(NotFound):
                queries.agreement(id, who)
        for act in (
            lambda who: actions.confirm(waiting.id, actor=who, at=federation.clock.now()),
            lambda who: actions.refuse(waiting.id, reason="x", actor=who, at=federation.clock.now()),
            lambda who: actions.retract(waiting.id, actor=who, at=federation.clock.now()),
            lambda who: actions.end(row.id, ends_on=date(2027, 1, 1), reason="x", actor=who, at=federation.clock.now()),
        ):
            with pytest.raises(NotFound):
                act(gansu)
            with pytest.raises(NotAllowed):
                act(clerk)
        with pytest.raises(NotAllowed):
            actions.offer(plain(), side="intake", other=CHANGSHA_POLICE.code, actor=clerk, at=federation.clock.now())
        with pytest.raises(AgreementNotYours):  # an organization of another node
            actions.offer(
                plain(), side="intake", other=CENTRE.code, actor=keeper(HUNAN_CENTRE), at=federation.clock.now()
            )
