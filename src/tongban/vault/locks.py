# SPDX-License-Identifier: Apache-2.0
"""Secrets at rest: the node's folder holds them sealed, and what opens them lies outside of it.

secrets/lock holds a wrapping key, sealed by the unlocking secret; every other secret is sealed by the wrapping key.
So another unlocking secret means writing one small file, and a stolen folder or backup alone opens nothing.
"""

import fcntl
import hmac
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from tongban.standards.node import Node
from tongban.vault import aead
from tongban.vault.errors import Locked, SealBroken

LOCK = "lock"
MARK = b"tongban-sealed-1\n"
LENGTH = 32  # bytes of an unlocking secret that we make; a shorter one is a password, and passwords can be guessed
SECRETS = ("django", "kek", "index", "pin")


def make(node: Node) -> None:
    """Make the unlocking secret and the lock that are missing, and seal what still lies in the clear."""
    with _alone(node):
        if not (node.secrets / LOCK).exists():
            _make_unlocking_secret(node)
            _write_lock(node, aead.new_key(), [_unlocking_secret(node.unlock_file)])
            _wrapping_key.cache_clear()
        for name in _in_the_clear(node):
            _replace(node.secrets / name, _sealed(node, name, (node.secrets / name).read_bytes()))


def read(node: Node, name: str) -> bytes:
    """A secret, opened. FileNotFoundError when there is none, Locked when it cannot be opened."""
    kept = (node.secrets / name).read_bytes()
    if not kept.startswith(MARK):
        raise Locked(file=node.secrets / name, why="这份密钥没有加密，请先运行 tongban node init")
    return aead.unseal(_wrapping_key(node), kept.removeprefix(MARK), _context(name))


def keep(node: Node, name: str, plain: bytes) -> bytes:
    """Keep a new secret, sealed; one that is there is never overwritten. What is kept now."""
    make(node)
    path = node.secrets / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _create_once(path, _sealed(node, name, plain))
    return read(node, name)


def replace(node: Node, name: str, plain: bytes) -> None:
    """Keep this secret in the place of the present one, e.g. a PIN that was changed."""
    make(node)
    _replace(node.secrets / name, _sealed(node, name, plain))


def relock(node: Node, to: Path | None = None) -> Path:
    """Let another secret unlock this node: a fresh one in the present place, or the one at `to`, made if missing.

    In the present place the old secret opens until the new one has taken its name, whenever the machine may stop.
    """
    with _alone(node):
        key = _open_lock(node)
        if to is not None:
            _create_once(to, secrets.token_bytes(LENGTH))
            _write_lock(node, key, [_unlocking_secret(to)])
            return to
        place = node.unlock_file
        new = place.with_name(place.name + ".next")
        new.unlink(missing_ok=True)
        _create(new, secrets.token_bytes(LENGTH))
        _write_lock(node, key, [_unlocking_secret(place), _unlocking_secret(new)])
        new.replace(place)
        _sync(place.parent)
        _write_lock(node, key, [_unlocking_secret(place)])
        return place


def _make_unlocking_secret(node: Node) -> None:
    file = node.unlock_file
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _create_once(file, secrets.token_bytes(LENGTH))
    except OSError as why:
        raise Locked(file=file, why="没有这个解锁文件，也不能在那里新建") from why


def _unlocking_secret(file: Path) -> bytes:
    try:
        secret = file.read_bytes()
    except OSError as why:
        raise Locked(file=file, why="找不到或读不到解锁文件，请检查 TONGBAN_UNLOCK_FILE") from why
    if len(secret) < LENGTH:
        raise Locked(file=file, why=f"解锁文件至少要有 {LENGTH} 字节的随机内容")
    return secret


@lru_cache(maxsize=64)
def _wrapping_key(node: Node) -> bytes:
    return _open_lock(node)


def _open_lock(node: Node) -> bytes:
    try:
        doors = (node.secrets / LOCK).read_text(encoding="ascii").split()
    except FileNotFoundError as why:
        raise Locked(file=node.secrets / LOCK, why="密钥还没有加密，请先运行 tongban node init") from why
    opens = _opening(_unlocking_secret(node.unlock_file))
    for door in doors:
        try:
            return aead.unseal(opens, bytes.fromhex(door), _context(LOCK))
        except (SealBroken, ValueError):
            continue
    raise Locked(file=node.unlock_file, why="解锁文件不是这个节点的，或者已经换过")


def _write_lock(node: Node, key: bytes, unlocking: Sequence[bytes]) -> None:
    """A line for each secret that opens it."""
    doors = [aead.seal(_opening(secret), key, _context(LOCK)).hex() for secret in unlocking]
    _replace(node.secrets / LOCK, "\n".join(doors).encode("ascii") + b"\n")


def _opening(secret: bytes) -> bytes:
    return hmac.digest(secret, b"tongban lock", "sha256")


def _sealed(node: Node, name: str, plain: bytes) -> bytes:
    return MARK + aead.seal(_wrapping_key(node), plain, _context(name))


def _context(name: str) -> bytes:
    """A secret cannot take another's place."""
    return b"secret:" + name.encode()


def _in_the_clear(node: Node) -> list[str]:
    """Secrets that an earlier version left unsealed."""
    files = [node.secrets / name for name in SECRETS] + sorted((node.secrets / "keys").glob("*.pem"))
    return [
        str(file.relative_to(node.secrets))
        for file in files
        if file.is_file() and not file.read_bytes().startswith(MARK)
    ]


@contextmanager
def _alone(node: Node) -> Iterator[None]:
    """Several processes of a node start at once."""
    node.secrets.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(node.secrets, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _create_once(file: Path, content: bytes) -> None:
    """Whole under its name at once, and never over another's: other processes must not see half a secret."""
    if file.exists():
        return
    passing = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    _create(passing, content)
    try:
        with suppress(FileExistsError):
            os.link(passing, file)
    finally:
        passing.unlink()
    _sync(file.parent)


def _create(file: Path, content: bytes) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as made:
        made.write(content)
        made.flush()
        os.fsync(made.fileno())
    _sync(file.parent)


def _replace(file: Path, content: bytes) -> None:
    """Whole or not at all."""
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    _create(new, content)
    new.replace(file)
    _sync(file.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
