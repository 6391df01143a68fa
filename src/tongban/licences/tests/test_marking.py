# SPDX-License-Identifier: Apache-2.0
"""Marks lie over every page and every picture, upright as it is shown; what takes none is said to take none."""

import re
from io import BytesIO
from itertools import pairwise
from typing import Any, cast

import pytest
import typst
from PIL import Image, ImageChops
from pyhanko.pdf_utils.generic import ArrayObject, NameObject, NumberObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter, copy_into_new_writer

from tongban.licences import marking
from tongban.licences.marking.places import APART, MOST, places

WORDS = "可信等级C：申请人上传，须核对原件　仅用于办件62000020261123000001　2026年11月23日"
PDF = "application/pdf"
WRITER, PAGE, NUMBER = cast(tuple[Any, ...], (PdfFileWriter, PageObject, NumberObject))  # the library has few types
PAGES = "#set page(paper: 'a4')\nOne #pagebreak() Two #pagebreak()\n#set page(flipped: true)\nThree"


def paper() -> bytes:
    """Three pages; the last one lies."""
    return bytes(typst.compile(PAGES.replace("'", '"').encode(), format="pdf"))


def marked(data: bytes, kind: str = PDF) -> bytes:
    made = marking.copy(kind, BytesIO(data), len(data), WORDS)
    return (data if made.follows else b"") + made.data


def drawn(data: bytes) -> list[bytes]:
    """What each page draws last."""
    reader: Any = PdfFileReader(BytesIO(data))
    pages = (
        reader.find_page_for_modification(at)[0].get_object() for at in range(int(reader.root["/Pages"]["/Count"]))
    )
    return [bytes(page["/Contents"][-1].data) for page in pages]


def shown(data: bytes) -> str:
    """The characters that the fonts of the mark can be read back as."""
    reader: Any = PdfFileReader(BytesIO(data))
    _, resources = reader.find_page_for_modification(0)
    mark = next(each for name, each in resources.get_object()["/XObject"].items() if name.startswith("/Mark"))
    fonts = (each.get_object() for each in mark.get_object()["/Resources"]["/Font"].values())
    told = b"".join(bytes(font["/ToUnicode"].data) for font in fonts)
    return "".join(
        bytes.fromhex(each.decode()).decode("utf-16-be") for each in re.findall(rb"> <([0-9a-fA-F]+)>", told)
    )


def plain(*, turned: int = 0, contents: bool = True, pages: int = 1) -> bytes:
    """Pages 400 by 200 points, shown turned."""
    writer = WRITER(stream_xrefs=False)
    for _ in range(pages):
        box = ArrayObject(map(NUMBER, (0, 0, 400, 200)))
        page = PAGE(contents=writer.add_object(ArrayObject()), media_box=box)
        page[NameObject("/Rotate")] = NUMBER(turned)
        if not contents:
            del page[NameObject("/Contents")]
        writer.insert_page(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_every_page_has_the_mark_and_the_file_stands_before_it_to_the_last_byte() -> None:
    data = paper()
    made = marked(data)
    assert made.startswith(data) and len(made) > len(data)
    assert [len(re.findall(rb"/Mark\w+ Do", each)) for each in drawn(made)] == [4, 4, 2]
    assert set("可信等级C申请人上传须核对原件仅用于办件01236年月日") <= set(shown(made))


def test_a_marked_copy_that_is_handed_in_again_takes_another_mark() -> None:
    again = marked(marked(paper()))
    first, second = (re.findall(rb"/Mark\w+", drawn(each)[0])[0] for each in (again, marked(paper())))
    assert first != second and len(drawn(again)) == 3


@pytest.mark.parametrize(
    ("turned", "matrix"),
    [(0, b"1 0 0 1"), (90, b"0 1 -1 0"), (180, b"-1 0 0 -1"), (270, b"0 -1 1 0"), (-90, b"0 -1 1 0")],
)
def test_a_page_that_is_shown_turned_has_its_mark_upright(turned: int, matrix: bytes) -> None:
    (said,) = drawn(marked(plain(turned=turned)))
    assert matrix + b" 100.00 " in said or matrix + b" 200.00 " in said or matrix + b" 300.00 " in said


def test_an_empty_page_is_marked_as_well() -> None:
    assert drawn(marked(plain(contents=False)))[0].count(b" Do Q") == 4


def test_what_takes_no_mark_is_refused_and_never_half_done() -> None:
    locked: Any = copy_into_new_writer(PdfFileReader(BytesIO(paper())))
    out = BytesIO()
    locked.encrypt("owner", "user")
    locked.write(out)
    for data in (out.getvalue(), b"%PDF-1.7 and no more", plain(pages=301)):
        with pytest.raises(marking.Unmarkable):
            marked(data)
    with pytest.raises(marking.Unmarkable):
        marking.copy(PDF, BytesIO(b""), marking.MOST + 1, WORDS)
    with pytest.raises(marking.Unmarkable):
        marked(b"plain", "text/plain")


def picture(kind: str, size: tuple[int, int], turned: int = 1) -> bytes:
    told, out = Image.Exif(), BytesIO()
    told[0x0112] = turned
    Image.new("RGB", size, "white").save(out, kind, exif=told)
    return out.getvalue()


@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png")])
def test_a_picture_stays_a_picture_of_its_kind_with_the_mark_in_each_corner(kind: str, media_type: str) -> None:
    with Image.open(BytesIO(marked(picture(kind, (800, 1000)), media_type))) as made:
        assert (made.format, made.size) == (kind, (800, 1000))
        changed = ImageChops.difference(made.convert("L"), Image.new("L", made.size, 255)).point(
            lambda v: v > 60 and 255
        )
        for top in range(0, 1000, 500):
            for left in range(0, 800, 400):
                assert changed.crop((left, top, left + 400, top + 500)).getbbox() is not None


def test_a_picture_that_lies_on_its_side_is_marked_as_it_is_shown() -> None:
    with Image.open(BytesIO(marked(picture("JPEG", (300, 200), turned=6), "image/jpeg"))) as made:
        assert made.size == (200, 300) and 0x0112 not in made.getexif()


def test_a_huge_picture_is_made_small_enough_to_look_at_or_not_opened() -> None:
    with Image.open(BytesIO(marked(picture("JPEG", (5000, 2500)), "image/jpeg"))) as made:
        assert made.size == (2400, 1200)
    with pytest.raises(marking.Unmarkable):
        marked(picture("PNG", (10_000, 5_001)), "image/png")


@pytest.mark.parametrize(("width", "height"), [(595, 842), (842, 595), (100, 100), (1, 10_000)])
def test_marks_stand_inside_the_page_and_no_further_apart_than_a_cut_would_show(width: float, height: float) -> None:
    found = list(places(width, height))
    assert all(0 < x < width and 0 < y < height for x, y in found)
    assert len(found) <= MOST * MOST
    if max(width, height) < 3 * min(width, height):
        rows = sorted({y for _, y in found})
        assert all(after - before < 1.5 * APART * min(width, height) for before, after in pairwise(rows))
