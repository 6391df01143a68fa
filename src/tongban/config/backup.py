# SPDX-License-Identifier: Apache-2.0
"""Backs a running node up: its database as of one instant, its files, its folder. Whole and on disk, or not there.

What opens the node's secrets is not in it, and has to be kept elsewhere.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from tongban import __version__
from tongban.config import presence
from tongban.config.archive import (
    DATABASE,
    HOME,
    MANIFEST,
    SUMS,
    BadBackup,
    Summed,
    Tell,
    backups,
    listed_in,
    summed,
    sync,
    write_down,
)
from tongban.database import dumping
from tongban.exchange import queries as exchange
from tongban.ledger import queries as ledger
from tongban.standards.node import Node

MAKING = ".making-"  # a backup that is not whole yet
LEFT_OUT = {"logs", "static", presence.NAME}  # of the home: what a node makes again by itself
PASSING = ("new-", "part-")  # files that are being written and have no name yet
NOTE = (
    "本备份不含解锁文件（TONGBAN_UNLOCK_FILE 所指，默认在节点文件夹旁边）：没有它，密钥和全部密文都打不开。"
    "请另外妥善保存，不要与备份放在一起。"
)
IN_BUCKET = "材料放在对象存储（{name}），不在本备份里，由对象存储保管。"


def make(node: Node, database_url: str, into: Path, at: datetime, tell: Tell, *, keep: int = 0) -> Path:
    """Back the node up into a new folder below `into`; with `keep`, older ones of this node are removed afterwards.

    Files that an earlier backup there holds already become links to it and cost nothing.
    """
    if into.resolve().is_relative_to(node.home.resolve()):
        raise BadBackup(f"备份不能放在节点文件夹 {node.home} 里面。")
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(into):
        for broken_off in into.glob(f"{MAKING}*"):
            shutil.rmtree(broken_off)
        name = f"{node.code}-{at:%Y%m%dT%H%M%SZ}"
        making, made = into / f"{MAKING}{name}", into / name
        if made.exists():
            raise BadBackup(f"{made} 已经存在。")
        making.mkdir(mode=0o700)
        facts = _dump(database_url, making / DATABASE, tell)
        sums = [summed(making, making / DATABASE), *_copy_home(node, making, _newest(into, node.code), tell)]
        said = {"node": node.code, "name": node.name, "at": at.isoformat(), "program": __version__, "note": _note(node)}
        write_down(making, said | facts, sums)
        making.rename(made)
        sync(into)
        _prune(into, node.code, keep)
    return made


def _note(node: Node) -> str:
    """What whoever finds the backup must know."""
    return NOTE if node.bucket is None else NOTE + IN_BUCKET.format(name=node.bucket.name)


# The database


def _dump(url: str, to: Path, tell: Tell) -> dict[str, Any]:
    """Take the database out as one instant shows it, with what the node says of itself at that very instant."""
    tell(0, 1, "数据库")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot(), current_setting('server_version')")
        snapshot, version = cursor.fetchone()
        newest = ledger.newest_head()
        mark = None if newest is None else newest.mark
        facts = {
            "epoch": exchange.epoch(),
            "head": None if mark is None else {"epoch": mark.epoch, "size": mark.size, "root": mark.root},
            "postgresql": version,
        }
        dumping.dump(url, snapshot, to)
    sync(to)
    tell(1, 1, "数据库")
    return facts


# The folder


def _copy_home(node: Node, making: Path, before: Path | None, tell: Tell) -> Iterator[Summed]:
    """Everything of the node's folder. Files come after the database, so what it names is there."""
    known = {} if before is None else {each.path: each for each in listed_in((before / SUMS).read_text())}
    found = list(_found(node.home))
    for done, file in enumerate(found, 1):
        path = f"{HOME}/{file.relative_to(node.home).as_posix()}"
        target = making / path
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = known.get(path) if path.startswith(f"{HOME}/files/") else None
        try:
            if before and kept and _is_same(before / path, file):
                os.link(before / path, target)
                yield kept
            else:
                yield _copied(making, file, target)
        except FileNotFoundError:
            continue  # a draft that was given up meanwhile takes its files along
        tell(done, len(found), "文件")
    for folder in sorted({making, *(path for path in making.rglob("*") if path.is_dir())}):
        sync(folder)


def _found(home: Path) -> Iterator[Path]:
    for top in sorted(home.iterdir()):
        if top.name in LEFT_OUT:
            continue
        for file in [top] if top.is_file() else sorted(top.rglob("*")):
            if file.is_file() and not file.name.startswith(PASSING):
                yield file


def _is_same(copy: Path, source: Path) -> bool:
    """A file is named by its content: one of the same name and size is the same, and its earlier copy serves again."""
    return copy.is_file() and copy.stat().st_size == source.stat().st_size


def _copied(making: Path, source: Path, target: Path) -> Summed:
    shutil.copyfile(source, target)
    target.chmod(0o600)
    sync(target)
    return summed(making, target)


# The place


@contextmanager
def _alone(into: Path) -> Iterator[None]:
    """One backup at a time goes into a folder."""
    handle = os.open(into, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BadBackup(f"另一次备份正在写入 {into}。") from None
    finally:
        os.close(handle)


def _newest(into: Path, code: str) -> Path | None:
    found = backups(into, code)
    return found[-1] if found else None


def _prune(into: Path, code: str, keep: int) -> None:
    """Remove what is older than the newest few; the manifest first, so that half of a backup is never taken for one."""
    for old in backups(into, code)[:-keep] if keep > 0 else ():
        (old / MANIFEST).unlink()
        shutil.rmtree(old)
