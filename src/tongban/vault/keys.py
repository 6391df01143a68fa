# SPDX-License-Identifier: Apache-2.0
"""Envelope encryption and blind indexes; the node's own keys lie sealed in its secrets folder, and are numbered.

`kek` is the first key and `kek-2` the one made after it: what is written carries the number in its first byte and is
written with the newest. An index under key 2 is made out of the one under key 1, so that a row can be moved without
knowing what was indexed; until its value has been moved (see vault.actions) it is looked for where it was.
"""

import hmac
import os
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from tongban.database import reading
from tongban.standards.node import Node, here
from tongban.vault import aead, locks
from tongban.vault.aead import NONCE, VERSION, seal, unseal
from tongban.vault.errors import SealBroken

__all__ = ["NONCE", "VERSION", "blind", "new_key", "seal", "seal_personal", "unseal", "unseal_personal", "unwrap"]

DATA, INDEX = "kek", "index"  # names among the secrets
LARGEST = 255  # the number is one byte
MOVING = 7_230_194  # of the lock under which values are moved; no other lock has this number
IS_MOVED = "SELECT reaches, finished_at IS NOT NULL FROM vault_rotation WHERE number = %s"
_moved: set[tuple[Node, int]] = set()  # rotations that are over, which nobody has to ask about any more


def new_key() -> tuple[bytes, bytes]:
    """A fresh data key, and the same wrapped by the node's newest key for storing."""
    key = aead.new_key()
    return key, wrap(key)


def wrap(key: bytes) -> bytes:
    """A data key for storing."""
    return _seal(numbered(DATA), key, b"data-key")


def unwrap(wrapped: bytes | memoryview) -> bytes:
    """The data key that was wrapped here. SealBroken when it was not."""
    return _unseal(numbered(DATA), bytes(wrapped), b"data-key")


def seal_personal(plain: bytes, context: bytes) -> bytes:
    """Seal what belongs to persons rather than to a case; its key is derived, so it is never stored."""
    return _seal(_personal(here(), numbered(DATA)), plain, context)


def unseal_personal(sealed: bytes | memoryview, context: bytes) -> bytes:
    """What was sealed by seal_personal. SealBroken on any change."""
    return _unseal(_personal(here(), numbered(DATA)), bytes(sealed), context)


def blind(kind: str, value: str) -> bytes:
    """A blind index: equal values meet, nothing can be read back. Number of the key, then HMAC-SHA-256.

    While values are being moved to a newer key it asks how far that is, and in a transaction it stays so.
    """
    held = numbered(INDEX)
    index = VERSION + hmac.digest(held[0], f"{kind}:{value}".encode(), sha256)
    for number in range(2, len(held) + 1):
        if not _is_moved(number, index):
            return index
        index = raised(index, number)
    return index


def raised(index: bytes, number: int) -> bytes:
    """The same index under the next key."""
    return bytes([number]) + hmac.digest(numbered(INDEX)[number - 1], index, sha256)


def newest(name: str) -> int:
    """The number of the key that is written with."""
    return len(numbered(name))


def next_name(name: str) -> str:
    """What the next key of this name is called among the secrets."""
    return f"{name}-{newest(name) + 1}"


def numbered(name: str) -> tuple[bytes, ...]:
    """The keys of this name, the first first; another process may have made one, so the folder is looked at."""
    node = here()
    return _numbered(node, name, os.stat(_folder(node)).st_mtime_ns)  # noqa: PTH116  asked for every row


@lru_cache(maxsize=256)
def _numbered(node: Node, name: str, changed: int) -> tuple[bytes, ...]:
    found = [locks.read(node, name)]
    while (node.secrets / f"{name}-{len(found) + 1}").exists():
        found.append(locks.read(node, f"{name}-{len(found) + 1}"))
    return tuple(found)


@lru_cache(maxsize=64)
def _folder(node: Node) -> Path:
    return node.secrets


@lru_cache(maxsize=64)
def _personal(node: Node, held: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return tuple(hmac.digest(key, b"persons", "sha256") for key in held)


def _seal(held: tuple[bytes, ...], plain: bytes, context: bytes) -> bytes:
    return bytes([len(held)]) + seal(held[-1], plain, context)[1:]


def _unseal(held: tuple[bytes, ...], sealed: bytes, context: bytes) -> bytes:
    number = sealed[0] if sealed else 0
    if not 1 <= number <= len(held):  # a key that was just made is seen: the folder has changed
        raise SealBroken()
    return unseal(held[number - 1], VERSION + sealed[1:], context)


def _is_moved(number: int, index: bytes) -> bool:
    """Whether rows with this value are found under the key of this number."""
    if (here(), number) in _moved:
        return True
    reading.row("SELECT pg_advisory_xact_lock_shared(%s)", [MOVING])  # first: the next statement sees what was moved
    row = reading.row(IS_MOVED, [number])
    if row is None:
        return False
    reaches, is_over = row
    if is_over:
        _moved.add((here(), number))
    return index < bytes(reaches)
