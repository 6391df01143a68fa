# SPDX-License-Identifier: Apache-2.0
"""The ground that tests stand on: a real PostgreSQL, nodes with their own databases, a clean one for each test."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

import django
import hypothesis
import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.config.settings")
os.environ.pop("TONGBAN_HOME", None)
os.environ.setdefault("TONGBAN_LOG_LEVEL", "ERROR")
django.setup()

from django.core.management import call_command  # noqa: E402  needs the settings
from django.core.signals import request_finished, request_started  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402

from tests.world import World  # noqa: E402
from tongban.config.settings import database  # noqa: E402
from tongban.database import nodes as connecting  # noqa: E402
from tongban.database.server import OWNER, Server  # noqa: E402
from tongban.licences.types import queries as type_queries  # noqa: E402
from tongban.regions import actions as regions  # noqa: E402
from tongban.regions import queries as region_queries  # noqa: E402
from tongban.standards import clock  # noqa: E402
from tongban.standards.node import Node, at  # noqa: E402

ROOT = Path(__file__).parent.parent
PLACE = ROOT / ".tongban-tests"  # apart from the demo, whose reset deletes all of .tongban
SHAPING = ("src/tongban/*/migrations/*.py", "src/tongban/regions/data/*.csv")  # what the template is made of
FOUNDING = ("src/tongban/**/*.py", "src/tongban/**/*.json", "src/tongban/**/*.csv", "tests/world.py")  # and the nodes
NOT_FOUNDING = {"tests", "web"}  # folders under src/tongban that found no node
OLD = 3600.0  # seconds since a founded federation was last used: its sources have changed, nobody copies it

connecting.install()
# How long an example takes says how busy the machine is, not whether the program is right.
hypothesis.settings.register_profile(
    "house",
    deadline=None,
    max_examples=60,
    derandomize="CI" in os.environ,  # what lands is judged by the same examples each time; developers find new ones
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


def _close_old_connections(**_: object) -> None:
    """As Django does around a request, but a transaction that a test will undo is left alone."""
    for each in connections.all(initialized_only=True):
        if not each.in_atomic_block:
            each.close_if_unusable_or_obsolete()


for around in (request_started, request_finished):
    around.connect(_close_old_connections)


def server() -> Server:
    """The tests' own server; it forgets on a crash, which tests can afford."""
    return Server(PLACE / "server", durable=False)


def pytest_sessionfinish() -> None:
    """The last one out stops the server: several test runs may share it."""
    for held in _held:
        held.close()
    if not PLACE.exists():
        return
    with (PLACE / "in-use").open("w") as file, suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        server().stop()


_held: list[IO[str]] = []


def _share() -> None:
    """Say that this process uses the server, for as long as it lives."""
    PLACE.mkdir(parents=True, exist_ok=True)
    file = (PLACE / "in-use").open("w")
    fcntl.flock(file, fcntl.LOCK_SH)
    _held.append(file)


def _fingerprint(patterns: Iterable[str]) -> str:
    """A name that changes when one of these files does."""
    files = sorted({path for pattern in patterns for path in ROOT.glob(pattern)})
    made_of = [path for path in files if not NOT_FOUNDING & set(path.relative_to(ROOT).parts[2:])]
    return hashlib.sha256(b"".join(path.read_bytes() for path in made_of)).hexdigest()[:12]


FOUNDED = _fingerprint(FOUNDING)  # at the start, when the sources are loaded


@pytest.fixture(scope="session")
def ground() -> Server:
    """The running server, without the databases of test processes that were killed."""
    _share()
    made = server().ensure()
    with made._locked():  # several test processes begin at once
        made.create_role(World.ROLE, World.PASSWORD)
        made.admin(f"GRANT {OWNER} TO {World.ROLE} WITH INHERIT FALSE, SET TRUE")  # for tests that play the burglar
        for (name,) in made.admin("SELECT datname FROM pg_database WHERE datname ~ '^(standing|world|town)_p[0-9]+_'"):
            if not Path(f"/proc/{name.split('_')[1][1:]}").exists():
                made.drop(name)
    return made


@pytest.fixture(scope="session")
def template(ground: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated database with regions and calendar, made once for as long as its sources stay the same."""
    name = f"test_{_fingerprint(SHAPING)}"
    with ground._locked():
        if not ground.exists(name):
            making = f"{name}_making"
            ground.drop(making)
            ground.create_template(making)
            with _borrowed(making, ground.owner_url(making), Path(tempfile.gettempdir())):
                call_command("migrate", verbosity=0, skip_checks=True)
                regions.load_regions()
                regions.load_calendar(range(2025, 2029))
            ground.admin(f'ALTER DATABASE "{making}" RENAME TO "{name}"')
    return name


@contextmanager
def _borrowed(name: str, url: str, home: Path) -> Iterator[None]:
    """Work in a database as its owner, as a node of no place."""
    node = Node(
        code="000000", name="准备", suite="ed25519", address="http://000000.localhost", dial="", home=home, hub="000000"
    )
    connecting.attach(node.code, database(url))
    try:
        with at(node):
            yield
    finally:
        connecting.detach(node.code)


@pytest.fixture(scope="session")
def worker_name() -> str:
    """Which of several test processes this is; its databases carry the name."""
    return f"p{os.getpid()}"


@pytest.fixture(scope="session")
def homes() -> Iterator[Path]:
    """A short-lived place for the nodes' folders."""
    made = Path(tempfile.mkdtemp(prefix="tongban-test-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def founded(ground: Server, template: str) -> World:
    """The five nodes of the demo with all they begin with: founded once for as long as the sources stay the same.

    Nobody connects to these databases, so that they can be copied at any time.
    """
    name = f"base_{FOUNDED}"
    made, stamp = World(ground, template, name, PLACE / name), PLACE / f"{name}.founded"
    with ground._locked():
        if not (stamp.exists() and made.is_there):
            made.found()
            made.rest()
        stamp.touch()
        _forget_old(ground)
    return made


def _forget_old(ground: Server) -> None:
    """Drop the founded nodes of sources that nobody tests any more."""
    newest = max(stamp.stat().st_mtime for stamp in PLACE.glob("base_*.founded"))
    for stamp in PLACE.glob("base_*.founded"):
        if newest - stamp.stat().st_mtime > OLD:
            World(ground, "", stamp.stem, PLACE / stamp.stem).end()
            stamp.unlink()


@pytest.fixture(scope="session")
def standing(founded: World, worker_name: str, homes: Path) -> Iterator[World]:
    """The nodes that the tests of this process share; tests change them only inside a transaction."""
    made = founded.copy(f"standing_{worker_name}", homes / "standing")
    with made.running():
        pass  # the connections are kept
    yield made
    made.end()


@pytest.fixture
def node(standing: World) -> Iterator[Node]:
    """Gansu's node, with everything undone afterwards."""
    yield from _undone(standing, "620000")


@pytest.fixture
def hunan(standing: World) -> Iterator[Node]:
    """Hunan's node, likewise."""
    yield from _undone(standing, "430000")


@pytest.fixture
def jilin(standing: World) -> Iterator[Node]:
    """Jilin's node, which runs SM2 and SM3, likewise."""
    yield from _undone(standing, "220000")


def _undone(world: World, code: str) -> Iterator[Node]:
    world.attach(code)
    with at(world.nodes[code]), transaction.atomic():
        region_queries.forget()
        type_queries.forget()
        yield world.nodes[code]
        transaction.set_rollback(True)


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """No second passes, for who counts statements: what a process keeps for a second must not be asked for again."""
    began = clock.monotonic()
    monkeypatch.setattr(clock, "monotonic", lambda: began)


@pytest.fixture
def federation(standing: World) -> Iterator[World]:
    """All five nodes with a clock and a network of this test, and everything undone afterwards.

    Takes no time at all, so it is the one to use; what needs a second connection or a thread uses `world`.
    """
    with undone(standing) as made:
        yield made


@contextmanager
def undone(standing: World) -> Iterator[World]:
    """The shared nodes for a while."""
    made = standing.lent()
    with made.running(), ExitStack() as stack:
        for node in made.nodes.values():
            stack.enter_context(_rolled_back(node))
        yield made


@contextmanager
def _rolled_back(node: Node) -> Iterator[None]:
    """Undo what is done in the node's database, after looking whether it could have been kept."""
    undoing = transaction.atomic()
    with at(node):
        undoing.__enter__()
    try:
        yield
    finally:
        with at(node):
            try:
                if not connection.needs_rollback:
                    connection.check_constraints()
            finally:
                transaction.set_rollback(True)
                undoing.__exit__(None, None, None)


@pytest.fixture
def world(founded: World, worker_name: str, homes: Path) -> Iterator[World]:
    """Five nodes of this test alone, copied from the founded ones, with a virtual clock and a network of ours."""
    made = founded.copy(f"world_{worker_name}", homes / "world")
    with made.running():
        yield made
    made.end()


@pytest.fixture(scope="session")
def town(founded: World, worker_name: str, homes: Path) -> Iterator[World]:
    """Five nodes for all tests that need threads or second connections, and whose cases do not meet."""
    made = founded.copy(f"town_{worker_name}", homes / "town")
    yield made
    made.end()


@pytest.fixture(autouse=True)
def _no_connection_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that broke a connection must not break the next one."""
    yield
    for each in connections.all(initialized_only=True):
        if not each.in_atomic_block and each.errors_occurred:
            each.close()
