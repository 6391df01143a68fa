# SPDX-License-Identifier: Apache-2.0
"""Files that are handed in are shown to a malware scanner while they are stored, where the node names one.

A scanner that is away stops nobody: the file is kept and bears no mark, and the desk says that it was not scanned.
"""

import socket
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Protocol
from urllib.parse import urlsplit

import structlog

from tongban.cases.errors import FileInfected
from tongban.standards.node import here

log = structlog.get_logger()

PATIENCE = 10.0  # seconds for any word of the scanner
PORT = 3310
MOST_HEARD = 4096  # bytes of its verdict


class Scan(Protocol):
    """One file on its way through a scanner."""

    def show(self, chunk: bytes) -> None:
        """The next bytes."""

    def verdict(self) -> str | None:
        """After the last: the name of what was found, empty when it is clean, None when nobody could say."""


class Unscanned:
    """The provider of a node that names no scanner."""

    def show(self, chunk: bytes) -> None:
        """Nobody looks."""

    def verdict(self) -> None:
        """Nobody could say."""


class Clamd:
    """A file before ClamAV's daemon, by its own protocol: INSTREAM, parts with their length, one line back."""

    def __init__(self, address: str) -> None:
        self._socket: socket.socket | None = None
        try:
            self._socket = _connected(address)
            self._socket.sendall(b"zINSTREAM\0")
        except OSError as failed:
            self._away(failed)

    def show(self, chunk: bytes) -> None:
        """The next bytes; once the daemon is away nothing more is sent."""
        if self._socket is None or not chunk:
            return
        try:
            self._socket.sendall(len(chunk).to_bytes(4, "big") + chunk)
        except OSError as failed:
            self._away(failed)

    def verdict(self) -> str | None:
        """Its line: `stream: OK`, or `stream: NAME FOUND`; anything else is no verdict."""
        if self._socket is None:
            return None
        try:
            with closing(self._socket) as line:
                line.sendall(bytes(4))
                said = _heard(line)
        except OSError as failed:
            self._away(failed)
            return None
        if said == "stream: OK":
            return ""
        if said.endswith(" FOUND"):
            return said.removeprefix("stream: ").removesuffix(" FOUND")
        log.warning("scanner_says", what=said[:100])
        return None

    def _away(self, failed: OSError) -> None:
        log.warning("scanner_away", why=type(failed).__name__)
        if self._socket is not None:
            self._socket.close()
        self._socket = None


class Scanned:
    """A file's bytes on their way past the scanner that this node names."""

    def __init__(self, requirement: str, chunks: Iterable[bytes]) -> None:
        self._requirement, self._chunks = requirement, chunks
        self.is_clean = False  # known to be, once all of them have passed

    def __iter__(self) -> Iterator[bytes]:
        """The same bytes. FileInfected after the last, so that whoever stores them keeps nothing."""
        by: Scan = Clamd(here().scanner) if here().scanner else Unscanned()
        for chunk in self._chunks:
            by.show(chunk)
            yield chunk
        found = by.verdict()
        if found:
            raise FileInfected(field=self._requirement, name=found)
        self.is_clean = found == ""


def _connected(address: str) -> socket.socket:
    """tcp://host:port or unix:///path."""
    parts = urlsplit(address)
    if parts.scheme == "unix":
        made = socket.socket(socket.AF_UNIX)
        made.settimeout(PATIENCE)
        made.connect(parts.path)
        return made
    return socket.create_connection((parts.hostname or "", parts.port or PORT), PATIENCE)


def _heard(line: socket.socket) -> str:
    """Up to the end of its line."""
    said = b""
    while not said.endswith(b"\0") and len(said) < MOST_HEARD:
        more = line.recv(MOST_HEARD)
        if not more:
            break
        said += more
    return said.rstrip(b"\0\n").decode("utf-8", "replace")
