# SPDX-License-Identifier: Apache-2.0
"""Sets a paper as the pages of an OFD: the same words as the PDF, every character at a place of its own. Pure.

Fonts are named, not brought along: a reader takes its own 宋体 and 黑体, the places stay.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from unicodedata import east_asian_width
from xml.sax.saxutils import escape, quoteattr

import segno

from tongban.licences.documents import Paper, chinese_date
from tongban.licences.seal_drawing import CENTRE
from tongban.standards.clock import local_date

SPACE = "http://www.ofdspec.org/2016"
WIDTH, HEIGHT = 210.0, 297.0  # mm, A4
LEFT, RIGHT, TOP, LOW = 27.0, 183.0, 42.0, 236.0  # of the words
SONG, HEI = 2, 3  # identifiers of the fonts
BODY, SMALL, LEADING = 5.3, 2.7, 1.75  # mm, mm, lines
SIGNED = HEIGHT - CENTRE[1]  # from above: where issuer and date stand, and the seal on them
LABEL = 34.0  # mm that the labels of a table take
QR = 20.0


@dataclass(frozen=True)
class Text:
    """Characters on one line, their lower left corner, in mm from the upper left of the page."""

    x: float
    y: float
    size: float
    text: str
    font: int = SONG


@dataclass
class _Flow:
    """Where the next line goes."""

    pages: list[list[Text]] = field(default_factory=lambda: [[]])
    y: float = TOP

    def put(self, text: str, *, size: float = BODY, x: float = LEFT, font: int = SONG) -> None:
        """One line, on the next page when this one is full."""
        if self.y > LOW:
            self.pages.append([])
            self.y = TOP
        self.pages[-1].append(Text(x, self.y, size, text, font))
        self.y += size * LEADING

    def centre(self, text: str, size: float) -> None:
        """One line in the middle, smaller when it would be too long."""
        size = min(size, size * (RIGHT - LEFT) / max(width(text, size), 1.0))
        self.put(text, size=size, x=(WIDTH - width(text, size)) / 2)

    def words(self, text: str, *, indent: int = 0, x: float = LEFT, size: float = BODY) -> None:
        """A paragraph, broken where the line is full."""
        for line in broken("　" * indent + text, RIGHT - x, size):
            self.put(line, size=size, x=x)


def files(paper: Paper, at: datetime) -> dict[str, bytes]:
    """The entries of the package, without signature."""
    pages = lay_out(paper)
    head = paper.heading
    document_id = sha256(f"{head.node}\0{head.number}".encode()).hexdigest()[:32]
    made = {
        "OFD.xml": _root(document_id, head.title, head.issuer, at),
        "Doc_0/Document.xml": _document(len(pages)),
        "Doc_0/PublicRes.xml": _fonts(),
        "Doc_0/DocumentRes.xml": _pictures(),
        "Doc_0/Res/check.png": _code(head.address),
    }
    for number, page in enumerate(pages):
        made[f"Doc_0/Pages/Page_{number}/Content.xml"] = _page(page, number, has_code=number == len(pages) - 1)
    return made


def page_id(number: int) -> int:
    """The identifier of a page."""
    return 10 + number


def page_count(entries: Iterable[str]) -> int:
    """How many pages a package has."""
    return sum(name.startswith("Doc_0/Pages/") for name in entries)


def lay_out(paper: Paper) -> list[list[Text]]:
    """Every line of every page."""
    head, flow = paper.heading, _Flow()
    flow.centre(head.title, 9.0)
    flow.y += 2
    flow.put(f"编号：{head.number}", size=3.9, x=RIGHT - width(f"编号：{head.number}", 3.9))
    flow.y += 4
    if paper.addressee:
        flow.words(f"{paper.addressee}：")
    for paragraph in paper.paragraphs:
        flow.words(paragraph, indent=2)
    for label, value in paper.rows:
        _row(flow, label, value)
    if paper.closing:
        flow.words(paper.closing, indent=2)
    for note in paper.notes:
        flow.words(f"注：{note}", size=3.4)
    if flow.y > SIGNED - 25:
        flow.pages.append([])
    flow.pages[-1] += _signed(paper)
    return flow.pages


def _row(flow: _Flow, label: str, value: str) -> None:
    """A label beside the words it belongs to."""
    lines = broken(value, RIGHT - LEFT - LABEL, 4.2) or [""]
    flow.put(lines[0], size=4.2, x=LEFT + LABEL)
    page = flow.pages[-1]
    page.append(Text(LEFT, page[-1].y, 4.2, label, HEI))
    for line in lines[1:]:
        flow.put(line, size=4.2, x=LEFT + LABEL)


def _signed(paper: Paper) -> list[Text]:
    """Who says so and when, where the seal will be; and how the paper is checked."""
    head = paper.heading
    issuer = min(BODY, 96 / max(len(head.issuer), 1))
    dated = chinese_date(head.dated)
    told = [
        Text(CENTRE[0] - width(head.issuer, issuer) / 2, SIGNED - 3, issuer, head.issuer),
        Text(CENTRE[0] - width(dated, BODY) / 2, SIGNED + 7, BODY, dated),
    ]
    lines = [
        "扫描二维码，或在任一通办节点上传本文件，均可核验真伪。",
        f"文书编号　{head.number}　核验码　{head.check_code}",
    ]
    lines += [f"证照标识　{head.identifier}"] if head.identifier else []
    lines.append(f"本件由{head.node}加盖电子印章并数字签名，内容有任何改动即不能通过核验。")
    if head.demonstration:
        lines.append("演示文书：由通办演示环境生成，人员与事项均为虚构，不具有法律效力。")
    told += [Text(LEFT + QR + 4.5, 255 + 4.4 * n, SMALL, line, HEI) for n, line in enumerate(lines)]
    return told


def width(text: str, size: float) -> float:
    """How wide a line is, in mm."""
    return sum(_advance(character) for character in text) * size


def broken(text: str, room: float, size: float) -> list[str]:
    """The lines of a paragraph; none begins with a mark that ends a word, or ends with one that opens."""
    lines, line, used = [], "", 0.0
    for character in text:
        step = _advance(character) * size
        if used + step > room and character not in "，。、；：！？）》”〕":
            kept = line.rstrip("（《“〔") or line
            lines.append(kept)
            line = line[len(kept) :]
            used = width(line, size)
        line, used = line + character, used + step
    return [*lines, line] if line else lines


def _advance(character: str) -> float:
    """In parts of the size: Chinese characters are square, capital letters wider than other signs."""
    return 1.0 if east_asian_width(character) in "WFA" else 0.75 if character.isupper() else 0.5


def _root(document_id: str, title: str, author: str, at: datetime) -> bytes:
    info = _tag("DocID", document_id) + _tag("Title", title) + _tag("Author", author)
    info += _tag("CreationDate", local_date(at).isoformat()) + _tag("Creator", "tongban")
    body = f"<ofd:DocInfo>{info}</ofd:DocInfo>" + _tag("DocRoot", "Doc_0/Document.xml")
    body += _tag("Signatures", "Doc_0/Signs/Signatures.xml")
    return xml("OFD", f"<ofd:DocBody>{body}</ofd:DocBody>", Version="1.0", DocType="OFD")


def _document(pages: int) -> bytes:
    area = _tag("PageArea", inside=_tag("PhysicalBox", f"0 0 {WIDTH:g} {HEIGHT:g}"))
    common = _tag("MaxUnitID", "99999") + area + _tag("PublicRes", "PublicRes.xml")
    common += _tag("DocumentRes", "DocumentRes.xml")
    listed = "".join(
        f'<ofd:Page ID="{page_id(number)}" BaseLoc="Pages/Page_{number}/Content.xml"/>' for number in range(pages)
    )
    return xml("Document", _tag("CommonData", inside=common) + _tag("Pages", inside=listed))


def _fonts() -> bytes:
    told = ((SONG, "宋体"), (HEI, "黑体"))
    listed = "".join(f'<ofd:Font ID="{number}" FontName="{name}" FamilyName="{name}"/>' for number, name in told)
    return xml("Res", _tag("Fonts", inside=listed), BaseLoc="Res")


def _pictures() -> bytes:
    picture = (
        '<ofd:MultiMedia ID="5" Type="Image" Format="PNG"><ofd:MediaFile>check.png</ofd:MediaFile></ofd:MultiMedia>'
    )
    return xml("Res", _tag("MultiMedias", inside=picture), BaseLoc="Res")


def _page(lines: Sequence[Text], number: int, *, has_code: bool) -> bytes:
    first = 1000 * (number + 1)
    inside = "".join(_line(line, first + 1 + place) for place, line in enumerate(lines))
    if has_code:
        box = f"{LEFT:g} 252 {QR:g} {QR:g}"
        inside += f'<ofd:ImageObject ID="{first + 900}" Boundary="{box}" CTM="{QR:g} 0 0 {QR:g} 0 0" ResourceID="5"/>'
    layer = f'<ofd:Layer ID="{first}" Type="Body">{inside}</ofd:Layer>'
    return xml("Page", _tag("Content", inside=layer))


def _line(line: Text, number: int) -> str:
    text = line.text.rstrip()
    steps = " ".join(f"{_advance(character) * line.size:.3f}".rstrip("0").rstrip(".") for character in text[:-1])
    box = f"{line.x:.2f} {line.y - line.size:.2f} {width(text, line.size):.2f} {line.size * 1.3:.2f}"
    moved = f' DeltaX="{steps}"' if steps else ""
    code = f'<ofd:TextCode X="0" Y="{line.size:.2f}"{moved}>{escape(text)}</ofd:TextCode>'
    said = f'ID="{number}" Boundary="{box}" Font="{line.font}" Size="{line.size:.2f}"'
    return f"<ofd:TextObject {said}>{code}</ofd:TextObject>"


def _code(address: str) -> bytes:
    picture = BytesIO()
    segno.make_qr(address, error="m").save(picture, kind="png", border=0, scale=8)
    return picture.getvalue()


def _tag(name: str, text: str = "", *, inside: str = "") -> str:
    return f"<ofd:{name}>{escape(text)}{inside}</ofd:{name}>"


def xml(name: str, inside: str, **attributes: str) -> bytes:
    told = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<ofd:{name} xmlns:ofd="{SPACE}"{told}>{inside}</ofd:{name}>'.encode()
