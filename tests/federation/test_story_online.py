# SPDX-License-Identifier: Apache-2.0
"""Story one, mode online: a person in Lanzhou, an authority in Changsha, one case at both nodes."""

from datetime import timedelta

from tests import story
from tests.people import CHEN, LIU, WANG, ZHANG, ZHAO, ZHOU
from tests.world import World
from tongban.cases import actions
from tongban.cases.models import Case, Event
from tongban.ledger.queries import first_broken
from tongban.licences.queries import check_file

HUNAN, GANSU, JILIN = "430000", "620000", "220000"


def lines(world: World, node: str, case_id: object) -> list[tuple[int, str, str]]:
    """The chain of a case as a node keeps it."""
    with world.at(node):
        return list(Event.objects.filter(case_id=case_id).order_by("number").values_list("number", "move", "digest"))


def test_a_case_filed_in_gansu_is_decided_in_hunan_and_delivered_in_gansu(world: World) -> None:
    zhang, chen = story.visitor(world, ZHANG, GANSU), story.approver(world, CHEN)
    given = story.submit(world, zhang, story.item_of(world, GANSU, "430100"))
    world.settle()

    story.decide(world, chen, given.case_id)
    world.settle()
    with world.at(GANSU):
        paper = b"".join(actions.fetch_result(given.receipt_no, actor=zhang, at=world.clock.now()).chunks)
    world.settle()

    here, there = story.page(world, zhang, given.receipt_no), story.page(world, chen, given.receipt_no)
    assert (here.state, there.state) == ("delivered", "delivered")
    assert lines(world, GANSU, given.case_id) == lines(world, HUNAN, given.case_id)
    moves = [move for _, move, _ in lines(world, GANSU, given.case_id)]
    assert moves == ["submit", "offer", "take", "accept", "sign_step", "examine", "grant", "issue", "deliver"]
    assert here.project_no == there.project_no is not None
    with world.at(JILIN):
        assert check_file(paper).intact
        assert check_file(paper).signer_node == HUNAN
        assert not check_file(paper.replace(b"0", b"1", 1)).intact


def test_the_story_passes_against_a_node_that_speaks_sm2(federation: World) -> None:
    wang, liu = story.visitor(federation, WANG, GANSU), story.approver(federation, LIU)
    given = story.submit(federation, wang, story.item_of(federation, GANSU, "220100"))
    federation.settle()
    story.decide(federation, liu, given.case_id)
    federation.settle()

    seen = story.page(federation, wang, given.receipt_no)

    assert seen.state == "issued"
    assert seen.licence is not None
    assert seen.licence.state == "ready"
    digests = [digest.partition(":")[0] for _, _, digest in lines(federation, GANSU, given.case_id)]
    assert digests == ["sha256"] * 2 + ["sm3"] * 6


def test_two_organizations_of_one_node_need_no_messages(federation: World) -> None:
    zhou, zhao = story.visitor(federation, ZHOU, GANSU), story.approver(federation, ZHAO)
    given = story.submit(federation, zhou, story.item_of(federation, GANSU, "620100"))
    sent = len(federation.network.seen)
    story.decide(federation, zhao, given.case_id)
    federation.settle()

    with federation.at(GANSU):
        actions.fetch_result(given.receipt_no, actor=zhou, at=federation.clock.now())
    assert story.page(federation, zhou, given.receipt_no).state == "delivered"
    assert len(federation.network.seen) == sent


def test_internal_opinions_stay_where_they_were_written(federation: World) -> None:
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    given = story.submit(federation, zhang, story.item_of(federation, GANSU, "430100"))
    federation.settle()
    story.decide(federation, chen, given.case_id)
    federation.settle()

    assert "核查无犯罪记录" in str(story.page(federation, chen, given.receipt_no).timeline)
    assert "核查无犯罪记录" not in str(story.page(federation, zhang, given.receipt_no).timeline)
    assert not any("核查无犯罪记录".encode() in sent.body for sent in federation.network.seen)


def test_a_draft_submitted_twice_is_one_case(federation: World) -> None:
    zhang = story.visitor(federation, ZHANG, GANSU)
    made = story.draft(federation, zhang, story.item_of(federation, GANSU, "430100"))
    with federation.at(GANSU):
        first = actions.submit_draft(made, actor=zhang, at=federation.clock.now())
        again = actions.submit_draft(made, actor=zhang, at=federation.clock.now())
        assert Case.objects.count() == 1
    assert (first.receipt_no, first.is_new, again.is_new) == (again.receipt_no, True, False)


def test_what_the_applicant_asks_elsewhere_becomes_real_when_the_custodian_answers(federation: World) -> None:
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    given = story.submit(federation, zhang, story.item_of(federation, GANSU, "430100"))
    federation.settle()
    with federation.at(GANSU):
        actions.withdraw(given.case_id, actor=zhang, at=federation.clock.now(), reason="不需要了。")
    waiting = story.page(federation, zhang, given.receipt_no)
    federation.settle()

    assert waiting.state == "submitted"
    assert "待" in waiting.requests[0].sentence
    assert story.page(federation, zhang, given.receipt_no).state == "withdrawn"
    assert story.page(federation, chen, given.receipt_no).state == "withdrawn"


def test_a_request_that_comes_too_late_is_refused_with_a_reason(federation: World) -> None:
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    given = story.submit(federation, zhang, story.item_of(federation, GANSU, "430100"))
    federation.settle()
    story.decide(federation, chen, given.case_id)
    with federation.at(GANSU):
        actions.withdraw(given.case_id, actor=zhang, at=federation.clock.now(), reason="不需要了。")
    federation.settle()

    asked = story.page(federation, zhang, given.receipt_no).requests[0]
    assert asked.state == "refused"
    assert "不能撤回申请" in asked.sentence


def test_while_hunan_is_away_the_page_says_what_waits_for_whom_and_nothing_is_lost(federation: World) -> None:
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    federation.network.down.add(HUNAN)
    given = story.submit(federation, zhang, story.item_of(federation, GANSU, "430100"))
    federation.settle()
    waiting = story.page(federation, zhang, given.receipt_no)
    federation.network.down.clear()
    federation.pass_time(timedelta(minutes=10))
    federation.settle()

    assert (waiting.custody.state, waiting.waits_for) == ("offered", HUNAN)
    assert "等待长沙市公安局（演示）接收" in waiting.custody.sentence
    assert story.page(federation, chen, given.receipt_no).custody.state == "held"


def test_who_changes_their_mind_while_hunan_is_away_is_heard_when_it_is_back(federation: World) -> None:
    federation.network.down.add(HUNAN)
    zhang = story.visitor(federation, ZHANG, GANSU)
    given = story.submit(federation, zhang, story.item_of(federation, GANSU, "430100"))
    with federation.at(GANSU):
        now = federation.clock.now()
        assert not actions.withdraw(given.case_id, actor=zhang, at=now, reason="不再需要。")
    waiting = story.page(federation, zhang, given.receipt_no)
    assert "已提交，待长沙市公安局（演示）确认" in waiting.requests[0].sentence

    federation.network.down.clear()
    federation.pass_time(timedelta(minutes=6))
    federation.settle()

    assert story.page(federation, zhang, given.receipt_no).state == "withdrawn"
    assert lines(federation, GANSU, given.case_id) == lines(federation, HUNAN, given.case_id)


def test_the_diaries_of_all_nodes_are_whole_afterwards(world: World) -> None:
    zhang, chen = story.visitor(world, ZHANG, GANSU), story.approver(world, CHEN)
    given = story.submit(world, zhang, story.item_of(world, GANSU, "430100"))
    world.settle()
    story.decide(world, chen, given.case_id)
    world.settle()

    for code in world.nodes:
        with world.at(code):
            assert first_broken() is None
