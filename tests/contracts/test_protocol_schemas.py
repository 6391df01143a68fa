# SPDX-License-Identifier: Apache-2.0
"""The published schemas are what a node reads, neither more nor less, and every kind, example and door has one."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from jsonschema import Draft202012Validator

from tests.contracts.schemas import faults, published
from tongban.cases import bodies, chain, clocks
from tongban.catalogue import basics, content
from tongban.catalogue.lists import agreement
from tongban.catalogue.lists import content as lists
from tongban.demo import content as demo
from tongban.exchange import acknowledgement, batch, doors, envelope, errors, hop, keys, question, sealed_part, witness
from tongban.exchange.actions import echoing, mending, recovering, refusing, sending
from tongban.exchange.errors import ExchangeRefusal, Malformed, QuestionExpired
from tongban.exchange.queries import returning
from tongban.exchange.question import Question, Reply
from tongban.exchange.registry import ANSWERS, KINDS
from tongban.ledger import heads
from tongban.licences.messages import StatusAsked, StatusTold
from tongban.licences.uses.asking import UseAsked, UseGiven
from tongban.regions import requests, trustlist
from tongban.standards import canonical as canonical_form
from tongban.standards.canonical import canonical
from tongban.standards.refusal import Refusal
from tongban.standards.signer import Signed
from tools import protocol_limits, protocol_schemas

ROOT = Path(__file__).resolve().parents[2]
PROTOCOL = ROOT / "docs" / "protocol"
EXAMPLES = PROTOCOL / "examples"
AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
NODE, PEER, ID = "620000", "430000", UUID("0190f000-0000-7000-8000-000000000001")
ODD: tuple[Any, ...] = (None, -1, 7, True, "x", "", [], {}, ["x"], {"x": 7})
REFUSALS = (Refusal, ValueError, KeyError, TypeError)
MOST_ITEMS = 40


def example(name: str) -> Any:
    return json.loads((EXAMPLES / name).read_bytes())


def letters() -> list[dict[str, Any]]:
    """Every envelope of the examples."""
    files = sorted(EXAMPLES.glob("*/*.batch.ndjson"))
    return [json.loads(line) for file in files for line in file.read_bytes().split(b"\n")[2:]]


def body_of(kind: str) -> dict[str, Any]:
    """The first body of a kind in the examples."""
    found: dict[str, Any] = next(letter["body"] for letter in letters() if letter["kind"] == kind)
    return found


def first_batch() -> list[bytes]:
    return (EXAMPLES / "ed25519" / "620000-to-430000.batch.ndjson").read_bytes().split(b"\n")


def signed_acknowledgement() -> dict[str, Any]:
    found: dict[str, Any] = example("ed25519/620000-to-430000.acknowledgement.json")
    return found


def a_question() -> Question:
    return Question(
        id=ID,
        asker=NODE,
        asked=PEER,
        kind="licence.status",
        purpose="核实电子文件现状",
        basis="示例",
        subject="",
        actor="system:620000",
        asked_at=AT,
        expires_at=AT + timedelta(minutes=1),
        body={"file": "sha256:00"},
    )


def a_use() -> dict[str, Any]:
    """A licence that is asked for, with the five elements of a call and the holder's consent."""
    words = "name holder_type holder_number organization organization_name user item_name item_code business_code"
    return dict.fromkeys(words.split(), "1") | {
        "fields": ["number", "file"],
        "consent": {"at": AT.isoformat(), "until": "2026-12-23"},
    }


def a_clock() -> dict[str, Any]:
    """A clock with all that may happen to one."""
    regime = clocks.Regime("promised", 7, clocks.Unit.WORKING_DAY, "", "", "事项写明", clocks.Nature.PROMISED, "审查")
    pause = clocks.Pause("", "听证", AT, None, "promised")
    more = clocks.Extension(3, clocks.Unit.WORKING_DAY, "行政许可法", "第四十二条", AT)
    told = clocks.plain(clocks.Clock(regime, AT, (pause,), (more,)))
    return told | {"soon_at": None, "due_at": None, "days": {"2026-11-24": ["停办", "holiday"]}}


def a_head() -> bytes:
    return heads.TreeHead(NODE, 1, 3, "0" * 64, AT, heads.After(1, 2, "0" * 64, 1)).bytes()


def a_statement() -> dict[str, Any]:
    held = witness.held_head(Signed(a_head(), b"\x01", "ed25519-" + "0" * 32, "ed25519"), "first", AT)
    read: dict[str, Any] = json.loads(witness.statement(PEER, NODE, AT, [held]))
    return read


def a_page() -> dict[str, Any]:
    head, _, letter = first_batch()[:3]
    shown = example("ed25519/620000-to-430000.proof-of-message-1.json")
    item = {"envelope": letter.decode(), "proof": shown, "head": head.decode(), "signature": "00"}
    return {"v": 1, "items": [item], "next": ""}


def read_line(line: Any) -> object:
    return chain.number_of({"line": canonical(line).decode(), "digest": "", "facts": {}, "salt": ""})


def read_clock(told: Any) -> object:
    msgspec.convert(told, bodies.ClockWords)
    return clocks.clock(told)


def read_request(asked: Any) -> object:
    whole = example("join-request.json")
    return requests.read(canonical(whole | {"request": canonical(asked).decode()}))


def read_acknowledgement(told: Any) -> object:
    head = batch.read_head(first_batch()[0])
    return acknowledgement.answers(canonical(told), batch=head.batch, recipient=head.recipient, root=head.root)


def read_answer(answer: Any) -> object:
    return read_acknowledgement(json.loads(acknowledgement.unwire(canonical(answer)).data))


def read_letter(letter: Any) -> object:
    read = envelope.read(canonical(letter))
    kind = KINDS.get(read.kind)
    return envelope.fitting(read.body, kind.body) if kind and kind.body else read


SAMPLES: dict[str, tuple[Callable[[], Any], Callable[[Any], object]]] = {  # a document, and what a node reads it with
    "envelope": (lambda: json.loads(first_batch()[2]), read_letter),
    "batch-head": (lambda: json.loads(first_batch()[0]), lambda d: batch.read_head(canonical(d))),
    "acknowledgement": (lambda: json.loads(signed_acknowledgement()["acknowledgement"]), read_acknowledgement),
    "acknowledgement-answer": (signed_acknowledgement, read_answer),
    "trust-list": (lambda: example("trust-list.document.json"), lambda d: trustlist.read(canonical(d))),
    "trust-list-answer": (lambda: example("trust-list.json"), lambda d: trustlist.unpacked(canonical(d))),
    "trust-lists-answer": (lambda: example("trust-lists.json"), lambda d: trustlist.unpacked_lists(canonical(d))),
    "membership-request": (lambda: json.loads(example("join-request.json")["request"]), read_request),
    "again": (
        lambda: {"v": 1, "subject": "case:1", "after": 0, "before": 2},
        lambda d: envelope.shaped(canonical(d), doors.Again),
    ),
    "returned": (
        lambda: {"v": 1, "epoch": 2, "since": envelope.instant(AT), "cursor": ""},
        lambda d: envelope.shaped(canonical(d), doors.Returning),
    ),
    "returned-answer": (a_page, lambda d: envelope.shaped(canonical(d), recovering.Page)),
    "witness-statement": (a_statement, lambda d: witness.read_statement(canonical(d))),
    "tree-head": (lambda: json.loads(a_head()), lambda d: heads.read(canonical(d))),
    "question": (lambda: json.loads(a_question().bytes()), lambda d: question.read(canonical(d))),
    "reply": (
        lambda: json.loads(Reply(id=ID, question="sha256:0", answered_at=AT, outcome="answered", body={}).bytes()),
        lambda d: question.read_reply(canonical(d), question=ID),
    ),
    "signed-document": (
        lambda: json.loads(question.wire(Signed(a_question().bytes(), b"\x01", "ed25519-0", "ed25519"))),
        lambda d: question.unwire(canonical(d)),
    ),
    "licence.status.question": (lambda: dict(a_question().body), lambda d: envelope.fitting(d, StatusAsked)),
    "licence.status.answer": (
        lambda: {"known": True, "number": "1", "issued_on": "2026-11-23"},
        lambda d: msgspec.convert(d, StatusTold),
    ),
    "licence.use.question": (a_use, lambda d: envelope.fitting(d, UseAsked)),
    "licence.use.answer": (
        lambda: {"file": "sha256:0", "fields": {"number": "1"}, "digest": "sha256:1", "size": 3, "copy": "JVBE"},
        lambda d: envelope.fitting(d, UseGiven),
    ),
    "item": (lambda: json.loads(body_of("item.published")["document"]), content.convert),
    "basic": (lambda: json.loads(body_of("basic.published")["document"]), basics.convert),
    "list": (lambda: json.loads(body_of("list.published")["document"]), lists.convert),
    "agreement": (lambda: json.loads(body_of("agreement.told")["document"]), agreement.convert),
    "chain-line": (lambda: json.loads(body_of("case.moved")["events"][0]["line"]), read_line),
    "clock": (a_clock, read_clock),
}
WRITTEN_ONLY = {  # what no reader of ours takes apart: a refusal is told on, a part's context composed, not read
    "problem": lambda: QuestionExpired().problem(),
    "again-answer": lambda: {"v": 1, "again": 1, "refused": [{"sequence": 2, "answer": "id_reused"}]},
    "sealed-part-context": lambda: json.loads(sealed_part.Place(NODE, PEER, "case:1", "sha256:0", 9, 0, 8).context()),
}


def test_the_schemas_are_as_the_program_would_write_them_now() -> None:
    assert protocol_schemas.differing() == [], "run tools/protocol_schemas.py"


@pytest.mark.parametrize("name", published())
def test_a_schema_is_one_and_says_in_words_what_each_member_is(name: str) -> None:
    words = published()[name]
    Draft202012Validator.check_schema(words)
    assert words["$id"] == name
    assert words["title"]
    assert words["description"]
    assert [member for member, told in words.get("properties", {}).items() if not told.get("description")] == []
    patterns = re.findall(r'"pattern": "([^"]*)"', json.dumps(words))
    assert [each for each in patterns if r"\\Z" in each] == [], "an anchor that only Python knows"


def test_every_kind_that_is_read_has_schema_example_and_row_and_nothing_else_has() -> None:
    told = (PROTOCOL / "messages.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| \[`([a-z._]+)`\]\(schemas/([a-z._]+)\.schema\.json\)", told, re.MULTILINE))
    chosen = {each["if"]["properties"]["kind"]["const"] for each in published()["envelope.schema.json"]["allOf"]}
    ours = {name for name, kind in KINDS.items() if kind.handler.__module__.startswith("tongban.")}

    assert table == {name: name for name in ours}
    assert {letter["kind"] for letter in letters()} == ours
    assert chosen == ours
    assert [name for name in ours if KINDS[name].body is None] == []
    assert {f"{name}.schema.json" for name in {*ours, *SAMPLES, *WRITTEN_ONLY}} == published().keys() - {COMMON}
    assert {name.rpartition(".")[0] for name in SAMPLES if name.startswith("licence.")} == {
        name for name, answer in ANSWERS.items() if answer.__module__.startswith("tongban.")
    }


COMMON = "common.schema.json"
BEYOND = {("format", "7")}  # a later format is read too, and no schema of today says how it looks


def test_what_the_page_tells_of_a_body_stands_in_its_schema() -> None:
    with_documents = {"list.published", "agreement.told", "basic.published", "item.published", "licence.type"}
    for name in KINDS.keys() - with_documents:
        told = protocol_schemas.members("messages.md", f"## `{name}`")
        assert set(told) == set(published()[f"{name}.schema.json"]["properties"]), name


def test_every_example_is_as_its_schema_says() -> None:
    found = [f"{letter['kind']} {fault}" for letter in letters() for fault in faults("envelope", letter)]
    for file in sorted(EXAMPLES.glob("*/*.batch.ndjson")):
        found += faults("batch-head", json.loads(file.read_bytes().split(b"\n")[0]))
    for file in sorted(EXAMPLES.glob("*/*.acknowledgement.json")):
        found += faults("acknowledgement-answer", json.loads(file.read_bytes()))
    for sealed in sorted(EXAMPLES.glob("*/sealed-part.json")):
        found += faults("sealed-part-context", json.loads(json.loads(sealed.read_bytes())["context"]))
    assert found == []


@pytest.mark.parametrize("name", [*SAMPLES, *WRITTEN_ONLY])
def test_a_sample_of_every_document_is_as_its_schema_says(name: str) -> None:
    document = SAMPLES[name][0]() if name in SAMPLES else WRITTEN_ONLY[name]()
    assert faults(name, document) == []


@pytest.mark.parametrize("name", SAMPLES)
def test_what_a_node_reads_the_schema_allows_and_what_is_missing_both_refuse(name: str) -> None:
    sample, read = SAMPLES[name]
    read(sample())
    for place, altered in alterations(sample()):
        if refuses(read, altered):
            assert place[-1] != "(left out)" or faults(name, altered), f"only the node refuses without {place}"
        else:
            assert place in BEYOND or faults(name, altered) == [], f"only the schema refuses {place}"


def test_every_item_of_the_demo_is_as_the_schema_says() -> None:
    documents = [json.loads(content.document(content.convert(each))) for each in demo.contents()]
    assert documents
    assert [(one["task_code"], fault) for one in documents for fault in faults("item", one)] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_a_schema_is_as_open_to_new_members_as_the_node_that_reads(name: str) -> None:
    sample, read = SAMPLES[name]
    more = sample() | {"newer": "word"}
    assert refuses(read, more) is bool(faults(name, more))


def refuses(read: Callable[[Any], object], document: Any) -> bool:
    try:
        read(document)
    except REFUSALS:
        return True
    return False


def alterations(document: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The same with one member left out, or of another type; of long lists the first."""
    for place in places(document):
        yield (*place, "(left out)"), changed(document, place, None, leave_out=True)
        for odd in ODD:
            yield (*place, repr(odd)), changed(document, place, odd)


def places(value: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every member, at any depth; of lists through their first."""
    if isinstance(value, dict) and len(value) <= MOST_ITEMS * 2:
        for name, inner in value.items():
            yield (*above, name)
            yield from places(inner, (*above, name))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*above, "0"))


def changed(value: Any, place: tuple[str, ...], odd: Any, *, leave_out: bool = False) -> Any:
    """A copy with something else at one place."""
    name, *rest = place
    if isinstance(value, list):
        return [changed(value[0], tuple(rest), odd, leave_out=leave_out), *value[1:]]
    if rest:
        return value | {name: changed(value[name], tuple(rest), odd, leave_out=leave_out)}
    return {key: each for key, each in value.items() if key != name} if leave_out else value | {name: odd}


@pytest.mark.parametrize("kind", sorted(name for name, each in KINDS.items() if each.body is not None))
def test_a_body_that_misses_something_fits_neither_schema_nor_shape(kind: str) -> None:
    shape = KINDS[kind].body
    assert shape is not None
    envelope.fitting(body_of(kind), shape)
    for place, altered in alterations(body_of(kind)):
        try:
            envelope.fitting(altered, shape)
        except Malformed:
            assert place[-1] != "(left out)" or faults(kind, altered), place


def test_every_number_in_the_text_is_the_program_s() -> None:
    told = " ".join((PROTOCOL / name).read_text(encoding="utf-8") for name in ("README.md", "messages.md"))
    minutes = {5: "five minutes", 10: "ten minutes"}
    said = [
        f"nesting at most {canonical_form.DEEPEST} deep",
        f"1 to {batch.MOST} envelopes (otherwise `malformed`), {batch.LIMIT:,} bytes in all (otherwise `oversize`)",
        f"SHOULD stop at {sending.BYTES:,} bytes",
        f"more than {minutes[hop.SKEW.seconds // 60]} from the receiver's clock",
        f"jittered pauses, at most {int(sending.LONGEST_WAIT)} seconds",
        f"at most {trustlist.CAP}; none is an empty list",
        f"A node that receives {trustlist.CAP} asks again",
        f"at most {mending.MANY} for one question",
        f"A page holds at most {returning.PAGE} messages and about {returning.BYTES // 1_000_000} MB",
        f"it asks {minutes[recovering.MARGIN.seconds // 60]} earlier than its backup",
        f"at most {doors.PART >> 20} MiB",
        f"a hub refuses it after {requests.FRESH.days} days",
        f"the first {requests.DIGITS} hexadecimal digits",
        f"keep opening for {keys.LATE.days} days",
        f"ended more than {keys.LATE.days} days ago",
        f"SHOULD wait {minutes[keys.SETTLE.seconds // 60]} more",
        f"our program writes {refusing.NOTED}",
        f"at most {echoing.LONGEST} characters, no personal data",
        f"hexadecimal, at most {witness.LONGEST} |",
    ]
    assert [each for each in said if each not in told] == []


def test_every_door_stands_in_the_text() -> None:
    told = (PROTOCOL / "README.md").read_text(encoding="utf-8")
    table = set(re.findall(r"^\| `[A-Z]+ (/exchange/[^`]+)` \|", told, re.MULTILINE))
    ours = {"/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(door.pattern)) for door in doors.urlpatterns}
    assert table == ours


def test_every_refusal_of_the_exchange_stands_on_the_page_of_codes_with_its_status() -> None:
    ours = {no for no in vars(errors).values() if isinstance(no, type) and issubclass(no, ExchangeRefusal)}
    assert ours - {ExchangeRefusal} - protocol_limits.CODES.keys() == set()
    page = (PROTOCOL / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| \d+ \| [^|]+ \| ([^|]+) \| ([0-9, ]+) \|$", page, re.MULTILINE)
    known = {no.code: str(no.status) for no in protocol_limits.CODES}
    assert told
    for codes, statuses in told:
        names = re.findall(r"`([a-z_]+)`", codes)
        assert dict.fromkeys(known[name] for name in names) == dict.fromkeys(statuses.replace(" ", "").split(",")), (
            names
        )
