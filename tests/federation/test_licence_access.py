# SPDX-License-Identifier: Apache-2.0
"""Every address that tells of licences, whoever asks: nobody lists, counts or guesses those of others."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.db import transaction
from django.urls import URLPattern

from tests import story
from tests.desks import Browser, Desk, Phone
from tests.federation.test_api import ask, give_token
from tests.people import CHEN, HAN, SUN, ZHANG, staff
from tests.world import World
from tongban.demo import identity_cards
from tongban.licences.check_code import code_of
from tongban.licences.models import Licence, StockBatch
from tongban.licences.stock import actions as stock
from tongban.licences.tests.test_stock import CARD, card, table
from tongban.licences.tests.test_types import TOLD
from tongban.licences.types import actions as types
from tongban.web.desk import bulk as bulk_pages
from tongban.web.desk import licence_types as type_pages
from tongban.web.desk import licences as licence_pages
from tongban.web.desk import recognition as recognition_pages
from tongban.web.desk import stock as stock_pages
from tongban.web.portal import my_licences
from tongban.web.portal import recognition as public_pages

HUNAN = "430000"
PLACE = re.compile(r"<\w+:(\w+)>")
DRAFTED = "11994301000000035F901"  # only its keepers know of the draft
NOBODY_HAS = {
    "licence_id": "018f0000-0000-7000-8000-000000000000",
    "batch_id": "018f0000-0000-7000-8000-000000000000",
    "revision_id": "018f0000-0000-7000-8000-000000000000",
    "code": "11994301000000035F999",
}
WHO = ("nobody", "holder", "other", "issuer", "beside", "clerk", "operator", "keeper", "centre", "auditor")
PAGES: tuple[tuple[str, list[URLPattern]], ...] = (
    ("/desk/", licence_pages.urlpatterns),
    ("/desk/", stock_pages.urlpatterns),
    ("/desk/", bulk_pages.urlpatterns),
    ("/desk/", type_pages.urlpatterns),
    ("/desk/", recognition_pages.urlpatterns),
    ("/", my_licences.urlpatterns),
    ("/", public_pages.urlpatterns),
)
SENT = {"change-licence", "licence-edition", "licence-edition-answer", "stock-begin", "stock-step"}
SENT |= {"licence-type-publish"}
# By page, for each of WHO: nobody is led to sign in; "beside" approves elsewhere in the region, "keeper" and "centre"
# manage items of the police and of the region.
MATRIX: Mapping[str, str] = {
    "/desk/licences/": "302 403 403 200 200 403 403 403 403 403",
    "/desk/licences/{licence_id}/": "302 403 403 200 404 404 404 404 404 404",
    "/desk/licences/{licence_id}/change/": "302 403 403 422 404 404 404 404 404 404",
    "/desk/licences/{licence_id}/edition/": "302 403 403 422 404 403 403 403 403 403",
    "/desk/licences/{licence_id}/edition/{revision_id}/": "302 403 403 404 404 404 404 404 404 404",
    "/desk/licences/bulk/": "302 403 403 200 200 403 403 403 403 403",
    "/desk/licences/stock/": "302 403 403 200 200 403 403 403 403 403",
    "/desk/licences/stock/begin/": "302 403 403 422 422 403 403 403 403 403",
    "/desk/licences/stock/template.csv": "302 403 403 404 404 403 403 403 403 403",
    "/desk/licences/stock/{batch_id}/": "302 403 403 200 404 403 403 403 403 403",
    "/desk/licences/stock/{batch_id}/step/": "302 403 403 422 404 403 403 403 403 403",
    "/desk/licences/stock/{batch_id}/report.csv": "302 403 403 200 404 403 403 403 403 403",
    "/desk/licence-types/": "302 403 403 200 200 200 200 200 200 200",
    "/desk/licence-types/new/": "302 403 403 403 403 403 403 200 200 403",
    "/desk/licence-types/{code}/": "302 403 403 404 404 404 404 200 404 404",
    "/desk/licence-types/{code}/draft/": "302 403 403 403 403 403 403 200 404 403",
    "/desk/licence-types/{code}/publish/": "302 403 403 404 404 404 404 422 404 404",
    "/desk/recognition/": "302 403 403 200 200 200 200 200 200 200",
    "/my/licences/": "302 200 200 302 302 302 302 302 302 302",
    "/my/licences/{licence_id}/": "302 200 404 302 302 302 302 302 302 302",
    "/my/licences/{licence_id}/file/": "302 409 404 302 302 302 302 302 302 302",
    "/recognition/": "200 200 200 200 200 200 200 200 200 200",
}


@dataclass(frozen=True)
class Scene:
    """张伟's identity card, a batch that Chen has handed over, and a draft of a type, all of Changsha's police."""

    world: World
    places: Mapping[str, str]
    browsers: Mapping[str, Browser]
    licence: Licence


@pytest.fixture
def scene(federation: World) -> Scene:
    at, chen = federation.clock.now(), story.approver(federation, CHEN)
    with federation.at(HUNAN):
        batch = stock.begin(table(card(1)), "秘密.csv", CARD, actor=chen, at=at)
        assert stock.work_once(at)
        types.draft_type(TOLD, actor=story.officer(federation, staff("tangyi", HUNAN)), at=at)
        identity_cards.issue(HUNAN, at)
        mine = Licence.objects.get(definition=CARD, holder_name=ZHANG.name)
    places = {"licence_id": str(mine.id), "batch_id": str(batch.id), "code": DRAFTED}
    places["revision_id"] = NOBODY_HAS["revision_id"]
    browsers: dict[str, Browser] = {
        "nobody": Browser(federation, HUNAN),
        "holder": Phone(federation, ZHANG),
        "other": Phone(federation, HAN),
        "issuer": Desk(federation, CHEN),
        "beside": Desk(federation, staff("hefang", HUNAN)),
        "clerk": Desk(federation, staff("tangli", HUNAN)),
        "operator": Desk(federation, SUN),
        "keeper": Desk(federation, staff("zhouhang", HUNAN)),
        "centre": Desk(federation, staff("luojun", HUNAN)),
        "auditor": Desk(federation, staff("zouqi", HUNAN)),
    }
    return Scene(federation, places, browsers, mine)


def tried(scene: Scene, who: str, pattern: URLPattern, before: str, places: Mapping[str, str]) -> tuple[int, str]:
    """What is answered, and nothing of it stays."""
    url = before + PLACE.sub(lambda place: places[place[1]], str(pattern.pattern))
    client = scene.browsers[who].client
    with scene.world.at(HUNAN), transaction.atomic():
        answer = client.post(url, {}) if pattern.name in SENT else client.get(url)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        transaction.set_rollback(True)
    return answer.status_code, re.sub(r"[0-9a-f]{16,}|value=\"[A-Za-z0-9]{64}\"", "", body.decode("latin-1"))


def address(before: str, pattern: URLPattern) -> str:
    """How the table names it."""
    return before + PLACE.sub(r"{\1}", str(pattern.pattern))


def every() -> list[tuple[str, URLPattern]]:
    return [(before, pattern) for before, patterns in PAGES for pattern in patterns]


def test_every_page_has_a_row_and_answers_each_as_it_says(scene: Scene) -> None:
    found = {
        address(before, pattern): " ".join(str(tried(scene, who, pattern, before, scene.places)[0]) for who in WHO)
        for before, pattern in every()
    }
    assert found == MATRIX


def test_what_is_anothers_is_answered_as_what_is_not_there(scene: Scene) -> None:
    has = {"my-licence": {"holder"}, "my-licence-file": {"holder"}, "licence-type": {"keeper"}}
    for before, pattern in every():
        if not PLACE.search(str(pattern.pattern)):
            continue
        part = has.get(str(pattern.name), {"keeper"} if "type" in str(pattern.name) else {"issuer"})
        for who in set(WHO) - part:
            there, nowhere = (tried(scene, who, pattern, before, places) for places in (scene.places, NOBODY_HAS))
            assert there[0] == nowhere[0], (pattern.name, who)
            assert there[1] == nowhere[1], (pattern.name, who)


def test_lists_searches_and_the_public_check_tell_strangers_nothing(scene: Scene) -> None:
    number, name = scene.licence.number, ZHANG.name
    for who in set(WHO) - {"holder", "issuer"}:
        browser = scene.browsers[who]
        for path in (f"/desk/licences/?number={number}", "/desk/licences/stock/", "/my/licences/", "/recognition/"):
            page = browser.get(path).partition("<main")[2]
            assert name not in page and "秘密.csv" not in page and f"/{scene.licence.id}/" not in page, (who, path)
    guessed = code_of(UUID(NOBODY_HAS["licence_id"]))
    for typed in ({"number": number, "code": guessed}, {"number": "没有", "code": guessed}):
        page = scene.browsers["nobody"].post("/verify/number/", typed)
        assert scene.browsers["nobody"].answer.status_code == 404
        assert name not in page
    with scene.world.at(HUNAN):
        assert StockBatch.objects.count() == 1


def test_programs_hear_of_their_own_licences_alone(scene: Scene) -> None:
    zhang, han = (story.visitor(scene.world, one, HUNAN) for one in (ZHANG, HAN))
    for who in (zhang, han, chen := story.approver(scene.world, CHEN)):
        give_token(scene.world, who)

    def told(who: object, path: str) -> tuple[int, str]:
        status, body = ask(scene.world, who, "GET", path)  # type: ignore[arg-type]
        return status, json.dumps(body)

    assert str(scene.licence.id) in told(zhang, "/licences")[1]
    for who in (han, chen):
        assert str(scene.licence.id) not in told(who, "/licences")[1]
        assert told(who, f"/licences/{scene.licence.id}/file")[0] == 404
    assert told(chen, f"/licence-stock/{scene.places['batch_id']}")[0] == 200
    assert told(zhang, f"/licence-stock/{scene.places['batch_id']}")[0] == 403
    assert DRAFTED not in told(zhang, "/licence-types")[1]
