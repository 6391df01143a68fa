# SPDX-License-Identifier: Apache-2.0
"""One process of a toy node: says yes to everything, or just waits. Imports little, to start quickly."""

import http.server
import os
import signal
import sys
import time
import tomllib
from pathlib import Path


class Answers(http.server.BaseHTTPRequestHandler):
    """Everything is fine."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """In silence."""


def answer(address: str) -> None:
    """Like a web server that works in a child of its own, which holds the port too."""
    server = http.server.HTTPServer(("127.0.0.1", int(address.rsplit(":", 1)[1])), Answers)
    child = os.fork()
    if child == 0:
        server.serve_forever()

    def stop(number: int, frame: object) -> None:
        os.kill(child, signal.SIGTERM)
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    os.waitpid(child, 0)


def main(name: str) -> None:
    """Be the process of this name."""
    node = tomllib.loads((Path(os.environ["TONGBAN_HOME"]) / "node.toml").read_text(encoding="utf-8"))
    if node["code"] == os.environ.get("TOY_BROKEN"):
        sys.exit("this node is broken")
    if name == "worker":
        time.sleep(600)
    answer(node["address" if name == "web" else "dial"])


if __name__ == "__main__":
    main(sys.argv[1])
