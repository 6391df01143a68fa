# SPDX-License-Identifier: Apache-2.0
"""One node asks another at once: by a worker, signed both ways, kept by both, with a time limit and an age."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from tests import story
from tests.federation.test_exchange import GANSU, HUNAN, JILIN, knock
from tests.people import CHEN, MA, SUN, ZHANG
from tests.world import Sent, World
from tongban.exchange import actions as exchange
from tongban.exchange import keys, queries, question, registry
from tongban.exchange.models import Answered, Asked, Peer
from tongban.exchange.queries import AnswerView
from tongban.exchange.question import Question
from tongban.ledger.queries import story as diary
from tongban.licences.messages import status_of
from tongban.licences.models import Licence
from tongban.licences.queries import file as licence_file
from tongban.standards.refusal import NotFound, Refusal
from tongban.standards.signer import signed

KIND = "test.weather"
SOON, FRESH = timedelta(seconds=30), timedelta(minutes=10)


class NoWeather(Refusal):
    code, status, says = "no_weather", 422, "没有天气。"


@pytest.fixture(autouse=True)
def answerer() -> Iterator[list[Question]]:
    """Somebody at every node who knows the weather."""
    asked: list[Question] = []

    def tell(question: Question, at: datetime) -> Mapping[str, Any]:
        asked.append(question)
        if question.body.get("place") == "nowhere":
            raise NoWeather()
        return {"weather": "晴"}

    registry.answers(KIND)(tell)
    yield asked
    registry.ANSWERS.pop(KIND)


def asking(place: str = "长沙", peer: str = HUNAN) -> exchange.Asking:
    return exchange.Asking(
        peer=peer, kind=KIND, purpose="看天气", basis="演示", body={"place": place}, subject="case:1"
    )


def ask(world: World, what: exchange.Asking | None = None, within: timedelta = SOON) -> UUID:
    ma = story.officer(world, MA)
    with world.at(GANSU):
        return exchange.ask(what or asking(), actor=ma, at=world.clock.now(), within=within, fresh=FRESH)


def put(world: World, peer: str = HUNAN) -> bool:
    with world.at(GANSU):
        return exchange.put_question_once(peer, world.clock.now(), world.network)


def told(world: World, which: UUID) -> AnswerView:
    with world.at(GANSU):
        return queries.answer_to(which)


@pytest.mark.parametrize("peer", [HUNAN, JILIN])
def test_a_question_is_answered_and_both_sides_keep_what_was_said(
    federation: World, answerer: list[Question], peer: str
) -> None:
    which = ask(federation, asking(peer=peer))
    assert told(federation, which).state == "waiting"

    assert put(federation, peer)

    answer = told(federation, which)
    assert (answer.state, answer.body, answer.answered_at) == ("answered", {"weather": "晴"}, federation.clock.now())
    assert (answerer[0].purpose, answerer[0].basis, answerer[0].subject) == ("看天气", "演示", "case:1")
    with federation.at(GANSU):
        assert [line.verb for line in diary(f"exchange/{peer}")][-2:] == [
            "exchange.question.asked",
            "exchange.question.ended",
        ]
    with federation.at(peer):
        assert diary(f"exchange/{GANSU}")[-1].verb == "exchange.question.answered"
        assert Answered.objects.get(id=which).outcome == "answered"


def test_the_same_question_soon_after_costs_nobody_anything(federation: World, answerer: list[Question]) -> None:
    first = ask(federation)
    assert ask(federation) == first
    put(federation)

    assert ask(federation) == first
    federation.pass_time(FRESH + timedelta(seconds=1))
    assert ask(federation) != first
    assert len(answerer) == 1


def test_what_the_other_side_refuses_is_its_signed_answer(federation: World) -> None:
    which = ask(federation, asking("nowhere"))
    put(federation)

    assert (told(federation, which).state, told(federation, which).outcome) == ("refused", "no_weather")


def test_a_kind_that_nobody_answers_is_refused_by_name(federation: World) -> None:
    ma = story.officer(federation, MA)
    strange = exchange.Asking(peer=HUNAN, kind="test.unheard", purpose="演示", basis="演示", body={})
    with federation.at(GANSU):
        which = exchange.ask(strange, actor=ma, at=federation.clock.now(), within=SOON, fresh=FRESH)
    put(federation)

    assert told(federation, which).outcome == "unknown_question"


def test_a_lost_answer_is_asked_for_again_and_given_once(federation: World, answerer: list[Question]) -> None:
    which = ask(federation)
    deaf: list[Sent] = []

    def lose_the_answer(sent: Sent) -> Sent | None:
        if deaf:
            return sent
        deaf.append(sent)
        federation.request(sent.recipient, sent.method, sent.url, sent.headers, sent.body, door="exchange")
        return None

    federation.network.faults.append(lose_the_answer)
    put(federation)
    assert told(federation, which).state == "waiting"
    federation.pass_time(timedelta(seconds=3))
    put(federation)

    assert told(federation, which).state == "answered"
    assert len(answerer) == 1


def test_a_silent_node_ends_the_wait_in_time(federation: World) -> None:
    federation.network.down.add(HUNAN)
    which = ask(federation, within=timedelta(seconds=10))
    for _ in range(6):
        put(federation)
        federation.pass_time(timedelta(seconds=2))

    put(federation)
    assert (told(federation, which).state, told(federation, which).outcome) == ("expired", "question_expired")


def test_nobody_waits_for_a_node_that_has_just_been_tried_in_vain(federation: World) -> None:
    with federation.at(GANSU):
        soon = federation.clock.now() + timedelta(minutes=2)
        Peer.objects.update_or_create(code=HUNAN, defaults={"failures": 5, "next_try_at": soon})

    which = ask(federation)
    put(federation)

    assert (told(federation, which).state, told(federation, which).outcome) == ("failed", "peer_unreachable")
    assert federation.network.seen == []


def test_an_altered_answer_is_no_answer(federation: World) -> None:
    which = ask(federation)
    with federation.at(GANSU):
        row = Asked.objects.get(id=which)
    ask_through = federation.network.ask

    def alter(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Any:
        came = ask_through(method, url, headers, body)
        return type(came)(status=came.status, body=came.body.replace("晴".encode(), "雨".encode()))

    federation.network.ask = alter  # type: ignore[method-assign]
    put(federation)

    assert told(federation, which).state == "waiting"
    with federation.at(GANSU):
        assert Asked.objects.get(id=row.id).outcome == "answer_invalid"


def test_a_question_in_another_name_or_with_a_used_number_is_refused(federation: World) -> None:
    now = federation.clock.now()
    words: dict[str, Any] = {
        "id": UUID(int=7),
        "asker": GANSU,
        "asked": HUNAN,
        "kind": KIND,
        "purpose": "演示",
        "basis": "演示",
        "subject": "",
        "actor": "clerk:1",
        "asked_at": now,
        "expires_at": now + SOON,
        "body": {"place": "长沙"},
    }

    def put_in(**changed: Any) -> str:
        with federation.at(GANSU):
            wire = question.wire(signed(keys.signer(), Question(**(words | changed)).bytes()))
        return knock(federation, wire, path="/exchange/questions").code

    assert put_in(asker=JILIN) == "wrong_sender"
    assert put_in(asked=JILIN) == "wrong_recipient"
    assert put_in() == ""
    assert put_in(body={"place": "株洲"}) == "id_reused"


def test_what_is_kept_is_sealed(federation: World) -> None:
    which = ask(federation, asking("秘密的地方"))
    put(federation)

    for node, table in ((GANSU, "exchange_asked"), (HUNAN, "exchange_answered")):
        with federation.at(node), connection.cursor() as cursor:
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t")
            assert "秘密的地方".encode().hex() not in cursor.fetchone()[0]
    assert told(federation, which).state == "answered"


def test_a_question_that_nobody_asked_is_not_found(federation: World) -> None:
    with federation.at(GANSU), pytest.raises(NotFound):
        queries.answer_to(UUID(int=1))


def paper(world: World) -> tuple[Licence, bytes]:
    """What Hunan has signed for 张伟, and the file."""
    zhang, chen = story.visitor(world, ZHANG, GANSU), story.approver(world, CHEN)
    given = story.submit(world, zhang, story.item_of(world, GANSU, "430100"))
    world.settle()
    story.decide(world, chen, given.case_id)
    world.settle()
    with world.at(HUNAN):
        made = Licence.objects.get(case_id=given.case_id, is_notice=False)
        return made, b"".join(licence_file(made))


def test_how_a_paper_stands_is_asked_where_it_was_signed(federation: World) -> None:
    made, _ = paper(federation)

    known = ask(federation, status_of(HUNAN, made.file_digest))
    unknown = ask(federation, status_of(HUNAN, "sha256:" + "0" * 64))
    put(federation)
    put(federation)

    assert told(federation, known).body["number"] == made.number
    assert told(federation, unknown).body == {"known": False}


def test_the_page_that_verifies_a_file_shows_what_the_other_region_says_of_it(federation: World) -> None:
    made, data = paper(federation)
    client = Client(headers={"host": federation.nodes[GANSU].address.removeprefix("http://")})

    with federation.at(GANSU):
        first = client.post("/verify/", {"file": SimpleUploadedFile("证明.pdf", data, "application/pdf")})
        asked = Asked.objects.latest("asked_at")
    assert "正在向湖南" in first.content.decode()
    put(federation)
    with federation.at(GANSU):
        page = client.get(f"/verify/answers/{asked.id}/").content.decode()
        again = client.post("/verify/", {"file": SimpleUploadedFile("证明.pdf", data, "application/pdf")})
        assert client.get(f"/verify/answers/{UUID(int=3)}/").status_code == 404

    assert "确已签发这份文书" in page and made.number in page and ZHANG.name not in page
    assert "确已签发这份文书" in again.content.decode()
    with federation.at(GANSU):
        assert Asked.objects.count() == 1


def test_a_page_does_not_wait_for_a_region_that_is_away(federation: World) -> None:
    _, data = paper(federation)
    federation.network.down.add(HUNAN)
    client = Client(headers={"host": federation.nodes[GANSU].address.removeprefix("http://")})

    with federation.at(GANSU):
        client.post("/verify/", {"file": SimpleUploadedFile("证明.pdf", data, "application/pdf")})
        asked = Asked.objects.latest("asked_at")
    put(federation)
    federation.pass_time(timedelta(seconds=31))
    put(federation)
    with federation.at(GANSU):
        page = client.get(f"/verify/answers/{asked.id}/").content.decode()

    assert "暂时没有得到湖南" in page


def test_a_node_that_has_forgotten_answers_no_question_before_it_knows_again(federation: World) -> None:
    now = federation.clock.now()
    which = ask(federation)
    with federation.at(HUNAN):
        exchange.begin_recovery(now - timedelta(hours=1), actor=story.officer(federation, SUN), at=now)
    put(federation)
    assert told(federation, which).state == "waiting"

    federation.settle()  # its peers have told it all
    federation.pass_time(timedelta(seconds=5))
    put(federation)
    assert told(federation, which).state == "answered"
