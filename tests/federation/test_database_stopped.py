# SPDX-License-Identifier: Apache-2.0
"""One node's database stops: the others decide their own cases, and every page says what waits for whom."""

import re
from collections.abc import Iterator
from datetime import timedelta

from django.db import connection

from tests import story
from tests.desks import Browser, Desk, Phone
from tests.journeys.test_odd_input import PARAMETER, ROUTES
from tests.people import CHEN, MA, ZHANG, ZHAO, ZHOU, staff
from tests.world import World
from tongban.cases import actions as cases
from tongban.cases.models import Event
from tongban.standards.actor import Actor

HUNAN, GANSU = "430000", "620000"
OTHERS = ("000000", "220000", "130000")
PAGES = (  # of the catalogue: a node reads its own tables only
    "/items/", "/items/?q=公积金&region=430000", "/topics/", "/departments/", "/regions/430100/", "/lists/",
    "/items/suggestions/?q=wfz", "/api/v1/items?q=公积金", "/api/v1/suggestions?q=wfz", "/api/v1/tables?region=430000",
)  # fmt: skip

NEWEST = (  # that nothing opened while others were away before
    "/cases/{number}/", "/drafts/{draft_id}/materials/", "/my/mandates/", "/my/licences/", "/my/licence-uses/",
    "/my/data/", "/my/seen/", "/sign-in/tokens/", "/desk/sign-in/tokens/", "/desk/", "/desk/cases/{number}/",
    "/desk/licences/", "/desk/licence-types/", "/desk/recognition/", "/recognition/", "/desk/seals/", "/desk/people/",
)  # fmt: skip
KINDLESS = re.compile(r"<(?:\w+:)?(\w+)>")
ANSWERED = {200, 400, 403, 404, 405, 409, 422}  # a page, or a sentence why not
LEAVES = "/sign-in/out"  # who leaves sees nothing more


def addresses(known: dict[str, str]) -> Iterator[str]:
    """Every page of a node that needs no more than is known; a program's and an unknown row's are left out."""
    for route in ROUTES:
        address = KINDLESS.sub(lambda told: known.get(told[1], told[0]), route)
        if not PARAMETER.search(address) and not route.endswith(LEAVES):
            yield address


def pages_of(who: Browser, known: dict[str, str]) -> set[str]:
    """The pages that somebody can open, each of them asked for; AssertionError where one is not answered."""
    found = set()
    for path in addresses(known):
        with who.world.at(who.node):
            answer = who.client.get(path, follow=True)
        assert answer.status_code in ANSWERED, (path, answer.status_code)
        if answer.status_code == 200 and answer.request["PATH_INFO"] == path:
            found.add(path)
    return found


def require_pages(world: World, zhou: Actor, zhao: Actor, task_code: str) -> None:
    """Every page that people of Gansu have of a case to be corrected, a draft, and what is theirs."""
    case = story.submit(world, zhou, task_code)
    with world.at(GANSU):
        facts = {"what": "请补交证件背面。"}
        cases.make_move(case.case_id, "request_correction", actor=zhao, at=world.clock.now(), facts=facts)
    known = {"number": case.receipt_no, "case_id": str(case.case_id), "task_code": task_code, "region": GANSU}
    known |= {"draft_id": str(story.draft(world, zhou, task_code))}
    staffed = (MA, ZHAO, staff("yanglei", GANSU), staff("sunqiang", GANSU))
    opened = set[str]().union(
        pages_of(Phone(world, ZHOU), known), *(pages_of(Desk(world, each), known) for each in staffed)
    )
    assert {page.format(**known) for page in NEWEST} - opened == set()


def test_while_one_database_is_stopped_the_others_work_and_afterwards_nothing_is_lost(world: World) -> None:
    zhang, zhou = story.visitor(world, ZHANG, GANSU), story.visitor(world, ZHOU, GANSU)
    chen, zhao = story.approver(world, CHEN), story.approver(world, ZHAO)
    for_hunan, for_lanzhou = story.item_of(world, GANSU, "430100"), story.item_of(world, GANSU, "620100")
    world.server.shut(world._database(world.nodes[HUNAN]))

    away = story.submit(world, zhang, for_hunan)
    own = story.submit(world, zhou, for_lanzhou)
    story.decide(world, zhao, own.case_id)
    working = [code for code in world.nodes if code != HUNAN]
    for _ in range(8):
        for code in working:
            world.work(code)

    assert story.page(world, zhou, own.receipt_no).state == "issued"
    waiting = story.page(world, zhang, away.receipt_no)
    assert (waiting.waits_for, waiting.custody.state) == (HUNAN, "offered")
    assert "等待长沙市公安局（演示）接收" in waiting.custody.sentence
    for path in ("/", "/cases/", f"/cases/{away.receipt_no}/", "/desk/", f"/verify/{away.case_id}", "/readyz"):
        url = world.nodes[HUNAN].address + path
        page = world.request(HUNAN, "GET", url, {"Accept": "text/html"}, b"", door="pages")
        assert page.status in (200, 302, 503), path
        assert "Traceback" not in page.body.decode()

    for code in OTHERS:
        world.server.shut(world._database(world.nodes[code]))
    alone = Browser(world, GANSU)
    for path in PAGES:
        alone.get(path)
        assert alone.answer.status_code == 200, path
    guide = alone.get(f"/items/{for_hunan}/")
    assert "湖南通办节点（演示）（430000）" in guide and "收到的副本" in guide and "前视为最新" in guide
    assert alone.get(f"/api/v1/items/{for_hunan}/guide").count('"copy":true') == 1
    require_pages(world, zhou, zhao, for_lanzhou)

    for code in (HUNAN, *OTHERS):
        world.server.reopen(world._database(world.nodes[code]))
        with world.at(code):
            connection.close()  # the one that was cut
    world.pass_time(timedelta(minutes=10))
    world.settle()
    story.decide(world, chen, away.case_id)
    world.settle()
    assert story.page(world, zhang, away.receipt_no).state == "issued"
    with world.at(GANSU):
        moves = [event.move for event in Event.objects.filter(case_id=away.case_id).order_by("number")]
    assert moves == ["submit", "offer", "take", "accept", "sign_step", "examine", "grant", "issue"]
