# SPDX-License-Identifier: Apache-2.0
"""Notices across nodes: given once, in the same words everywhere, with a sealed file that any reader accepts."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client

from tests import story
from tests.desks import host
from tests.people import CHANGSHA_POLICE, CHEN, LANZHOU_CENTRE, LI, PASSWORD, ZHANG, DemoPerson
from tests.world import World
from tongban.cases import actions, notices, papers, queries
from tongban.cases.models import Event, Notice
from tongban.cases.notices import TEMPLATES
from tongban.cases.queries import NoticeView
from tongban.cases.tests.test_notices import occasion
from tongban.demo.people import DemoOrganization
from tongban.licences.actions import issue_paper, make_files_once
from tongban.licences.models import Licence
from tongban.licences.queries import check_file
from tongban.licences.queries import file as licence_file
from tongban.regions.queries import organization
from tongban.standards.actor import Actor
from tongban.standards.refusal import NotFound, Refusal
from tongban.vault.keys import new_key

HUNAN, GANSU = "430000", "620000"


@pytest.fixture
def world(federation: World) -> World:
    federation.resting = set()
    return federation


def decided(world: World) -> tuple[Actor, Actor, str]:
    """Corrected, accepted, granted in Changsha; applied for in Gansu."""
    zhang, chen = story.visitor(world, ZHANG, GANSU), story.approver(world, CHEN)
    given = story.submit(world, zhang, story.item_of(world, GANSU, "430100"))
    world.settle()
    now = world.clock.now()
    with world.at(HUNAN):
        actions.make_move(given.case_id, "request_correction", actor=chen, at=now, facts={"what": "请补交\n居住证明。"})
    world.settle()
    with world.at(GANSU):
        actions.make_or_ask(given.case_id, "correct", actor=zhang, at=now, facts={"note": "已补交。"})
    world.settle()
    story.decide(world, chen, given.case_id)
    return zhang, chen, given.receipt_no


def seen(world: World, who: Actor, number: str) -> tuple[NoticeView, ...]:
    return story.page(world, who, number).notices


def pdf(world: World, who: Actor, number: str, key: str) -> bytes:
    with world.at(who.node):
        return b"".join(queries.notice_file(number, key, who).chunks)


def test_the_words_are_there_at_once_and_the_sealed_file_follows_to_every_node(world: World, tmp_path: Path) -> None:
    zhang, chen, number = decided(world)
    before = seen(world, chen, number)
    assert [paper.state for paper in before if paper.name == "准予决定书"] == ["pending"]
    world.settle()
    here, there = seen(world, zhang, number), seen(world, chen, number)
    assert [paper.name for paper in here] == ["补正告知书", "受理通知书", "准予决定书"]
    assert [(p.key, p.number, p.words, p.state) for p in here] == [(p.key, p.number, p.words, p.state) for p in there]
    assert {paper.state for paper in here} == {"ready"} and len({paper.number for paper in here}) == 3
    for paper in here:
        file = pdf(world, zhang, number, paper.key)
        assert file == pdf(world, chen, number, paper.key)
        with world.at(GANSU):
            assert check_file(file).intact
        assert accepted(file, tmp_path)
        assert paper.words is not None
        found = text(file, tmp_path)
        for words in (paper.number, paper.words.addressee, *paper.words.paragraphs, *sum(paper.words.rows, ())):
            assert "".join(words.split()) in found


@pytest.mark.slow
def test_every_notice_of_the_table_is_numbered_sealed_and_holds_at_any_node(world: World, tmp_path: Path) -> None:
    at = world.clock.now()
    for move, template in TEMPLATES.items():
        giver = LANZHOU_CENTRE if move in notices.BY_WINDOW else CHANGSHA_POLICE
        with world.at(giver.node):
            number = issued(notices.words(occasion(move)), giver, at)
            while make_files_once(at, notices=True):
                pass
            made = Licence.objects.get(number=number)
            file = b"".join(licence_file(made))
            page = Client(headers={"host": host(world, giver.node)}).get(f"/verify/{made.id}").content.decode()
        assert number.startswith(f"{giver.region}{template.sign}〔")
        assert "确实签发过这份文书，现在有效" in page, "where its QR code leads"
        with world.at("220000"):
            verdict = check_file(file)
        assert verdict.intact and verdict.signer_node == giver.node, move
        assert accepted(file, tmp_path), move
        assert number in text(file, tmp_path), move


def issued(words: notices.Words, giver: DemoOrganization, at: datetime) -> str:
    """The notice of an act in these words, given by this office; its number."""
    grant = papers.notice(
        title=words.template.name,
        pattern=words.template.pattern,
        paragraphs=words.paragraphs,
        addressee=words.addressee,
        office=organization(giver.code),
        subject=f"test:{words.template.name}:{uuid4()}",
        task_code="",
    )
    key, wrapped = new_key()
    return issue_paper(replace(grant, facts=words.plain()), key=key, wrapped=wrapped, at=at)


def accepted(file: bytes, folder: Path) -> bool:
    """Whether a reader that is not ours finds the signature good over the whole file."""
    told = run("pdfsig", "-nocert", file, folder)
    return "Signature is Valid" in told and "Total document signed" in told


def text(file: bytes, folder: Path) -> str:
    return "".join(run("pdftotext", "-raw", file, folder, "-").split())


def run(tool: str, option: str, file: bytes, folder: Path, *more: str) -> str:
    if shutil.which(tool) is None:
        pytest.skip(f"没有 {tool}")
    paper = folder / "paper.pdf"
    paper.write_bytes(file)
    return subprocess.run([tool, option, str(paper), *more], capture_output=True, check=True, text=True).stdout


def test_no_event_gives_two_notices_and_none_is_lost_with_the_worker(world: World) -> None:
    world.resting = {"notices"}
    _, chen, number = decided(world)
    case_id = story.page(world, chen, number).id
    with world.at(HUNAN), pytest.raises(Refusal):
        actions.make_move(case_id, "accept", actor=chen, at=world.clock.now())
    with world.at(HUNAN):
        rows = Licence.objects.filter(case_id=case_id, is_notice=True)
        assert rows.count() == 3 and set(rows.values_list("state", flat=True)) == {"pending"}
        now = world.clock.now()
        rows.update(claimed_until=now, attempts=1)  # a worker took them and was killed
        while make_files_once(now, notices=True):
            pass
        assert set(rows.values_list("state", flat=True)) == {"ready"}
    world.settle()
    with world.at(GANSU):
        assert Notice.objects.filter(case_id=case_id).count() == 3
        assert Event.objects.filter(case_id=case_id, move="accept").count() == 1


def test_a_results_file_does_not_wait_behind_notices(world: World) -> None:
    world.resting = {"notices", "papers"}
    _, _chen, _ = decided(world)
    with world.at(HUNAN):
        make_files_once(world.clock.now(), notices=False)
        assert Licence.objects.get(is_notice=False).state == "ready"
        assert set(Licence.objects.filter(is_notice=True).values_list("state", flat=True)) == {"pending"}


def pages(world: World, who: DemoPerson | None = None) -> Iterator[Client]:
    client = Client(headers={"host": world.nodes[HUNAN].address.removeprefix("http://")})
    with world.at(HUNAN):
        if who is None:
            client.post("/desk/sign-in/", {"login": CHEN.login, "password": PASSWORD})
        yield client


def test_an_approver_reads_the_exact_words_before_the_act(world: World) -> None:
    world.resting = {"notices"}
    zhang, chen = story.visitor(world, ZHANG, GANSU), story.approver(world, CHEN)
    given = story.submit(world, zhang, story.item_of(world, GANSU, "430100"))
    world.settle()
    for client in pages(world):
        page = client.post(
            f"/desk/cases/{given.case_id}/moves/not_accept/preview/",
            {"reason": "不归本局。", "where_to_go": "户籍地。"},
        )
        shown = page.content.decode()
        assert page.status_code == 200 and "还没有办理" in shown and "六十日" in shown and "确认并签发" in shown
        lacking = client.post(f"/desk/cases/{given.case_id}/moves/not_accept/preview/", {"reason": "不归本局。"})
        assert lacking.status_code == 422 and "不归本局。" in lacking.content.decode()
        back = client.post(
            f"/desk/cases/{given.case_id}/moves/not_accept/preview/", {"reason": "还要改。", "back": "1"}
        )
        assert back.status_code == 200 and "还要改。" in back.content.decode()
        assert not Licence.objects.exists()
        client.post(
            f"/desk/cases/{given.case_id}/moves/not_accept/", {"reason": "不归本局。", "where_to_go": "户籍地。"}
        )
    (paper,) = seen(world, chen, given.receipt_no)
    assert paper.words is not None
    for words in paper.words.paragraphs:
        assert words in shown


def test_a_notice_is_nobody_elses(world: World) -> None:
    world.resting = {"notices"}
    zhang, _, number = decided(world)
    world.settle()
    li = story.visitor(world, LI, GANSU)
    key = seen(world, zhang, number)[0].key
    with world.at(GANSU):
        for reach in (queries.notice, queries.notice_file):
            for which, who in ((key, li), ("99", zhang), ("x", zhang), ("", zhang)):
                with pytest.raises(NotFound):
                    reach(number, which, who)
