# SPDX-License-Identifier: Apache-2.0
"""The demo's identity source, asked over real HTTP as a node asks it; and how a node knows where it is."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from tests.people import LI, WANG, ZHANG
from tongban.config import home, new_home
from tongban.demo import identity_source
from tongban.demo.identity_source import Register
from tongban.identity.source import PATIENCE, Answer, HttpSource, SourceSilent
from tongban.standards import clock
from tongban.standards.node import Node

SLOW, DOWN = ("迟远", "996201198504180235"), ("段宁", "996201197909060528")


@pytest.fixture(scope="module")
def source() -> Iterator[HttpSource]:
    server = identity_source.server(0, Register(slow=PATIENCE + 1.0))
    Thread(target=server.serve_forever, daemon=True).start()
    yield HttpSource(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("who", [ZHANG, WANG, LI], ids=["plain", "with a dot", "with a rare character"])
def test_a_name_and_its_number_match(source: HttpSource, who: object) -> None:
    assert source.ask(who.name, "resident_id", who.id_number) is Answer.MATCH  # type: ignore[attr-defined]


def test_another_name_is_a_mismatch_and_another_number_is_unknown(source: HttpSource) -> None:
    assert source.ask("张威", "resident_id", ZHANG.id_number) is Answer.MISMATCH
    assert source.ask(ZHANG.name, "resident_id", "996201199302140811") is Answer.UNKNOWN


def test_a_slow_source_is_left_in_time_and_has_its_answer_when_asked_again(source: HttpSource) -> None:
    before = clock.monotonic()
    with pytest.raises(SourceSilent):
        source.ask(SLOW[0], "resident_id", SLOW[1])

    assert clock.monotonic() - before < PATIENCE + 0.9
    assert source.ask(SLOW[0], "resident_id", SLOW[1]) is Answer.MATCH


def test_a_source_that_hangs_up_gives_no_answer_and_others_are_still_answered(source: HttpSource) -> None:
    with pytest.raises(SourceSilent) as silence:
        source.ask(DOWN[0], "resident_id", DOWN[1])

    assert DOWN[0] not in str(silence.value) and DOWN[1] not in str(silence.value)
    assert source.ask(ZHANG.name, "resident_id", ZHANG.id_number) is Answer.MATCH


@pytest.mark.parametrize("address", ["http://id.example", "ftp://127.0.0.1", "http://127.0.0.1.evil.example", "id"])
def test_numbers_leave_the_machine_by_tls_only(tmp_path: Path, address: str) -> None:
    with pytest.raises(home.BadHome, match="identity_source"):
        home.read(written(tmp_path, address))


@pytest.mark.parametrize("address", ["", "https://id.example", "http://127.0.0.1:8200"])
def test_a_node_file_names_the_source(tmp_path: Path, address: str) -> None:
    node = home.read(written(tmp_path, address)).node

    assert (node.identity_source, node.identity_limit) == (address, 60)


def written(folder: Path, address: str) -> Path:
    node = Node(
        code="620000",
        name="甘肃省节点",
        suite="ed25519",
        address="http://620000.localhost:8002",
        dial="http://127.0.0.1:8102",
        home=folder,
        hub="000000",
        identity_source=address,
    )
    new_home.write(node, "postgresql:///none")
    return folder
