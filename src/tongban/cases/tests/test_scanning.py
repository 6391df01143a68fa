# SPDX-License-Identifier: Apache-2.0
"""Files pass a scanner that speaks clamd's protocol: clean, infected, or not scanned at all."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from threading import Thread

import pytest

from tongban.cases.errors import FileInfected
from tongban.cases.scanning import Scanned
from tongban.standards.node import Node, at

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def answer(line: socket.socket) -> None:
    """What clamd does with INSTREAM: take the parts, then say one line."""
    with line, line.makefile("rb") as heard:
        assert heard.read(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(heard.read(4), "big"):
            content += heard.read(size)
        if content.startswith(b"broken"):
            return
        line.sendall(b"stream: Eicar-Test FOUND\0" if EICAR in content else b"stream: OK\0")


@pytest.fixture
def scanner(node: Node) -> Iterator[Node]:
    """Gansu's node beside such a daemon."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    answer(server.accept()[0])
                except OSError:
                    return

        Thread(target=serve, daemon=True).start()
        yield replace(node, scanner=f"tcp://127.0.0.1:{server.getsockname()[1]}")
        server.shutdown(socket.SHUT_RDWR)


def passed(chunks: list[bytes]) -> bool:
    scanned = Scanned("id_card", chunks)
    assert list(scanned) == chunks
    return scanned.is_clean


def test_a_clean_file_is_known_to_be_and_an_infected_one_is_refused(scanner: Node) -> None:
    with at(scanner):
        assert passed([b"%PDF-", b"x" * 100_000])
        with pytest.raises(FileInfected, match="Eicar-Test"):
            passed([b"%PDF-", EICAR[:20], EICAR[20:]])


def test_a_scanner_that_is_away_or_silent_stops_nobody(scanner: Node, node: Node) -> None:
    with at(scanner):
        assert not passed([b"broken"])
    with at(replace(node, scanner="unix:///nowhere/clamd.ctl")):
        assert not passed([b"%PDF-"])
    with at(node):
        assert not passed([b"%PDF-"])  # it names none
