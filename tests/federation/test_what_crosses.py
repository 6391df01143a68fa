# SPDX-License-Identifier: Apache-2.0
"""Everything that nodes really say to one another is what the published schemas say, in every kind there is."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from tests import story
from tests.agreements import agreed
from tests.contracts.schemas import faults
from tests.contracts.test_protocol_schemas import alterations, letters
from tests.federation.restored import Backup
from tests.federation.test_lists import CENTRE, published
from tests.federation.test_newer_version import published_anew
from tests.federation.test_story_proxy import HE, taken_in
from tests.newcomer import forget
from tests.people import CHANGSHA_POLICE, CHEN, LANZHOU_CENTRE, MA, ZHANG
from tests.world import Network, World
from tongban.cases import actions as cases
from tongban.catalogue.lists import actions as lists
from tongban.catalogue.models import BasicVersion
from tongban.catalogue.welcoming import Welcome
from tongban.database.statement import Statement
from tongban.exchange import actions as exchange
from tongban.exchange.actions import witnessing
from tongban.exchange.envelope import read_instant
from tongban.exchange.registry import KINDS, Message
from tongban.exchange.transport import Answer
from tongban.licences.actions import change
from tongban.licences.messages import ask_status
from tongban.licences.models import Licence
from tongban.licences.tests.test_types import TOLD
from tongban.licences.types.actions import draft_type, publish_recognition, publish_type
from tongban.standards import clock
from tongban.standards.actor import system
from tongban.standards.clock import local_date
from tongban.standards.refusal import Refusal

HUB, HUNAN, GANSU = "000000", "430000", "620000"


@dataclass
class Ears(Network):
    """Holds all that crosses against the schemas, in both directions."""

    heard: Counter[str] = field(default_factory=Counter)
    wrong: set[str] = field(default_factory=set)

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        answer = super().ask(method, url, headers, body)
        door = urlsplit(url).path.split("/")[2]
        if door != "files":
            self._hear_asked(door, body)
            self._hear_answer(door, answer)
        return answer

    def _hear_asked(self, door: str, body: bytes) -> None:
        if door == "batches":
            head, _, *letters = body.split(b"\n")
            self._check("batch-head", head)
            for letter in letters:
                self._check("envelope", letter, json.loads(letter)["kind"])
        elif door == "questions":
            self._check("question", self._signed(body))
        elif body:
            self._check(door, body)

    def _hear_answer(self, door: str, answer: Answer) -> None:
        if answer.status != 200:
            self._check("problem", answer.body)
        elif door == "questions":
            self._check("reply", self._signed(answer.body))
        elif door == "witness":
            self._check("witness-statement", json.loads(answer.body)["statement"].encode())
        elif door == "batches":
            self._check("acknowledgement-answer", answer.body)
        else:
            plural = "s" if answer.body.startswith(b'{"lists"') else ""
            self._check(f"{door}{plural}-answer", answer.body)

    def _signed(self, data: bytes) -> bytes:
        self._check("signed-document", data)
        return str(json.loads(data)["document"]).encode()

    def _check(self, schema: str, data: bytes, kind: str = "") -> None:
        self.heard[kind or schema] += 1
        self.wrong.update(f"{kind or schema} {fault}" for fault in faults(schema, json.loads(data)))


def test_all_that_crosses_is_as_the_schemas_say(federation: World, tmp_path: Path) -> None:
    federation.resting = set()
    federation.settle()
    ears = federation.network = Ears(federation)
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    ma, he = story.officer(federation, MA), story.approver(federation, HE)

    number = taken_in(federation, ma)
    given = story.submit(federation, zhang, story.item_of(federation, GANSU, "430100"))
    federation.settle()
    now = federation.clock.now()
    backup = Backup.of(federation, GANSU, tmp_path)
    with federation.at(HUNAN):
        cases.make_move(story.page(federation, he, number).id, "request_correction", actor=he, at=now, facts=CORRECT)
    story.decide(federation, chen, given.case_id)
    with federation.at(GANSU):  # has not heard yet that it is decided
        cases.make_or_ask(given.case_id, "withdraw", actor=zhang, at=now, facts={"reason": "不再需要。"})
    federation.settle()
    with federation.at(HUNAN):
        licence = Licence.objects.get(case_id=given.case_id, is_notice=False)
        said = {"reason": "核查中。", "basis": "示例"}
        change(licence.id, "suspend", actor=chen, at=federation.clock.now(), **said)
    with federation.at(GANSU):
        scan = cases.take_file(number, "id_card", "背面.png", [story.PNG + b"back"], actor=ma)
        asked = story.page(federation, ma, number).id
        cases.make_or_ask(asked, "hand_in", actor=ma, at=now, facts={"note": "补交背面。"}, files=[scan])
        exchange.echo(HUNAN, "听得到吗？", now)
        ask_status(HUNAN, licence.file_digest, at=now)
    federation.settle()
    published(federation)
    recognised(federation)
    with federation.at(GANSU):
        lists.set_status("cross", ["a-1"], "under_way", reason="", actor=system(GANSU), at=now, own=CENTRE.code)
    agreed(federation, CHANGSHA_POLICE, LANZHOU_CENTRE)
    told_anew(federation)
    refused(federation)
    backup.restore()
    federation.pass_time(timedelta(minutes=2))
    federation.settle()

    assert sorted(ears.wrong) == []
    assert KINDS.keys() - ears.heard.keys() == set()
    assert {*DOORS} - ears.heard.keys() == set()


def recognised(world: World) -> None:
    """Hunan publishes a version of a type of licence, and what it accepts of others."""
    at, me = world.clock.now(), system(HUNAN)
    with world.at(HUNAN):
        draft_type(TOLD, actor=me, at=at)
        publish_type(TOLD["code"], local_date(at) + timedelta(days=1), actor=me, at=at)
        publish_recognition(f"{TOLD['code']},620000,,2026-01-01,", reason="增加一条。", actor=me, at=at)
    world.settle()


CORRECT = {"what": "请补一份清晰的身份证背面。"}
DOORS = ("question", "reply", "acknowledgement-answer", "problem", "returned", "returned-answer", "trust-lists-answer")


def refused(world: World) -> None:
    """Something comes from a node whose clock is wrong."""
    world.clock.off[GANSU] = timedelta(minutes=10)
    with world.at(GANSU):
        exchange.echo(HUNAN, "几点了？", world.clock.now())
    world.settle()
    world.clock.off.clear()


def told_anew(world: World) -> None:
    """Gansu hears once more what the hub laid down before it came, how its ledger has grown, and of a new version."""
    forget(world, GANSU, "basic/")
    with world.at(GANSU):
        BasicVersion.objects.filter(origin="copy").delete()
    with world.at(HUB):
        Welcome().once(world.clock.now())
        witnessing.tell_heads(world.clock.now(), timedelta())
    published_anew(world, story.item_of(world, GANSU, "430100"), phone="0731-99999999")
    world.settle()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_reader_parks_by_name_whatever_its_schema_refuses(federation: World, kind: str) -> None:
    letter = next(each for each in letters() if each["kind"] == kind)
    with federation.at(letter["recipient"]):
        whole = refusal(letter, letter["body"])
        told = [
            (place, refusal(letter, altered))
            for place, altered in alterations(letter["body"])
            if place[-1] in ("(left out)", "7", "None") and faults(kind, altered)
        ]

    assert told
    assert whole not in OUT_OF_FORM
    assert [(place, code) for place, code in told if code not in {*OUT_OF_FORM, "agreement_forged"}] == []


OUT_OF_FORM = {"malformed", "content_refused", "list_refused: body", "list_refused: content", "head_invalid: 格式不符"}


def refusal(letter: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    """The code by which a reader refuses a letter with this body, and where the form is meant; empty if it does not."""
    message = Message(
        id=UUID(letter["id"]),
        sender=letter["sender"],
        kind=letter["kind"],
        subject=letter["subject"],
        sequence=letter["sequence"],
        occurred_at=read_instant(letter["occurred_at"]),
        received_at=clock.now(),
        body=body,
        digest="",
        key=bytes(32),
    )
    try:
        KINDS[message.kind].handler(message, Statement())
    except Refusal as no:
        more = no.field if no.code == "list_refused" else no.facts.get("why", "") if no.code == "head_invalid" else ""
        return f"{no.code}: {more}" if more else no.code
    return ""
