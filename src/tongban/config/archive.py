# SPDX-License-Identifier: Apache-2.0
"""The folder that a backup is: `manifest.json` says what it is, `SHA256SUMS` names every other file with its digest."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

MANIFEST, SUMS, DATABASE, HOME = "manifest.json", "SHA256SUMS", "database.dump", "home"
PIECE = 1 << 20
Tell = Callable[[int, int, str], None]  # done, total, what


class BadBackup(Exception):
    """What was found is no whole backup; the sentence names what is wrong."""


@dataclass(frozen=True)
class Summed:
    """A file of a backup with its digest."""

    path: str  # from the backup's folder
    digest: str


def backups(into: Path, code: str) -> list[Path]:
    """The whole backups of a node in a folder, the oldest first."""
    return sorted(file.parent for file in into.glob(f"{code}-*/{MANIFEST}"))


def read(folder: Path) -> dict[str, Any]:
    """What a backup says it is. BadBackup when that was altered or is not there."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if not isinstance(told, dict) or told.pop("digest") != _digest(told):
            raise BadBackup(f"{folder / MANIFEST} 被改动过。")
    except (OSError, ValueError, KeyError) as wrong:
        raise BadBackup(f"{folder} 不是一份完整的备份：{MANIFEST} 缺失或不能读取。") from wrong
    return told


def verify(folder: Path, tell: Tell) -> list[Summed]:
    """Every file of a backup, found as it was written. BadBackup names the first that was not."""
    manifest, sums = read(folder), (folder / SUMS).read_bytes() if (folder / SUMS).is_file() else b""
    if sha256(sums).hexdigest() != manifest["sums"]:
        raise BadBackup(f"{folder / SUMS} 缺失或被改动过。")
    listed = list(listed_in(sums.decode()))
    for done, each in enumerate(listed, 1):
        file = folder / each.path
        if not file.resolve().is_relative_to(folder.resolve()) or not file.is_file():
            raise BadBackup(f"备份缺少文件 {each.path}。")
        if _file_digest(file) != each.digest:
            raise BadBackup(f"备份中的文件 {each.path} 被改动过或已损坏。")
        tell(done, len(listed), "核对")
    return listed


def write_down(making: Path, facts: Mapping[str, Any], sums: Iterable[Summed]) -> None:
    """Make the folder a whole backup: every file by its digest, then what it is."""
    listed = sorted(sums, key=lambda each: each.path)
    lines = "".join(f"{each.digest}  {each.path}\n" for each in listed).encode()
    _write(making / SUMS, lines)
    told = {
        "v": 1,
        **facts,
        "files": len(listed),
        "bytes": sum((making / each.path).stat().st_size for each in listed),
        "sums": sha256(lines).hexdigest(),
    }
    words = json.dumps(told | {"digest": _digest(told)}, ensure_ascii=False, indent=1)
    _write(making / MANIFEST, words.encode() + b"\n")
    sync(making)


def listed_in(sums: str) -> Iterator[Summed]:
    """The files that a list of digests names."""
    for line in sums.splitlines():
        digest, _, path = line.partition("  ")
        yield Summed(path, digest)


def summed(folder: Path, file: Path) -> Summed:
    """A file of the folder, read once more from the disk."""
    return Summed(file.relative_to(folder).as_posix(), _file_digest(file))


def _file_digest(file: Path) -> str:
    with file.open("rb") as opened:
        hashed = sha256()
        while piece := opened.read(PIECE):
            hashed.update(piece)
    return hashed.hexdigest()


def _digest(told: Mapping[str, Any]) -> str:
    return sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _write(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    file.chmod(0o600)
    sync(file)


def sync(file: Path) -> None:
    """Have a file, or the names in a folder, on disk."""
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
