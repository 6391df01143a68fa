# SPDX-License-Identifier: Apache-2.0
"""The five nodes of the demo, and where everything of theirs is kept."""

import os
from dataclasses import dataclass
from pathlib import Path

import tongban
from tongban.standards.node import Node

HUB = "000000"
FEDERATION = "demo"
PORT = 8000  # of the hub's pages; the others follow, the exchange is a hundred above
EXCHANGE = 100
SOURCE = 200  # above: the identity source, one for all nodes


@dataclass(frozen=True)
class Planned:
    """One node of the demo; regions are prefixes of GB/T 2260 codes."""

    code: str
    name: str
    suite: str
    regions: tuple[str, ...]
    roles: tuple[str, ...]


NODES = (
    Planned(HUB, "国家通办枢纽（演示）", "ed25519", ("00",), ("hub",)),
    Planned("430000", "湖南通办节点（演示）", "ed25519", ("43",), ("region",)),
    Planned("620000", "甘肃通办节点（演示）", "ed25519", ("62",), ("region",)),
    Planned("220000", "吉林通办节点（演示）", "sm2", ("22",), ("region",)),
    Planned("130000", "河北通办节点（演示）", "ed25519", ("13",), ("region",)),
)


@dataclass(frozen=True)
class Places:
    """The folder of one demo and its ports. TONGBAN_DEMO_DATA and TONGBAN_DEMO_PORT name others."""

    data: Path
    port: int = PORT
    planned: tuple[Planned, ...] = NODES

    @property
    def database(self) -> Path:
        return self.data / "database"

    @property
    def state(self) -> Path:
        return self.data / "run.json"

    @property
    def lock(self) -> Path:
        return self.data / "demo.lock"

    @property
    def log(self) -> Path:
        return self.data / "demo.log"

    @property
    def trust(self) -> Path:
        return self.data / "trust-list.json"

    @property
    def prepared(self) -> Path:
        return self.data / "prepared.json"

    def node(self, planned: Planned) -> Node:
        """A planned node as it knows itself."""
        number = self.planned.index(planned)
        return Node(
            code=planned.code,
            name=planned.name,
            suite=planned.suite,
            address=f"http://{planned.code}.localhost:{self.port + number}",
            dial=f"http://127.0.0.1:{self.port + EXCHANGE + number}",
            home=self.data / "nodes" / planned.code,
            hub=HUB,
            demo=True,
            identity_source=self.identity_source,
            sms_gateway=self.identity_source,
            certificate_authorities=self.certificates / "authority.pem",
        )

    @property
    def certificates(self) -> Path:
        """Where the demo's authority for personal certificates is kept."""
        return self.data / "certificates"

    @property
    def identity_source(self) -> str:
        """Where the demo's identity source answers."""
        return f"http://127.0.0.1:{self.port + SOURCE}"

    def ports(self) -> list[int]:
        """Every port that the demo listens on."""
        doors = [self.port + door + number for door in (0, EXCHANGE) for number in range(len(self.planned))]
        return [*doors, self.port + SOURCE]

    def nodes(self) -> list[Node]:
        """All of them, the hub first."""
        return [self.node(planned) for planned in self.planned]


def places() -> Places:
    """Where this demo lives: beside the source, unless the environment says otherwise."""
    said = os.environ.get("TONGBAN_DEMO_DATA")
    port = int(os.environ.get("TONGBAN_DEMO_PORT", PORT))
    return Places(Path(said).absolute() if said else _beside_the_source(), port)


def _beside_the_source() -> Path:
    checkout = Path(tongban.__file__).parents[2]
    return (checkout if (checkout / "pyproject.toml").exists() else Path.cwd()) / ".tongban"
