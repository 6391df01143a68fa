# SPDX-License-Identifier: Apache-2.0
"""Every address, whoever asks: what is answered, and that a stranger hears what whoever asks for nothing hears."""

import json
import re
import zipfile
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver

from tests import story
from tests.desks import Browser, Desk, Phone
from tests.federation.test_api import ask, give_token
from tests.people import CHEN, LI, MA, SUN, WANG, ZHANG, ZHOU, staff
from tests.world import World
from tongban.cases import actions
from tongban.cases.queries import confirmation
from tongban.catalogue import actions as catalogue
from tongban.catalogue.queries import item
from tongban.identity.models import Token
from tongban.identity.queries import forget_bearers
from tongban.space.contents import gather
from tongban.standards.actor import Actor, system
from tongban.web.api.routes import PLACE, Route
from tongban.web.api.urls import ROUTES
from tongban.windows.actions import start_intake

HUNAN, GANSU = "430000", "620000"
WHO = ("applicant", "stranger", "approver", "another", "clerk", "operator", "cosigner")
FILE = {"requirement": "id_card", "filename": "a.png", "content": b64encode(story.PNG).decode()}
NOBODY_HAS = {  # in place of what is there
    "number": "6200002026112300000000",
    "case_id": "018f0000-0000-7000-8000-000000000000",
    "draft_id": "018f0000-0000-7000-8000-000000000000",
    "intake_id": "018f0000-0000-7000-8000-000000000000",
    "licence_id": "018f0000-0000-7000-8000-000000000000",
    "batch_id": "018f0000-0000-7000-8000-000000000000",
}
BODIES: Mapping[str, Any] = {
    "api:submit": {"task_code": "{task_code}", "version": 1},
    "api:make_move": {"facts": {"reason": "不办了。"}},
    "api:preview": {"facts": {"what": "还缺一页。"}},
    "api:assign": {"cases": ["{case_id}"], "assignee": "approver:nobody", "why": "分工。"},
    "api:paid": {"fen": 4000, "bill": "4300001234567890"},
    "api:start_draft": {"task_code": "{task_code}"},
    "api:change_draft": {"form": {"phone": "19900000002"}},
    "api:add_material": FILE,
    "api:start_upload": {"requirement": "id_card", "filename": "a.png", "size": 5_000_000},
    "api:add_signer": {"role": "co_applicant", "name": LI.name, "id_number": LI.id_number},
    "api:submit_draft": {"again": story.AGAIN},
    "api:confirm": {"seen": "x"},
    "api:add_scan": FILE,
    "api:change_intake": {"delivery": {"way": "net"}},
    "api:conclude": {"verdict": "elsewhere", "note": "长沙市公安局"},
    "api:choose_channels": {"sms": True, "mail": False},
    "api:send_again": {"case_id": "{case_id}", "event": "line:1", "recipient": "applicant", "channel": "sms"},
}
ELSE: Mapping[str, dict[str, str]] = {"api:preview": {"move": "return_correction"}}
# By operation, for the person who applied, another person, the approver who decides, one of another organization
# there, a clerk at the window of the node where it was filed, an operator, one who confirms beside the applicant.
MATRIX: Mapping[str, str] = {
    "api:submit": "422 422 403 403 403 403 422",
    "api:worklist": "403 403 200 200 200 200 403",
    "api:case": "200 404 200 404 404 404 200",
    "api:person": "403 404 200 404 404 404 403",
    "api:evidence": "403 404 200 404 404 404 403",
    "api:make_move": "202 404 403 404 404 404 403",
    "api:preview": "403 404 409 404 404 404 403",
    "api:material": "200 404 200 404 404 404 404",
    "api:result": "404 404 404 404 404 404 404",
    "api:notice": "200 404 200 404 404 404 200",
    "api:notice_file": "409 404 409 404 404 404 409",
    "api:my_cases": "200 200 403 403 403 403 200",
    "api:assign": "403 403 200 200 403 403 403",
    "api:due": "200 404 200 404 404 404 200",
    "api:paid": "403 404 409 404 404 404 403",
    "api:start_draft": "200 200 403 403 403 403 200",
    "api:drafts": "200 200 200 200 200 200 200",
    "api:draft": "200 404 404 404 404 404 404",
    "api:change_draft": "200 404 404 404 404 404 404",
    "api:add_material": "200 404 404 404 404 404 404",
    "api:send_material": "422 404 404 404 404 404 404",
    "api:remove_material": "200 404 404 404 404 404 404",
    "api:start_upload": "200 404 404 404 404 404 404",
    "api:list_uploads": "200 404 404 404 404 404 404",
    "api:show_upload": "404 404 404 404 404 404 404",
    "api:send_part": "404 404 404 404 404 404 404",
    "api:drop_upload": "200 404 404 404 404 404 404",
    "api:add_signer": "200 404 404 404 404 404 404",
    "api:remove_signer": "200 404 404 404 404 404 404",
    "api:submit_draft": "409 404 404 404 404 404 404",
    "api:confirmation": "404 404 404 404 404 404 200",
    "api:confirm": "404 404 404 404 404 404 409",
    "api:start_intake": "403 403 403 403 200 403 403",
    "api:intakes": "403 403 403 403 200 403 403",
    "api:intake": "403 403 403 403 200 403 403",
    "api:change_intake": "403 403 403 403 200 403 403",
    "api:add_scan": "403 403 403 403 422 403 403",
    "api:remove_scan": "403 403 403 403 200 403 403",
    "api:conclude": "403 403 403 403 422 403 403",
    "api:intake_notice": "403 403 403 403 404 403 403",
    "api:messages": "200 200 200 200 200 200 200",
    "api:read_messages": "200 200 200 200 200 200 200",
    "api:channels": "200 200 403 403 403 403 200",
    "api:choose_channels": "200 200 403 403 403 403 200",
    "api:stuck": "403 403 403 403 403 200 403",
    "api:send_again": "403 403 403 403 403 409 403",
    "api:case_tables": "403 403 200 200 403 403 403",
    "api:own_licences": "200 200 200 200 200 200 200",
    "api:own_licence_file": "404 404 404 404 404 404 404",
    "api:take_stock": "403 403 422 422 403 403 403",
    "api:stock_batch": "403 403 404 404 403 403 403",
}


@dataclass(frozen=True)
class Scene:
    """张伟's case, filed in Gansu and held in Hunan, his second draft, a clerk's intake.

    王芳 confirmed the case beside him, and is asked to confirm the draft.
    """

    world: World
    places: dict[str, str]
    people: dict[str, Actor]


@pytest.fixture
def scene(federation: World) -> Scene:
    zhang, ma = story.visitor(federation, ZHANG, GANSU), story.officer(federation, MA)
    wang, task = story.visitor(federation, WANG, GANSU), together(federation)
    made = named(federation, story.draft(federation, zhang, task), zhang)
    with federation.at(GANSU):
        actions.confirm(made, confirmation(made, wang).digest, actor=wang, at=federation.clock.now())
    given = story.hand_in(federation, zhang, made)
    federation.settle()
    chen, at = story.approver(federation, CHEN), federation.clock.now()
    with federation.at(HUNAN):
        actions.make_move(given.case_id, "request_correction", actor=chen, at=at, facts={"what": "请补交。"})
    federation.settle()
    draft = named(federation, story.draft(federation, zhang, task), zhang)
    people = {
        "applicant": zhang,
        "stranger": story.visitor(federation, LI, GANSU),
        "approver": chen,
        "another": story.approver(federation, staff("hefang", HUNAN)),
        "clerk": ma,
        "operator": story.officer(federation, SUN),
        "cosigner": wang,
    }
    with federation.at(GANSU):
        intake = start_intake(actor=ma, at=at)
    places = {
        "number": given.receipt_no,
        "case_id": str(given.case_id),
        "draft_id": str(draft),
        "intake_id": str(intake),
        "task_code": task,
        "move": "withdraw",
        "material": "1",
        "key": "4",
        "filename": "a.png",
        "requirement": "id_card",
        "digest": "sha256:0",
        "licence_id": "018f0000-0000-7000-8000-000000000001",  # whose own is tried in test_licence_access
        "batch_id": "018f0000-0000-7000-8000-000000000001",
        "upload_id": "018f0000-0000-7000-8000-000000000001",  # what is done with one is told in test_large_files
    }
    for who in people.values():
        give_token(federation, who)
    return Scene(federation, places, people)


def together(world: World) -> str:
    """Hunan's item, for which several people now apply together."""
    task = story.item_of(world, HUNAN, "430100")
    asked = {"code": "co_applicant", "confirms": "我同意出具这份证明。"}
    with world.at(HUNAN):
        several = {"co_applicants": {"least": 1, "most": 3, "roles": [asked], "basis": "测试"}}
        catalogue.publish(item(task).content | several, actor=system(HUNAN), at=world.clock.now())
    world.settle()
    return task


def named(world: World, made: UUID, who: Actor) -> UUID:
    """The draft, with 王芳 asked to confirm it."""
    with world.at(GANSU):
        actions.add_signer(made, "co_applicant", WANG.name, WANG.id_number, actor=who, at=world.clock.now())
    return made


def filled(text: str, places: Mapping[str, str]) -> str:
    """With what is there, or is not, in the places for it. KeyError for a place that this test has nothing for."""
    return PLACE.sub(lambda place: places[place[1]], text)


def tried(scene: Scene, who: Actor, route: Route, places: Mapping[str, str]) -> tuple[int, str]:
    """What is answered, and nothing of it stays."""
    body = filled(json.dumps(BODIES[route.name]), places) if route.name in BODIES else ""
    query = "?since=2026-01-01" if route.name == "api:case_tables" else ""
    places = places | ELSE.get(route.name, {})
    url = scene.world.nodes[who.node].address + filled(route.path, places) + query
    said = {"Authorization": f"Bearer test_{who.id}", "Idempotency-Key": "one-of-a-kind", "Upload-Offset": "0"}
    with scene.world.at(who.node), transaction.atomic():
        answer = scene.world.request(who.node, route.method, url, said, body.encode(), door="pages")
        transaction.set_rollback(True)
    return answer.status, re.sub("urn:tongban:request:[0-9a-f]+", "", answer.body.decode("latin-1"))


CLOSED = [route for route in ROUTES if not route.is_open]
OF_SOMEBODY = [route for route in CLOSED if set(PLACE.findall(route.path)) & set(NOBODY_HAS)]


def test_every_operation_has_a_row_and_answers_each_as_it_says(scene: Scene) -> None:
    assert sorted(MATRIX) == sorted(route.name for route in CLOSED)
    found = {
        route.name: " ".join(str(tried(scene, scene.people[who], route, scene.places)[0]) for who in WHO)
        for route in CLOSED
    }
    assert found == MATRIX


HAS_A_PART = {
    "cases": ("applicant", "approver", "cosigner"),
    "payments": ("applicant", "approver", "cosigner"),
    "confirmations": ("cosigner",),
    "intakes": ("clerk",),
}


def test_what_is_anothers_is_answered_as_what_is_not_there(scene: Scene) -> None:
    nothing = scene.places | NOBODY_HAS
    for route, who in product(OF_SOMEBODY, WHO[1:]):
        if who not in HAS_A_PART.get(route.path.split("/")[3], ()):
            stranger = scene.people[who]
            assert tried(scene, stranger, route, scene.places) == tried(scene, stranger, route, nothing), route.name


def test_lists_searches_and_counts_tell_strangers_nothing(scene: Scene) -> None:
    for who in ("stranger", "another", "clerk", "operator"):
        for path in ("/cases", f"/cases?q={scene.places['number']}", "/my-cases", "/drafts", "/messages"):
            _, told = ask(scene.world, scene.people[who], "GET", path)
            assert scene.places["number"] not in json.dumps(told) and scene.places["draft_id"] not in json.dumps(told)
            assert not any(told.get("counters", {}).values())


def test_who_confirmed_beside_the_applicant_finds_the_case_and_nothing_that_the_applicant_handed_in(
    scene: Scene,
) -> None:
    wang, number = scene.people["cosigner"], scene.places["number"]
    assert [row["receipt_no"] for row in ask(scene.world, wang, "GET", "/my-cases")[1]["cases"]] == [number]
    drafts = ask(scene.world, wang, "GET", "/drafts")[1]["drafts"]
    assert [row["id"] for row in drafts] == [scene.places["draft_id"]]  # asked to confirm it, and no more
    status, page = ask(scene.world, wang, "GET", f"/cases/{number}")
    assert (status, page["materials"], page["tried"], page["is_own"]) == (200, [], [], False)
    said = json.dumps(page, ensure_ascii=False)
    assert not any(told in said for told in (ZHANG.phone, ZHANG.id_number, story.FORM["residence"], "身份证.png"))
    for query in ("", "?marked=true"):
        assert ask(scene.world, wang, "GET", f"/cases/{number}/materials/1{query}")[0] == 404
    with (
        scene.world.at(GANSU),
        zipfile.ZipFile(BytesIO(b"".join(gather(wang.id, wang, scene.world.clock.now())))) as own,
    ):
        kept = own.read("data.json").decode()
        assert not any(name.startswith("材料/") for name in own.namelist())
    assert not any(told in kept for told in (ZHANG.phone, ZHANG.id_number, story.FORM["residence"]))


def test_what_an_office_exports_tells_another_nothing(scene: Scene) -> None:
    path = "/case-tables?since=2026-01-01"
    assert ask(scene.world, scene.people["another"], "GET", path)[1]["cases"] == []


def test_a_token_does_what_it_was_issued_for_and_nothing_else(scene: Scene) -> None:
    zhang = scene.people["applicant"]

    def answered(method: str, path: str, *scopes: str) -> tuple[int, str]:
        with scene.world.at(GANSU):
            Token.objects.filter(person_id=zhang.id).update(scopes=list(scopes))
            forget_bearers()
        status, told = ask(scene.world, zhang, method, path)
        return status, told.get("code", "")

    assert answered("GET", "/drafts", "drafts:read")[0] == 200
    assert answered("POST", "/drafts", "drafts:read") == (403, "scope_missing")
    assert answered("GET", "/my-cases", "drafts:read") == (403, "scope_missing")
    assert answered("GET", "/drafts", "drafts:write")[0] == 200
    assert answered("POST", "/messages/read", "drafts:write", "messages:write")[0] == 200


def pages(face: str) -> Iterator[tuple[str, set[str]]]:
    """The addresses of pages that name something of somebody's, and the names of their places."""

    def walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
        for entry in resolver.url_patterns:
            path = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry, path)
            else:
                yield path, entry

    for path, view in walk(get_resolver("tongban.config.urls"), "/"):
        places = set(re.findall(r"<(?:\w+:)?(\w+)>", path))
        if view.callback.__module__.startswith(f"tongban.web.{face}") and places & set(NOBODY_HAS):
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path), places


MORE = {"code": "who", "at": "1", "how": "again"} | dict.fromkeys(
    ("licence_id", "upload_id", "revision_id"), NOBODY_HAS["case_id"]
)


@pytest.mark.parametrize(("face", "least"), [("portal", 20), ("desk", 15)])
def test_pages_show_strangers_what_they_show_of_nothing(scene: Scene, face: str, least: int) -> None:
    strangers: list[Browser] = (
        [Phone(scene.world, ZHOU)]
        if face == "portal"
        else [
            Desk(scene.world, staff("hefang", HUNAN)),
            Desk(scene.world, staff("tangli", HUNAN)),
            Desk(scene.world, staff("sunqiang", HUNAN)),
        ]
    )
    found = list(pages(face))
    assert len(found) >= least
    for (path, _), browser in product(found, strangers):
        for send in (browser.get, lambda path, browser=browser: browser.post(path, {})):
            told = []
            for places in (scene.places, scene.places | NOBODY_HAS):
                said = send(filled(path, places | MORE))
                told.append((browser.answer.status_code, filled_out(said, places)))
            assert told[0] == told[1], path


def filled_out(page: str, places: Mapping[str, str]) -> str:
    """What a page says, without what it only repeats and what is never twice the same."""
    for name in NOBODY_HAS:
        page = page.replace(places[name], "")
    return re.sub(r'name="(?:csrfmiddlewaretoken|once)" value="[^"]+"|01[0-9a-f]{30}', "", page)
