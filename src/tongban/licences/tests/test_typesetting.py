# SPDX-License-Identifier: Apache-2.0
"""Pages: what is printed, and what is refused before a box could be printed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tongban.licences import documents
from tongban.licences.errors import GlyphMissing
from tongban.licences.tests.conftest import AT, HEADING, pages_for
from tongban.licences.typesetting import refuse_unprintable, typeset, unprintable


@pytest.mark.parametrize("name", ["李䶮", "王芳·买买提", "㛃𬱖"])
def test_rare_characters_of_names_are_printed(name: str) -> None:
    assert unprintable(name) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("张\U00020123", "\U00020123（U+20123）"),  # a character of extension B
        ("张\ue863", "U+E863"),  # a private character of an old input method
        ("张\u202e伟", "U+202E"),  # would turn the order of what follows
        ("张\U000e0101伟", "U+E0101"),  # a variant of the character that no font of ours draws
        ("张\x00伟", "U+0000"),
        ("张😀伟", "😀（U+1F600）"),
    ],
)
def test_a_character_the_fonts_lack_is_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(GlyphMissing) as refused:
        refuse_unprintable(text)

    assert refused.value.code == "glyph_missing"
    assert named in refused.value.sentence


def test_a_paper_with_such_a_name_is_not_typeset() -> None:
    with pytest.raises(GlyphMissing):
        pages_for("张\U00020123")


def test_the_words_can_be_read_out_of_the_pages(tmp_path: Path) -> None:
    words = _text(pages_for("李䶮"), tmp_path)

    assert "李䶮（居民身份证号码：990101199003070018）" in words
    assert "2026年5月3日" in words
    assert "演示文书" in words


def test_marks_of_the_typesetting_language_in_a_name_are_only_characters(tmp_path: Path) -> None:
    facts = {"paragraphs": ["#panic() $x$ *粗* _斜_ <a> @b \\ // [c] `d`"]}

    words = _text(typeset(documents.compose("certificate", HEADING, facts), at=AT), tmp_path)

    assert "#panic()$x$*粗*_斜_<a>@b\\//[c]`d`" in words


def test_a_long_decision_takes_several_pages(tmp_path: Path) -> None:
    facts = {"paragraphs": ["经审查，符合规定。" * 60] * 4, "rows": [["申请人", "张伟"]]}

    words = _text(typeset(documents.compose("decision", HEADING, facts), at=AT), tmp_path)

    assert "第1页共" in words


def test_the_same_paper_gives_the_same_pages() -> None:
    assert pages_for("张伟") == pages_for("张伟")


def _text(pages: bytes, folder: Path) -> str:
    """All words in the PDF, blanks left out."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext of poppler-utils is not installed")
    (folder / "paper.pdf").write_bytes(pages)
    told = subprocess.run(["pdftotext", "paper.pdf", "-"], cwd=folder, capture_output=True, check=True)
    return "".join(told.stdout.decode().split())
