# SPDX-License-Identifier: Apache-2.0
"""Nodes that come back from a backup, for tests: a savepoint and a copy of the files are the backup."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction

from tests import story
from tests.people import SUN, ZHANG, DemoStaff
from tests.world import World
from tongban.cases import actions as cases
from tongban.cases.models import Case, Event, Material, Request
from tongban.exchange import actions as exchange
from tongban.exchange import queries
from tongban.exchange.models import Inbox, Outbox, Returned
from tongban.ledger.queries import first_broken
from tongban.licences.models import Licence
from tongban.licences.queries import check_file
from tongban.regions.queries import forget
from tongban.standards.actor import Actor
from tongban.vault import files

HUNAN, GANSU, JILIN = "430000", "620000", "220000"


@dataclass
class Backup:
    """A node as it was at an instant: its database and its files."""

    world: World
    node: str
    at: datetime
    savepoint: str
    folder: Path

    @classmethod
    def of(cls, world: World, node: str, folder: Path) -> "Backup":
        with world.at(node) as here:
            kept = folder / "files"
            shutil.copytree(here.home / "files", kept) if (here.home / "files").exists() else kept.mkdir()
            return cls(world, node, world.clock.now(), transaction.savepoint(), kept)

    def restore(self) -> None:
        """Everything since is gone; the operator declares from when on."""
        self.put_back()
        with self.world.at(self.node):
            exchange.begin_recovery(self.at, actor=story.officer(self.world, SUN), at=self.world.clock.now())

    def put_back(self) -> None:
        """The node as it was, without a word."""
        with self.world.at(self.node) as here:
            transaction.savepoint_rollback(self.savepoint)
            shutil.rmtree(here.home / "files", ignore_errors=True)
            shutil.copytree(self.folder, here.home / "files")
            forget()


@dataclass
class Told:
    """One case, step by step, by somebody in Lanzhou and an officer elsewhere."""

    world: World
    region: str
    zhang: Actor
    officer: Actor
    case_id: UUID | None = None
    number: str = ""

    @classmethod
    def begun(cls, world: World, region: str, who: DemoStaff) -> "Told":
        return cls(world, region, story.visitor(world, ZHANG, GANSU), story.approver(world, who))

    def submit(self) -> None:
        made = story.submit(self.world, self.zhang, story.item_of(self.world, GANSU, self.region))
        self.case_id, self.number = made.case_id, made.receipt_no

    def accept(self) -> None:
        self._decide("accept")

    def ask_correction(self) -> None:
        self._decide("request_correction", what="请补交清晰的证件背面。")

    def correct(self) -> None:
        assert self.case_id is not None
        with self.world.at(GANSU):
            scan = cases.take_file(self.number, "id_card", "背面.png", [story.PNG + b"back"], actor=self.zhang)
            cases.make_or_ask(
                self.case_id,
                "correct",
                actor=self.zhang,
                at=self.world.clock.now(),
                facts={"note": "已补交。"},
                files=[scan],
            )

    def examine(self) -> None:
        self._decide("sign_step", step="review", opinion="材料齐全，核查无犯罪记录。")

    def grant(self) -> None:
        self._decide("grant", note="同意出具。")

    def deliver(self) -> None:
        with self.world.at(GANSU):
            paper = b"".join(cases.fetch_result(self.number, actor=self.zhang, at=self.world.clock.now()).chunks)
            assert check_file(paper).intact

    def _decide(self, move: str, **facts: str) -> None:
        assert self.case_id is not None
        with self.world.at(self.officer.node):
            cases.make_move(self.case_id, move, actor=self.officer, at=self.world.clock.now(), facts=facts)

    def steps(self) -> list[Callable[[], None]]:
        return [self.submit, self.ask_correction, self.correct, self.accept, self.examine, self.grant, self.deliver]


def play(told: Told, steps: list[Callable[[], None]]) -> None:
    """Each step reaches the other side before the next."""
    for step in steps:
        step()
        told.world.pass_time(timedelta(minutes=7))
        told.world.settle()


def as_kept(world: World, node: str, case_id: UUID) -> dict[str, object]:
    """What a node holds of a case."""
    with world.at(node):
        case = Case.objects.get(id=case_id)
        return {
            "lines": list(Event.objects.filter(case_id=case_id).order_by("number").values_list("move", "digest")),
            "state": (case.state, case.chain_digest, case.holder, case.offered_to, case.project_no, case.due_on),
            "requests": sorted(Request.objects.filter(case_id=case_id).values_list("id", "move", "state")),
        }


def require_whole(told: Told, other: str) -> None:
    """Both hold the same; nothing waits, is parked or broken."""
    world = told.world
    assert told.case_id is not None
    held = {node: as_kept(world, node, told.case_id) for node in (GANSU, other)}
    assert held[GANSU] == held[other], held
    for node in (GANSU, other):
        with world.at(node):
            assert not queries.is_recovering()
            assert not Inbox.objects.exclude(state="applied").exists()
            assert not Outbox.objects.filter(answered_at=None).exists()
            assert not Returned.objects.exclude(state="followed").exists()
            assert not Case.objects.filter(disputed=True).exists()
            assert first_broken() is None
            named = Material.objects.filter(case_id=told.case_id).values_list("digest", flat=True)
            assert [digest for digest in named if not files.has(f"case:{told.case_id}", digest)] == []
    with world.at(other):
        assert Licence.objects.filter(case_id=told.case_id, is_notice=False).count() <= 1
