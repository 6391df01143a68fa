# SPDX-License-Identifier: Apache-2.0
"""Files of people cross the country shut: only the node that asked can open them, and only where they belong."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import msgspec
import pytest

from tests import story
from tests.people import WANG as FROM_JILIN
from tests.people import ZHANG, DemoPerson
from tests.world import World
from tongban.cases.models import Material
from tongban.config import rotation
from tongban.database.statement import Statement
from tongban.exchange import actions as exchange
from tongban.exchange import hop, key_store, keys, sealed_part
from tongban.exchange.actions.writing import Letter, post
from tongban.exchange.models import Offered, Sent, Wanted
from tongban.exchange.registry import KINDS
from tongban.exchange.sealed_part import Place
from tongban.exchange.transport import Answer
from tongban.regions import membership
from tongban.regions.membership import GRACE, OVERLAP, Changed
from tongban.regions.queries import trust_list
from tongban.regions.trustlist import TrustList
from tongban.standards.actor import system
from tongban.standards.canonical import parse
from tongban.standards.node import here
from tongban.vault import files
from tongban.vault.queries import subject_key

HUB, HUNAN, GANSU, JILIN, HEBEI = "000000", "430000", "620000", "220000", "130000"
PART = 4 << 20


@pytest.fixture(autouse=True)
def _keys_are_forgotten(federation: World) -> Iterator[None]:
    """Databases forget what a test did; folders must be told to."""
    kept = {}
    for node in federation.nodes.values():
        folder = node.secrets / "keys"
        kept[folder] = {file: file.read_bytes() for file in (*folder.iterdir(), node.home / "entry.json")}
    yield
    for folder, before in kept.items():
        for file in set(folder.iterdir()) - set(before):
            file.unlink()
        for file, content in before.items():
            file.write_bytes(content)
        (folder.parent.parent / rotation.FIRST_REQUEST).unlink(missing_ok=True)
    key_store._held.cache_clear()


@dataclass
class Wire:
    """The network, heard by somebody who may also change what is answered."""

    world: World
    change: Callable[[Answer], Answer] = lambda came: came
    heard: list[Answer] = field(default_factory=list)

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        came = self.world.network.ask(method, url, headers, body)
        self.heard.append(came)
        return self.change(came)

    @property
    def key_ids(self) -> list[str | None]:
        """To which key each answer was sealed."""
        return [sealed_part.key_in(came.content_type) for came in self.heard]


@dataclass(frozen=True)
class Filed:
    """A case of Gansu's that has reached another node, and whose file has not."""

    at: str
    subject: str
    digest: str
    suite: str


PLACES = [(HUNAN, "430100", ZHANG, "x25519"), (JILIN, "220100", FROM_JILIN, "sm2")]


@pytest.fixture(params=PLACES, ids=["ed25519", "sm2"])
def filed(federation: World, request: pytest.FixtureRequest) -> Filed:
    place, region, who, suite = request.param
    return _filed(federation, place, region, who, suite)


@pytest.fixture
def at_hunan(federation: World) -> Filed:
    return _filed(federation, *PLACES[0])


def _filed(world: World, place: str, region: str, who: DemoPerson, suite: str) -> Filed:
    given = story.submit(world, story.visitor(world, who, GANSU), story.item_of(world, GANSU, region))
    now = world.clock.now()
    with world.at(GANSU):
        exchange.deliver_once(place, now, world.network)
    with world.at(place):
        assert exchange.apply_once(now)
        digest = Material.objects.get(case_id=given.case_id).digest
    return Filed(place, f"case:{given.case_id}", digest, suite)


def large_file(world: World, filed: Filed, content: bytes) -> str:
    """One more file of the case, which the other node wants and has nothing else to fetch. Its digest."""
    with world.at(GANSU):
        held = subject_key(filed.subject)
        assert held is not None
        stored = files.store(filed.subject, held, [content])
        Offered.objects.create(recipient=filed.at, subject=filed.subject, digest=stored.digest)
    with world.at(filed.at):
        Wanted.objects.all().delete()
        want(world, filed.subject, stored.digest, stored.size)
    return stored.digest


def want(world: World, subject: str, digest: str, size: int, sender: str = GANSU) -> None:
    Wanted.objects.create(sender=sender, subject=subject, digest=digest, size=size, not_before=world.clock.now())


def fetch(world: World, filed: Filed, wire: Wire) -> None:
    with world.at(filed.at):
        assert exchange.fetch_once(GANSU, world.clock.now(), wire)


def fetch_all(world: World, filed: Filed, wire: Wire) -> None:
    world.pass_time(timedelta(minutes=10))
    with world.at(filed.at):
        while exchange.fetch_once(GANSU, world.clock.now(), wire):
            pass


def content_at(world: World, code: str, subject: str, digest: str) -> bytes:
    with world.at(code):
        held = subject_key(subject)
        assert held is not None
        return b"".join(files.read(subject, held, digest))


def rotate(world: World, code: str, *, at_once: bool = False) -> str:
    """The node has a new encryption key listed, and everybody has heard. Its id."""
    with world.at(code):
        request = rotation.rotation("encryption", world.clock.now())
        made = key_store.held("encryption")[-1].key_id
    with world.at(HUB):
        rotation.approve(request, world.clock.now(), at_once=at_once)
    follow(world)
    return made


def follow(world: World) -> None:
    for code in (HUNAN, GANSU, JILIN, HEBEI):
        with world.at(code):
            exchange.fetch_trust_list(world.clock.now(), world.network)


def at_hub(world: World, change: Callable[[TrustList], Changed]) -> None:
    with world.at(HUB):
        exchange.change_at_hub(change, world.clock.now(), actor=system(HUB))
    follow(world)


def without_encryption(code: str) -> Callable[[TrustList], Changed]:
    """The list as it was before this node had a key for encryption."""

    def change(listed: TrustList) -> Changed:
        node = listed.nodes[code]
        left = tuple(key for key in node.keys if key.use != "encryption")
        nodes = listed.nodes | {code: msgspec.structs.replace(node, keys=left)}
        return replace(membership.renewed(listed), nodes=tuple(nodes.values()))

    return change


def failure(world: World, filed: Filed) -> str:
    with world.at(filed.at):
        return Wanted.objects.exclude(failure="").get(subject=filed.subject).failure


def test_an_id_card_crosses_the_country_shut_and_arrives_as_it_was(federation: World, filed: Filed) -> None:
    wire = Wire(federation)

    fetch(federation, filed, wire)

    (came,) = wire.heard
    assert came.content_type.startswith(f"application/vnd.tongban.sealed-part; key={filed.suite}-")
    assert story.PNG[8:] not in came.body
    assert len(came.body) - len(story.PNG) < 200
    assert content_at(federation, filed.at, filed.subject, filed.digest) == story.PNG


def altered(came: Answer) -> Answer:
    return replace(came, body=came.body[:-1] + bytes([came.body[-1] ^ 1]))


@pytest.mark.parametrize(
    "change",
    [
        altered,
        lambda came: replace(came, body=came.body[:-1]),
        lambda came: replace(came, body=b""),
        lambda came: replace(came, content_type=sealed_part.TYPE),
        lambda came: replace(came, content_type=f"{sealed_part.TYPE}; key=../../kek"),
    ],
    ids=["altered", "cut", "empty", "no key named", "odd key named"],
)
def test_a_part_that_was_altered_is_refused_by_name_and_nothing_is_kept(
    federation: World, filed: Filed, change: Callable[[Answer], Answer]
) -> None:
    digest = large_file(federation, filed, secrets.token_bytes(PART + 1000))
    wire = Wire(federation)
    fetch(federation, filed, wire)
    with federation.at(filed.at):
        waiting = list(here().home.glob("files/*/*/part-*"))
    assert len(waiting) == 1

    wire.change = change
    fetch(federation, filed, wire)

    assert "打不开" in failure(federation, filed)
    assert not waiting[0].exists()
    wire.change = lambda came: came
    fetch_all(federation, filed, wire)
    with federation.at(filed.at):
        assert files.has(filed.subject, digest)


def test_parts_cannot_change_places(federation: World, filed: Filed) -> None:
    """The second part of a file instead of its first, another file's part, and the same bytes of another case."""
    content = secrets.token_bytes(2 * PART)
    digest = large_file(federation, filed, content)
    with federation.at(GANSU):
        key = trust_list().nodes[filed.at].key_for("encryption", federation.clock.now())
    true = Place(GANSU, filed.at, filed.subject, digest, 2 * PART, 0, PART - 1)
    wrong = [
        replace(true, first=PART, last=2 * PART - 1),
        replace(true, digest=filed.digest),
        replace(true, subject="case:another"),
        replace(true, recipient=HEBEI),
        replace(true, sender=HEBEI),
        replace(true, size=2 * PART + 1),
    ]
    wire = Wire(federation)
    for place in wrong:
        sealed = sealed_part.seal(place, content[:PART], key)
        wire.change = lambda came, sealed=sealed: replace(came, body=sealed)  # type: ignore[misc]
        fetch(federation, filed, wire)
        assert "打不开" in failure(federation, filed)
        with federation.at(filed.at):
            assert not list(here().home.glob("files/*/*/part-*"))
        federation.pass_time(timedelta(minutes=10))


def test_what_is_sealed_to_somebody_else_is_refused_by_name(federation: World, filed: Filed) -> None:
    with federation.at(HEBEI):
        theirs = trust_list().nodes[HEBEI].key_for("encryption", federation.clock.now())
    place = Place(GANSU, filed.at, filed.subject, filed.digest, len(story.PNG), 0, len(story.PNG) - 1)
    sealed = sealed_part.seal(place, story.PNG, theirs)
    wire = Wire(federation, lambda came: replace(came, body=sealed, content_type=sealed_part.content_type(theirs.id)))

    fetch(federation, filed, wire)

    assert theirs.id in failure(federation, filed)
    with federation.at(filed.at):
        assert not files.has(filed.subject, filed.digest)


def test_a_key_changes_in_the_middle_of_a_file(federation: World, filed: Filed) -> None:
    content = secrets.token_bytes(2 * PART + 5)
    digest = large_file(federation, filed, content)
    wire = Wire(federation)
    fetch(federation, filed, wire)
    new = rotate(federation, filed.at)
    fetch(federation, filed, wire)  # the new one is listed and not in force yet
    federation.pass_time(GRACE)
    fetch(federation, filed, wire)

    first, second, third = wire.key_ids
    assert first == second != third == new
    assert content_at(federation, filed.at, filed.subject, digest) == content


def test_a_key_that_ended_opens_for_as_long_as_a_peer_may_not_have_heard(federation: World, at_hunan: Filed) -> None:
    content = secrets.token_bytes(2 * PART)
    digest = large_file(federation, at_hunan, content)
    with federation.at(HUNAN):
        old = trust_list().nodes[HUNAN].key_for("encryption", federation.clock.now())
    rotate(federation, HUNAN)
    wire = Wire(federation)

    def seal_to_old(first: int) -> None:
        """Gansu has not heard of the change."""
        place = Place(GANSU, HUNAN, at_hunan.subject, digest, 2 * PART, first, first + PART - 1)
        sealed = sealed_part.seal(place, content[first : first + PART], old)
        wire.change = lambda came: replace(came, body=sealed, content_type=sealed_part.content_type(old.id))

    federation.pass_time(GRACE + OVERLAP + keys.LATE - timedelta(minutes=30))
    at_hub(federation, membership.renewed)
    seal_to_old(0)
    fetch(federation, at_hunan, wire)
    with federation.at(HUNAN):
        assert Wanted.objects.get(digest=digest).failure == ""

    federation.pass_time(timedelta(hours=1))
    seal_to_old(PART)
    fetch(federation, at_hunan, wire)
    assert "早已停用" in failure(federation, at_hunan)
    wire.change = lambda came: came
    fetch_all(federation, at_hunan, wire)
    assert content_at(federation, HUNAN, at_hunan.subject, digest) == content


def test_a_node_that_lost_its_key_says_so_and_gets_the_file_with_the_next_one(
    federation: World, at_hunan: Filed
) -> None:
    with federation.at(HUNAN):
        lost = key_store.held("encryption")[0].key_id
        (here().secrets / "keys" / "encryption.pem").unlink()
        key_store._held.cache_clear()
    wire = Wire(federation)
    fetch(federation, at_hunan, wire)
    assert lost in failure(federation, at_hunan)

    new = rotate(federation, HUNAN, at_once=True)
    fetch_all(federation, at_hunan, wire)

    assert wire.key_ids == [lost, new]
    assert content_at(federation, HUNAN, at_hunan.subject, at_hunan.digest) == story.PNG


def test_a_node_without_such_a_key_gets_its_files_as_before(federation: World, filed: Filed) -> None:
    at_hub(federation, without_encryption(filed.at))
    wire = Wire(federation)

    fetch(federation, filed, wire)

    assert wire.heard == [Answer(206, story.PNG, "application/octet-stream")]
    assert content_at(federation, filed.at, filed.subject, filed.digest) == story.PNG


def test_an_older_node_makes_its_first_key_and_asks_for_it_to_be_listed(federation: World, filed: Filed) -> None:
    at_hub(federation, without_encryption(filed.at))
    now = federation.clock.now()
    with federation.at(filed.at):
        (here().secrets / "keys" / "encryption.pem").unlink()
        key_store._held.cache_clear()
        file = rotation.first_encryption_key(now)
        assert file is not None
        assert rotation.first_encryption_key(now) == file
        (made,) = key_store.held("encryption")
    with federation.at(HUB):
        rotation.approve(file.read_bytes(), now)
    follow(federation)
    federation.pass_time(GRACE)
    wire = Wire(federation)
    fetch(federation, filed, wire)

    assert wire.key_ids == [made.key_id]
    assert made.suite == filed.suite
    with federation.at(filed.at):
        assert rotation.first_encryption_key(federation.clock.now()) is None
        assert not file.exists()


def test_the_hub_lists_its_own_first_key(federation: World) -> None:
    at_hub(federation, without_encryption(HUB))

    with federation.at(HUB):
        assert rotation.first_encryption_key(federation.clock.now()) is None
        assert [key.use for key in trust_list().nodes[HUB].keys].count("encryption") == 1


def test_a_node_that_gave_a_file_gets_it_back_shut_after_a_restore(federation: World, filed: Filed) -> None:
    federation.settle()
    with federation.at(GANSU):
        files.forget(filed.subject)
        want(federation, filed.subject, filed.digest, len(story.PNG), sender=filed.at)
        wire = Wire(federation)
        assert exchange.fetch_once(filed.at, federation.clock.now(), wire)

    assert wire.key_ids[0] is not None
    assert content_at(federation, GANSU, filed.subject, filed.digest) == story.PNG


def ask(world: World, filed: Filed, **headers: str) -> Answer:
    """Whoever wants the file asks Gansu for it."""
    url = f"{world.nodes[GANSU].dial}/exchange/files/{filed.subject}/{filed.digest}"
    asked = hop.Hop(method="GET", url=url, headers=dict(headers))
    with world.at(filed.at):
        hop.sign(asked, node=filed.at, signer=keys.signer(), at=world.clock.now())
    return world.request(GANSU, "GET", url, asked.headers, b"", door="exchange")


def test_a_whole_file_that_must_be_shut_is_to_be_asked_for_in_parts(federation: World, at_hunan: Filed) -> None:
    whole = ask(federation, at_hunan)

    assert (whole.status, parse(whole.body)["code"]) == (400, "range_needed")
    assert ask(federation, at_hunan, Range="bytes=100000-200000").status == 416


def test_a_listed_key_that_is_none_stops_the_file_and_never_opens_it_to_others(
    federation: World, at_hunan: Filed
) -> None:
    def change(listed: TrustList) -> Changed:
        node = listed.nodes[HUNAN]
        kept = [key for key in node.keys if key.use != "encryption"]
        odd = [msgspec.structs.replace(key, public="AAAA") for key in node.keys if key.use == "encryption"]
        nodes = listed.nodes | {HUNAN: msgspec.structs.replace(node, keys=(*kept, *odd))}
        return replace(membership.renewed(listed), nodes=tuple(nodes.values()))

    at_hub(federation, change)
    came = ask(federation, at_hunan, Range="bytes=0-99")

    assert (came.status, parse(came.body)["code"]) == (409, "cannot_seal")


def offer(world: World, kind: str, subject: str, digest: str) -> None:
    """Gansu writes Hunan a letter of this kind that names a file."""
    with world.at(GANSU):
        write = Statement()
        write.guard("SELECT 1", [])
        letter = Letter(recipient=HUNAN, kind=kind, subject=subject, body={}, files=[digest])
        sent = dict(Sent.objects.filter(subject=subject).values_list("recipient", "last"))
        post(write, [letter], sent=sent, key=None, at=world.clock.now())
        write.run()


def test_files_of_kinds_without_people_go_open_until_a_letter_about_people_names_them(
    federation: World, at_hunan: Filed
) -> None:
    assert not KINDS["item.published"].personal
    with federation.at(GANSU):
        Offered.objects.all().delete()
    offer(federation, "item.published", "item/x", at_hunan.digest)
    with federation.at(GANSU):
        assert not Offered.objects.get(subject="item/x").sealed

    offer(federation, "case.moved", "item/x", at_hunan.digest)
    with federation.at(GANSU):
        assert Offered.objects.get(subject="item/x").sealed
