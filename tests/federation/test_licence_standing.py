# SPDX-License-Identifier: Apache-2.0
"""A licence that is suspended where it was issued counts nowhere: every node is told, and a backup forgets nothing."""

import html
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import story
from tests.desks import Browser, Desk
from tests.federation.restored import Backup
from tests.people import CHEN, LIU, SUN, ZHANG, staff
from tests.world import World
from tongban.cases import actions as cases
from tongban.ledger.models import Line
from tongban.licences.actions import change
from tongban.licences.errors import ByCaseOnly, ChangeNotPossible
from tongban.licences.models import Licence, LicenceChange, ToldStanding
from tongban.standards.refusal import BadInput, NotAllowed, NotFound

HUNAN, GANSU, JILIN = "430000", "620000", "220000"
WHY = {"reason": "持证人涉嫌提供虚假材料，正在核查。", "basis": "行政处罚法第九条"}


@pytest.fixture
def paper(federation: World) -> bytes:
    """A certificate of Changsha's police, fetched in Lanzhou."""
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    given = story.submit(federation, zhang, story.item_of(federation, GANSU, "430100"))
    federation.settle()
    story.decide(federation, chen, given.case_id)
    federation.settle()
    with federation.at(GANSU):
        made = b"".join(cases.fetch_result(given.receipt_no, actor=zhang, at=federation.clock.now()).chunks)
    federation.settle()
    return made


def licence(world: World) -> Licence:
    with world.at(HUNAN):
        return Licence.objects.get(is_notice=False)


def do(world: World, name: str, **more: str) -> None:
    row = licence(world)
    with world.at(HUNAN):
        change(row.id, name, actor=story.approver(world, CHEN), at=world.clock.now(), **(WHY | more))
    world.settle()


def checked(world: World, node: str, paper: bytes) -> str:
    """What the public page of a node says of the file, as text."""
    page = Browser(world, node).post("/verify/", {"file": SimpleUploadedFile("a.pdf", paper, "application/pdf")})
    inside = page.partition("<main")[2].partition("</main")[0]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", inside)))


def test_a_suspended_licence_is_refused_everywhere_though_its_node_is_silent(federation: World, paper: bytes) -> None:
    assert "请不要采信" not in checked(federation, JILIN, paper)
    do(federation, "suspend")
    federation.network.down.add(HUNAN)

    for node in (HUNAN, GANSU, JILIN):
        said = checked(federation, node, paper)
        assert "这份证照现在是“暂扣”状态，请不要采信" in said
        assert WHY["reason"] not in said  # why is between the organization and the holder
    federation.network.down.clear()
    do(federation, "resume")
    for node in (HUNAN, GANSU, JILIN):
        assert "请不要采信" not in checked(federation, node, paper)


def test_each_change_is_in_the_diary_once_and_told_once(federation: World, paper: bytes) -> None:
    do(federation, "suspend")
    do(federation, "resume")
    sent = len(federation.network.seen)
    federation.settle()

    row = licence(federation)
    with federation.at(HUNAN):
        verbs = list(Line.objects.filter(subject=f"licence:{row.id}").order_by("number").values_list("verb", flat=True))
        told = list(LicenceChange.objects.order_by("number").values_list("number", "change", "standing"))
    assert verbs == ["licence.sealed", "licence.suspend", "licence.resume"]
    assert told == [(1, "suspend", "suspended"), (2, "resume", "valid")]
    assert not [one for one in federation.network.seen[sent:] if b"licence.standing" in one.body]
    with federation.at(JILIN):
        heard = ToldStanding.objects.get()
        assert (heard.node_code, heard.number, heard.standing) == (HUNAN, 2, "valid")


@pytest.mark.parametrize(
    ("who", "refusal"), [(LIU, NotFound), (SUN, NotAllowed), (staff("tangli", HUNAN), NotAllowed)], ids=lambda x: str(x)
)
def test_only_an_approver_of_who_issued_it_changes_it(
    federation: World, paper: bytes, who: object, refusal: type[Exception]
) -> None:
    row = licence(federation)
    with federation.at(HUNAN), pytest.raises(refusal):
        change(row.id, "suspend", actor=story.officer(federation, who), at=federation.clock.now(), **WHY)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "more", "refusal"),
    [
        ("resume", {}, ChangeNotPossible),
        ("nonsense", {}, ChangeNotPossible),
        ("revoke", {}, ByCaseOnly),
        ("suspend", {"reason": " "}, BadInput),
        ("suspend", {"basis": ""}, BadInput),
        ("suspend", {"reason": "长" * 501}, BadInput),
    ],
)
def test_what_may_not_be_done_is_refused_by_name_and_leaves_nothing(
    federation: World, paper: bytes, name: str, more: dict[str, str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        do(federation, name, **more)
    with federation.at(HUNAN):
        assert not LicenceChange.objects.exists()
        assert Licence.objects.get(is_notice=False).standing == "valid"


def test_a_node_tells_of_its_own_licences_only(federation: World, paper: bytes) -> None:
    row = licence(federation)
    with federation.at(JILIN):  # a node that claims something of Hunan's file
        ToldStanding.objects.create(
            node_code=JILIN,
            file_digest=row.file_digest,
            number=9,
            standing="revoked",
            since=federation.clock.now(),
            heard_at=federation.clock.now(),
        )

    assert "请不要采信" not in checked(federation, JILIN, paper)


def test_a_restored_node_knows_again_that_it_had_suspended(federation: World, paper: bytes, tmp_path: Path) -> None:
    backup = Backup.of(federation, HUNAN, tmp_path)
    do(federation, "suspend")
    backup.restore()
    federation.settle()

    row = licence(federation)
    assert (row.standing, row.changes) == ("suspended", 1)
    with federation.at(HUNAN):
        assert list(LicenceChange.objects.values_list("number", "change", "standing")) == [(1, "suspend", "suspended")]
    do(federation, "resume")
    assert "请不要采信" not in checked(federation, JILIN, paper)


def test_the_desk_finds_a_licence_by_its_number_and_keeps_what_was_typed(federation: World, paper: bytes) -> None:
    row = licence(federation)
    desk = Desk(federation, CHEN)
    assert "没有查到本机关签发的这份证照" in desk.get("/desk/licences/?number=430100通证〔2026〕9999999号")
    assert row.number in desk.get(f"/desk/licences/?number={row.number}")
    path = f"/desk/licences/{row.id}/"
    assert desk.path == path

    page = desk.post(f"{path}change/", {"change": "suspend", "reason": WHY["reason"], "basis": ""})
    assert (desk.answer.status_code, WHY["reason"] in page, 'aria-describedby="h-basis w-basis"' in page) == (
        422,
        True,
        True,
    )
    page = desk.post(f"{path}change/", {"change": "suspend", **WHY})
    assert "已暂扣" in page and "即将通知各地节点" in page
    federation.settle()
    assert "即将通知各地节点" not in desk.get(path)
    stranger = Desk(federation, staff("tangli", HUNAN))
    assert stranger.get(path) and stranger.answer.status_code == 404
    assert stranger.get("/desk/licences/") and stranger.answer.status_code == 403
