# SPDX-License-Identifier: Apache-2.0
"""Files follow their message: fetched from who offered them, checked, and nobody else gets them."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from tests import story
from tests.people import CHEN, LI, ZHANG
from tests.world import World
from tongban.cases.models import Material
from tongban.cases.queries import case_page, material_file
from tongban.exchange import actions as exchange
from tongban.exchange import hop, keys, queries
from tongban.exchange.models import Offered, Wanted
from tongban.exchange.transport import Answer
from tongban.standards.canonical import parse
from tongban.vault import files
from tongban.vault.actions import destroy_key
from tongban.vault.errors import FileMissing
from tongban.vault.queries import subject_key

HUNAN, GANSU, JILIN, HEBEI = "430000", "620000", "220000", "130000"


@dataclass
class Saying:
    """A line on which somebody always answers the same."""

    answer: Answer
    asked: list[str] = field(default_factory=list)

    def ask(self, method: str, url: str, headers: Any, body: bytes) -> Answer:
        self.asked.append(url)
        return self.answer


@dataclass(frozen=True)
class Filed:
    """A case of 张伟's whose letter has reached Hunan, and whose file has not."""

    number: str
    subject: str
    digest: str


@pytest.fixture
def filed(federation: World) -> Filed:
    zhang = story.visitor(federation, ZHANG, GANSU)
    given = story.submit(federation, zhang, story.item_of(federation, GANSU, "430100"))
    now = federation.clock.now()
    with federation.at(GANSU):
        assert exchange.deliver_once(HUNAN, now, federation.network).messages == 1
    with federation.at(HUNAN):
        assert exchange.apply_once(now)
        row = Material.objects.get(case_id=given.case_id)
    return Filed(given.receipt_no, f"case:{given.case_id}", row.digest)


def test_a_file_arrives_after_its_case_and_is_the_same(federation: World, filed: Filed) -> None:
    chen = story.approver(federation, CHEN)
    with federation.at(HUNAN):
        assert not case_page(filed.number, chen).materials[0].here
        with pytest.raises(FileMissing):
            material_file(filed.number, 1, chen)
        assert exchange.fetch_once(GANSU, federation.clock.now(), federation.network)
        assert not exchange.fetch_once(GANSU, federation.clock.now(), federation.network)

        assert case_page(filed.number, chen).materials[0].here
        assert b"".join(material_file(filed.number, 1, chen).chunks) == story.PNG


@pytest.mark.parametrize(
    "answer", [Answer(200, b"another picture"), Answer(200, b""), Answer(404, b"{}"), Answer(302, b"")]
)
def test_a_file_of_another_digest_is_not_taken_and_is_asked_for_again(
    federation: World, filed: Filed, answer: Answer
) -> None:
    line = Saying(answer)
    with federation.at(HUNAN):
        for _ in range(3):
            assert exchange.fetch_once(GANSU, federation.clock.now(), line)
            assert not exchange.fetch_once(GANSU, federation.clock.now(), line)  # not before some time has passed
            federation.pass_time(timedelta(minutes=1))
        row = Wanted.objects.get(subject=filed.subject)
        assert (row.fetched_at, row.tries) == (None, 3)
        assert not files.has(filed.subject, filed.digest)
        assert not files.has(filed.subject, f"sha256:{sha256(answer.body).hexdigest()}"), "nothing false is kept"
    federation.settle()
    with federation.at(HUNAN):
        assert files.has(filed.subject, filed.digest)


def test_a_large_file_comes_in_parts_and_goes_on_where_it_was_cut_off(federation: World, filed: Filed) -> None:
    large = secrets.token_bytes(9_500_000)
    with federation.at(GANSU):
        held = subject_key(filed.subject)
        assert held is not None
        stored = files.store(filed.subject, held, [large])
        Offered.objects.create(recipient=HUNAN, subject=filed.subject, digest=stored.digest)
    with federation.at(HUNAN):
        Wanted.objects.all().delete()
        Wanted.objects.create(
            sender=GANSU,
            subject=filed.subject,
            digest=stored.digest,
            size=stored.size,
            not_before=federation.clock.now(),
        )
        assert exchange.fetch_once(GANSU, federation.clock.now(), federation.network)
        assert not files.has(filed.subject, stored.digest)
        federation.network.down.add(GANSU)
        assert exchange.fetch_once(GANSU, federation.clock.now(), federation.network)
        federation.network.down.clear()
        federation.pass_time(timedelta(minutes=1))
        before = len(federation.network.seen)
        while exchange.fetch_once(GANSU, federation.clock.now(), federation.network):
            pass

        asked = [sent.headers["Range"] for sent in federation.network.seen[before:]]
        assert asked == [f"bytes={4 << 20}-{(8 << 20) - 1}", f"bytes={8 << 20}-{stored.size - 1}"]
        held = subject_key(filed.subject)
        assert held is not None
        assert b"".join(files.read(filed.subject, held, stored.digest)) == large


def ask(world: World, who: str, subject: str, digest: str) -> Answer:
    """A node asks Gansu for the beginning of a file."""
    url = f"{world.nodes[GANSU].dial}/exchange/files/{subject}/{digest}"
    asked = hop.Hop(method="GET", url=url, headers={"Range": "bytes=0-999"})
    with world.at(who):
        hop.sign(asked, node=who, signer=keys.signer(), at=world.clock.now())
    return world.request(GANSU, "GET", url, asked.headers, b"", door="exchange")


def test_only_the_node_that_was_told_of_a_file_gets_it(federation: World, filed: Filed) -> None:
    assert ask(federation, HUNAN, filed.subject, filed.digest).status == 206
    for who in (JILIN, HEBEI):
        refused = ask(federation, who, filed.subject, filed.digest)
        assert (refused.status, parse(refused.body)["code"]) == (404, "not_offered")


@pytest.mark.parametrize(
    ("subject", "digest"),
    [
        ("case:none", f"sha256:{'0' * 64}"),
        ("case:none", "sha256:..%2f..%2fsecrets%2fkek"),
        ("%00", "%00"),
        ("x" * 3000, "y"),
    ],
)
def test_what_was_never_offered_is_refused_by_name(federation: World, filed: Filed, subject: str, digest: str) -> None:
    assert ask(federation, HUNAN, subject, digest).status in (400, 403, 404)
    assert ask(federation, HUNAN, filed.subject, digest).status in (400, 403, 404)


def test_a_stranger_gets_no_file(federation: World, filed: Filed) -> None:
    url = f"{federation.nodes[GANSU].dial}/exchange/files/{filed.subject}/{filed.digest}"
    came = federation.request(GANSU, "GET", url, {hop.SENDER: HUNAN}, b"", door="exchange")

    assert came.status == 403
    assert story.PNG not in came.body


def test_a_file_of_an_erased_case_does_not_stop_the_others(federation: World, filed: Filed) -> None:
    li = story.visitor(federation, LI, GANSU)
    other = story.submit(federation, li, story.item_of(federation, GANSU, "430100"))
    with federation.at(HUNAN):
        destroy_key(filed.subject, at=federation.clock.now())
    federation.settle()

    with federation.at(HUNAN):
        row = Material.objects.get(case_id=other.case_id)
        assert files.has(f"case:{other.case_id}", row.digest)
        assert Wanted.objects.get(subject=filed.subject).fetched_at is None


def test_letters_of_an_erased_case_do_not_stop_the_others(federation: World) -> None:
    zhang = story.visitor(federation, ZHANG, GANSU)
    task = story.item_of(federation, GANSU, "430100")
    first = story.submit(federation, zhang, task)
    with federation.at(GANSU):
        destroy_key(f"case:{first.case_id}", at=federation.clock.now())
    second = story.submit(federation, zhang, task)
    federation.settle()

    with federation.at(HUNAN):
        assert Material.objects.filter(case_id=second.case_id).exists()
        assert not Material.objects.filter(case_id=first.case_id).exists()
    with federation.at(GANSU):
        assert queries.backlog() == {HUNAN: 1}, "the operator sees what was never sent"
