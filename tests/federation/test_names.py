# SPDX-License-Identifier: Apache-2.0
"""Names with a rare character or a dot, from sign-in through form, desk and search to the printed papers."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import story
from tests.people import GUO, LI, LIU, PASSWORD, WANG, DemoPerson, DemoStaff
from tests.portals import Browser
from tests.world import World
from tongban.cases import actions
from tongban.cases.queries import case_page, notice_file

GANSU = "620000"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
NUMBER = re.compile(r"/cases/(\d+)/")
PEOPLE = [
    pytest.param(LI, GUO, "131000", ("李䶮", "李䶮 ", "䶮"), id="李䶮"),
    pytest.param(
        WANG,
        LIU,
        "220100",
        ("王芳·买买提", "王芳•买买提", "王芳・买买提", "王芳.买买提", "王芳．买买提", "王芳 · 买买提", "买买提"),
        id="王芳·买买提",
    ),
]


class Citizen(Browser):
    """Somebody at Gansu's portal who fills in one form after another."""

    def fill(self, **typed: Any) -> None:
        """Send the page's own form, which comes back to the same address."""
        token = TOKEN.search(self.page)
        assert token, self.page[:2000]
        self._go("POST", self.where, {"csrfmiddlewaretoken": token[1], **typed})

    def applies(self, who: DemoPerson, task_code: str) -> str:
        """From the guide to the receipt; its number."""
        self.get(f"/apply/{task_code}/begin/")
        self.press("/sign-in/go", home=who.node)
        self.world.settle()
        self.get("/sign-in/wait")
        self.press("/oidc/agree", login=who.id_number, password=PASSWORD)
        self.world.settle()
        self.get("/sign-in/wait")
        self.fill(option="self")
        self.fill(option="job")
        assert re.search(f'<p class="known"[^>]*>{who.name}</p>', self.page)
        self.fill(**story.FORM)
        self.press(f"{self.where}id_card/add/", file=SimpleUploadedFile(f"{who.name}.png", story.PNG, "image/png"))
        assert f"{who.name}.png" in self.page
        self.get(self.where.replace("materials", "check"))
        assert who.name in self.page
        self.fill()
        assert "申请已提交" in self.page
        found = NUMBER.search(self.where)
        assert found
        return found[1]


@pytest.mark.parametrize(("who", "officer", "region", "spellings"), PEOPLE)
def test_a_name_travels_whole(
    federation: World, tmp_path: Path, who: DemoPerson, officer: DemoStaff, region: str, spellings: tuple[str, ...]
) -> None:
    citizen = Citizen(federation, GANSU)
    number = citizen.applies(who, story.item_of(federation, GANSU, region))
    applicant = citizen.who(GANSU)
    federation.settle()

    found = {spelling: number in searched(federation, officer, spelling) for spelling in spellings}
    approver = story.approver(federation, officer)
    case_id = story.page(federation, approver, number).id
    shown = story.page(federation, approver, number).applicant_name
    story.decide(federation, approver, case_id)
    federation.resting = set()
    federation.settle()

    assert applicant
    assert applicant.person_name == shown == who.name
    assert found == dict.fromkeys(spellings, True)
    with federation.at(GANSU):
        result = b"".join(actions.fetch_result(number, actor=applicant.actor, at=federation.clock.now()).chunks)
    papers = [result, *notices(federation, officer, number)]
    assert [who.name in words(paper, tmp_path) for paper in papers] == [True] * len(papers)


def searched(world: World, officer: DemoStaff, spelling: str) -> str:
    """What the desk's search shows."""
    client = Client(headers={"host": world.nodes[officer.node].address.removeprefix("http://")})
    with world.at(officer.node):
        client.post("/desk/sign-in/", {"login": officer.login, "password": PASSWORD})
        return str(client.get("/desk/", {"q": spelling}).content.decode())


def notices(world: World, officer: DemoStaff, number: str) -> list[bytes]:
    """The 文书 that the office gave."""
    approver = story.approver(world, officer)
    with world.at(officer.node):
        given = case_page(number, approver).notices
        return [b"".join(notice_file(number, paper.key, approver).chunks) for paper in given]


def words(paper: bytes, folder: Path) -> str:
    """All words of a PDF, blanks left out."""
    if shutil.which("pdftotext") is None:
        pytest.skip("没有 pdftotext")
    file = folder / "paper.pdf"
    file.write_bytes(paper)
    told = subprocess.run(["pdftotext", "-raw", str(file), "-"], capture_output=True, check=True, text=True).stdout
    return "".join(told.split())
