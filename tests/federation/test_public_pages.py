# SPDX-License-Identifier: Apache-2.0
"""What is published is for everybody, and nothing else is: every public page of the catalogue by every role.

Whoever asks, and whatever they are to the organization, reads the same; what is not published is on none of them.
"""

import html
import re
from collections.abc import Callable

import pytest
from django.urls import get_resolver

from tests.desks import Browser, Desk, Phone
from tests.federation.test_item_pages import BASIC, HUNAN, TANG, TASK, ZHOU, begun, revision
from tests.people import CHEN, SUN, ZHANG, staff
from tests.world import World
from tongban.web.api.urls import ROUTES

PAGES = {  # name of the address: where it is
    "guide": f"/items/{TASK}/",
    "guide-version": f"/items/{TASK}/versions/1/",
    "items": "/items/?q=无犯罪记录证明&region=430100",
    "suggestions": "/items/suggestions/?q=wfz",
    "topics": "/topics/",
    "topic": "/topics/life_event/求职就业/",
    "departments": "/departments/",
    "department": "/departments/公安/",
    "regions": "/regions/",
    "region": "/regions/430100/",
}
UNPUBLISHED = (f"/items/{TASK}/versions/2/", f"/api/v1/items/{TASK}/guide?version=2", "/topics/life_event/秘密大事/")
API = {
    "items": "/api/v1/items?q=无犯罪记录证明&region=430100",
    "item": f"/api/v1/items/{TASK}",
    "item_guide": f"/api/v1/items/{TASK}/guide",
    "suggestions": "/api/v1/suggestions?q=wfz",
    "tables": "/api/v1/tables?region=430100",
}
SECRET = "0731-00099999"
ROLES: dict[str, Callable[[World], Browser]] = {
    "nobody": lambda world: Browser(world, HUNAN),
    "applicant": lambda world: Phone(world, ZHANG),
    "approver of the organization": lambda world: Desk(world, CHEN),
    "who writes the draft": lambda world: Desk(world, TANG),
    "who reviews it": lambda world: Desk(world, ZHOU),
    "clerk of another organization": lambda world: Desk(world, staff("tangli", HUNAN)),
    "item manager of another organization": lambda world: Desk(world, staff("luojun", HUNAN)),
    "operator": lambda world: Desk(world, SUN),
}


def main(page: str) -> str:
    inside = page.partition("<main")[2].partition("</main")[0] or page
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", inside)))


@pytest.fixture
def drafted(federation: World) -> World:
    """A draft that nobody has reviewed, with a telephone number and a topic of its own."""
    federation.settle()
    tang = Desk(federation, TANG)
    draft = begun(tang, BASIC)
    page = tang.post(f"{draft}elements/phone/keep/", {"revision": revision(tang.get(draft)), "phone": SECRET})
    assert SECRET in tang.get(draft)
    topics = {"revision": revision(page), "topics.life_event": "秘密大事"}
    tang.post(f"{draft}elements/topics.life_event/keep/", topics)
    assert "秘密大事" in tang.get(draft)
    return federation


def test_everybody_reads_the_same_and_nobody_what_is_not_published(drafted: World) -> None:
    told: dict[str, set[tuple[int, str]]] = {}
    for make in ROLES.values():
        browser = make(drafted)
        for path in (*PAGES.values(), *API.values(), *UNPUBLISHED):
            page = browser.get(path)
            assert SECRET not in page and "秘密大事" not in page.replace("/topics/life_event/秘密大事/", ""), path
            told.setdefault(path, set()).add((browser.answer.status_code, main(page)))

    answers = {path: {status for status, _ in said} for path, said in told.items()}
    assert answers == {path: {404 if path in UNPUBLISHED else 200} for path in told}
    assert [path for path in (*PAGES.values(), *API.values()) if len(told[path]) != 1] == []


def test_no_address_of_guides_and_lists_is_left_out() -> None:
    """A new one has to be put into the table above."""
    portal = next(each for each in get_resolver("tongban.config.urls").url_patterns if _namespace(each) == "portal")
    named = {
        entry.name
        for entry in portal.url_patterns
        if entry.callback.__module__ in tuple(f"tongban.web.portal.{each}" for each in ("browsing", "items", "search"))
    }
    assert named - {"home"} == set(PAGES)
    of_items = [route for route in ROUTES if route.call.__module__.rpartition(".")[2] in ("items", "tables")]
    assert {route.name.removeprefix("api:") for route in of_items} == set(API)


def _namespace(entry: object) -> str:
    return str(getattr(entry, "namespace", ""))
