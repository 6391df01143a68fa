# SPDX-License-Identifier: Apache-2.0
"""A program does through the API what a person does on pages."""

import json
from base64 import b64encode
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import story
from tests.people import CHEN, ZHANG
from tests.world import World
from tongban.cases.models import Case, Material
from tongban.identity.actions import issue_token
from tongban.identity.queries import forget_bearer
from tongban.regions.queries import trust_list
from tongban.standards.actor import Actor, Role
from tongban.vault import files

HUNAN, GANSU = "430000", "620000"


def give_token(world: World, who: Actor) -> None:
    """Let a program act for somebody; again changes nothing."""
    mine = {"person": who.id} if who.role is Role.APPLICANT else {"staff": who.id}
    with world.at(who.node):
        issue_token(name="测试", at=world.clock.now(), token=f"test_{who.id}", **mine)


def ask(world: World, who: Actor, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    said = {"Authorization": f"Bearer test_{who.id}", "Content-Type": "application/json", **headers}
    url = f"{world.nodes[who.node].address}/api/v1{path}"
    answer = world.request(who.node, method, url, said, json.dumps(body).encode() if body else b"", door="pages")
    return answer.status, json.loads(answer.body)


def application(world: World, **more: Any) -> dict[str, Any]:
    picture = {"requirement": "id_card", "filename": "身份证.png", "content": b64encode(story.PNG).decode()}
    form = story.FORM | {"name": "张伟", "id_number": "99430119900307001X"}
    return {
        "task_code": story.item_of(world, GANSU, "430100"),
        "version": 1,
        "answers": {"who": "self", "purpose": "job"},
        "form": form,
        "materials": [picture],
    } | more


def test_a_program_submits_an_application_with_its_files_once(world: World) -> None:
    zhang, key = story.visitor(world, ZHANG, GANSU), {"Idempotency-Key": "one-of-a-kind"}
    give_token(world, zhang)
    status, first = ask(world, zhang, "POST", "/cases", application(world), **key)
    again = ask(world, zhang, "POST", "/cases", application(world), **key)

    assert (status, first["is_new"]) == (201, True)
    assert again == (200, first | {"is_new": False})
    with world.at(GANSU):
        assert Case.objects.count() == 1
        kept = Material.objects.get(case_id=first["case_id"])
        assert files.has(f"case:{first['case_id']}", kept.digest)


def test_what_lacks_a_required_file_is_refused_by_its_name(world: World) -> None:
    zhang = story.visitor(world, ZHANG, GANSU)
    give_token(world, zhang)
    lacking = application(world, materials=[])
    status, problem = ask(world, zhang, "POST", "/cases", lacking, **{"Idempotency-Key": "one-of-a-kind"})

    assert (status, problem["code"], problem["field"]) == (422, "draft_incomplete", "id_card")


def test_submit_move_and_worklist_take_few_statements_whatever_happens_around_them(world: World) -> None:
    zhang, chen = story.visitor(world, ZHANG, GANSU), story.approver(world, CHEN)
    asked = application(world, again=story.AGAIN)
    for number in (1, 2):  # what is kept in the process is read once
        key = {"Idempotency-Key": f"one-of-a-kind-{number}"}
        submit, made = counted(world, zhang, "POST", "/cases", asked, **key)
        world.settle()
        move, _ = counted(world, chen, "POST", f"/cases/{made['case_id']}/moves/accept")
        worklist, page = counted(world, chen, "GET", "/cases")

    assert len(page["rows"]) == 2
    assert (submit, move, worklist) == (3, 3, 2)


def counted(world: World, who: Actor, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """How many statements a request takes, and its answer."""
    give_token(world, who)
    with world.at(who.node):
        trust_list()  # this and the token are looked at again once a second
        forget_bearer(f"test_{who.id}")
    with world.at(who.node), CaptureQueriesContext(connection) as queries:
        status, told = ask(world, who, method, path, body, **headers)
        assert status < 400, told
        return len(queries), told
