# SPDX-License-Identifier: Apache-2.0
"""Files named by the digest of their content, sealed in pieces so that any size needs little memory.

A file lives at files/<subject>/<digest>. Each piece carries its place and whether it is the last one
in the sealed context: pieces cannot be reordered, left out or cut off unseen.
"""

# ruff: noqa: PTH102 PTH103 PTH105 PTH108  where files are written a Path costs more than the call it makes

import errno
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tongban.standards.node import here
from tongban.vault import keys
from tongban.vault.errors import FileMissing, SealBroken, StorageFull

PIECE = 1 << 20  # bytes of plain content in one piece
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
SEALED = PIECE + 1 + keys.NONCE + 16  # version, nonce and tag around it


@dataclass(frozen=True)
class StoredFile:
    """What was stored: digest tagged with its algorithm, size in bytes."""

    digest: str
    size: int


def store(subject: str, key: bytes, chunks: Iterable[bytes]) -> StoredFile:
    """Store a file for a subject; the same content twice is one file. Durable when this returns."""
    return store_all(subject, key, [chunks])[0]


def store_all(subject: str, key: bytes, contents: Iterable[Iterable[bytes]]) -> list[StoredFile]:
    """Store several files of a subject. All are durable when this returns, and wait for the disk together.

    StorageFull, and none of them kept, when the disk takes no more.
    """
    try:
        return _store_all(_folder(subject), key, contents)
    except OSError as failed:
        if failed.errno not in FULL:
            raise
        raise StorageFull() from failed


def _store_all(folder: str, key: bytes, contents: Iterable[Iterable[bytes]]) -> list[StoredFile]:
    is_new = _make(folder)
    made: list[_Making] = []
    try:
        for chunks in contents:
            made.append(_Making(folder))
            made[-1].write(key, chunks)
        for each in made:
            if is_new:  # nobody looks into it before it is told of, so bytes and names wait for the disk together
                each.name_it()
            os.posix_fadvise(each.handle, 0, 0, os.POSIX_FADV_DONTNEED)  # begin; else each waits for the one before
        for each in made:
            os.fsync(each.handle)
        if not is_new:  # what bears the name already is safe, and must not give way to what is not
            for each in made:
                each.name_it()
    finally:
        for each in made:
            each.end()
    _sync(folder)
    return [StoredFile(digest=each.digest, size=each.size) for each in made]


class _Making:
    """A file that is written under a passing name; it is gone again unless it gets its own."""

    def __init__(self, folder: str) -> None:
        self._folder, self._passing, self._named = folder, f"{folder}/new-{secrets.token_hex(8)}", False
        self.digest, self.size = "", 0
        self.handle = os.open(self._passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    def write(self, key: bytes, chunks: Iterable[bytes]) -> None:
        """The whole content, sealed piece by piece."""
        hashed = sha256()
        for place, (piece, last) in enumerate(_pieces(chunks)):
            hashed.update(piece)
            self.size += len(piece)
            self._append(keys.seal(key, piece, _context(place, last)))
        self.digest = f"sha256:{hashed.hexdigest()}"

    def name_it(self) -> None:
        """From now on it is there for everybody."""
        os.replace(self._passing, f"{self._folder}/{self.digest.removeprefix('sha256:')}")
        self._named = True

    def end(self) -> None:
        """Nothing more is written."""
        os.close(self.handle)
        if not self._named:
            os.unlink(self._passing)

    def _append(self, sealed: bytes) -> None:
        while sealed:  # the kernel may take less than all of it
            sealed = sealed[os.write(self.handle, sealed) :]


def read(subject: str, key: bytes, digest: str) -> Iterator[bytes]:
    """The content, piece by piece. FileMissing when it is not on this machine, SealBroken when altered."""
    path = _path(subject, digest)
    if not path.is_file():
        raise FileMissing()
    return _read(path, key, digest)


def read_range(subject: str, key: bytes, digest: str, start: int, length: int) -> bytes:
    """So many bytes from there, or fewer at the end. FileMissing, or SealBroken when a piece was altered.

    The whole is not checked against its name: whoever puts the parts together does that.
    """
    path = _path(subject, digest)
    if not path.is_file():
        raise FileMissing()
    first, end = start // PIECE, start + length
    last_place = max(0, -(-path.stat().st_size // SEALED) - 1)
    found = bytearray()
    with path.open("rb") as file:
        file.seek(first * SEALED)
        for place in range(first, min(last_place, (end - 1) // PIECE) + 1):
            found += keys.unseal(key, file.read(SEALED), _context(place, place == last_place))
    return bytes(found[start - first * PIECE : end - first * PIECE])


def size_of(subject: str, digest: str) -> int:
    """Bytes of the content. FileMissing."""
    path = _path(subject, digest)
    if not path.is_file():
        raise FileMissing()
    sealed = path.stat().st_size
    return sealed - -(-sealed // SEALED) * (SEALED - PIECE)


class Arriving:
    """A file that comes in parts: kept sealed under a passing name, so that it goes on where it stopped."""

    def __init__(self, subject: str, key: bytes, digest: str, size: int) -> None:
        self._final, self._key, self._digest, self._size = _path(subject, digest), key, digest, size
        self._passing = self._final.with_name(f"part-{self._final.name}")
        self._final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.offset = self._whole_pieces() * PIECE

    def add(self, data: bytes) -> bool:
        """Keep the next bytes, from `offset` on; every part but the last is whole pieces. True when that was all.

        SealBroken when the whole is not what its name says, or longer than was told: then nothing of it is kept.
        """
        end = self.offset + len(data)
        if end > self._size or (end < self._size and len(data) % PIECE):
            self.forget()
            raise SealBroken()
        with self._passing.open("r+b" if self._passing.exists() else "w+b") as file:
            file.seek(self.offset // PIECE * SEALED)
            for at in range(0, len(data), PIECE) if data else [0]:
                place = (self.offset + at) // PIECE
                is_last = self.offset + at + PIECE >= self._size
                file.write(keys.seal(self._key, data[at : at + PIECE], _context(place, is_last)))
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        self.offset = end
        return end == self._size and self._complete()

    def forget(self) -> None:
        """Begin anew next time."""
        self._passing.unlink(missing_ok=True)
        self.offset = 0

    def _whole_pieces(self) -> int:
        """Pieces that arrived wholly; a crash may have left half a one behind them."""
        if not self._passing.exists():
            return 0
        return min(self._passing.stat().st_size // SEALED, max(0, -(-self._size // PIECE) - 1))

    def _complete(self) -> bool:
        try:
            for _ in _read(self._passing, self._key, self._digest):
                pass
        except SealBroken:
            self.forget()
            raise
        self._passing.replace(self._final)
        _sync(self._final.parent)
        return True


def digest_of(content: bytes) -> str:
    """The name that this content would have."""
    return f"sha256:{sha256(content).hexdigest()}"


def forget(subject: str) -> None:
    """Remove every file of a subject that came to nothing. Nothing happens when it has none."""
    shutil.rmtree(_folder(subject), ignore_errors=True)


def has(subject: str, digest: str) -> bool:
    """Whether the file is on this machine."""
    return _path(subject, digest).is_file()


def _read(path: Path, key: bytes, digest: str) -> Iterator[bytes]:
    """The pieces; the last one only when the whole is what its name says, so that files cannot be swapped unseen."""
    left, place, hashed = path.stat().st_size, 0, sha256()
    with path.open("rb") as file:
        while left > 0 or not place:
            sealed = file.read(SEALED)
            left -= len(sealed)
            piece = keys.unseal(key, sealed, _context(place, left <= 0))
            hashed.update(piece)
            if left <= 0 and digest != f"sha256:{hashed.hexdigest()}":
                raise SealBroken()
            yield piece
            place += 1


def _pieces(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The same bytes in pieces of one size, the last marked; an empty file is one empty last piece."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) > PIECE:
            yield bytes(held[:PIECE]), False
            del held[:PIECE]
    yield bytes(held), True


def _context(place: int, last: bool) -> bytes:
    return b"file:%d:%d" % (place, last)


def _folder(subject: str) -> str:
    """Subjects may hold characters that no file system likes."""
    name = sha256(subject.encode()).hexdigest()
    return f"{here().home}/files/{name[:2]}/{name}"


def _make(folder: str) -> bool:
    """Whether it was not there before."""
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        return False
    except FileNotFoundError:
        os.makedirs(folder, 0o700)
    return True


def _path(subject: str, digest: str) -> Path:
    algorithm, _, value = digest.partition(":")
    if algorithm != "sha256" or len(value) != 64 or not value.isalnum():
        raise FileMissing()
    return Path(_folder(subject), value)


def _sync(folder: str | Path) -> None:
    """A new name is durable only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
