# SPDX-License-Identifier: Apache-2.0
"""Connections that misbehave: they end in time, keep nobody else waiting, and leave nothing behind."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit

from tongban.conformance.hearing import BATCHES
from tongban.conformance.peer import LINES, Peer
from tongban.conformance.verdict import Book, Fails
from tongban.exchange import hop
from tongban.standards import clock

BOOK = Book()
scenario = BOOK.scenario
LONGEST = 120.0  # seconds that a request may hang
PROMPT = 5.0  # seconds within which others are answered meanwhile


@scenario("慢发送者", "§7", sent="发来半个请求体就停住", wanted=f"{LONGEST:.0f} 秒内以 4xx 结束；其间别的请求照常应答")
def slow_sender(peer: Peer) -> None:
    one = peer.echo("slow")
    head, body = _request(peer, peer.pack([one]).bytes())
    with _connected(peer) as line:
        line.sendall(head + body[: len(body) // 2])
        began = clock.monotonic()
        other = peer.echo("slow-other")
        peer.give([other])
        if clock.monotonic() - began > PROMPT:
            raise Fails(f"有人停住时，别的请求等了 {clock.monotonic() - began:.1f} 秒")
        _ended(line)
    peer.give([one])
    peer.await_echoes([one])
    peer.await_echoes([other])


@scenario("半关闭的连接", "§7", sent="发来半个请求体，然后关闭自己这一半", wanted="以 4xx 或断开结束，什么也不保存")
def half_closed(peer: Peer) -> None:
    one = peer.echo("half-closed")
    head, body = _request(peer, peer.pack([one]).bytes())
    with _connected(peer) as line:
        line.sendall(head + body[: len(body) // 2])
        line.shutdown(socket.SHUT_WR)
        _ended(line)
    peer.give([one])
    peer.await_echoes([one])


@scenario("声称过大", "§6", sent="声称有十亿字节，只发请求头", wanted="不等内容到达，以 413 拒绝")
def declared_oversize(peer: Peer) -> None:
    head, _ = _request(peer, b"", declared=10**9)
    with _connected(peer) as line:
        line.sendall(head)
        if (status := _ended(line)) != 413:
            raise Fails(f"应当以 413 拒绝，实际为 {status or '断开'}")


@scenario("不完整的请求头", "§7", sent="请求头发到一半停住", wanted=f"{LONGEST:.0f} 秒内结束")
def slow_head(peer: Peer) -> None:
    head, _ = _request(peer, b"")
    with _connected(peer) as line:
        line.sendall(head[: len(head) // 2])
        _ended(line)


@contextmanager
def _connected(peer: Peer) -> Iterator[socket.socket]:
    with peer.line.connect() as line:
        line.settimeout(LONGEST)
        yield line


def _request(peer: Peer, body: bytes, *, declared: int | None = None) -> tuple[bytes, bytes]:
    """Head and body of a signed batch request as they go over the wire."""
    url = urlsplit(peer.target.url + BATCHES)
    asked = hop.Hop("POST", url.geturl(), {"Content-Type": LINES}, body)
    hop.sign(asked, node=peer.code, signer=peer.signer, at=clock.now())
    length = len(body) if declared is None else declared
    headers = {"Host": url.netloc, "Content-Length": str(length), **asked.headers}
    lines = [f"POST {url.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("ascii"), body


def _ended(line: socket.socket) -> int:
    """The status with which the node ends it; 0 when it only closes. Fails when it takes the request or hangs."""
    answer = HTTPResponse(line)
    try:
        answer.begin()
    except TimeoutError as hung:
        raise Fails(f"{LONGEST:.0f} 秒后仍未结束") from hung
    except (HTTPException, OSError):
        return 0
    if not 400 <= answer.status < 500:
        raise Fails(f"应当以 4xx 结束，实际为 {answer.status}")
    return answer.status
