# SPDX-License-Identifier: Apache-2.0
"""Dossiers for tests: made by a node, taken apart, and put together again as a forger would."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

from tests import story
from tests.people import SUN, DemoPerson, DemoStaff
from tests.world import World
from tongban.cases import actions
from tongban.dossier import container
from tongban.dossier.container import MANIFEST, SIGNATURE
from tongban.dossier.export import Exported, export
from tongban.dossier.report import Report
from tongban.dossier.verify import verify_file
from tongban.exchange import keys
from tongban.exchange.actions import witnessing
from tongban.identity.queries import operator_named
from tongban.ledger import actions as ledger
from tongban.regions.queries import trust_list
from tongban.standards.canonical import canonical, parse

MINUTE = timedelta(seconds=60)
REASON = "法院调取（2026）甘01民初1号"


@dataclass(frozen=True)
class Told:
    """A case that was told to its end."""

    case: UUID
    number: str


def tell(world: World, person: DemoPerson, at: str, region: str, approver: DemoStaff) -> Told:
    """Somebody asks, the authority grants, the paper is fetched; then a minute passes and heads are witnessed."""
    who, office = story.visitor(world, person, at), story.approver(world, approver)
    given = story.submit(world, who, story.item_of(world, at, region))
    world.settle()
    story.decide(world, office, given.case_id)
    world.settle()
    with world.at(at):
        b"".join(actions.fetch_result(given.receipt_no, actor=who, at=world.clock.now()).chunks)
    world.settle()
    witness(world)
    return Told(given.case_id, given.receipt_no)


def witness(world: World) -> None:
    """Every node's worker takes lines into the tree and tells its head."""
    world.pass_time(MINUTE)
    for code in world.nodes:
        with world.at(code):
            while ledger.sequence_once(world.clock.now(), keys.signer()):
                pass
            witnessing.tell_heads(world.clock.now(), MINUTE)
    world.settle()


def dossier(world: World, code: str, number: str, target: Path, *, with_materials: bool = True) -> Exported:
    """What the operator of a node hands out."""
    with world.at(code):
        return export(
            number,
            target,
            actor=operator_named(SUN.login),
            reason=REASON,
            at=world.clock.now(),
            transport=world.network,
            with_materials=with_materials,
        )


def hub_key(world: World) -> str:
    """The fingerprint that a stranger was given."""
    with world.at(world.nodes["430000"].hub):
        listed = trust_list()
        key = listed.node(listed.hub).key_for("exchange", world.clock.now())
        return sha256(key.public_bytes).hexdigest()


def entries(file: bytes) -> dict[str, bytes]:
    """What is in it, as any ZIP tool sees it."""
    with ZipFile(BytesIO(file)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def packed(held: Mapping[str, bytes]) -> bytes:
    """The entries as one file, in the order given."""
    made = BytesIO()
    container.write(made, [container.of_bytes(name, data) for name, data in held.items()])
    return made.getvalue()


def resealed(world: World, code: str, held: Mapping[str, bytes], **changes: Any) -> bytes:
    """The entries under a new manifest that the node signs: what a forger inside the node could do."""
    rest = {name: data for name, data in held.items() if name not in (MANIFEST, SIGNATURE)}
    listed = [
        {"name": name, "size": len(data), "digest": f"sha256:{sha256(data).hexdigest()}"} for name, data in rest.items()
    ]
    manifest = canonical(parse(held[MANIFEST]) | {"entries": listed} | changes)
    with world.at(code):
        signer = keys.signer()
        word = {"signature": signer.sign(manifest).hex(), "key_id": signer.key_id, "suite": signer.suite}
    return packed({MANIFEST: manifest, SIGNATURE: canonical(word), **rest})


def changed(held: Mapping[str, bytes], name: str, change: Callable[[Any], Any]) -> dict[str, bytes]:
    """One document said otherwise."""
    return {**held, name: canonical(change(parse(held[name])))}


def checked(file: bytes, key: str = "") -> Report:
    """What a stranger finds."""
    return verify_file(BytesIO(file), key)
