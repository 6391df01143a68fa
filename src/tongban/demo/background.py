# SPDX-License-Identifier: Apache-2.0
"""Starts the demo in the background and waits until it is ready."""

import json
import subprocess
import sys
import time

from tongban.demo import status, welcome
from tongban.demo.plan import Places
from tongban.demo.supervisor import DemoFailure
from tongban.demo.telling import Telling
from tongban.standards import clock

READY_WITHIN = 300.0  # seconds, a first set-up on a slow machine included


def start(places: Places, telling: Telling) -> None:
    """Start it and say what to open. AlreadyRunning; DemoFailure with its last words when it ends early."""
    if (pid := status.pid_of(places)) is not None:
        raise status.AlreadyRunning(pid)
    before = clock.monotonic()
    places.data.mkdir(parents=True, exist_ok=True)
    with places.log.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tongban.cli", "demo", "up"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    while not _is_ready(places, process.pid):
        if process.poll() is not None:
            raise DemoFailure(places.log.read_text(errors="replace")[-3000:].strip())
        if clock.monotonic() - before > READY_WITHIN:
            raise DemoFailure(f"演示环境没有在 {READY_WITHIN:.0f} 秒内就绪，请看 {places.log}。")
        time.sleep(0.2)
    telling.say(welcome.text(places, clock.monotonic() - before))


def _is_ready(places: Places, pid: int) -> bool:
    if status.pid_of(places) != pid or not places.state.exists():
        return False
    return bool(json.loads(places.state.read_text())["state"] == "ready")
