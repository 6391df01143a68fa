# SPDX-License-Identifier: Apache-2.0
"""A demo of two nodes as small as can be: the real supervisor and database over toy processes."""

import sys
from dataclasses import replace
from pathlib import Path

from tongban.config import new_home
from tongban.database.server import Server
from tongban.demo.plan import NODES, Places, places
from tongban.demo.status import AlreadyRunning
from tongban.demo.supervisor import DemoFailure, Supervisor
from tongban.demo.telling import Telling

TWO = NODES[:2]
PROCESS = str(Path(__file__).with_name("toy_process.py"))
COMMANDS = {name: (PROCESS, name) for name in ("web", "exchange", "worker")}


def prepare(places: Places, telling: Telling) -> Server:
    """Folders and a real database server, and nothing in it."""
    places.data.chmod(0o711)
    for node in places.nodes():
        new_home.write(node, "postgresql:///none")
    return Server(places.database, durable=False).ensure()


def main() -> None:
    """Run the demo until told to stop."""
    try:
        Supervisor(replace(places(), planned=TWO), Telling(), COMMANDS, prepare, preload=("tongban.demo.child",)).run()
    except (AlreadyRunning, DemoFailure) as failure:
        sys.exit(str(failure))
