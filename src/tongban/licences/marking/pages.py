# SPDX-License-Identifier: Apache-2.0
"""Lays a mark over the pages of a PDF, as a revision after its last byte: nothing of the file is written anew."""

import secrets
from io import BytesIO
from typing import Any, BinaryIO

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, StreamObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from tongban.licences.marking.places import Unmarkable, places
from tongban.licences.typesetting import typeset_mark

MOST_PAGES = 300
TURNS = {90: "0 1 -1 0", 180: "-1 0 0 -1", 270: "0 -1 1 0"}  # as a page is shown turned, so is what stands on it


def laid_over(source: BinaryIO, size: int, words: str) -> bytes:
    """What follows the file's own bytes. Unmarkable when it is encrypted or has too many pages."""
    writer: Any = IncrementalPdfFileWriter(source, strict=False)  # the library has few types
    if writer.security_handler is not None:
        raise Unmarkable()
    count = int(writer.root["/Pages"]["/Count"])
    if not 0 < count <= MOST_PAGES:
        raise Unmarkable()
    mark = writer.import_page_as_xobject(PdfFileReader(BytesIO(typeset_mark(words))))
    _Layer(writer, mark).over(count)
    revision = _Revision(size)
    writer.write(revision)
    return bytes(revision.data)


class _Layer:
    """The mark of one file, and what its pages share of it."""

    def __init__(self, writer: Any, mark: Any) -> None:
        self._writer, self._mark = writer, mark
        self._side = float(mark.get_object()["/BBox"][2])
        self._name = f"/Mark{secrets.token_hex(6)}"  # no page has one of this name already
        self._save = writer.add_object(StreamObject(stream_data=b"q\n"))
        self._drawn: dict[tuple[float, ...], Any] = {}

    def over(self, count: int) -> None:
        """Over each of so many pages."""
        for number in range(count):
            self._over(number)

    def _over(self, number: int) -> None:
        reference, resources = self._writer.find_page_for_modification(number)
        page = reference.get_object()
        if "/Contents" not in page:
            page[pdf_name("/Contents")] = self._writer.add_object(ArrayObject())
            self._writer.mark_update(reference)
        has_it = self._name in resources.get_object().get("/XObject", {})  # pages may share one dictionary
        named = _dictionary("/XObject", _dictionary(self._name, self._mark))
        self._writer.add_stream_to_page(number, self._save, prepend=True)
        self._writer.add_stream_to_page(number, self._stream(page), None if has_it else named)

    def _stream(self, page: DictionaryObject) -> Any:
        """What draws the marks on a page of this size, turned this way."""
        box = [float(each) for each in _inherited(page, "/CropBox") or _inherited(page, "/MediaBox") or ()]
        if len(box) != 4:
            raise Unmarkable()
        left, low, right, high = min(box[0::2]), min(box[1::2]), max(box[0::2]), max(box[1::2])
        turned = int(_inherited(page, "/Rotate") or 0) % 360
        key = (left, low, right, high, turned)
        if key not in self._drawn:
            drawn = self._draw(left, low, right - left, high - low, turned)
            self._drawn[key] = self._writer.add_object(StreamObject(stream_data=drawn))
        return self._drawn[key]

    def _draw(self, left: float, low: float, width: float, height: float, turned: int) -> bytes:
        scale = min(width, height) / self._side
        upright = turned % 180 == 0
        said = ["Q q"]  # whatever the page left behind is not for the mark
        for along, up in places(*((width, height) if upright else (height, width))):
            x, y = (along, up) if upright else (up, along)
            turn = TURNS.get(turned, "1 0 0 1")
            half = -self._side / 2
            said.append(
                f"q {turn} {left + x:.2f} {low + y:.2f} cm {scale:.5f} 0 0 {scale:.5f} 0 0 cm "
                f"1 0 0 1 {half:.2f} {half:.2f} cm {self._name} Do Q"
            )
        return "\n".join([*said, "Q"]).encode()


def _dictionary(name: str, value: Any) -> DictionaryObject:
    return DictionaryObject({pdf_name(name): value})  # type: ignore[no-untyped-call]


def _inherited(page: DictionaryObject, name: str) -> Any:
    """An attribute of a page, or of those that it is under (ISO 32000-1, 7.7.3.4)."""
    for _ in range(32):  # a tree that goes round has no end
        if name in page:
            return page[name]
        if "/Parent" not in page:
            return None
        page = page["/Parent"]
    return None


class _Revision:
    """Takes what is written and keeps what comes after the file's own bytes."""

    def __init__(self, size: int) -> None:
        self._left, self._at, self.data = size, 0, bytearray()

    def write(self, data: bytes) -> int:
        own = min(self._left, len(data))
        self._left -= own
        self._at += len(data)
        self.data += data[own:]
        return len(data)

    def tell(self) -> int:
        return self._at
