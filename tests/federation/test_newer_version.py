# SPDX-License-Identifier: Apache-2.0
"""An application under a version that its publisher has replaced meanwhile: taken, and what differs is named."""

from datetime import timedelta

import pytest

from tests import story
from tests.desks import Desk, Phone
from tests.people import CHEN, ZHANG
from tests.world import World
from tongban.catalogue.actions import publish, retire
from tongban.catalogue.models import ItemVersion
from tongban.standards.actor import system

HUNAN, GANSU = "430000", "620000"


def published_anew(world: World, task: str, **changed: object) -> None:
    """The next version, in force at once: the word of it has not left the node yet."""
    with world.at(HUNAN):
        content = ItemVersion.objects.get(task_code=task, status="published").content
        publish(content | changed, actor=system(HUNAN), at=world.clock.now())


@pytest.mark.parametrize(
    ("changed", "named"),
    [({"conditions": ["在长沙市住满一年。"]}, ("受理条件",)), ({"phone": "0731-99999999"}, ())],
    ids=["what an applicant must know", "what does not concern applications"],
)
def test_the_office_names_what_has_to_be_looked_at_again(
    federation: World, changed: dict[str, object], named: tuple[str, ...]
) -> None:
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    task = story.item_of(federation, GANSU, "430100")
    draft = story.draft(federation, zhang, task)
    federation.clock.advance(timedelta(days=1))
    published_anew(federation, task, **changed)
    given = story.hand_in(federation, zhang, draft)
    federation.settle()

    for who in (zhang, chen):
        page = story.page(federation, who, given.receipt_no)
        assert page.superseded is not None
        assert (page.superseded.asked, page.superseded.current, page.superseded.changed) == (1, 2, named)
    office, phone = Desk(federation, CHEN).open(given.receipt_no), Phone(federation, ZHANG).open(given.receipt_no)
    assert "当时在用的是第 2 版" in office
    assert "仍按您看到的第 1 版办理" in phone
    assert ("只需重新核对有变化的要素：受理条件" in office) is bool(named)

    story.decide(federation, chen, given.case_id)
    federation.settle()
    assert story.page(federation, zhang, given.receipt_no).state == "issued"


def test_an_item_that_is_no_longer_offered_is_said_to_be_so(federation: World) -> None:
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    task = story.item_of(federation, GANSU, "430100")
    draft = story.draft(federation, zhang, task)
    with federation.at(HUNAN):
        retire(task, reason="依据的文件已经废止。", actor=system(HUNAN), at=federation.clock.now())
    federation.clock.advance(timedelta(days=1))
    given = story.hand_in(federation, zhang, draft)
    federation.settle()

    page = story.page(federation, chen, given.receipt_no)
    assert page.superseded is not None
    assert page.superseded.current is None
    assert "当时该事项没有在用的版本" in Desk(federation, CHEN).open(given.receipt_no)


def test_what_was_in_force_when_it_was_asked_for_is_not_spoken_of(federation: World) -> None:
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    task = story.item_of(federation, GANSU, "430100")
    given = story.submit(federation, zhang, task)
    federation.clock.advance(timedelta(days=1))
    published_anew(federation, task, phone="0731-99999999")
    federation.settle()
    assert story.page(federation, chen, given.receipt_no).superseded is None
