# SPDX-License-Identifier: Apache-2.0
"""A token for one's own program: made on a page, held to what it was made for, ended on the same page."""

import re

from tests.desks import Desk, Phone
from tests.people import MA, ZHOU
from tests.world import World
from tongban.identity.scopes import AREAS
from tongban.web.api.urls import ROUTES

GANSU = "620000"


def asked(world: World, token: str, path: str) -> int:
    """The status that a program gets."""
    url, headers = f"{world.nodes[GANSU].address}/api/v1{path}", {"Authorization": f"Bearer {token}"}
    return world.request(GANSU, "GET", url, headers, b"", door="pages").status


def test_a_program_may_do_what_its_token_was_made_for_until_it_is_ended(federation: World) -> None:
    phone = Phone(federation, ZHOU)
    assert "请选择程序可以做什么" in phone.post("/sign-in/tokens/", {"name": "提醒程序", "days": "30"})
    assert 'value="提醒程序"' in phone.answer.content.decode()
    page = phone.post("/sign-in/tokens/", {"name": "提醒程序", "days": "30", "scopes": ["cases:read"]})
    found = re.search(r">(tbt_[^<]+)<", page)
    assert found is not None and "查看办件" in page
    token = found[1]
    assert (asked(federation, token, "/my-cases"), asked(federation, token, "/messages")) == (200, 403)
    assert token not in phone.get("/sign-in/tokens/")

    end = re.search(r'action="([^"]+/end)">(?:(?!action=).)*停用提醒程序', phone.answer.content.decode(), re.DOTALL)
    assert end is not None
    Desk(federation, MA).post(end[1].replace("/sign-in", "/desk/sign-in"), {})
    assert asked(federation, token, "/my-cases") == 200
    assert "停用提醒程序" not in phone.post(end[1], {})
    assert asked(federation, token, "/my-cases") == 401


def test_windows_are_for_programs_of_staff(federation: World) -> None:
    assert "intakes:write" in Desk(federation, MA).get("/desk/sign-in/tokens/")
    phone = Phone(federation, ZHOU)
    phone.post("/sign-in/tokens/", {"name": "x", "days": "30", "scopes": ["intakes:write"]})
    assert phone.answer.status_code == 422


def test_every_area_that_a_token_is_held_to_can_be_chosen() -> None:
    assert {route.scope.partition(":")[0] for route in ROUTES if route.scope and not route.is_open} == set(AREAS)
