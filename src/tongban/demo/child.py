# SPDX-License-Identifier: Apache-2.0
"""Starts processes of nodes by forking one that has loaded the libraries: quick to start, small together."""

import ctypes
import multiprocessing
import os
import runpy
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
COMM = 15  # bytes of a process name that Linux keeps

_context = multiprocessing.get_context("forkserver")
_libc = ctypes.CDLL(None, use_errno=True)


def nursery(preload: Sequence[str], environment: Mapping[str, str]) -> None:
    """Say what children share; before the first is started."""
    os.environ.update(environment)  # of the process that they are forked from, so they have it in /proc
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # the second start reads what the first has compiled
    _context.set_forkserver_preload(list(preload))


def start(title: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> ForkServerProcess:
    """A process that runs `-m module …` or `file …` as Python would, in its own process group."""
    process = _context.Process(target=_be, args=(title, list(command), dict(environment), str(log)))
    process.start()
    return process


def _be(title: str, command: list[str], environment: dict[str, str], log: str) -> None:
    os.setpgid(0, 0)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # when the one we are forked from is killed
    threading.Thread(target=_end_with_supervisor, daemon=True).start()
    _libc.prctl(PR_SET_NAME, title.encode()[:COMM], 0, 0, 0)
    _write_to(log)
    multiprocessing.set_start_method("fork", force=True)  # so that a web server's worker shares as well
    os.environ.clear()
    os.environ.update(environment)
    if command[0] == "-m":
        sys.argv = command[1:]
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = command
        runpy.run_path(command[0], run_name="__main__")


def _end_with_supervisor() -> None:
    """Stop in order when the supervisor is gone, however it went."""
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        wait([supervisor.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


def _write_to(log: str) -> None:
    """Nothing comes in; what is said goes to the log."""
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.close(output)
    os.close(nothing)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
