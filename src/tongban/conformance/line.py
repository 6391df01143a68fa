# SPDX-License-Identifier: Apache-2.0
"""How the kit reaches the node: HTTP and bare sockets in earnest, something without a socket in tests."""

import socket
import ssl
import time
from typing import Protocol
from urllib.parse import urlsplit

from tongban.conformance.verdict import Untried
from tongban.exchange.transport import HttpTransport, Transport

CONNECT = 10.0  # seconds


class Line(Transport, Protocol):
    """Requests as nodes make them, and what only a bare connection can do."""

    def pause(self, seconds: float) -> None:
        """Let the node have that much time."""

    def connect(self) -> socket.socket:
        """A bare connection to the node's door. Untried when there is none here."""


class HttpLine(HttpTransport):
    """The real one."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._at = urlsplit(url)

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)

    def connect(self) -> socket.socket:
        host, secure = self._at.hostname or "", self._at.scheme == "https"
        where = "127.0.0.1" if host.endswith(".localhost") else host
        try:
            plain = socket.create_connection((where, self._at.port or (443 if secure else 80)), CONNECT)
            return ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain
        except OSError as failed:
            raise Untried(f"连不上对方：{type(failed).__name__}") from failed
