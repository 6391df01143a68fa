# SPDX-License-Identifier: Apache-2.0
"""Whatever a program sends: no answer of 5xx, and none that the contract does not declare, for whoever it acts."""

import os
from collections.abc import Iterable
from itertools import cycle
from typing import Any

import pytest
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
from tests.people import CHEN, ZHANG
from tests.world import World
from tongban.cases.transitions import MOVES
from tongban.web.api.door import Door

HUNAN = "430000"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OFTEN = settings(
    max_examples=int(os.environ.get("EXAMPLES", "8")),
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


@pytest.mark.parametrize("who", ["nobody", "applicant", "approver"])
def test_every_answer_is_one_that_the_contract_declares(world: World, who: str) -> None:
    people = {"applicant": story.visitor(world, ZHANG, HUNAN), "approver": story.approver(world, CHEN)}
    made = story.submit(world, people["applicant"], story.item_of(world, HUNAN, "430100"))
    world.settle()
    for each in people.values():
        give_token(world, each)
    headers = {"Authorization": f"Bearer test_{people[who].id}"} if who in people else {}
    task, moves = story.item_of(world, HUNAN, "430100"), cycle(MOVES)
    places = {"case_id": str(made.case_id), "number": made.receipt_no, "task_code": task}
    asked = 0

    for found in contract(world).get_all_operations():
        operation = found.ok()

        @OFTEN
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            nonlocal asked
            asked += 1
            if asked % 2:  # every other time about something that is there
                there = places | {"move": next(moves)}
                case.path_parameters |= {name: there[name] for name in case.path_parameters if name in there}
                if isinstance(case.body, dict) and "task_code" in case.body:
                    case.body |= {"task_code": task, "version": 1}
            case.call_and_validate(headers=headers, checks=CHECKS)

        ask()

    assert asked > 80
