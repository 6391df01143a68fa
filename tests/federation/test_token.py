# SPDX-License-Identifier: Apache-2.0
"""Keys that never leave a token: SoftHSM behind PKCS#11 signs batches that peers accept, and papers that hold."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests import story
from tests.people import CHEN, ZHANG
from tests.world import World
from tongban.config import rotation, token_keys
from tongban.exchange import actions as exchange
from tongban.exchange import key_store, keys
from tongban.exchange.models import Batch, Inbox, Outbox
from tongban.licences.queries import check_file
from tongban.regions import requests
from tongban.regions.membership import GRACE
from tongban.regions.trustlist import Use
from tongban.standards.crypto import suite
from tongban.standards.node import Node, Token, at
from tongban.vault import locks, token
from tongban.vault.errors import TokenFailed

HUB, HUNAN, GANSU, JILIN = "000000", "430000", "620000", "220000"
PIN = "24681357"
MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)


@pytest.fixture(scope="session")
def module(tmp_path_factory: pytest.TempPathFactory) -> str:
    """SoftHSM with a token for each test; it reads its place once in a process."""
    found = next((each for each in MODULES if Path(each).exists()), None)
    if found is None or shutil.which("softhsm2-util") is None:
        pytest.skip("没有 SoftHSM：请运行 apt-get install -y softhsm2")
    place = tmp_path_factory.mktemp("tokens")
    (place / "softhsm2.conf").write_text(f"directories.tokendir = {place}\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(place / "softhsm2.conf")
    for label in (GANSU, HUNAN, "locked"):
        made = ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", PIN]
        subprocess.run(made, check=True, capture_output=True)
    return found


@pytest.fixture
def federation(federation: World) -> Iterator[World]:
    """The nodes, some of which are given a token; their folders are put right afterwards."""
    federation.nodes = dict(federation.nodes)
    folders = [node.secrets for node in federation.nodes.values()]
    before = {file: file.read_bytes() for folder in folders for file in folder.parent.glob("**/*") if file.is_file()}
    yield federation
    for file in [file for folder in folders for file in folder.rglob("*") if file.is_file() and file not in before]:
        file.unlink()
    for file, content in before.items():
        file.write_bytes(content)


def with_token(world: World, code: str, module: str, **labels: str) -> Node:
    """The node works on with a token from now on."""
    made = replace(world.nodes[code], token=Token(module, code, tuple(labels.items())))
    locks.replace(made, token.PIN, PIN.encode())
    world.nodes[code] = made
    return made


def move_key_into_token(world: World, code: str, module: str, use: Use) -> None:
    """What an operator does: a token, a key in it, and the hub lists the key."""
    node = with_token(world, code, module)
    with at(node):
        token_keys.make(use, "first", world.clock.now())
    node = with_token(world, code, module, **{use: "first"})
    with at(node):
        request = rotation.rotation(use, world.clock.now())
        assert keys.key_store.held(use)[-1].private == b""
    with world.at(HUB):
        rotation.approve(request, world.clock.now())
    for each in (HUNAN, GANSU, JILIN):
        with world.at(each):
            exchange.fetch_trust_list(world.clock.now(), world.network)
    world.pass_time(GRACE + keys.SETTLE)


def test_a_batch_signed_in_the_token_is_accepted_by_a_peer(federation: World, module: str) -> None:
    move_key_into_token(federation, GANSU, module, "exchange")
    with federation.at(GANSU):
        signer = keys.signer()
        exchange.send([HUNAN], kind="item.published", subject="item:x", body={}, at=federation.clock.now())
    federation.settle()

    with federation.at(HUNAN):
        row = Inbox.objects.get(subject="item:x")
        head = bytes(Batch.objects.get(sender=GANSU, batch_id=row.batch_id).head).decode()
    with federation.at(GANSU):
        assert Outbox.objects.get(subject="item:x").answer == "stored"
    assert f'"key_id":"{signer.key_id}"' in head
    assert isinstance(signer, key_store.Held)
    assert (signer.private, signer.label) == (b"", "first")


def test_the_token_signs_as_the_suite_verifies(federation: World, module: str) -> None:
    node = with_token(federation, GANSU, module)
    public = token.make_key(node, "second", "ed25519")

    signature = token.sign(node, "second", "ed25519", b"case")

    assert suite("ed25519").verify(public, b"case", signature)
    assert token.public(node, "second", "ed25519") == public
    with pytest.raises(TokenFailed, match="second"):
        token.make_key(node, "second", "ed25519")


def test_a_paper_sealed_by_a_key_in_the_token_is_good_everywhere(federation: World, module: str) -> None:
    move_key_into_token(federation, HUNAN, module, "document")
    visitor = story.visitor(federation, ZHANG, GANSU)
    given = story.submit(federation, visitor, story.item_of(federation, GANSU, "430100"))
    federation.settle()
    story.decide(federation, story.approver(federation, CHEN), given.case_id)
    federation.settle()
    with federation.at(GANSU):
        fetched = story.actions.fetch_result(given.receipt_no, actor=visitor, at=federation.clock.now())
        paper = b"".join(fetched.chunks)

    with federation.at(HUNAN):
        certificate = keys.in_use("document").key_id
    with federation.at(JILIN):
        verdict = check_file(paper)
    assert (verdict.intact, verdict.signer_node, verdict.certificate_id) == (True, HUNAN, certificate)


def test_the_request_for_a_key_in_the_token_proves_that_the_node_holds_it(federation: World, module: str) -> None:
    node = with_token(federation, GANSU, module)
    with at(node):
        token_keys.make("exchange", "third", federation.clock.now())
    node = with_token(federation, GANSU, module, exchange="third")

    with at(node):
        asked = requests.read(rotation.rotation("exchange", federation.clock.now()))

    asked.require_proofs(asked.asked.keys)


def test_a_token_that_cannot_says_what_is_wrong(federation: World, module: str) -> None:
    node = replace(federation.nodes[GANSU], token=Token(module, "locked"))
    with pytest.raises(FileNotFoundError):
        token.sign(node, "first", "ed25519", b"")
    locks.replace(node, token.PIN, b"0000")
    with pytest.raises(TokenFailed, match="PinIncorrect"):
        token.sign(node, "first", "ed25519", b"")
    gone = replace(node, token=Token(module, "nobody"))
    with pytest.raises(TokenFailed, match="NoSuchToken"):
        token.sign(gone, "first", "ed25519", b"")
    with pytest.raises(TokenFailed, match="sm2"):
        token.sign(gone, "first", "sm2", b"")
    with pytest.raises(TokenFailed, match=r"node\.toml"):
        token.sign(replace(node, token=None), "first", "ed25519", b"")
