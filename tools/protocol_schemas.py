# SPDX-License-Identifier: Apache-2.0
"""Makes docs/protocol/schemas out of the types that a node reads with and the protocol's own words, and limits.md."""

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).resolve().parents[1]
PROTOCOL = ROOT / "docs" / "protocol"
SCHEMAS = PROTOCOL / "schemas"
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.config.settings")
os.environ.pop("TONGBAN_HOME", None)

import django  # noqa: E402

django.setup()

import msgspec  # noqa: E402

from tongban.cases import bodies  # noqa: E402
from tongban.catalogue import basics, content  # noqa: E402
from tongban.catalogue.elements import units  # noqa: E402
from tongban.catalogue.lists import agreement  # noqa: E402
from tongban.catalogue.lists import content as lists  # noqa: E402
from tongban.exchange import acknowledgement, batch, doors, envelope, question, witness  # noqa: E402
from tongban.exchange.actions import recovering  # noqa: E402
from tongban.exchange.registry import KINDS  # noqa: E402
from tongban.exchange.sealed_part import Place  # noqa: E402
from tongban.ledger import heads  # noqa: E402
from tongban.licences import messages as licences  # noqa: E402
from tongban.licences.uses import asking as uses  # noqa: E402
from tongban.regions import requests, trustlist  # noqa: E402
from tools import protocol_limits  # noqa: E402

DIALECT = "https://json-schema.org/draft/2020-12/schema"
COMMON = "common.schema.json"
IN_COMMON = re.compile(r"#/\$defs/(.+)")
OPEN, CLOSED = (
    "A receiver leaves members that it does not know aside.",
    "A receiver refuses members that stand not here.",
)
CODE = re.compile(r"`([a-z_]+)`")
UUID = {"pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
INSTANT = {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"}
ROOT_HASH = {"pattern": "^[0-9a-f]{64}$"}


class Problem(msgspec.Struct, frozen=True):
    """How any door refuses (RFC 9457): the refusal of our own program, for people and for programs."""

    type: str
    title: str
    status: int
    code: str
    field: str = ""
    facts: dict[str, str] = {}


class Held(msgspec.Struct, frozen=True):
    """A message that this receiver refused, and how."""

    sequence: int
    answer: str


class Going(msgspec.Struct, frozen=True):
    """What is said of missed messages."""

    v: Literal[1]
    again: int
    refused: tuple[Held, ...]


@dataclass(frozen=True)
class Sheet:
    """One schema: the type it is made of, what it is, and under which heading of which page its members are told."""

    name: str
    kind: Any
    title: str
    says: str
    told: tuple[str, str] = ("", "")  # page and heading
    inside: Mapping[str, str] = field(default_factory=dict)  # member of signed text: the schema of what is in it
    encoded: str = ""  # how that text is encoded, when it is
    extra: Mapping[str, Any] = field(default_factory=dict)
    units: bool = False  # its members have the names of an item's elements

    @property
    def file(self) -> str:
        return f"{self.name}.schema.json"


R, M = "README.md", "messages.md"
BODIES = {  # what the body of a kind is, and the documents in it
    "item.published": ("事项版本 · A published version of a service item", {"document": "item"}),
    "basic.published": ("基本目录 · What one level lays down for a basic item", {"document": "basic"}),
    "list.published": ("通办清单 · A version of a tongban list", {"document": "list"}),
    "list.standing": ("清单进展 · How entries of a list stand", {}),
    "agreement.told": ("点对点协议 · What one side says of an agreement", {"document": "agreement"}),
    "case.opened": ("打开办件 · A whole case, offered to whoever decides", {}),
    "case.moved": ("办件动了 · Lines that continue a case's chain", {}),
    "case.requested": ("代办请求 · Something is wanted where another node has custody", {}),
    "case.answered": ("答复请求 · Why something that was wanted is not done", {}),
    "case.noticed": ("文书文件 · The sealed file of a notice is made", {}),
    "licence.standing": ("证照状态 · A licence stands otherwise than before", {}),
    "licence.type": ("证照类型 · A version of a type of licence", {}),
    "licence.recognition": ("互认清单 · What a region accepts of others' licences", {}),
    "ledger.head": ("账本树头 · A signed head of the sender's ledger", {"head": "tree-head"}),
    "exchange.echo": ("回声请求 · A message that does nothing but come back", {}),
    "exchange.echoed": ("回声 · What was echoed", {}),
}
SIGNED = {  # what each word of an agreement must bring
    "allOf": [
        {
            "if": {"properties": {"standing": {"const": standing}}},
            "then": {
                "required": list(members),
                "properties": {name: {"not": {"enum": ["", None]}} for name in members},
            },
        }
        for standing, members in {
            "offered": ("document", "signature"),
            "confirmed": ("signature",),
            "ended": ("ends_on",),
        }.items()
    ]
}
JOINING = {
    "allOf": [
        {
            "if": {"properties": {"kind": {"const": "join"}}},
            "then": {
                "required": ["name", "address", "dial"],
                "properties": {name: {"minLength": 1} for name in ("name", "address", "dial")},
            },
            "else": {"properties": {"keys": {"minItems": 1, "maxItems": 1}}},
        }
    ]
}
ASKED = {"properties": {"id": UUID, "asked_at": INSTANT, "expires_at": INSTANT}}
REPLIED = {"properties": {"id": UUID, "answered_at": INSTANT}}
ITEM_SAYS = (
    "The content that is frozen when a version is published. A document of a later format than this schema's is read "
    "too: words that are not here are then left aside."
)
KNOWN = {"properties": {"format": {"maximum": content.FORMAT}}}
LINE = {"properties": {"at": INSTANT}}
LINE_SAYS = "One line of the chain of a case; in messages it travels as exact text."


def sheets() -> list[Sheet]:
    """All of them."""
    return [*_signed(), *_doors(), *_kinds(), *_documents(), *_questions()]


def _signed() -> Iterator[Sheet]:
    yield Sheet(
        "envelope",
        envelope.Words,
        "信封 · One message",
        "What is digested, signed with its batch, and kept. The body depends on the kind.",
        (R, "## 5 "),
        extra={
            "properties": {"id": UUID, "occurred_at": INSTANT},
            "allOf": [_body_of(name) for name in sorted(KINDS)],
        },
    )
    yield Sheet(
        "batch-head",
        batch.Words,
        "批次头 · The head of a batch",
        "What the sender signs.",
        (R, "## 6 "),
        extra={
            "properties": {
                "batch": UUID,
                "created_at": INSTANT,
                "count": {"minimum": 1, "maximum": batch.MOST},
            }
        },
    )
    yield Sheet(
        "acknowledgement",
        acknowledgement.Words,
        "回执 · An acknowledgement",
        "What the receiver signs: of each message of one batch, whether it is kept or why not.",
        (R, "### The acknowledgement"),
        extra={"properties": {"batch": UUID, "at": INSTANT, "root": ROOT_HASH}},
    )
    yield Sheet(
        "acknowledgement-answer",
        acknowledgement.Wire,
        "回执的答复 · An acknowledgement as it travels",
        "The answer to a batch that was taken in.",
        (R, "### The acknowledgement"),
        {"acknowledgement": "acknowledgement"},
    )
    yield Sheet("tree-head", heads.Words, "账本树头 · A tree head", "What a node signs of its ledger.", (R, "## 14 "))
    yield Sheet(
        "sealed-part-context",
        Place,
        "加密文件段的上下文 · The context of a sealed part",
        "Both sides compose it; a part opens only with the same bytes. It does not travel.",
        (R, "## 11 "),
        extra={"properties": {"v": {"const": 1}}, "required": ["v"], "additionalProperties": False},
    )


def _doors() -> Iterator[Sheet]:
    trust = (R, "## 4 ")
    yield Sheet("trust-list", trustlist.Entries, "信任名单 · The trust list", "The document that the hub signs.", trust)
    yield Sheet(
        "trust-list-answer",
        trustlist.Packed,
        "名单的答复 · A signed trust list",
        "The answer of `GET /exchange/trust-list`.",
        trust,
        {"document": "trust-list"},
        "base64url",
    )
    yield Sheet(
        "trust-lists-answer",
        trustlist.PackedLists,
        "其后的名单 · Lists that follow one another",
        "The answer of `GET /exchange/trust-list?after=`.",
        trust,
    )
    yield Sheet(
        "membership-request",
        requests.Asked,
        "加入或更换密钥的申请 · A request to the hub",
        "To be listed, or to have a new key listed; the text under `request`.",
        (R, "### Joining"),
        extra=JOINING,
    )
    yield Sheet("problem", Problem, "拒绝 · A refusal", "What a door answers that does not do it.", (R, "## 8 "))
    yield Sheet("again", doors.Again, "请求补发 · Which messages are missed", "`POST /exchange/again`.", (R, "## 9 "))
    yield Sheet(
        "again-answer",
        Going,
        "补发的答复 · What goes again",
        "The answer of `POST /exchange/again`.",
        (R, "## 9 "),
    )
    yield Sheet(
        "returned",
        doors.Returning,
        "请求归还 · From when on somebody has forgotten",
        "`POST /exchange/returned`.",
        (R, "## 9 "),
    )
    yield Sheet(
        "returned-answer",
        recovering.Page,
        "归还的往来 · A page of what crossed",
        "The answer of `POST /exchange/returned`; each item proves itself.",
        (R, "## 9 "),
    )
    yield Sheet(
        "witness-statement",
        witness.Said,
        "见证声明 · What a witness holds",
        "The document in the answer of `GET /exchange/witness`.",
        (R, "## 14 "),
    )


def _kinds() -> Iterator[Sheet]:
    for name, kind in sorted(KINDS.items()):
        title, inside = BODIES[name]
        extra = SIGNED if name == "agreement.told" else {}
        told = "item.published" if name == "basic.published" else name  # which has the members of the other
        yield Sheet(name, kind.body, title, f"The body of `{name}`.", (M, f"## `{told}`"), inside, extra=extra)


def _documents() -> Iterator[Sheet]:
    yield Sheet("item", content.ItemContent, "实施事项 · A service item", ITEM_SAYS, extra=KNOWN, units=True)
    yield Sheet(
        "basic",
        basics.BasicContent,
        "基本目录事项 · A basic item of one level",
        "What one level lays down for all below it; `elements` have the shape of an item's document.",
        (M, "## `basic.published`"),
    )
    yield Sheet(
        "list",
        lists.TongbanList,
        "通办清单 · A tongban list",
        "The document of a published list.",
        (M, "## `list.published`"),
    )
    yield Sheet(
        "agreement",
        agreement.Agreement,
        "点对点协议 · An agreement between two regions",
        "The document that both sides sign.",
        (M, "## `agreement.told`"),
    )
    yield Sheet(
        "chain-line", bodies.ChainLine, "链上的一行 · A line of the chain", LINE_SAYS, (M, "## The chain"), extra=LINE
    )
    yield Sheet(
        "clock",
        bodies.ClockWords,
        "时限 · A clock",
        "A limit with all that happened to it, and its dates.",
        (M, "## The chain"),
    )


def _questions() -> Iterator[Sheet]:
    asked = (R, "## 12 ")
    yield Sheet(
        "question", question.QuestionWords, "查询 · A question", "What the asking node signs.", asked, extra=ASKED
    )
    yield Sheet(
        "reply", question.ReplyWords, "答复 · An answer", "What the answering node signs.", asked, extra=REPLIED
    )
    yield Sheet(
        "signed-document",
        question.Wire,
        "签名的文件 · A signed document as it travels",
        "A question or its answer: the signed text, then who signed.",
        asked,
    )
    told = (M, "### `licence.status`")
    says = "The body of the {} `licence.status`."
    yield Sheet("licence.status.question", licences.StatusAsked, "证照现状之问", says.format("question"), told)
    yield Sheet("licence.status.answer", licences.StatusTold, "证照现状之答", says.format("answer to"), told)
    told = (M, "### `licence.use`")
    says = "The body of the {} `licence.use`."
    yield Sheet("licence.use.question", uses.UseAsked, "调取证照之问", says.format("question"), told)
    yield Sheet("licence.use.answer", uses.UseGiven, "调取证照之答", says.format("answer to"), told)


def _body_of(name: str) -> dict[str, Any]:
    """That a message of this kind has this body."""
    is_kind = {"properties": {"kind": {"const": name}}, "required": ["kind"]}
    return {"if": is_kind, "then": {"properties": {"body": {"$ref": f"{name}.schema.json"}}}}


def pages() -> dict[str, str]:
    """Name and text of every schema, and of the page of limits and codes."""
    made, parts = _components()
    shared = _shared(made, parts)
    found = {sheet.file: _sheet(sheet, made[sheet.name], parts, shared) for sheet in sheets()}
    common = {
        "$schema": DIALECT,
        "$id": COMMON,
        "title": "公用的部分 · Shared parts",
        "description": "Parts that several schemas use.",
        "$defs": {name: parts[name] for name in sorted(shared)},
    }
    found[COMMON] = _pointing(common, COMMON, set(), shared)
    written = {f"schemas/{name}": json.dumps(each, ensure_ascii=False, indent=2) for name, each in found.items()}
    return {name: f"{text}\n" for name, text in written.items()} | {"limits.md": protocol_limits.page()}


def _components() -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """By name of the sheet what it is, and by plain name the parts that it is made of."""
    all_of = sheets()
    refs, found = msgspec.json.schema_components([sheet.kind for sheet in all_of], ref_template="#/$defs/{name}")
    plainly = Counter(_plain_name(name) for name in found)
    named = {name: _plain_name(name) if plainly[_plain_name(name)] == 1 else name.rpartition(".")[2] for name in found}
    plain = {named[name]: _tidied(words, named) for name, words in found.items()}
    made = {sheet.name: plain[named[_target(ref)]] for sheet, ref in zip(all_of, refs, strict=True)}
    roots = {named[_target(ref)]: sheet.file for sheet, ref in zip(all_of, refs, strict=True)}
    return _with_links(made, roots), _with_links(plain, roots)


def _with_links(given: dict[str, dict[str, Any]], roots: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """A part that has a schema of its own is pointed to there."""

    def linked(value: Any) -> Any:
        if isinstance(value, dict):
            name = _target(value["$ref"]) if set(value) == {"$ref"} else ""
            return {"$ref": roots[name]} if name in roots else {key: linked(each) for key, each in value.items()}
        return [linked(each) for each in value] if isinstance(value, list) else value

    return {name: linked(words) for name, words in given.items()}


def _tidied(value: Any, named: Mapping[str, str]) -> Any:
    """Without what only Python means: its anchors, the titles that are class names, qualified names."""
    if isinstance(value, list):
        return [_tidied(each, named) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _tidied(each, named) for key, each in value.items() if key != "title" or isinstance(each, dict)}
    if isinstance(kept.get("pattern"), str):
        kept["pattern"] = kept["pattern"].replace(r"\Z", "$")
    if isinstance(kept.get("$ref"), str):
        kept["$ref"] = f"#/$defs/{named[_target(kept['$ref'])]}"
    return kept


def _plain_name(name: str) -> str:
    """PartyWords is a party; of several that are called the same the folders tell them apart."""
    *folders, short = name.removeprefix("tongban.").split(".")
    return "".join(part.title().replace("_", "") for part in folders) + (short.removesuffix("Words") or short)


def _target(ref: Any) -> str:
    found = IN_COMMON.fullmatch(ref["$ref"] if isinstance(ref, dict) else ref)
    return found[1] if found else ""


def _needed(words: Any, parts: Mapping[str, dict[str, Any]]) -> set[str]:
    """The parts that this is made of, at any depth."""
    found: set[str] = set()
    waiting = [words]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            name = _target(value.get("$ref", "")) if isinstance(value.get("$ref", ""), str) else ""
            if name and name not in found:
                found.add(name)
                waiting.append(parts[name])
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return found


def _shared(made: Mapping[str, dict[str, Any]], parts: Mapping[str, dict[str, Any]]) -> set[str]:
    """The parts that more than one schema uses, and all that they are made of."""
    used = Counter(name for words in made.values() for name in _needed(words, parts))
    several = {name for name, count in used.items() if count > 1}
    return several.union(*(_needed(parts[name], parts) for name in several))


def _sheet(
    sheet: Sheet, words: dict[str, Any], parts: Mapping[str, dict[str, Any]], shared: set[str]
) -> dict[str, Any]:
    head = {"$schema": DIALECT, "$id": sheet.file, "title": sheet.title}
    body = _merged({key: each for key, each in words.items() if key != "description"}, sheet.extra)
    refuses = body.get("additionalProperties") is False
    says = f"{sheet.says} {CLOSED if refuses else OPEN}"
    told = _unit_names() if sheet.units else members(*sheet.told)
    body["properties"] = {
        name: _member(sheet, name, given, told.get(name, "")) for name, given in body["properties"].items()
    }
    own = sorted(_needed(words, parts) - shared)
    defs = {"$defs": {name: parts[name] for name in own}} if own else {}
    return _pointing({**head, "description": says, **body, **defs}, sheet.file, set(own), shared)


def _member(sheet: Sheet, name: str, given: dict[str, Any], told: str) -> dict[str, Any]:
    made = {"description": told, **given} if told else dict(given)
    if name in sheet.inside:
        made["contentMediaType"] = "application/json"
        if sheet.encoded:
            made["contentEncoding"] = sheet.encoded
        made["contentSchema"] = {"$ref": f"{sheet.inside[name]}.schema.json"}
    return made


def _merged(words: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(words)
    for key, value in extra.items():
        if key == "properties":
            named = made[key]
            made[key] = named | {name: named.get(name, {}) | more for name, more in value.items()}
        else:
            made[key] = [*made.get(key, []), *value] if isinstance(value, list) else value
    return made


def _pointing(value: Any, file: str, own: set[str], shared: set[str]) -> Any:
    """References into the common file, and the chain's lines as the text that they are."""
    if isinstance(value, list):
        return [_pointing(each, file, own, shared) for each in value]
    if not isinstance(value, dict):
        return value
    made = {key: _pointing(each, file, own, shared) for key, each in value.items()}
    name = _target(made["$ref"]) if isinstance(made.get("$ref"), str) else ""
    if name in shared and file != COMMON:
        made["$ref"] = f"{COMMON}#/$defs/{name}"
    if set(made.get("properties", ())) == {"line", "digest", "facts", "salt"}:
        inside = {"contentMediaType": "application/json", "contentSchema": {"$ref": "chain-line.schema.json"}}
        made["properties"] = made["properties"] | {"line": made["properties"]["line"] | inside}
    return made


@cache
def members(page: str, heading: str) -> dict[str, str]:
    """What the tables under a heading of the protocol say of each member."""
    if not page:
        return {}
    found: dict[str, str] = {}
    for cells in rows(page, heading):
        for name in CODE.findall(cells[0]):
            found.setdefault(name, _as_text(cells[-1]))
    return found


def rows(page: str, heading: str) -> Iterator[list[str]]:
    """The cells of every row of every table under a heading."""
    lines = (PROTOCOL / page).read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(heading))
    depth = len(heading) - len(heading.lstrip("#"))
    for line in lines[start + 1 :]:
        if re.match(rf"#{{1,{depth}}} ", line):
            return
        if line.startswith("|") and not line.startswith("|---"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def _as_text(cell: str) -> str:
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", cell).replace("\\|", "|")


@cache
def _unit_names() -> dict[str, str]:
    """The Chinese name of each element of an item; of one that has parts, those of its parts."""
    found: dict[str, list[str]] = {}
    for path, unit in units().items():
        found.setdefault(path.partition(".")[0], []).append(unit.name)
    return {name: "、".join(dict.fromkeys(names)) for name, names in found.items()} | {"format": "文档格式"}


def differing() -> list[str]:
    """The files that are not as they would be made now."""
    made = pages()
    there = {str(file.relative_to(PROTOCOL)): file.read_text(encoding="utf-8") for file in _there()}
    return sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))


def _there() -> list[Path]:
    return [*SCHEMAS.glob("*.json"), *PROTOCOL.glob("limits.md")]


def main() -> None:
    """Write them anew."""
    SCHEMAS.mkdir(exist_ok=True)
    made = pages()
    for file in _there():
        if str(file.relative_to(PROTOCOL)) not in made:
            file.unlink()
    for name, text in made.items():
        (PROTOCOL / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
