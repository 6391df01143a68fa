# SPDX-License-Identifier: Apache-2.0
"""Sets a paper as PDF pages. The fonts come with the program; what they lack is refused by name."""

import json
import unicodedata
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path

import pylopdf_fonts_zh_cn as fonts_zh
import segno
import typst
from fontTools.ttLib import TTFont

from tongban.licences.documents import Paper, chinese_date
from tongban.licences.errors import GlyphMissing

TEMPLATES = Path(__file__).parent / "templates"
SANS = fonts_zh.sans_path()
FONTS = (fonts_zh.serif_path(), SANS)
UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))  # controls and private characters never print rightly


def typeset(paper: Paper, *, at: datetime) -> bytes:
    """The pages as PDF, without seal. GlyphMissing when a character cannot be printed."""
    refuse_unprintable(paper.words())
    made = typst.compile(
        TEMPLATES / f"{paper.layout}.typ",
        font_paths=_fonts(),
        sys_inputs={"paper": json.dumps(_told(paper), ensure_ascii=False)},
        format="pdf",
        pdf_standards="a-2b",
        timestamp=int(at.timestamp()),
    )
    return bytes(made)


def typeset_mark(words: str) -> bytes:
    """One page that has nothing but a mark to lay over others, as PDF. GlyphMissing."""
    refuse_unprintable(words)
    made = typst.compile(TEMPLATES / "marked.typ", font_paths=_fonts(), sys_inputs={"words": words}, format="pdf")
    return bytes(made)


def refuse_unprintable(text: str) -> None:
    """GlyphMissing naming the characters that would not be printed as they are."""
    if missing := unprintable(text):
        raise GlyphMissing(characters="、".join(map(_named, missing)))


def unprintable(text: str) -> list[str]:
    """The characters that no font of ours has, in order, each once."""
    held = glyphs()
    odd = (c for c in text if c != "\n" and (ord(c) not in held or unicodedata.category(c) in UNSEEN))
    return list(dict.fromkeys(odd))


@cache
def glyphs() -> frozenset[int]:
    """Code points that the fonts can print."""
    return frozenset().union(*(TTFont(font, lazy=True).getBestCmap() for font in FONTS))


@cache
def _fonts() -> typst.Fonts:
    """Loaded once: scanning them for each paper would take sixty times as long as setting it."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS[0].parent)])


def _named(character: str) -> str:
    code = f"U+{ord(character):04X}"
    return code if unicodedata.category(character) in UNSEEN else f"{character}（{code}）"


def _told(paper: Paper) -> dict[str, object]:
    """What the template reads."""
    head = paper.heading
    return {
        "title": head.title,
        "number": head.number,
        "identifier": head.identifier,
        "issuer": head.issuer,
        "dated": chinese_date(head.dated),
        "node": head.node,
        "demonstration": head.demonstration,
        "check_code": head.check_code,
        "code": _code(head.address),
        "addressee": paper.addressee,
        "paragraphs": paper.paragraphs,
        "rows": paper.rows,
        "closing": paper.closing,
        "notes": paper.notes,
        "watermark": paper.watermark,
    }


def _code(address: str) -> str:
    """A QR code as SVG; it reads even when a tenth of it is dirty."""
    picture = BytesIO()
    segno.make_qr(address, error="m").save(picture, kind="svg", border=0, xmldecl=False, dark="#1a1a1a")
    return picture.getvalue().decode()
