# SPDX-License-Identifier: Apache-2.0
"""Whatever a program sends: no answer of 5xx, and none that the contract does not declare, for whoever it acts."""

import os
from collections.abc import Iterable, Iterator
from itertools import cycle, product
from typing import Any

import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests import story
from tests.federation.test_api import give_token
from tests.people import CHEN, SUN, ZHANG, staff
from tests.world import World
from tongban.cases.transitions import MOVES
from tongban.web.api.door import Door
from tongban.windows.actions import start_intake

HUNAN = "430000"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = int(os.environ.get("EXAMPLES", "4"))


def often(who: str) -> settings:
    """How hard each operation is tried; whom no token stands for learns little."""
    return settings(
        max_examples=min(EXAMPLES, 2) if who == "nobody" else EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def contract(world: World) -> Any:
    """The contract of a node as a program fetches it, and the door behind it."""
    door = Door(WSGIHandler())
    host = world.nodes[HUNAN].address.removeprefix("http://")

    def served(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        with world.at(HUNAN):
            return [b"".join(door(environ | {"HTTP_HOST": host}, start))]

    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", served)


def test_every_answer_is_one_that_the_contract_declares(world: World) -> None:
    people = {
        "applicant": story.visitor(world, ZHANG, HUNAN),
        "approver": story.approver(world, CHEN),
        "clerk": story.officer(world, staff("tangli", HUNAN)),
        "operator": story.officer(world, SUN),
    }
    task, moves = story.item_of(world, HUNAN, "430100"), cycle(MOVES)
    made = story.submit(world, people["applicant"], task)
    draft = story.draft(world, people["applicant"], task)
    world.settle()
    for each in people.values():
        give_token(world, each)
    with world.at(HUNAN):
        intake = start_intake(actor=people["clerk"], at=world.clock.now())
    places = {"case_id": str(made.case_id), "number": made.receipt_no, "task_code": task}
    places |= {"draft_id": str(draft), "intake_id": str(intake), "requirement": "id_card"}
    asked = 0
    for who, found in product(("nobody", *people), list(contract(world).get_all_operations())):
        headers = {"Authorization": f"Bearer test_{people[who].id}"} if who in people else {}
        asked += tried(found.ok(), often(who), headers, places, moves)

    assert asked > 200


def tried(operation: Any, how: settings, headers: dict[str, str], places: dict[str, str], moves: Iterator[str]) -> int:
    """Ask it with whatever fits the contract; how many times that was."""
    asked = 0

    @how
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:
        nonlocal asked
        asked += 1
        if asked % 2:  # every other time about something that is there
            there = places | {"move": next(moves)}
            case.path_parameters |= {name: there[name] for name in case.path_parameters if name in there}
            if isinstance(case.body, dict) and "task_code" in case.body:
                case.body |= {"task_code": places["task_code"]} | ({"version": 1} if "version" in case.body else {})
        case.call_and_validate(headers=headers, checks=CHECKS)

    ask()
    return asked
