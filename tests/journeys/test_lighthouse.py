# SPDX-License-Identifier: Apache-2.0
"""Every page that a citizen meets is fast on a phone and open to everybody, as Lighthouse sees it."""

from collections.abc import Callable

import pytest

from tests.journeys.lighthouse import installed, judge
from tests.journeys.running import Demo
from tests.journeys.walking import LANZHOU, Walk, walk
from tongban.demo.check import ITEM

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FAST_ENOUGH = 95
PUBLIC = {
    "home": "/",
    "all-items": "/items/",
    "search": f"/items/?q={ITEM}",
    "guide": "/items/{item}/",
    "verify": "/verify/",
    "sign-in": "/sign-in/",
    "sign-in-here": "/sign-in/here",
}
SIGNED_IN = {
    "start": "/apply/{item}/",
    "question": "{draft}/questions/purpose/",
    "form": "{draft}/form/",
    "materials": "{draft}/materials/",
    "check": "{draft}/check/",
    "receipt": "/cases/{number}/receipt/",
    "case": "/cases/{number}/",
    "cases": "/cases/",
}


@pytest.fixture(scope="module")
def citizen(demo: Demo) -> Walk:
    """Somebody with a draft that is ready to be checked, and with a case."""
    installed()
    story = walk(demo, LANZHOU)
    story.submit(story.begin())
    return story


@pytest.fixture(scope="module")
def places(citizen: Walk) -> dict[str, str]:
    """What stands in addresses."""
    item = citizen._task_code(f"{at(citizen)}/items/?q={ITEM}")
    page = citizen.citizen.send(citizen.citizen.get(f"{at(citizen)}/apply/{item}/").form(f"/apply/{item}/"))
    while not page.url.endswith("/check/"):
        page = citizen._step(page)
    draft = page.url.removeprefix(at(citizen)).removesuffix("/check/")
    return {"draft": draft, "number": citizen.receipt, "item": item}


def at(story: Walk) -> str:
    return story.nodes[story.told.intake].address


@pytest.mark.parametrize("page", [*PUBLIC, *SIGNED_IN])
def test_a_citizen_page_is_fast_and_open_to_all(
    citizen: Walk, places: dict[str, str], page: str, record_property: Callable[[str, object], None]
) -> None:
    url = at(citizen) + (PUBLIC | SIGNED_IN)[page].format(**places)
    jar = citizen.citizen._cookies[f"{citizen.told.intake}.localhost"]
    cookie = "; ".join(f"{name}={value}" for name, value in jar.items()) if page in SIGNED_IN else ""

    seen = judge(url, cookie, FAST_ENOUGH)

    record_property("性能", seen.performance)
    record_property("无障碍", seen.accessibility)
    record_property("字节", seen.bytes)
    record_property("最大内容出现（毫秒）", seen.milliseconds)
    assert seen.at.partition("?")[0] == url.partition("?")[0]
    assert seen.performance >= FAST_ENOUGH
