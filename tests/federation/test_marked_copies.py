# SPDX-License-Identifier: Apache-2.0
"""What people open of a case says on each page what it is for; what was handed in stays as it was."""

from hashlib import sha256

import pytest

from tests import story
from tests.desks import Browser, Desk, Phone
from tests.federation.test_api import give_token
from tests.people import CHEN, LI, ZHANG
from tests.world import World
from tongban.cases import actions
from tongban.cases.models import Material
from tongban.identity.models import Look
from tongban.licences.tests.test_marking import drawn, paper, shown
from tongban.vault import stores

GANSU, HUNAN, NEED = "620000", "430000", "employer_letter"
LETTER = paper()


@pytest.fixture
def number(federation: World) -> str:
    """张伟's case: a PDF that can be marked, and a picture that is none behind its first bytes."""
    zhang = story.visitor(federation, ZHANG, HUNAN)
    made = story.draft(federation, zhang, story.item_of(federation, HUNAN, "430100"))
    with federation.at(HUNAN):
        actions.add_material(made, NEED, "证明.pdf", [LETTER], actor=zhang, at=federation.clock.now())
    return story.hand_in(federation, zhang, made).receipt_no


def taken(browser: Browser, path: str) -> tuple[str, bytes]:
    """The disposition and the bytes of a file."""
    with browser.world.at(browser.node):
        answer = browser.client.get(path)
        data = b"".join(answer.streaming_content)
    assert answer.status_code == 200 and int(answer["Content-Length"]) == len(data)
    return answer["Content-Disposition"], data


def test_staff_and_applicant_open_marked_copies_and_may_take_what_was_handed_in(federation: World, number: str) -> None:
    with federation.at(HUNAN):
        letter, card = Material.objects.get(requirement=NEED), Material.objects.get(requirement="id_card")
    case = f"/desk/cases/{letter.case_id}/materials"
    for browser, at in ((Desk(federation, CHEN), case), (Phone(federation, ZHANG), f"/cases/{number}/materials")):
        name, copy = taken(browser, f"{at}/{letter.number}/")
        assert name.startswith("inline") and copy.startswith(LETTER) and len(drawn(copy)) == 3
        assert set(f"可信等级D申请人自行提供由负责仅用于办件{number}2026年11月") <= set(shown(copy))
        name, whole = taken(browser, f"{at}/{letter.number}/original/")
        assert name.startswith("attachment") and f"sha256:{sha256(whole).hexdigest()}" == letter.digest
        name, as_it_is = taken(browser, f"{at}/{card.number}/")
        assert as_it_is == story.PNG and "%EF%BC%88" not in name  # under its own name: it takes no mark

    page = Desk(federation, CHEN).open(str(letter.case_id))
    assert "打开的就是原件" in page and f"{case}/{letter.number}/original/" in page
    with federation.at(HUNAN):
        assert Look.objects.get(purpose="file").times == 3
        assert Material.objects.get(requirement=NEED).digest == letter.digest


def test_a_program_chooses_and_a_stranger_gets_neither(federation: World, number: str) -> None:
    found = {}
    for who in (ZHANG, LI):
        actor = story.visitor(federation, who, HUNAN)
        give_token(federation, actor)
        for query in ("", "?marked=true"):
            url = f"{federation.nodes[HUNAN].address}/api/v1/cases/{number}/materials/2{query}"
            said = {"Authorization": f"Bearer test_{actor.id}"}
            found[who, query] = federation.request(HUNAN, "GET", url, said, b"", door="pages")
    assert found[ZHANG, ""].body == LETTER
    assert found[ZHANG, "?marked=true"].body.startswith(LETTER) and len(found[ZHANG, "?marked=true"].body) > len(LETTER)
    assert {found[LI, query].status for query in ("", "?marked=true")} == {404}


def test_the_page_of_a_case_asks_the_store_once_however_many_files_it_has(
    federation: World, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with federation.at(HUNAN):
        kept, asked = stores.store(), []

        class Counting:
            def __getattr__(self, name: str) -> object:
                asked.append(name)
                return getattr(kept, name)

        monkeypatch.setattr(stores, "store", Counting)
    page = Phone(federation, ZHANG).open(number)
    assert "证明.pdf" in page and "身份证.png" in page
    assert asked == ["which"]
