# SPDX-License-Identifier: Apache-2.0
"""Draws a mark over a picture. The copy is small enough to look at, whatever the picture measures."""

from functools import cache
from io import BytesIO
from typing import BinaryIO

from PIL import Image, ImageDraw, ImageFont, ImageOps

from tongban.licences.marking.places import Unmarkable, places
from tongban.licences.typesetting import SANS, refuse_unprintable

MOST_PIXELS = 50_000_000  # of a picture that is opened: what a telephone makes; four bytes each at the worst
LONGEST = 2400  # pixels of a side of the copy
INK, EDGE = (92, 100, 112, 170), (255, 255, 255, 110)  # the edge is for dark pictures
SLANT = 24  # degrees, as on papers (templates/mark.typ)
FORMATS = ("JPEG", "PNG")


def drawn_over(source: BinaryIO, size: int, words: str) -> bytes:
    """The marked picture, in the format that it came in. Unmarkable when it has too many pixels."""
    with Image.open(BytesIO(source.read(size)), formats=FORMATS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise Unmarkable()
        kind = opened.format
        opened.thumbnail((LONGEST, LONGEST))  # a JPEG is decoded no larger than it is wanted
        picture = ImageOps.exif_transpose(opened).convert("RGBA" if kind == "PNG" else "RGB")
    mark = _mark(words, min(picture.size))
    for x, y in places(*picture.size):
        picture.paste(mark, (int(x - mark.width / 2), int(y - mark.height / 2)), mark)
    made = BytesIO()
    picture.save(made, kind, quality=88)
    return made.getvalue()


def _mark(words: str, side: int) -> Image.Image:
    """The words aslant on nothing, as wide as that."""
    refuse_unprintable(words)
    letter = max(8, side // max(18, len(words)))
    font = _font(letter)
    left, top, right, low = font.getbbox(words)
    flat = Image.new("RGBA", (int(right - left) + letter, int(low - top) + letter), (0, 0, 0, 0))
    at = (letter / 2 - left, letter / 2 - top)
    ImageDraw.Draw(flat).text(at, words, fill=INK, font=font, stroke_width=max(1, letter // 16), stroke_fill=EDGE)
    return flat.rotate(SLANT, expand=True, resample=Image.Resampling.BICUBIC)


@cache
def _font(letter: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(SANS, letter)
