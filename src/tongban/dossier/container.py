# SPDX-License-Identifier: Apache-2.0
"""The one file: a ZIP that can be written in one way only, so that no byte of it is free. Pure.

Entries are stored, not compressed, in the order of the manifest, without dates, attributes or comments. A reader
needs no ZIP library: it computes where everything must stand and what the headers must be, and compares.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import BinaryIO
from zlib import crc32

PIECE = 1 << 20  # bytes read at once
LARGEST = 0xFFFF_FFFF - 1  # beyond it a ZIP needs 64-bit fields
DAY = 0x21  # 1 January 1980, the first day that a ZIP knows
LOCAL, CENTRAL, END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")
MANIFEST, SIGNATURE = "manifest.json", "signature.json"
FIRST = {MANIFEST: 8_000_000, SIGNATURE: 10_000}  # the two that no manifest lists, with their limits in bytes

Chunks = Callable[[], Iterable[bytes]]


@dataclass(frozen=True)
class Entry:
    """Something to be put in, measured beforehand; it is read once more when it is written."""

    name: str
    size: int
    digest: str
    checksum: int
    chunks: Chunks


@dataclass(frozen=True)
class Listed:
    """What the manifest says of one entry."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True)
class Place:
    """Where an entry's bytes lie."""

    offset: int
    size: int


@dataclass
class Opened:
    """A container whose first two entries were found; the rest is known once the manifest was read."""

    file: BinaryIO
    length: int
    places: dict[str, Place] = field(default_factory=dict)

    def read(self, name: str, most: int) -> bytes | None:
        """The bytes of an entry; None when it is larger than anybody should hold."""
        place = self.places[name]
        if place.size > most:
            return None
        self.file.seek(place.offset)
        return self.file.read(place.size)

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of an entry of any size."""
        place = self.places[name]
        self.file.seek(place.offset)
        left = place.size
        while left > 0 and (piece := self.file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece


class NotAContainer(ValueError):
    """These bytes are no dossier; the sentence says where it shows."""


def measured(name: str, chunks: Chunks) -> Entry:
    """An entry with its size and digest."""
    size, hashed, checksum = 0, sha256(), 0
    for piece in chunks():
        size += len(piece)
        hashed.update(piece)
        checksum = crc32(piece, checksum)
    return Entry(name, size, f"sha256:{hashed.hexdigest()}", checksum, chunks)


def of_bytes(name: str, data: bytes) -> Entry:
    """An entry that is held."""
    return measured(name, lambda: [data])


def total(entries: Sequence[Entry]) -> int:
    """How long the file will be."""
    names = sum(len(entry.name) for entry in entries)
    content = sum(entry.size for entry in entries)
    return content + 2 * names + (LOCAL.size + CENTRAL.size) * len(entries) + END.size


def write(target: BinaryIO, entries: Sequence[Entry]) -> None:
    """Write them, in this order."""
    offset, directory = 0, b""
    for entry in entries:
        head = _local(entry.name, entry.size, entry.checksum)
        target.write(head)
        for piece in entry.chunks():
            target.write(piece)
        directory += _central(entry.name, entry.size, entry.checksum, offset)
        offset += len(head) + entry.size
    target.write(directory + _end(len(entries), len(directory), offset))


def opened(file: BinaryIO) -> Opened:
    """Find manifest and signature at the beginning. NotAContainer."""
    made = Opened(file, file.seek(0, 2))
    offset = 0
    for name, most in FIRST.items():
        file.seek(offset)
        head = file.read(LOCAL.size + len(name))
        if len(head) < LOCAL.size + len(name) or head[LOCAL.size :] != name.encode():
            raise NotAContainer(f"开头没有 {name}")
        size, checksum = LOCAL.unpack(head[: LOCAL.size])[7], LOCAL.unpack(head[: LOCAL.size])[6]
        if size > most or offset + len(head) + size > made.length:
            raise NotAContainer(f"{name} 的长度不对")
        if head != _local(name, size, checksum):
            raise NotAContainer(f"{name} 之前的文件头不合规定")
        made.places[name] = Place(offset + len(head), size)
        offset += len(head) + size
    return made


def damaged(made: Opened, listed: Sequence[Listed]) -> Iterator[tuple[str, str]]:
    """Every entry, and the frame around them, that is not what it must be: its name, and why. One pass.

    Places are known afterwards; when the length is wrong nothing is read at all.
    """
    expected = END.size + sum(LOCAL.size + CENTRAL.size + 2 * len(name) for name in FIRST)
    expected += sum(made.places[name].size for name in FIRST)
    expected += sum(LOCAL.size + CENTRAL.size + 2 * len(each.name) + each.size for each in listed)
    offset = made.places[SIGNATURE].offset + made.places[SIGNATURE].size
    if expected != made.length:
        raise NotAContainer(f"文件应有 {expected} 字节，实有 {made.length} 字节")
    for each in listed:
        made.places[each.name] = Place(offset + LOCAL.size + len(each.name), each.size)
        offset = made.places[each.name].offset + each.size
    directory, start = b"", 0
    known = {each.name: each.digest for each in listed}
    for name, place in made.places.items():
        digest, checksum = _hashed(made, name)
        if name in known and digest != known[name]:
            yield name, "内容与清单不符"
        made.file.seek(start)
        if made.file.read(place.offset - start) != _local(name, place.size, checksum):
            yield name, "文件头或校验码不符"
        directory += _central(name, place.size, checksum, start)
        start = place.offset + place.size
    made.file.seek(start)
    if made.file.read(made.length - start) != directory + _end(len(made.places), len(directory), start):
        yield "目录", "文件末尾的目录不符"


def _hashed(made: Opened, name: str) -> tuple[str, int]:
    hashed, checksum = sha256(), 0
    for piece in made.chunks(name):
        hashed.update(piece)
        checksum = crc32(piece, checksum)
    return f"sha256:{hashed.hexdigest()}", checksum


def _local(name: str, size: int, checksum: int) -> bytes:
    return LOCAL.pack(b"PK\x03\x04", 20, 0, 0, 0, DAY, checksum, size, size, len(name), 0) + name.encode()


def _central(name: str, size: int, checksum: int, offset: int) -> bytes:
    fixed = (b"PK\x01\x02", 20, 20, 0, 0, 0, DAY, checksum, size, size, len(name), 0, 0, 0, 0, 0, offset)
    return CENTRAL.pack(*fixed) + name.encode()


def _end(count: int, length: int, offset: int) -> bytes:
    return END.pack(b"PK\x05\x06", 0, 0, count, count, length, offset, 0)
