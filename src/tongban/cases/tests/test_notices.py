# SPDX-License-Identifier: Apache-2.0
"""Notices: every step that gives one says what the law wants said, and prints it."""

import shutil
import subprocess
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from tests.procedure import AT, CASE, FEE, Person, facts_of, rules
from tongban.cases import course, notices, promises
from tongban.cases.clocks import begin
from tongban.cases.notices import TEMPLATES, Occasion, Template, Words
from tongban.cases.regimes import LICENCE
from tongban.cases.rules import Rules
from tongban.cases.situation import Paper, Progress
from tongban.cases.transitions import MOVES
from tongban.licences.documents import Heading, compose
from tongban.licences.typesetting import typeset
from tongban.standards.actor import Role

CORRECTION = {"days": 10, "unit": "working_day", "consequence": "withdrawn", "source": "测试"}
LICENSING = rules(item_type="licensing", correction=CORRECTION, fee=FEE)
SERVICE = rules()
# Whoever changes a word of a template raises its version, and then the line here.
KEPT = {
    "collect": (1, "f21fe61d9667"),
    "send_originals": (1, "fb58eddd8a32"),
    "return_originals": (1, "88524e3eebea"),
    "hand_back_originals": (1, "88524e3eebea"),
    "request_correction": (2, "285bc7937409"),
    "return_correction": (2, "be75ed2a323c"),
    "lapse_not_accepted": (1, "bd2c189b79f5"),
    "accept": (1, "0f4f64f66881"),
    "deem_accepted": (1, "26a192e37386"),
    "promise": (1, "7c7f2f51c5cd"),
    "take_promise": (1, "7c7f2f51c5cd"),
    "accept_lacking": (1, "325b50b09a88"),
    "not_require": (1, "efaf2f8c672b"),
    "not_accept": (1, "8c8f45afba8e"),
    "offer_hearing": (1, "effad32e4636"),
    "start_special": (1, "7e19b31891ba"),
    "extend": (1, "78104b3f662f"),
    "ask_fee": (1, "51cab43a65c1"),
    "waive_fee": (1, "a9b258e13a03"),
    "grant": (1, "661fc05d40f8"),
    "grant_on_promise": (1, "4ca07a303b44"),
    "deny": (1, "02307b956339"),
    "hand_over": (1, "83354a15173a"),
    "confirm_post": (1, "83354a15173a"),
    "order_to_correct": (1, "18c85559f8e2"),
    "revoke": (1, "1657c9663d84"),
}


def occasion(move: str, of: Rules = LICENSING) -> Occasion:
    """A case just after that move, made by whoever makes it."""
    made = MOVES[move]
    state = min(made.sources) if made.sources else made.target
    assert state is not None
    papers = (Paper("户口簿", 1), Paper("结婚证", 2))
    lacking = ("letter", "map")
    case = replace(CASE, state=state, rules=of, papers=papers, lacking=lacking, progress=Progress(proposed_by="a:9"))
    case = replace(
        case, mode=min(made.modes), way=min(made.ways), clocks={"acceptance": begin(LICENCE["acceptance"], AT)}
    )
    if made.extends:
        case = replace(case, clocks={kind: begin(LICENSING.regimes[kind], AT) for kind in made.extends})
    who = Person(min(made.by), 1).actor
    stated = facts_of(made, case, who) | ({"promise": "commitment"} if "promise" in move else {})
    went, _ = course.after(case, made, stated, actor=f"{Role.APPROVER}:1")
    return Occasion(
        move=move,
        case=went,
        stated=stated,
        applicant="王芳·买买提",
        item="开具无犯罪记录证明",
        receipt_no="620100202611230000018",
        project_no="11430100002099001000-20261123-0001",
        place="湖南省长沙市",
        organ="长沙市公安局（演示）",
        phone="0731-00000001",
        window="兰州市政务服务中心（演示）",
        result="无犯罪记录证明",
        licence_number="430100通证〔2026〕0000007号",
        more={
            "materials": "身份证",
            "originals": "户口簿",
            "why_longer": "案情复杂。",
            "promised_words": promises.words("commitment", LICENSING, ()),
        },
    )


def printed(told: Words) -> str:
    """All of it in one text."""
    return "\n".join((told.addressee, *told.paragraphs, *(f"{label} {said}" for label, said in told.rows)))


def test_every_step_of_the_table_that_gives_a_notice_has_its_words_and_no_other_has() -> None:
    assert {name: move.notice for name, move in MOVES.items() if move.notice} == {
        name: template.name for name, template in TEMPLATES.items()
    }


@pytest.mark.parametrize("move", TEMPLATES)
def test_a_notice_holds_what_makes_it_one_in_law(move: str) -> None:
    now = occasion(move)
    facts, told = notices.slots(now), notices.words(now)
    for need in TEMPLATES[move].needs:
        assert need in facts, need
        assert all(line in printed(told) for line in facts[need].splitlines()), need
    assert "{" not in printed(told) and told.paragraphs


def test_a_law_of_licences_is_named_in_licences_only() -> None:
    assert any("行政许可法" in words for words in notices.words(occasion("accept")).paragraphs)
    assert not any("行政许可法" in words for words in notices.words(occasion("accept", SERVICE)).paragraphs)


def test_a_decision_against_somebody_says_what_can_be_done_about_it() -> None:
    for move in ("not_accept", "lapse_not_accepted", "order_to_correct"):
        assert notices.REMEDY in notices.words(occasion(move)).paragraphs
    for move in ("deny", "revoke"):
        assert "救济途径：写明。" in notices.words(occasion(move)).paragraphs


def test_what_somebody_typed_with_braces_stays_as_it_was_typed() -> None:
    now = occasion("deny")
    told = notices.words(replace(now, stated={**now.stated, "reason": "{applicant}\n第二段 {0}"}))
    assert {"理由：{applicant}", "第二段 {0}"} <= set(told.paragraphs)


def test_a_changed_word_has_a_new_version() -> None:
    assert {move: (each.version, digest(each)) for move, each in TEMPLATES.items()} == KEPT


def digest(template: Template) -> str:
    """Of all its words."""
    return sha256(repr((template.name, template.paragraphs, template.rows)).encode()).hexdigest()[:12]


def test_every_notice_is_printed_as_it_reads(tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("没有 pdftotext")
    for move in TEMPLATES:
        told = notices.words(occasion(move))
        head = Heading(told.template.name, "430100受〔2026〕0000001号", "", "长沙市公安局（演示）", date(2026, 11, 23),
                       "湖南省", "http://hunan.localhost/verify/x", demonstration=True)  # fmt: skip
        file = tmp_path / f"{move}.pdf"
        file.write_bytes(typeset(compose("decision", head, told.plain()), at=AT))
        read = subprocess.run(["pdftotext", "-raw", str(file), "-"], capture_output=True, check=True, text=True).stdout
        found = "".join(read.split())
        for words in (told.template.name, head.number, told.addressee, *told.paragraphs, *sum(told.rows, ())):
            assert "".join(words.split()) in found, (move, words)
