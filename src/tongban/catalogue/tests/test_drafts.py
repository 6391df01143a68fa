# SPDX-License-Identifier: Apache-2.0
"""An implementation is claimed, written in one organization, reviewed by another person, published and frozen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.people import LANZHOU_POLICE
from tongban.catalogue import actions, queries
from tongban.catalogue.errors import (
    ContentRefused,
    DraftChanged,
    DraftFaulty,
    DraftNotOpen,
    DraftOpen,
    ElementLocked,
    ElementUnknown,
    NotClaimed,
    NotForThisLevel,
    NotYourItem,
    OwnReview,
    ReasonMissing,
)
from tongban.catalogue.models import BasicItem, Claim, Draft
from tongban.catalogue.tests.items import promised
from tongban.catalogue.tests.layers import (
    BASIC,
    FOUR,
    KEEPER,
    NOON,
    PROVINCIAL,
    PROVINCIAL_SECOND,
    SECOND,
    STRANGER,
    laid,
    local,
)
from tongban.exchange.models import Outbox
from tongban.ledger.models import Line
from tongban.standards.actor import Actor, Role
from tongban.standards.node import Node
from tongban.standards.refusal import BadInput, NotAllowed, NotFound

TASK = f"{LANZHOU_POLICE.code}3{BASIC}"


def written(**changed: Any) -> Draft:
    """A draft with everything in it, by the keeper."""
    begun = actions.start_draft(BASIC, actor=KEEPER, at=NOON)
    words = local(**changed)
    limits = words.pop("limits")
    told = words | {"limits.promised": limits["promised"]}
    return actions.edit(begun.id, told, revision=begun.revision, actor=KEEPER, at=NOON)


def submitted(**changed: Any) -> Draft:
    draft = written(**changed)
    return actions.submit(draft.id, revision=draft.revision, actor=KEEPER, at=NOON)


def approved(draft: Draft) -> Draft:
    return actions.approve(draft.id, revision=draft.revision, actor=SECOND, at=NOON)


def verbs(subject: str) -> list[str]:
    return [line.verb for line in Line.objects.filter(subject=subject).order_by("number")]


@pytest.fixture
def item(node: Node) -> Node:
    """A basic item that Gansu has laid down and the Lanzhou police have claimed."""
    laid()
    actions.claim(BASIC, actor=KEEPER, at=NOON)
    return node


def test_from_the_claim_to_the_published_version_every_step_is_in_the_ledger(item: Node) -> None:
    draft = approved(submitted())
    version = queries.item(TASK)

    assert (draft.stage, draft.became_version, version.version) == ("published", 1, 1)
    assert (version.item.name, version.item.law) == (FOUR["name"], tuple(FOUR["law"]))
    assert verbs(f"item/{TASK}") == [
        "item.draft_begun",
        "item.draft_edited",
        "item.draft_submitted",
        "item.published",
        "item.draft_approved",
    ]
    assert verbs(f"claim/{LANZHOU_POLICE.code}/{BASIC}") == ["item.claimed"]
    assert Outbox.objects.filter(subject=f"item/{TASK}").count() == 4


def test_the_next_draft_begins_from_what_was_published(item: Node) -> None:
    approved(submitted())
    again = actions.start_draft(BASIC, actor=SECOND, at=NOON)

    assert again.base_version == 1
    assert again.words["phone"] == "0731-00000001"
    assert not {"name", "law", "basic_code", "task_code", "publisher"} & again.words.keys()


def test_what_the_level_above_has_fixed_cannot_be_edited(item: Node) -> None:
    begun = actions.start_draft(BASIC, actor=KEEPER, at=NOON)

    for path in ("name", "law", "item_type"):
        with pytest.raises(ElementLocked, match="甘肃省政务服务中心") as refused:
            actions.edit(begun.id, {path: "改了"}, revision=1, actor=KEEPER, at=NOON)
        assert refused.value.field == path
    for path in ("task_code", "publisher"):
        with pytest.raises(ElementLocked):
            actions.edit(begun.id, {path: "改了"}, revision=1, actor=KEEPER, at=NOON)
    with pytest.raises(ElementUnknown):
        actions.edit(begun.id, {"weather": "晴"}, revision=1, actor=KEEPER, at=NOON)
    with pytest.raises(ContentRefused):
        actions.edit(begun.id, {"visits": "three"}, revision=1, actor=KEEPER, at=NOON)


def test_what_is_fixed_later_reaches_the_draft_and_the_next_version(item: Node) -> None:
    draft = submitted(conditions=["自己的条件。"])
    laid(conditions=["全省统一的条件。"])
    approved(draft)

    assert queries.item(TASK).item.conditions == ("全省统一的条件。",)


def test_nobody_reviews_what_they_have_written(item: Node) -> None:
    draft = submitted()

    with pytest.raises(OwnReview):
        actions.approve(draft.id, revision=draft.revision, actor=KEEPER, at=NOON)
    with pytest.raises(OwnReview):
        actions.send_back(draft.id, note="不行", revision=draft.revision, actor=KEEPER, at=NOON)
    assert queries.versions(TASK) == []


def test_a_reviewer_who_then_writes_needs_a_third_person(item: Node) -> None:
    draft = submitted()
    back = actions.send_back(draft.id, note="电话不对。", revision=draft.revision, actor=SECOND, at=NOON)
    mended = actions.edit(back.id, {"phone": "0931-1"}, revision=back.revision, actor=SECOND, at=NOON)
    again = actions.submit(mended.id, revision=mended.revision, actor=SECOND, at=NOON)

    assert (back.stage, back.note, again.note) == ("editing", "电话不对。", "")
    for actor in (KEEPER, SECOND):
        with pytest.raises(OwnReview):
            actions.approve(again.id, revision=again.revision, actor=actor, at=NOON)
    third = replace(KEEPER, id=STRANGER.id)
    assert actions.approve(again.id, revision=again.revision, actor=third, at=NOON).became_version == 1


def test_a_draft_that_breaks_a_rule_is_not_submitted(item: Node) -> None:
    draft = written(phone="0731-00000002")

    with pytest.raises(DraftFaulty, match="咨询电话和投诉电话不得相同") as refused:
        actions.submit(draft.id, revision=draft.revision, actor=KEEPER, at=NOON)
    assert refused.value.field == "complaint_phone"


def test_a_draft_with_nothing_in_it_says_what_is_missing(item: Node) -> None:
    begun = actions.start_draft(BASIC, actor=KEEPER, at=NOON)

    with pytest.raises(DraftFaulty):
        actions.submit(begun.id, revision=1, actor=KEEPER, at=NOON)


def test_two_people_do_not_write_over_each_other(item: Node) -> None:
    draft = written()
    actions.edit(draft.id, {"phone": "0931-1"}, revision=draft.revision, actor=SECOND, at=NOON)

    with pytest.raises(DraftChanged):
        actions.edit(draft.id, {"phone": "0931-2"}, revision=draft.revision, actor=KEEPER, at=NOON)
    with pytest.raises(DraftOpen):
        actions.start_draft(BASIC, actor=SECOND, at=NOON)


def test_a_stage_allows_only_its_own_steps(item: Node) -> None:
    draft = submitted()

    with pytest.raises(DraftNotOpen, match="待审核"):
        actions.edit(draft.id, {"phone": "0931-1"}, revision=draft.revision, actor=KEEPER, at=NOON)
    with pytest.raises(ReasonMissing):
        actions.send_back(draft.id, note=" ", revision=draft.revision, actor=SECOND, at=NOON)
    dropped = actions.drop(draft.id, revision=draft.revision, actor=KEEPER, at=NOON)
    for step in (actions.approve, actions.submit, actions.drop):
        with pytest.raises(DraftNotOpen, match="已放弃"):
            step(dropped.id, revision=dropped.revision, actor=SECOND, at=NOON)
    assert actions.start_draft(BASIC, actor=KEEPER, at=NOON).stage == "editing"


Step = Callable[[Draft, Actor], object]
STEPS: dict[str, Step] = {
    "edit": lambda draft, who: actions.edit(draft.id, {}, revision=draft.revision, actor=who, at=NOON),
    "submit": lambda draft, who: actions.submit(draft.id, revision=draft.revision, actor=who, at=NOON),
    "approve": lambda draft, who: actions.approve(draft.id, revision=draft.revision, actor=who, at=NOON),
    "send_back": lambda draft, who: actions.send_back(draft.id, note="x", revision=draft.revision, actor=who, at=NOON),
    "drop": lambda draft, who: actions.drop(draft.id, revision=draft.revision, actor=who, at=NOON),
    "read": lambda draft, who: queries.draft(draft.id, who),
}
OTHERS = {
    "another organization": STRANGER,
    "the level above": PROVINCIAL,
    "no organization": replace(KEEPER, organization=""),
    **{str(role): replace(KEEPER, role=role) for role in Role if role not in (Role.ITEM_MANAGER, Role.SYSTEM)},
}


@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize("step", STEPS)
def test_another_organization_and_another_role_can_neither_read_nor_write(item: Node, step: str, who: str) -> None:
    draft = written()
    if step in ("approve", "send_back"):
        draft = actions.submit(draft.id, revision=draft.revision, actor=KEEPER, at=NOON)

    with pytest.raises((NotFound, NotYourItem, NotAllowed)):
        STEPS[step](draft, OTHERS[who])
    assert Draft.objects.get(id=draft.id).revision == draft.revision


@pytest.mark.parametrize("who", OTHERS)
def test_lists_show_an_organization_its_own(item: Node, who: str) -> None:
    draft = written()
    actor = OTHERS[who]

    if actor.role is Role.ITEM_MANAGER and actor.organization:
        assert (queries.drafts(actor), queries.claims(actor)) == ([], {})
    else:
        for read in (queries.drafts, queries.claims):
            with pytest.raises(NotAllowed):
                read(actor)
    assert [each.id for each in queries.drafts(SECOND)] == [draft.id]
    assert set(queries.claims(SECOND)) == {BASIC}


def test_an_item_is_claimed_at_the_level_that_the_catalogue_names(node: Node) -> None:
    laid()

    with pytest.raises(NotForThisLevel, match="省级"):
        actions.claim(BASIC, actor=PROVINCIAL, at=NOON)
    with pytest.raises(NotFound):
        actions.claim("622099888000", actor=KEEPER, at=NOON)
    with pytest.raises(NotClaimed):
        actions.start_draft(BASIC, actor=KEEPER, at=NOON)
    first, again = (actions.claim(BASIC, actor=KEEPER, at=NOON) for _ in range(2))
    assert (first.task_code, first.level, first.at) == (TASK, "city", again.at)


def test_what_is_not_ones_own_is_declined_with_a_reason_and_may_be_claimed_later(node: Node) -> None:
    laid()

    with pytest.raises(ReasonMissing):
        actions.decline(BASIC, reason="", actor=KEEPER, at=NOON)
    assert actions.decline(BASIC, reason="由市民政局办理。", actor=KEEPER, at=NOON).standing == "declined"
    with pytest.raises(NotClaimed):
        actions.start_draft(BASIC, actor=KEEPER, at=NOON)
    actions.claim(BASIC, actor=KEEPER, at=NOON)
    assert Claim.objects.filter(organization=LANZHOU_POLICE.code, basic_code=BASIC).count() == 1
    assert verbs(f"claim/{LANZHOU_POLICE.code}/{BASIC}") == ["item.declined", "item.claimed"]


def test_a_level_lays_down_its_word_by_draft_and_review_too(node: Node) -> None:
    draft = actions.start_basic_draft(BASIC, actor=PROVINCIAL, at=NOON)
    draft = actions.edit(
        draft.id, {**FOUR, "visits": 0}, levels=["county", "city"], revision=1, actor=PROVINCIAL, at=NOON
    )
    draft = actions.submit(draft.id, revision=draft.revision, actor=PROVINCIAL, at=NOON)
    actions.approve(draft.id, revision=draft.revision, actor=PROVINCIAL_SECOND, at=NOON)

    read = queries.inherited(BASIC, "620102")
    assert (read.content["visits"], [str(level) for level in read.levels]) == (0, ["city", "county"])
    assert BasicItem.objects.get(code=BASIC).name == FOUR["name"]
    assert verbs(f"basic/{BASIC}/620000")[-2:] == ["basic.published", "basic.draft_approved"]


def test_a_level_cannot_fix_what_is_local_or_fixed_above(node: Node) -> None:
    laid(visits=0)
    draft = actions.start_basic_draft(BASIC, actor=KEEPER, at=NOON)
    draft = actions.edit(draft.id, {"visits": 1, "phone": "1"}, levels=["county"], revision=1, actor=KEEPER, at=NOON)

    with pytest.raises(DraftFaulty) as refused:
        actions.submit(draft.id, revision=draft.revision, actor=KEEPER, at=NOON)
    assert int(refused.value.facts["count"]) == 2
    with pytest.raises(BadInput):
        actions.edit(draft.id, {}, levels=["moon"], revision=draft.revision, actor=KEEPER, at=NOON)


def test_a_version_for_a_later_day_waits_and_the_present_one_goes_on(item: Node) -> None:
    approved(submitted())
    day = date(2026, 12, 1)
    draft = actions.start_draft(BASIC, actor=KEEPER, at=NOON)
    draft = actions.edit(draft.id, {"phone": "0931-9"}, revision=1, actor=KEEPER, at=NOON)
    with pytest.raises(BadInput):
        actions.submit(draft.id, revision=draft.revision, actor=KEEPER, at=NOON, effective_from=date(2026, 1, 1))
    draft = actions.submit(draft.id, revision=draft.revision, actor=KEEPER, at=NOON, effective_from=day)
    approved(draft)

    assert [(row.version, row.status) for row in queries.versions(TASK)] == [(2, "scheduled"), (1, "published")]
    assert queries.handled_under(TASK, day - timedelta(days=1)).version == 1
    assert queries.handled_under(TASK, day).version == 2
    assert actions.begin_due(NOON) == 0
    assert actions.begin_due(NOON + timedelta(days=8)) == 1
    assert [(row.version, row.status) for row in queries.versions(TASK)] == [(2, "published"), (1, "superseded")]


def test_what_waits_is_given_up_when_something_newer_comes_earlier(item: Node) -> None:
    approved(submitted())
    for phone, day in (("0931-8", date(2026, 12, 20)), ("0931-9", date(2026, 12, 1))):
        draft = actions.start_draft(BASIC, actor=KEEPER, at=NOON)
        draft = actions.edit(draft.id, {"phone": phone}, revision=1, actor=KEEPER, at=NOON)
        approved(actions.submit(draft.id, revision=draft.revision, actor=KEEPER, at=NOON, effective_from=day))

    assert [(row.version, row.status) for row in queries.versions(TASK)] == [
        (3, "scheduled"),
        (2, "superseded"),
        (1, "published"),
    ]
    assert [queries.handled_under(TASK, date(2026, *day)).version for day in ((11, 30), (12, 1), (12, 20))] == [1, 3, 3]


def test_an_item_is_suspended_resumed_and_retired_with_reasons_that_all_are_told(item: Node) -> None:
    approved(submitted())
    sent = Outbox.objects.filter(subject=f"item/{TASK}")

    with pytest.raises(ReasonMissing):
        actions.suspend(TASK, reason="", actor=KEEPER, at=NOON)
    with pytest.raises(NotYourItem):
        actions.suspend(TASK, reason="停", actor=STRANGER, at=NOON)
    actions.suspend(TASK, reason="系统升级。", actor=KEEPER, at=NOON)
    assert not queries.published().filter(task_code=TASK).exists()
    with pytest.raises(NotFound):
        queries.handled_under(TASK, date(2026, 11, 23))
    actions.resume(TASK, reason="升级完成。", actor=KEEPER, at=NOON)
    assert queries.item(TASK).status_reason == "升级完成。"
    actions.retire(TASK, reason="法律已修改。", actor=KEEPER, at=NOON)
    assert queries.handled_under(TASK, date(2026, 11, 23)).version == 1
    with pytest.raises(NotFound):
        queries.handled_under(TASK, date(2026, 11, 24))
    assert sent.count() == 4 * 4
    assert verbs(f"item/{TASK}")[-3:] == ["item.suspended", "item.resumed", "item.retired"]


def test_a_case_under_way_is_looked_at_again_only_where_the_versions_differ(item: Node) -> None:
    approved(submitted())
    draft = actions.start_draft(BASIC, actor=KEEPER, at=NOON)
    told = {"phone": "0931-9", "conditions": ["住满半年。"], "limits.promised": promised(3)}
    draft = actions.edit(draft.id, told, revision=1, actor=KEEPER, at=NOON)
    approved(actions.submit(draft.id, revision=draft.revision, actor=KEEPER, at=NOON + timedelta(days=1)))
    after = date(2026, 11, 24)

    assert queries.superseded(TASK, 1, NOON.date()) is None
    assert queries.superseded(TASK, 1, after) == queries.Superseded(2, ("受理条件",))
    assert queries.superseded(TASK, 2, after) is None
    with pytest.raises(NotFound):
        queries.superseded(TASK, 9, after)
