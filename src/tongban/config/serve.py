# SPDX-License-Identifier: Apache-2.0
"""Serves one door of the node of this process: pages for people, or the exchange for peers."""

import os
import resource
from typing import Literal
from urllib.parse import urlsplit

from granian import Granian
from granian.constants import HTTPModes, Interfaces, RuntimeModes
from granian.http import HTTP1Settings

from tongban.config import presence
from tongban.config.home import Home

Door = Literal["pages", "exchange"]
HEADER_SECONDS = 10  # for a request's head; its body has its own limit
THREADS: dict[Door, int] = {"pages": 32, "exchange": 8}  # a thread costs memory only while it works
CONNECTIONS = 8192  # held at once, most of them idle or slow; more wait in the kernel
FILES = 4 * CONNECTIONS  # a connection, its body and its answer on disk, and a reserve


def run(
    home: Home,
    door: Door,
    host: str = "127.0.0.1",
    port: int | None = None,
    *,
    workers: int = 1,
    threads: int | None = None,
) -> None:
    """Serve until told to stop (SIGTERM). The port is that of the node's own address unless given."""
    presence.hold(home.node.home)
    own = home.node.address if door == "pages" else home.node.dial
    os.environ.update(
        DJANGO_SETTINGS_MODULE="tongban.config.settings",
        TONGBAN_DOOR=door,
        TONGBAN_THREADS=str(threads or THREADS[door]),
    )
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    files = FILES if allowed == resource.RLIM_INFINITY else min(FILES, allowed)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, allowed))
    tls = home.node.tls if door == "exchange" else None
    Granian(
        "tongban.config.wsgi:carried",
        address=host,
        port=port or urlsplit(own).port or 8000,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        runtime_mode=RuntimeModes.st,
        runtime_blocking_threads=1,
        backpressure=min(CONNECTIONS, files // 4),
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000, max_buffer_size=64 * 1024),
        log_access=False,  # paths may hold numbers of cases; our own access line leaves them out
        workers_kill_timeout=5,
        ssl_cert=tls.certificate if tls else None,
        ssl_key=tls.key if tls else None,
    ).serve()
