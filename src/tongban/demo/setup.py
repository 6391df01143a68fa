# SPDX-License-Identifier: Apache-2.0
"""Prepares the demo: a database server, one template, five nodes and what they hold. May be repeated."""

import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import tongban
from tongban.config import new_home
from tongban.database.server import TEMPLATE, Server
from tongban.demo import certificates
from tongban.demo.plan import Places
from tongban.demo.telling import Step, Telling
from tongban.standards import clock
from tongban.standards.node import Node

SOURCE = Path(tongban.__file__).parent
RENEW = timedelta(days=20)  # a trust list holds for thirty days
ENTRY = "entry.json"  # what a node hands to the hub
AT_ONCE = 2  # nodes loaded at the same time
PROGRESS = re.compile(r"(\d+) (\d+) (.*)")
MIGRATION = re.compile(r"  Applying (\S+)\.\.\.")


# What may be set around us and must not reach a node; PYTHONDONTWRITEBYTECODE would slow every start.
PASSED_ON = ("TONGBAN_DEMO_KNOWN",)
FOREIGN = ("TONGBAN_", "PG", "DJANGO_", "PYTHONDONTWRITEBYTECODE")
STARTING = {  # read by Python and libc when a process begins, not later
    "MALLOC_ARENA_MAX": "2",  # many threads, little memory
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "1",
}


class SetupFailure(Exception):
    """A step of the set-up failed; the text holds what it said last."""


def prepare(places: Places, telling: Telling) -> Server:
    """Bring the demo to the state in which its nodes can start. ServerFailure or SetupFailure."""
    _folders(places)
    done = Done(places.prepared)
    with telling.running():
        with telling.step("数据库服务"):
            server = Server(places.database).ensure()
        _schema(places, server, done, telling)
        _homes(places, server, telling)
        _keys(places, telling)
        _trust(places, done, telling)
        _load(places, done, telling)
    return server


class Done:
    """What earlier starts have done, so that a second one is quick."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._words: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}

    def get(self, name: str) -> Any:
        """What was noted, or None."""
        return self._words.get(name)

    def note(self, name: str, value: Any) -> None:
        """Remember across starts."""
        self._words[name] = value
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(self._words, indent=1), encoding="utf-8")
        new.replace(self._file)


def environment(node: Node, places: Places, door: str = "pages") -> dict[str, str]:
    """The environment of a process of this node; ours, without what concerns other nodes."""
    said = {
        "TONGBAN_HOME": str(node.home),
        "TONGBAN_DOOR": door,
        "TONGBAN_DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "tongban.config.settings",
    }
    return shared_environment(places) | said


def shared_environment(places: Places) -> dict[str, str]:
    """The environment of a process that belongs to no node."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    said = {"TONGBAN_DEMO_DATA": str(places.data), "TONGBAN_DEMO_PORT": str(places.port)}
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return kept | passed | said | STARTING


def _folders(places: Places) -> None:
    """Ours alone; only the database's user may pass through to its own folder."""
    places.data.mkdir(parents=True, exist_ok=True)
    places.data.chmod(0o711 if os.geteuid() == 0 else 0o700)
    nodes = places.data / "nodes"
    nodes.mkdir(exist_ok=True)
    nodes.chmod(0o700)
    certificates.authority(places.certificates)


def _schema(places: Places, server: Server, done: Done, telling: Telling) -> None:
    """One template, migrated once; databases that were cloned before follow when migrations are new."""
    digest = _digest(SOURCE.glob("*/migrations/*.py"))
    if done.get("migrations") == digest and server.exists(TEMPLATE):
        return
    server.create_template()
    for database in (TEMPLATE, *filter(server.exists, map(_database, places.nodes()))):
        with telling.step("数据库结构" if database == TEMPLATE else f"更新 {database}") as step:
            _migrate(server.owner_url(database), step)
    done.note("migrations", digest)


def _migrate(url: str, step: Step) -> None:
    total = sum(1 for _ in SOURCE.glob("*/migrations/0*.py"))
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TONGBAN_")}
    said = {"DJANGO_SETTINGS_MODULE": "tongban.config.settings", "TONGBAN_DATABASE_URL": url}
    command = [sys.executable, "-u", "-m", "django", "migrate", "--no-input", "--no-color", "--skip-checks"]
    applied = 0
    for line in lines(command, kept | said):
        if found := MIGRATION.match(line):
            applied += 1
            step.at(applied, total, found[1])


def _homes(places: Places, server: Server, telling: Telling) -> None:
    """The folder and the database of each node."""
    with telling.step("节点文件夹和数据库") as step:
        for number, node in enumerate(places.nodes(), 1):
            (node.home / "secrets").mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = secrets.token_urlsafe(24).encode()
            password = new_home.keep(node.secrets / "database", fresh).decode()
            name = _database(node)
            if not server.exists(name) or password == fresh.decode():
                server.create_role(name, password)
                server.clone(TEMPLATE, name, name)
            new_home.write(node, server.url(name, name, password))
            step.at(number, len(places.planned), node.code)


def _keys(places: Places, telling: Telling) -> None:
    """The keys of each node, and the entry it hands to the hub; a new one when the demo has moved to other ports."""
    for node in places.nodes():
        if (node.home / ENTRY).exists() and not _is_where_it_was(node):
            (node.home / ENTRY).unlink()
    if all((node.home / ENTRY).exists() for node in places.nodes()):
        return
    with telling.step("密钥和证书") as step:
        _run("tongban.demo.keys", [], environment(places.nodes()[0], places), step)


def _is_where_it_was(node: Node) -> bool:
    told = json.loads((node.home / ENTRY).read_text(encoding="utf-8"))
    return (told["address"], told["dial"]) == (node.address, node.dial)


def _trust(places: Places, done: Done, telling: Telling) -> None:
    """The hub signs a trust list that has every node's entry and holds for a while yet."""
    now = clock.now()
    entries = _digest(node.home / ENTRY for node in places.nodes())
    noted = done.get("trust")
    if noted and noted["entries"] == entries and now - datetime.fromisoformat(noted["at"]) < RENEW:
        return
    with telling.step("信任名单") as step:
        _run_steps(["trust"], places.nodes()[0], places, step)
    done.note("trust", {"at": now.isoformat(), "entries": entries})


def _load(places: Places, done: Done, telling: Telling) -> None:
    """Each node takes the trust list over and loads what it has of its own, where either is new."""
    trusted, content = _digest([places.trust]), f"{_digest(_content_files())} {places.port}"
    waiting = {node: _steps(node, done, trusted, content) for node in places.nodes()}

    def load(node: Node) -> None:
        with telling.step(f"载入 {node.name}") as step:
            _run_steps(waiting[node], node, places, step)

    todo = [node for node, steps in waiting.items() if steps]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for node, _ in zip(todo, pool.map(load, todo), strict=True):
            done.note(f"joined {node.code}", trusted)
            done.note(f"loaded {node.code}", content)


def _steps(node: Node, done: Done, trusted: str, content: str) -> list[str]:
    """What this node has still to do."""
    join = ["join"] if node.code != node.hub and done.get(f"joined {node.code}") != trusted else []
    return join + (["load"] if done.get(f"loaded {node.code}") != content else [])


def _content_files() -> list[Path]:
    return [
        *SOURCE.glob("*/data/*"),
        *SOURCE.glob("demo/data/**/*"),
        SOURCE / "demo" / "content.py",
        SOURCE / "demo" / "identity_cards.py",
        SOURCE / "demo" / "known.py",
        SOURCE / "demo" / "people.py",
    ]


def _run_steps(names: Sequence[str], node: Node, places: Places, step: Step) -> None:
    _run("tongban.demo.steps", names, environment(node, places), step)


def _run(module: str, words: Sequence[str], said: Mapping[str, str], step: Step) -> None:
    for line in lines([sys.executable, "-m", module, *words], said):
        if found := PROGRESS.fullmatch(line):
            step.at(int(found[1]), int(found[2]), found[3])


def lines(command: Sequence[str], environment: Mapping[str, str]) -> Iterable[str]:
    """Run a program and hand on its lines as they come. SetupFailure with the last of them."""
    said: list[str] = []
    with subprocess.Popen(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            said = [*said[-40:], line.rstrip("\n")]
            yield said[-1]
    if process.returncode:
        raise SetupFailure("准备演示环境时这一步没有成功：\n" + " ".join(command[2:]) + "\n" + "\n".join(said))


def _database(node: Node) -> str:
    return f"node_{node.code}"


def _digest(files: Iterable[Path]) -> str:
    """One digest over files, by name and content."""
    total = sha256()
    for file in sorted(file for file in files if file.is_file() and file.suffix != ".pyc"):
        total.update(file.name.encode() + b"\0" + sha256(file.read_bytes()).digest())
    return total.hexdigest()
