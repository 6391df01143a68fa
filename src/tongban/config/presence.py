# SPDX-License-Identifier: Apache-2.0
"""Whether processes of a node run: each holds a lock in its folder for as long as it lives, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tongban.config.home import BadHome

NAME = "in-use"
_held: list[int] = []


def hold(folder: Path) -> None:
    """Say that this process uses the folder. BadHome while a restore has it."""
    handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise BadHome(f"{folder} 正在从备份恢复，请在恢复命令结束后再启动。") from None
    _held.append(handle)


def let_go() -> None:
    """This process is done with the folder, and lives on."""
    while _held:
        os.close(_held.pop())


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody may use the folder until this ends. BadHome when somebody does."""
    handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BadHome(f"{folder} 的进程还在运行。请先停止网页、交换和常驻进程，再恢复。") from None
    finally:
        os.close(handle)
