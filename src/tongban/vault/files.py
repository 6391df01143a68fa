# SPDX-License-Identifier: Apache-2.0
"""Files named by the digest of their content, sealed in pieces so that any size needs little memory.

A store keeps them: a folder of this machine, or a bucket (see stores). Each piece carries its place and whether it is
the last one in the sealed context: pieces cannot be reordered, left out or cut off unseen.
"""

# ruff: noqa: PTH102 PTH103 PTH108  where files are written a Path costs more than the call it makes

import errno
import io
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tongban.vault import keys, stores
from tongban.vault.errors import FileMissing, SealBroken, StorageFull

PIECE = 1 << 20  # bytes of plain content in one piece
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
SEALED = PIECE + 1 + keys.NONCE + 16  # version, nonce and tag around it
AT_ONCE = 4  # pieces that are fetched from a store by one request

Part = Callable[[int, int], bytes]  # sealed bytes: from where, how many


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
        return _store_all(subject, key, contents)
    except OSError as failed:
        if failed.errno not in FULL:
            raise
        raise StorageFull() from failed


def _store_all(subject: str, key: bytes, contents: Iterable[Iterable[bytes]]) -> list[StoredFile]:
    folder = _folder(subject)
    place = stores.local().place(folder)
    is_new = _make(place)
    made: list[_Making] = []
    try:
        for chunks in contents:
            made.append(_Making(place))
            made[-1].write(key, chunks)
        stores.store().keep(folder, made, is_new=is_new)
    finally:
        for each in made:
            each.end()
    return [StoredFile(digest=f"sha256:{each.name}", size=each.size) for each in made]


class _Making:
    """A file that is written under a passing name; it is gone again unless a store keeps it."""

    def __init__(self, place: str) -> None:
        self.passing, self.name, self.is_kept = f"{place}/new-{secrets.token_hex(8)}", "", False
        self.size = 0
        self.handle = os.open(self.passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    def write(self, key: bytes, chunks: Iterable[bytes]) -> None:
        """The whole content, sealed piece by piece."""
        hashed = sha256()
        for place, (piece, last) in enumerate(_pieces(chunks)):
            hashed.update(piece)
            self.size += len(piece)
            self._append(keys.seal(key, piece, _context(place, last)))
        self.name = hashed.hexdigest()

    def end(self) -> None:
        """Nothing more is written."""
        os.close(self.handle)
        if not self.is_kept:
            os.unlink(self.passing)

    def _append(self, sealed: bytes) -> None:
        while sealed:  # the kernel may take less than all of it
            sealed = sealed[os.write(self.handle, sealed) :]


def read(subject: str, key: bytes, digest: str) -> Iterator[bytes]:
    """The content, piece by piece. FileMissing when this node has it not, SealBroken when altered."""
    kept = _Kept(subject, digest)
    return _whole(kept.part, kept.size, key, digest)


def read_range(subject: str, key: bytes, digest: str, start: int, length: int) -> bytes:
    """So many bytes from there, or fewer at the end. FileMissing, or SealBroken when a piece was altered.

    The whole is not checked against its name: whoever puts the parts together does that.
    """
    kept = _Kept(subject, digest)
    first, end = start // PIECE, start + length
    last_place = max(0, -(-kept.size // SEALED) - 1)
    until = min(last_place, (end - 1) // PIECE) + 1
    sealed = kept.part(first * SEALED, (until - first) * SEALED) if until > first else b""
    found = bytearray()
    for place in range(first, until):
        found += keys.unseal(key, _nth(sealed, place - first), _context(place, place == last_place))
    return bytes(found[start - first * PIECE : end - first * PIECE])


def opened(subject: str, key: bytes, digest: str) -> io.BufferedReader:
    """The content as a file to read from and go about in; no more of it than AT_ONCE pieces is in memory.

    FileMissing; SealBroken where a piece was altered. The whole is not checked against its name.
    """
    return io.BufferedReader(_Content(subject, key, digest))


class _Content(io.RawIOBase):
    """A stored file for readers that want to go about in it."""

    def __init__(self, subject: str, key: bytes, digest: str) -> None:
        self._told, self._size, self._at = (subject, key, digest), size_of(subject, digest), 0
        self._pieces: dict[int, bytes] = {}  # the one that was fetched last stands last

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Where it stands then."""
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence])
        return self._at

    def readinto(self, room: Any) -> int:
        """How many bytes of it were filled; none at the end."""
        if self._at >= self._size:
            return 0
        place, start = divmod(self._at, PIECE)
        found = self._piece(place)[start : start + len(room)]
        room[: len(found)] = found
        self._at += len(found)
        return len(found)

    def _piece(self, place: int) -> bytes:
        if place not in self._pieces:
            if len(self._pieces) >= AT_ONCE:
                del self._pieces[next(iter(self._pieces))]
            self._pieces[place] = read_range(*self._told, place * PIECE, PIECE)
        return self._pieces[place]


def size_of(subject: str, digest: str) -> int:
    """Bytes of the content. FileMissing."""
    sealed = _Kept(subject, digest).size
    return sealed - -(-sealed // SEALED) * (SEALED - PIECE)


class _Kept:
    """A file that a store has. FileMissing when it has not."""

    def __init__(self, subject: str, digest: str) -> None:
        self._store, self._folder, self._name = stores.store(), _folder(subject), _name(digest)
        size = self._store.size(self._folder, self._name)
        if size is None:
            raise FileMissing()
        self.size = size

    def part(self, start: int, length: int) -> bytes:
        """Sealed bytes."""
        return self._store.part(self._folder, self._name, start, length)


class _Parts:
    """A file that comes in parts: kept sealed under a passing name, so that it goes on where it stopped."""

    def __init__(self, subject: str, passing: str, key: bytes, size: int) -> None:
        self._folder, self._key, self._size = _folder(subject), key, size
        self._passing = Path(stores.local().place(self._folder), passing)
        self._passing.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.offset = self._whole_pieces() * PIECE

    def add(self, data: bytes) -> bool:
        """Keep the next bytes, from `offset` on; every part but the last is whole pieces. True when that was all.

        SealBroken when it is longer than was told: then nothing of it is kept.
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
        return end == self._size

    def forget(self) -> None:
        """Begin anew next time."""
        self._passing.unlink(missing_ok=True)
        self.offset = 0

    def _whole_pieces(self) -> int:
        """Pieces that arrived wholly; a crash may have left half a one behind them."""
        if not self._passing.exists():
            return 0
        return min(self._passing.stat().st_size // SEALED, max(0, -(-self._size // PIECE) - 1))

    def _part(self, start: int, length: int) -> bytes:
        with self._passing.open("rb") as file:
            file.seek(start)
            return file.read(length)

    def _keep(self, name: str) -> None:
        stores.store().take(self._folder, name, self._passing)


class Arriving(_Parts):
    """One whose digest is known before it comes."""

    def __init__(self, subject: str, key: bytes, digest: str, size: int) -> None:
        self._digest = digest
        super().__init__(subject, f"part-{_name(digest)}", key, size)

    def add(self, data: bytes) -> bool:
        """The same. SealBroken also when the whole is not what its name says."""
        return super().add(data) and self._complete()

    def _complete(self) -> bool:
        try:
            for _ in _whole(self._part, self._passing.stat().st_size, self._key, self._digest):
                pass
        except SealBroken:
            self.forget()
            raise
        self._keep(_name(self._digest))
        return True


class Growing(_Parts):
    """One whose digest nobody knows before it is whole: a person is sending it."""

    def __init__(self, subject: str, key: bytes, name: str, size: int) -> None:
        super().__init__(subject, _growing(name), key, size)

    def pieces(self) -> Iterator[bytes]:
        """What came so far. SealBroken when it was altered meanwhile."""
        return (piece for piece, _ in _opened(self._part, self._passing.stat().st_size, self._key))

    def keep(self, digest: str) -> None:
        """Give the whole file its name: the digest of its pieces, which the caller has looked at."""
        self._keep(_name(digest))


def forget_growing(subject: str, name: str) -> None:
    """Remove what came of a file that never became whole; without its key, and nothing happens when there is none."""
    Path(stores.local().place(_folder(subject)), _growing(name)).unlink(missing_ok=True)


def _growing(name: str) -> str:
    return f"growing-{name}"


def digest_of(content: bytes) -> str:
    """The name that this content would have."""
    return digest_of_all([content])


def digest_of_all(pieces: Iterable[bytes]) -> str:
    """The same of content that is too long to hold at once."""
    hashed = sha256()
    for piece in pieces:
        hashed.update(piece)
    return f"sha256:{hashed.hexdigest()}"


def forget(subject: str) -> None:
    """Remove every file of a subject that came to nothing. Nothing happens when it has none."""
    folder = _folder(subject)
    stores.store().forget(folder)
    stores.local().forget(folder)  # what had no name yet


def has(subject: str, digest: str) -> bool:
    """Whether this node has the file."""
    return stores.store().size(_folder(subject), _name(digest)) is not None


def which(subject: str, digests: Iterable[str]) -> frozenset[str]:
    """Those of these files that this node has; at most one request of its store."""
    names = {_name(digest): digest for digest in digests}
    there = stores.store().which(_folder(subject), names) if names else ()
    return frozenset(names[name] for name in there)


def _whole(part: Part, size: int, key: bytes, digest: str) -> Iterator[bytes]:
    """The pieces; the last one only when the whole is what its name says, so that files cannot be swapped unseen."""
    hashed = sha256()
    for piece, is_last in _opened(part, size, key):
        hashed.update(piece)
        if is_last and digest != f"sha256:{hashed.hexdigest()}":
            raise SealBroken()
        yield piece


def _opened(part: Part, size: int, key: bytes) -> Iterator[tuple[bytes, bool]]:
    """The pieces of a sealed file of so many bytes, the last one marked."""
    last = max(0, -(-size // SEALED) - 1)
    for first in range(0, last + 1, AT_ONCE):
        sealed = part(first * SEALED, AT_ONCE * SEALED)
        for place in range(first, min(first + AT_ONCE, last + 1)):
            yield keys.unseal(key, _nth(sealed, place - first), _context(place, place == last)), place == last


def _nth(sealed: bytes, number: int) -> bytes:
    return sealed[number * SEALED : (number + 1) * SEALED]


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
    return sha256(subject.encode()).hexdigest()


def _make(folder: str) -> bool:
    """Whether it was not there before."""
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        return False
    except FileNotFoundError:
        os.makedirs(folder, 0o700)
    return True


def _name(digest: str) -> str:
    """What the file is called. FileMissing for what is no digest of ours."""
    algorithm, _, value = digest.partition(":")
    if algorithm != "sha256" or len(value) != 64 or not value.isalnum():
        raise FileMissing()
    return value
