# SPDX-License-Identifier: Apache-2.0
"""What Linux tells about processes and ports."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from tongban.standards import clock

MARK = "TONGBAN_DEMO_CHILD"  # in the first environment of every child: the data folder it belongs to


def end(group: int | None) -> None:
    """Kill what is left of a process group."""
    if group:  # nought would mean our own
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def strays(data: Path) -> list[int]:
    """Processes of an earlier start of this demo, whose supervisor was killed."""
    mark = f"{MARK}={data}".encode()
    return [pid for pid in _all() if pid != os.getpid() and mark in _environment(pid)]


def end_all(pids: Callable[[], list[int]], patience: float) -> None:
    """Ask these processes to stop; kill what is left after so many seconds."""
    until = clock.monotonic() + patience
    sign = signal.SIGTERM
    while left := pids():
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, sign)
        if clock.monotonic() > until:
            sign = signal.SIGKILL
        time.sleep(0.1)


def is_free(port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def listener(port: int) -> str:
    """Who listens on a port: name and number of the process, or "" when we may not know."""
    inodes = set(_listening(port))
    for pid in _all():
        with suppress(OSError):
            if any(_inode(link) in inodes for link in Path(f"/proc/{pid}/fd").iterdir()):
                return f"{Path(f'/proc/{pid}/comm').read_text().strip()}(进程 {pid})"
    return ""


def memory(pids: Iterable[int]) -> int:
    """Bytes of memory these processes hold, shared pages counted in parts (Pss)."""
    return sum(map(_pss, pids))


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for parent in found:
        with suppress(OSError):
            for thread in Path(f"/proc/{parent}/task").iterdir():
                found += map(int, (thread / "children").read_text().split())
    return found


def _all() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _listening(port: int) -> Iterable[str]:
    """The inodes of sockets that listen on a port, from the kernel's table (state 0A)."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                words = line.split()
                if words[3] == "0A" and int(words[1].rsplit(":", 1)[1], 16) == port:
                    yield words[9]


def _inode(link: Path) -> str:
    with suppress(OSError):
        target = str(link.readlink())
        if target.startswith("socket:["):
            return target[8:-1]
    return ""


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
