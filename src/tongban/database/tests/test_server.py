# SPDX-License-Identifier: Apache-2.0
"""The private server: it starts, keeps its doors shut, and comes back after a crash."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tongban.database import server as servers
from tongban.database.server import ADMIN, APP, OWNER, TEMPLATE, Server, ServerFailure

ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that the server's user can reach; pytest's own are closed to others."""
    made = Path(tempfile.mkdtemp(prefix="tongban-pg-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    """One server for the tests that do not break it."""
    made = Server(folder / "pg", durable=False).ensure()
    made.create_template()
    with psycopg.connect(made.owner_url()) as connection:
        connection.execute("CREATE TABLE line (number bigint GENERATED ALWAYS AS IDENTITY, said text)")
    for name in ("hunan", "gansu"):
        made.create_role(name, f"secret of {name}")
        made.clone(TEMPLATE, name, name)
    yield made
    made.remove()


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., Server]]:
    """Makes servers of their own for tests that break them."""
    made: list[Server] = []

    def prepare(name: str, **options: Any) -> Server:
        made.append(Server(folder / name, **{"durable": False, **options}))
        return made[-1]

    yield prepare
    for server in made:
        server.remove()


def wait_until(claim: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not claim() and time.monotonic() < until:
        time.sleep(0.02)
    assert claim()


def address(server: Server, database: str, role: str) -> str:
    return server.url(database, role, f"secret of {role}")


def test_a_node_reads_and_writes_its_own_database(server: Server) -> None:
    with psycopg.connect(address(server, "hunan", "hunan")) as connection:
        row = connection.execute("INSERT INTO line (said) VALUES ('通办') RETURNING number, said").fetchone()

    assert row is not None
    assert row[1] == "通办"


def test_a_node_cannot_enter_the_database_of_another(server: Server) -> None:
    for closed in ("gansu", "postgres", "template1", TEMPLATE):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(address(server, closed, "hunan"))


def test_a_node_owns_no_table_and_changes_none(server: Server) -> None:
    for change in ("DROP TABLE line", "CREATE TABLE mine ()", f"SET ROLE {OWNER}", "TRUNCATE line"):
        with (
            psycopg.connect(address(server, "hunan", "hunan"), autocommit=True) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(change)

    owners = server.admin("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname='public'", database="hunan")
    assert owners == [(OWNER,)]


def test_a_wrong_password_is_refused(server: Server) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url("hunan", "hunan", "guess"))


def test_passwords_are_kept_as_scram_and_files_are_private(server: Server) -> None:
    kept = server.admin("SELECT rolname FROM pg_authid WHERE rolpassword NOT LIKE 'SCRAM-SHA-256$%'")
    assert kept == []
    assert stat.S_IMODE((server.place / "passwords" / ADMIN).stat().st_mode) == 0o600
    assert stat.S_IMODE((server.place / "passwords").stat().st_mode) == 0o700
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
    assert list(server.sockets.glob("first-*")) == []


def test_no_port_is_open_unless_asked_for(server: Server) -> None:
    assert server.admin("SHOW listen_addresses") == [("",)]


def test_the_server_runs_without_rights_and_touches_no_other_folder(server: Server) -> None:
    owner = Path(f"/proc/{server.pid}").stat().st_uid

    assert owner != 0
    assert server.data.stat().st_uid == owner
    assert server.place.stat().st_uid == os.geteuid()
    if ROOT:
        assert server.programs.bin.is_relative_to(server.place)


def test_set_up_may_be_repeated(server: Server) -> None:
    server.ensure()
    server.create_template()
    server.create_role("hunan", "secret of hunan")
    server.clone(TEMPLATE, "hunan", "hunan")

    with psycopg.connect(address(server, "hunan", "hunan")) as connection:
        assert connection.execute("SELECT pg_has_role(current_user, %s, 'member')", [APP]).fetchone() == (True,)


def test_a_closed_database_leaves_the_others_open(server: Server) -> None:
    inside = psycopg.connect(address(server, "hunan", "hunan"), autocommit=True)

    server.shut("hunan")

    with pytest.raises(psycopg.OperationalError):
        inside.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="not currently accepting connections"):
        psycopg.connect(address(server, "hunan", "hunan"))
    with psycopg.connect(address(server, "gansu", "gansu")) as other:
        other.execute("SELECT 1")
    server.reopen("hunan")
    psycopg.connect(address(server, "hunan", "hunan")).close()


def test_many_processes_may_start_it_at_once(start: Callable[..., Server]) -> None:
    many = [start("many") for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        pids = {started.pid for started in pool.map(Server.ensure, many)}

    assert len(pids) == 1


def test_a_killed_server_starts_again_with_its_data(start: Callable[..., Server]) -> None:
    server = start("killed", durable=True).ensure()
    server.create_template()
    server.create_role("hunan", "secret of hunan")
    server.clone(TEMPLATE, "hunan", "hunan")
    clerk = psycopg.connect(address(server, "hunan", "hunan"))
    assert server.pid is not None

    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: not server.running)
    server.ensure()

    assert server.exists("hunan")
    clerk.close()


def test_a_pid_file_that_names_a_stranger_does_not_stop_the_start(start: Callable[..., Server]) -> None:
    server = start("stranger").ensure()
    server.stop()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n")

    assert not server.running
    assert server.ensure().running


def test_a_broken_off_set_up_is_done_again(start: Callable[..., Server]) -> None:
    server = start("half")
    server.data.mkdir(parents=True)
    (server.data / "base").mkdir()

    server.ensure()
    server.admin("CREATE DATABASE tongban_template_making")  # a template that was never finished
    server.create_template()

    assert server.exists(TEMPLATE)


def test_a_long_path_gets_a_short_socket(start: Callable[..., Server]) -> None:
    server = start("通办" * 20 + "x" * 80)
    server.ensure()

    assert server.admin("SELECT 1") == [(1,)]
    assert len(os.fsencode(server.sockets)) < 60
    server.remove()
    assert not server.sockets.exists()


def test_a_loopback_port_opens_when_asked_for(start: Callable[..., Server]) -> None:
    server = start("tcp", port=45433).ensure()

    with psycopg.connect(
        host="127.0.0.1", port=45433, user=ADMIN, password=server.password(ADMIN), dbname="postgres"
    ) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)


def test_data_of_another_version_is_refused_with_a_sentence(start: Callable[..., Server]) -> None:
    server = start("old").ensure()
    server.stop()
    (server.data / "PG_VERSION").write_text("15\n")

    with pytest.raises(ServerFailure, match="PostgreSQL 15"):
        server.ensure()


def test_a_failed_start_tells_what_the_log_says(start: Callable[..., Server]) -> None:
    server = start("odd", settings={"shared_buffers": "much"})

    with pytest.raises(ServerFailure, match="shared_buffers"):
        server.ensure()


@pytest.mark.skipif(not ROOT, reason="only root needs another place")
def test_root_moves_to_a_shared_place_when_the_folder_is_closed(folder: Path, start: Callable[..., Server]) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)

    server = start("closed/pg").ensure()

    assert server.place.is_relative_to(servers.SHARED_PLACE)
    assert server.running
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    server.remove()
    assert not server.place.exists()


@pytest.mark.skipif(not ROOT, reason="every other test of this file runs as an ordinary user already")
def test_an_ordinary_user_runs_it_from_the_installed_programs() -> None:
    program = (
        "import sys; from pathlib import Path; from tongban.database.server import Server\n"
        "server = Server(Path(sys.argv[1]), durable=False).ensure()\n"
        "print(server.admin('SELECT 1'), server.programs.bin); server.remove()"
    )
    source = Path(servers.__file__).parents[2]
    packages = servers.installed().parents[1]
    python = Path(f"/usr/bin/python3.{sys.version_info.minor}")  # ours may live in root's own folder
    needed = (source, packages, python.parent)
    if not python.exists() or not all(map(servers.open_to_all, needed)):
        pytest.skip("an ordinary user cannot reach this checkout")
    with tempfile.TemporaryDirectory(prefix="tongban-user-") as made:
        os.chown(made, 65534, 65534)
        done = subprocess.run(
            [python, "-c", program, f"{made}/pg"],
            user=65534,
            group=65534,
            extra_groups=[],
            cwd="/",
            env={
                "PYTHONPATH": f"{source}:{packages}",
                "PATH": "/usr/bin:/bin",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stderr
    assert "[(1,)]" in done.stdout
    assert "site-packages" in done.stdout
