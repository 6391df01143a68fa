# SPDX-License-Identifier: Apache-2.0
"""Puts a node back as a backup kept it. It does not serve before its peers have told it what it forgot.

Until the very end the folder stands under another name: whenever this breaks off, no process of the node can start,
and it can be begun again.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import django
import psycopg

from tongban.config import archive, presence
from tongban.config import home as homes
from tongban.config.archive import DATABASE, HOME, Tell
from tongban.database import dumping
from tongban.database.server import ServerFailure
from tongban.vault import locks

RESTORING, BEFORE = ".restoring", ".before-"
WHOSE = "SELECT convert_from(document, 'UTF8') FROM ledger_head ORDER BY size DESC LIMIT 1"


class CannotRestore(Exception):
    """Something stands in the way; the sentence says what, and how to go on."""


@dataclass(frozen=True)
class Place:
    """Where a backup goes."""

    home: Path
    owner_url: str  # of the database, as whoever owns its tables
    replaces: bool  # the same node may be there already

    @property
    def staged(self) -> Path:
        """The folder's name until all is done."""
        return self.home.with_name(self.home.name + RESTORING)


def database_url(folder: Path) -> str:
    """Where the node's database is: as the environment says, else as the backed-up node.toml does."""
    try:
        return os.environ.get("TONGBAN_DATABASE_URL") or homes.read(folder / HOME).database_url
    except homes.BadHome as bad:
        raise CannotRestore(str(bad)) from None


def load(folder: Path, place: Place, tell: Tell) -> dict[str, Any]:
    """Check everything, then put the database and the folder in place, the latter still under its passing name.

    What the backup says it is. BadBackup, CannotRestore, BadHome, Locked or ServerFailure; before the first of these
    is ruled out nothing is touched.
    """
    manifest, listed = archive.read(folder), archive.verify(folder, tell)
    _require_free(place, manifest["node"])
    shutil.rmtree(place.staged, ignore_errors=True)
    paths = [each.path.removeprefix(f"{HOME}/") for each in listed if each.path.startswith(f"{HOME}/")]
    for done, path in enumerate(paths, 1):
        _copy(folder / HOME / path, place.staged / path)
        tell(done, len(paths), "文件")
    (place.staged / "logs").mkdir(mode=0o700, exist_ok=True)
    _require_unlocked(place)
    with _put_aside(place, manifest["at"]):
        tell(0, 1, "数据库")
        dumping.load(place.owner_url, folder / DATABASE)
        _migrate(place.owner_url)
        tell(1, 1, "数据库")
    return manifest


def become(place: Place, url: str) -> None:
    """Make this process one of the restored node's."""
    os.environ.update(
        TONGBAN_HOME=str(place.staged),
        TONGBAN_DATABASE_URL=url,
        TONGBAN_UNLOCK_FILE=str(_unlock_file(place)),
        DJANGO_SETTINGS_MODULE="tongban.config.settings",
    )
    django.setup()


def finish(place: Place) -> None:
    """From now on the node's processes may start."""
    place.staged.rename(place.home)


# Before anything is touched


def _require_free(place: Place, code: str) -> None:
    """CannotRestore when something is there that is not to be replaced, or still at work."""
    if place.home.exists() and any(each.name != presence.NAME for each in place.home.iterdir()):
        if not place.replaces:
            raise CannotRestore(f"{place.home} 不是空的。确认要用备份取代它时，请加 --replace。")
        there = homes.read(place.home).node.code
        if there != code:
            raise CannotRestore(f"{place.home} 是节点 {there}，备份是节点 {code}，不能互相取代。")
        with presence.alone(place.home):
            pass
    try:
        _require_free_database(place, code)
    except psycopg.OperationalError as away:
        raise CannotRestore(f"连接不上数据库：{away}") from None


def _require_free_database(place: Place, code: str) -> None:
    if others := dumping.others(place.owner_url):
        raise CannotRestore(f"数据库还有 {others} 个连接。请先停止这个节点的全部进程。")
    if not dumping.tables(place.owner_url):
        return
    if not place.replaces:
        raise CannotRestore("数据库不是空的。确认要用备份取代它时，请加 --replace。")
    if (whose := _whose(place.owner_url)) not in ("", code):
        raise CannotRestore(f"这个数据库属于节点 {whose}，备份是节点 {code}。请检查数据库地址。")


def _whose(url: str) -> str:
    """The node whose diary a database holds, as far as it can be read."""
    try:
        with psycopg.connect(url) as connection:
            row = connection.execute(WHOSE.encode()).fetchone()
        return str(json.loads(row[0])["node"]) if row else ""
    except (psycopg.ProgrammingError, ValueError, KeyError):
        return ""


def _require_unlocked(place: Place) -> None:
    """Locked when the unlocking secret, which no backup holds, is not here or is another one."""
    node = replace(homes.read(place.staged).node, unlock=_unlock_file(place))
    for name in locks.SECRETS[:3]:
        locks.read(node, name)


def _unlock_file(place: Place) -> Path:
    return homes.unlock(place.home) or place.home.with_name(place.home.name + ".unlock")


# In place


def _copy(source: Path, target: Path) -> None:
    """Whole and on disk. The backup stays as it is, whatever the node does to its files afterwards."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(source, target)
    target.chmod(0o600)
    archive.sync(target)
    archive.sync(target.parent)


@contextmanager
def _put_aside(place: Place, at: str) -> Iterator[None]:
    """Nobody works in the folder that was there; it is kept under another name."""
    if not place.home.exists():
        yield
        return
    with presence.alone(place.home):
        stamp = f"{datetime.fromisoformat(at):%Y%m%dT%H%M%SZ}"
        aside = place.home.with_name(f"{place.home.name}{BEFORE}{stamp}-{os.getpid()}")
        place.home.rename(aside)
        if not (aside / "node.toml").exists():
            shutil.rmtree(aside)
        yield


def _migrate(owner_url: str) -> None:
    """The program may be newer than the backup. ServerFailure with its last words."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TONGBAN_")}
    said = {"DJANGO_SETTINGS_MODULE": "tongban.config.settings", "TONGBAN_DATABASE_URL": owner_url}
    command = [sys.executable, "-m", "django", "migrate", "--no-input", "--no-color", "--skip-checks"]
    done = subprocess.run(  # noqa: S603  Django's own command
        command, env=kept | said, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ServerFailure(f"数据库结构没有更新到本程序的版本：\n{done.stderr.strip()[-2000:]}")
