# SPDX-License-Identifier: Apache-2.0
"""What a region accepts of others travels: whoever takes in for it checks by its list, and says why not."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests import story
from tests.desks import Browser
from tests.federation.restored import Backup
from tests.federation.test_materials import CARD, ENQUIRY, FORM, issued
from tests.newcomer import forget
from tests.people import WANG
from tests.world import START, Sent, World
from tongban.cases import actions as cases
from tongban.cases.actions.gathering import agree
from tongban.cases.queries import draft
from tongban.catalogue.search.queries import search
from tongban.catalogue.welcoming import Welcome
from tongban.config.worker import OF_LICENCES
from tongban.database.statement import Statement
from tongban.demo.content import IDENTITY_CARD
from tongban.demo.people import DATA, ORGANIZATIONS
from tongban.exchange.errors import Malformed
from tongban.exchange.registry import Handler, Message
from tongban.licences.errors import ListOdd, ToldDigestWrong, ToldVersionReused, TypeOdd
from tongban.licences.models import LicenceType, RecognitionList, ToldRecognition, ToldType
from tongban.licences.types import queries
from tongban.licences.types.actions import draft_type, lay_down_type, publish_recognition, publish_type
from tongban.licences.types.messages import store_list, store_type
from tongban.licences.uses.actions import grant_use
from tongban.licences.uses.queries import FIELDS
from tongban.standards.actor import Actor, system
from tongban.standards.clock import local_date
from tongban.standards.crypto import suite
from tongban.standards.node import Node
from tongban.standards.refusal import Refusal

GANSU, JILIN, HUNAN = "620000", "220000", "430000"
EVERYWHERE = f"{IDENTITY_CARD},000000,,2026-01-01,"
TYPES: list[dict[str, Any]] = json.loads((DATA / "licence_types.json").read_text(encoding="utf-8"))
ID_CARD = next(each for each in TYPES if each["code"] == IDENTITY_CARD)


@pytest.fixture
def wang(federation: World) -> Actor:
    """At home in Jilin; in Hunan now, where she applies for an item of Lanzhou."""
    return story.visitor(federation, WANG, HUNAN)


def published(world: World, node: str, lines: str) -> None:
    with world.at(node):
        publish_recognition(lines, reason="调整。", actor=system(node), at=world.clock.now())
    world.settle()


def tried(world: World, who: Actor) -> tuple[str, str]:
    """What comes of a card of Jilin in an application at Hunan for Lanzhou's fund: met, or the code and why not."""
    now = world.clock.now()
    with world.at(HUNAN):
        made = cases.start_draft(search(ENQUIRY, "620100").items[0].task_code, actor=who, at=now)
        cases.answer(made, "about", "deposit", actor=who, at=now)
        cases.fill(made, FORM, actor=who, at=now)
        agree(made, "id_card", JILIN, actor=who, at=now)
    world.settle()
    with world.at(HUNAN):
        need = draft(made, who).requirements[0]
        for given in need.given:  # the next try begins anew
            cases.remove_material(made, "id_card", given.digest, actor=who, at=now)
    assert need.standing.open is None
    if need.standing.met:
        return "met", ""
    assert need.standing.may_fetch  # and every other way is open
    return need.standing.failed[0].outcome, need.standing.failed[0].says


def test_who_takes_in_for_another_region_goes_by_its_list_and_says_why_not(federation: World, wang: Actor) -> None:
    centre = ORGANIZATIONS["hunan-centre"]
    issued(federation, story.visitor(federation, WANG, JILIN))
    with federation.at(JILIN):
        day, now = local_date(federation.clock.now()), federation.clock.now()
        more: dict[str, Any] = {"fields": list(FIELDS), "daily": 9, "until": day, "actor": system(JILIN), "at": now}
        grant_use(centre.code, centre.name, CARD, **more)
    assert tried(federation, wang) == ("met", "")

    published(federation, HUNAN, "")  # what Hunan accepts for itself is another matter
    assert tried(federation, wang) == ("met", "")
    for lines, why in (
        (f"{IDENTITY_CARD},430000,,2026-01-01,", "办理地互认清单没有列入该地区签发的“居民身份证”"),
        (f"{IDENTITY_CARD},220000,,2027-01-01,", "办理地对“居民身份证”的互认自2027年1月1日起才生效"),
        ("", "办理地互认清单没有列入“居民身份证”"),
    ):
        published(federation, GANSU, lines)
        assert tried(federation, wang) == ("licence_not_recognised", f"{why}，请改用其他方式提交材料。")
    published(federation, GANSU, EVERYWHERE)
    assert tried(federation, wang) == ("met", "")


def test_everybody_reads_the_lists_of_other_regions_as_they_have_told_of_them(federation: World) -> None:
    published(federation, GANSU, f"{IDENTITY_CARD},130000,,2026-02-03,")
    reader = Browser(federation, HUNAN)

    own = reader.get("/recognition/").partition("<main")[2].partition("<form")[0]
    assert "办理湖南" in own and "河北省" not in own
    page = reader.get("/recognition/?region=620000")
    assert "办理甘肃" in page and "河北省" in page and "第 2 版" in page and "收到" in page
    assert own in reader.get("/recognition/?region=999999")  # of nobody: Hunan's own again


def test_of_a_node_that_tells_no_list_that_is_said_and_other_ways_are_open(federation: World, wang: Actor) -> None:
    with federation.at(HUNAN):  # Gansu runs a version that knows nothing of it
        ToldRecognition.objects.filter(node_code=GANSU).delete()

    outcome, says = tried(federation, wang)
    assert (outcome, "办理地还没有公布互认清单" in says) == ("licence_not_recognised", True)


def test_a_type_counts_as_the_deciding_region_defines_it(federation: World, wang: Actor) -> None:
    federation.pass_time(timedelta(days=1))
    with federation.at(GANSU):
        lay_down_type(ID_CARD | {"holders": ["company"]}, actor=system(GANSU), at=federation.clock.now())
    federation.settle()

    outcome, says = tried(federation, wang)
    assert (outcome, "“居民身份证”不发给个人" in says) == ("licence_not_recognised", True)


def test_a_list_that_was_lost_on_the_way_comes_again_and_a_version_comes_after_the_one_before(
    federation: World,
) -> None:
    lost: list[Sent] = []

    def lose(sent: Sent) -> Sent | None:
        if b"licence.recognition" in sent.body and sent.recipient == HUNAN and not lost:
            lost.append(sent)
            return None
        return sent

    federation.network.faults.append(lose)
    published(federation, GANSU, "")
    published(federation, GANSU, EVERYWHERE)
    for _ in range(5):
        federation.pass_time(timedelta(minutes=1))
        federation.settle()

    assert lost
    with federation.at(HUNAN):
        rows = ToldRecognition.objects.filter(node_code=GANSU).order_by("id")
        assert list(rows.values_list("version", flat=True)) == [1, 2, 3]
        assert queries.accepted_by(GANSU) != []


def test_a_newcomer_is_told_every_list_and_type_once(federation: World) -> None:
    def known() -> tuple[int, int]:
        with federation.at(GANSU):
            return ToldType.objects.count(), ToldRecognition.objects.count()

    before = known()
    forget(federation, GANSU, "licence-type/", "recognition/")
    with federation.at(GANSU):
        ToldType.objects.all().delete()
        ToldRecognition.objects.all().delete()
    for code in sorted(federation.nodes.keys() - {GANSU}):
        with federation.at(code):
            assert Welcome(OF_LICENCES).once(federation.clock.now())
            assert not Welcome(OF_LICENCES).once(federation.clock.now())  # a worker that starts again
    federation.settle()

    assert known() == before
    assert before == (4 * len(TYPES), 4)


def test_after_a_restore_a_node_knows_again_what_it_and_others_had_published(federation: World, tmp_path: Path) -> None:
    backup = Backup.of(federation, GANSU, tmp_path)
    tomorrow = local_date(federation.clock.now()) + timedelta(days=1)
    with federation.at(GANSU):
        draft_type(ID_CARD | {"name": "身份证（新版）"}, actor=system(GANSU), at=federation.clock.now())
        publish_type(IDENTITY_CARD, tomorrow, actor=system(GANSU), at=federation.clock.now())
    published(federation, GANSU, "")
    published(federation, HUNAN, "")
    backup.restore()
    federation.settle()

    with federation.at(GANSU):
        row = RecognitionList.objects.get(version=2)
        assert (bytes(row.document), row.reason) == (b"[]", "调整。")
        assert LicenceType.objects.get(code=IDENTITY_CARD, version=2).name == "身份证（新版）"
        assert queries.in_force(tomorrow)[IDENTITY_CARD].version == 2
        assert queries.accepted_by(HUNAN) == []
    published(federation, GANSU, EVERYWHERE)
    with federation.at(HUNAN):
        assert queries.told_list(GANSU).version == 3  # type: ignore[union-attr]


def told(document: str, subject: str, **more: Any) -> Message:
    """A letter of Gansu with this document."""
    digest = suite("ed25519").digest(document.encode())
    when = {"effective_from": "2026-11-23", "published_at": "2026-11-23T01:00:00+00:00"}
    body = {"version": 7, "document": document, "digest": digest} | when | more
    return Message(UUID(int=1), GANSU, "of this test", subject, 1, START, START, body, "sha256:0", None)


def keep(reader: Handler, what: Message) -> None:
    write = Statement()
    write.guard("SELECT 1", [])
    reader(what, write)
    write.run()


LINE = '[{"type_code":"%s","issuer_region":"%s","item":"%s","since":"2026-01-01","until":null}]'
GOOD = LINE % (IDENTITY_CARD, "220000", "")
MINE, CARDS = "recognition/620000", f"licence-type/{IDENTITY_CARD}"


@pytest.mark.parametrize(
    ("reader", "letter", "refusal"),
    [
        (store_list, told(GOOD, "recognition/430000"), ListOdd),  # of another's region
        (store_list, told("{}", MINE), ListOdd),
        (store_list, told("[1", MINE), ListOdd),
        (store_list, told(LINE % ("x", "220000", ""), MINE), ListOdd),
        (store_list, told(LINE % (IDENTITY_CARD, "22", ""), MINE), ListOdd),
        (store_list, told(LINE % (IDENTITY_CARD, "220000", "nonsense"), MINE), ListOdd),
        (store_list, told(f"[{','.join([GOOD[1:-1]] * 2001)}]", MINE), ListOdd),
        (store_list, told(GOOD, MINE, digest="sha256:0"), ToldDigestWrong),
        (store_list, told(GOOD, MINE, digest="of nobody:0"), ToldDigestWrong),
        (store_list, told(GOOD, MINE, version=0), Malformed),
        (store_type, told(json.dumps(ID_CARD), "licence-type/x"), TypeOdd),
        (store_type, told(json.dumps(ID_CARD | {"holders": ["ghosts"]}), CARDS), TypeOdd),
        (store_type, told("[]", CARDS), TypeOdd),
        (store_type, told(json.dumps(ID_CARD), CARDS, digest="sm3:0"), ToldDigestWrong),
        (store_type, told(json.dumps(ID_CARD), CARDS, effective_from="soon"), Malformed),
    ],
)
def test_what_is_no_list_or_type_of_its_sender_is_refused_by_name(
    hunan: Node, reader: Handler, letter: Message, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        keep(reader, letter)


def test_the_same_again_changes_nothing_and_other_words_under_its_version_are_refused(hunan: Node) -> None:
    card = json.dumps(ID_CARD, ensure_ascii=False)
    for reader, document, subject in ((store_list, GOOD, MINE), (store_type, card, CARDS)):
        keep(reader, told(document, subject))
        keep(reader, told(document, subject))
        with pytest.raises(ToldVersionReused):
            keep(reader, told(document.replace("220000", "430000").replace("居民", "人民"), subject))
    assert queries.told_list(GANSU).version == 7  # type: ignore[union-attr]
    assert ToldType.objects.filter(node_code=GANSU, code=IDENTITY_CARD, version=7).count() == 1
