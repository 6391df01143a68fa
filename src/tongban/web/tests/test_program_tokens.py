# SPDX-License-Identifier: Apache-2.0
"""A token for one's own program: made on a page, held to what it was made for, ended on the same page."""

import re

from uuid_utils.compat import uuid7

from tests.desks import Browser, Desk, Phone
from tests.people import MA, ZHAO, ZHOU
from tests.world import START, World
from tongban.identity.models import Post, Staff
from tongban.identity.queries import forget_bearers
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


def test_a_member_of_staff_says_in_which_role_the_program_acts_and_it_ends_with_the_role(federation: World) -> None:
    with federation.at(GANSU):
        Staff.objects.filter(login=MA.login).update(roles=["clerk", "approver"])
    desk = Desk(federation, MA)
    asked_for: dict[str, object] = {"name": "排队", "days": "30", "scopes": ["cases:read", "intakes:read"]}
    assert "请选择程序以您的哪个岗位办事" in desk.post("/desk/sign-in/tokens/", asked_for)
    assert 'value="排队"' in desk.answer.content.decode()
    assert desk.post("/desk/sign-in/tokens/", asked_for | {"acts_as": "operator"}) and desk.answer.status_code == 422

    made = [issued(desk, asked_for | {"acts_as": role}) for role in ("approver", "clerk")]
    assert "以审批人员岗位" in desk.get("/desk/sign-in/tokens/")
    assert [asked(federation, token, "/intakes") for token in made] == [403, 200]

    with federation.at(GANSU):
        Staff.objects.filter(login=MA.login).update(roles=["approver"])
        forget_bearers()
    assert [asked(federation, token, "/cases") for token in made] == [200, 401]
    assert "您已不在这个岗位" in desk.get("/desk/sign-in/tokens/")


def test_a_program_of_a_post_beside_ends_with_the_post(federation: World) -> None:
    with federation.at(GANSU):
        zhao = Staff.objects.get(login=ZHAO.login)
        post = Post.objects.create(
            id=uuid7(), staff=zhao, organization=MA.organization.code, region="620102", role="clerk", began_at=START
        )
    desk = Desk(federation, ZHAO)
    token = issued(desk, {"name": "收件", "days": "30", "scopes": ["intakes:read"], "acts_as": str(post.id)})
    assert asked(federation, token, "/intakes") == 200
    with federation.at(GANSU):
        Post.objects.filter(id=post.id).update(ended_at=START)
        forget_bearers()
    assert asked(federation, token, "/intakes") == 401
    assert "您已不在这个岗位" in desk.get("/desk/sign-in/tokens/")


def issued(browser: Browser, given: dict[str, object]) -> str:
    """The token that a page shows once."""
    found = re.search(r">(tbt_[^<]+)<", browser.post("/desk/sign-in/tokens/", given))
    assert found is not None
    return found[1]
