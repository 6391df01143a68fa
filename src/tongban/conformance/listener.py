# SPDX-License-Identifier: Apache-2.0
"""The kit's own door: a small server at the peer's address, so that the node can reach it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tongban.conformance.hearing import Hearing, Part

LIMIT = 16_000_000  # bytes of a request


@contextmanager
def listening(hearing: Hearing, host: str, port: int) -> Iterator[int]:
    """Answer at this address until the block ends. The port, which is any when 0 is given; OSError when it is taken."""
    server = ThreadingHTTPServer((host, port), _handler(hearing))
    thread = threading.Thread(target=server.serve_forever, name="listener", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(hearing: Hearing) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def _answer(self) -> None:
            length = self.headers.get("Content-Length") or "0"
            if not length.isdigit() or int(length) > LIMIT:
                self.send_error(413)
                return
            body = self.rfile.read(int(length))
            url = f"http://{self.headers.get('Host', '')}{self.path}"
            answer = hearing.answer(self.command, url, dict(self.headers.items()), body)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type or "application/json")
            if isinstance(answer, Part):
                self.send_header("Content-Range", answer.shown)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = _answer

        def log_message(self, format: str, *args: object) -> None:
            """What comes is told in the report."""

    return Door
