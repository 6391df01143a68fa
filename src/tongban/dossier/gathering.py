# SPDX-License-Identifier: Apache-2.0
"""Reads what a dossier is made of: of this one case only, each thing as the exact bytes that were signed."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from django.db import connection

from tongban.cases.models import Case, Event, Material
from tongban.cases.queries.held import Held
from tongban.cases.sealed import as_applied, event_context, filename_context, open_envelope, opened
from tongban.dossier import container, contents
from tongban.dossier.container import Entry
from tongban.exchange import acknowledgement, batch
from tongban.exchange.queries import open_content
from tongban.exchange.witness import Testimony
from tongban.ledger import heads
from tongban.ledger import queries as diary
from tongban.ledger.errors import NotInTree
from tongban.ledger.heads import Mark, NotAHead
from tongban.ledger.lines import instant
from tongban.ledger.models import Line
from tongban.licences.models import Licence, State
from tongban.licences.queries import licences_of_case
from tongban.regions import trustlist
from tongban.regions.models import SignedTrustList
from tongban.standards.canonical import canonical
from tongban.standards.crypto import digest_with
from tongban.standards.node import here
from tongban.standards.signer import Signed
from tongban.vault import files
from tongban.vault import keys as vault_keys

RECEIVED = (
    "SELECT i.message_id, i.content, i.sealed, k.wrapped, i.proof, b.head, b.signature, b.answer FROM exchange_inbox i "
    "JOIN exchange_batch b ON b.sender = i.sender AND b.batch_id = i.batch_id "
    "LEFT JOIN vault_subject_key k ON i.sealed AND k.subject = i.subject WHERE i.subject = %s"
)
SENT = (
    "SELECT o.message_id, o.content, o.sealed, k.wrapped, o.proof, b.head, b.signature, b.answer "
    "FROM exchange_outbox o "
    "JOIN exchange_batch b ON b.sender = %s AND b.batch_id = o.batch_id "
    "LEFT JOIN vault_subject_key k ON o.sealed AND k.subject = o.subject "
    "WHERE o.subject = %s AND o.proof IS NOT NULL"
)


def case_entries(held: Held) -> Iterator[Entry]:
    """The case itself and its chain, with the facts that everybody in the case was told."""
    kept, row = open_envelope(held), Case.objects.get(id=held.id)
    parties = [
        contents.PartyOf(**{name: getattr(party, name) for name in contents.PartyOf.__struct_fields__})
        for party in held.parties
    ]
    case = contents.Case(
        case=str(held.id),
        receipt_no=held.receipt_no,
        project_no=held.project_no,
        item=contents.ItemOf(
            task_code=held.task_code, version=held.item_version, digest=row.item_digest, name=held.item_name
        ),
        mode=str(held.mode),
        delivery=str(held.delivery),
        state=held.state_word,
        parties=tuple(parties),
        applicant=kept["applicant"],
        answers=kept["answers"],
        form=as_applied(kept),
        signers=tuple(kept.get("signers", ())),
    )
    yield _document("case.json", case)
    yield _document("chain.json", contents.Chain(lines=tuple(_chain(held))))


def _chain(held: Held) -> Iterator[contents.LineOf]:
    """Internal opinions are not shown: their digest stands in the line."""
    for event in Event.objects.filter(case_id=held.id).order_by("number"):
        told = opened(held.key, bytes(event.sealed), event_context(event.number))
        yield contents.LineOf(
            line=bytes(event.line).decode(), digest=event.digest, facts=told["facts"], salt=told["salt"]
        )


def letter_entries(held: Held) -> tuple[list[Entry], set[int]]:
    """Every message about the case with its proofs, in the order of their making, and the lists they were sent by."""
    with connection.cursor() as cursor:
        cursor.execute(RECEIVED, [held.subject])
        rows = cursor.fetchall()
        cursor.execute(SENT, [here().code, held.subject])
        rows += cursor.fetchall()
    entries, serials = [], set()
    for number, row in enumerate(sorted(rows, key=lambda row: str(row[0])), start=1):
        letter = _letter(row[1:], held.subject)
        serials.add(batch.read_head(letter.head.encode()).trust_serial)
        entries.append(_document(f"messages/{number:04d}.json", letter))
    return entries, serials


def _letter(row: Sequence[Any], subject: str) -> contents.Letter:
    content, sealed, wrapped, proof, head, signature, answer = row
    told = proof if isinstance(proof, dict) else msgspec.json.decode(proof)
    return contents.Letter(
        envelope=open_content(bytes(content), sealed, subject, wrapped).decode(),
        index=told["index"],
        size=told["size"],
        path=tuple(told["path"]),
        head=bytes(head).decode(),
        signature=bytes(signature).hex(),
        acknowledgement=None if answer is None else _text(acknowledgement.unwire(bytes(answer))),
    )


def history_entries(
    held: Held, reason: str, with_materials: bool, said: Sequence[tuple[Testimony, Signed]]
) -> Iterator[Entry]:
    """The ledger's lines about the case and its papers, each proven under one head, and what witnesses say of it."""
    newest = diary.newest_head()
    assert newest is not None  # the export has just written a line
    facts = [{"reason": reason, "with_materials": with_materials}, *_facts(held)]
    subjects = [held.subject, *(f"licence:{row.id}" for row in licences_of_case(held.id))]
    lines = [_line(line, newest.mark, facts) for subject in subjects for line in diary.story(subject)]
    continued = [
        contents.Continued(size=size, path=tuple(step.hex() for step in diary.consistency(size, newest.mark.size)))
        for size in sorted(_witnessed_sizes(newest.mark, [statement for statement, _ in said]))
    ]
    yield _document(
        "ledger.json",
        contents.Ledger(head=_text(newest.signed), lines=tuple(lines), continued=tuple(continued)),
    )
    for statement, signed in said:
        yield _document(f"witnesses/{statement.witness}.json", _text(signed))


def _line(line: Line, under: Mark, facts: Sequence[Mapping[str, Any]]) -> contents.DiaryLine:
    """A line with its place; its facts where they are known and may be shown."""
    try:
        proof = diary.inclusion(line.subject, line.number, under.size)
        position, path = proof.position, tuple(step.hex() for step in proof.path)
    except NotInTree:
        position, path = None, ()
    salt = bytes(line.salt)
    shown = next((each for each in facts if _covers(line.facts_digest, salt, each)), None)
    return contents.DiaryLine(
        subject=line.subject,
        number=line.number,
        verb=line.verb,
        at=instant(line.at),
        actor=line.actor,
        facts_digest=line.facts_digest,
        previous=line.previous,
        digest=line.digest,
        facts=None if shown is None else dict(shown),
        salt="" if shown is None else salt.hex(),
        position=position,
        path=path,
    )


def _covers(digest: str, salt: bytes, facts: Mapping[str, Any]) -> bool:
    return digest_with(digest, salt + canonical(dict(facts))) == digest


def _facts(held: Held) -> list[dict[str, Any]]:
    """What lines of the ledger may have covered: which line of the chain, and which message it came in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT message_id FROM exchange_inbox WHERE subject = %s", [held.subject])
        messages = [str(row[0]) for row in cursor.fetchall()]
    digests = list(Event.objects.filter(case_id=held.id).values_list("digest", flat=True))
    papers = [
        {"number": row.number, "file": row.file_digest, "certificate": row.certificate_id}
        for row in licences_of_case(held.id)
    ]
    lines: list[dict[str, Any]] = [{"line": digest} for digest in digests]
    return lines + papers + [{"line": digest, "message": message} for digest in digests for message in messages]


def _witnessed_sizes(under: Mark, said: Sequence[Testimony]) -> set[int]:
    """The newest head of this epoch that each witness holds."""
    found = set()
    for statement in said:
        sizes = []
        for each in statement.heads:
            try:
                head = heads.read(each.signed.data)
            except NotAHead:
                continue
            if head.node == here().code and head.epoch == under.epoch and head.size <= under.size:
                sizes.append(head.size)
        found |= {max(sizes)} if sizes else set()
    return found


def file_entries(held: Held, with_materials: bool) -> Iterator[Entry]:
    """Licences and notices, then materials; each only if it is on this machine."""
    papers, paper_files = _papers(held)
    yield _document("papers.json", contents.Papers(papers=tuple(papers)))
    yield from paper_files
    materials, material_files = _materials(held, with_materials)
    yield _document("materials.json", contents.Materials(materials=tuple(materials)))
    yield from material_files


def _papers(held: Held) -> tuple[list[contents.Paper], list[Entry]]:
    """What was issued here, and the result that another node issued."""
    issued = licences_of_case(held.id)
    listed = [_paper(held, place, row) for place, row in enumerate(issued, start=1)]
    if held.file_digest and held.file_digest not in {row.file_digest for row in issued}:
        place = len(listed) + 1
        listed.append(
            contents.Paper(
                entry=_entry(held, place, held.file_digest),
                licence="",
                number=held.licence_number,
                name=held.item_name,
                is_notice=False,
                issuer="",
                digest=held.file_digest,
            )
        )
    return listed, [_file(paper.entry, held, paper.digest) for paper in listed if paper.entry]


def _paper(held: Held, place: int, row: Licence) -> contents.Paper:
    digest = row.file_digest if row.state == State.READY else ""
    return contents.Paper(
        entry=_entry(held, place, digest),
        licence=str(row.id),
        number=row.number,
        name=row.name,
        is_notice=row.is_notice,
        issuer=row.issuer_name,
        digest=digest,
    )


def _entry(held: Held, place: int, digest: str) -> str:
    return f"papers/{place:04d}.pdf" if digest and files.has(held.subject, digest) else ""


def _materials(held: Held, with_materials: bool) -> tuple[list[contents.Material], list[Entry]]:
    listed, entries = [], []
    for row in Material.objects.filter(case_id=held.id).order_by("number"):
        is_here = with_materials and files.has(held.subject, row.digest)
        entry = f"materials/{row.number:04d}" if is_here else ""
        listed.append(
            contents.Material(
                entry=entry,
                number=row.number,
                requirement=row.requirement,
                name=row.name,
                filename=vault_keys.unseal(held.key, row.filename, filename_context(row.number)).decode(),
                media_type=row.media_type,
                size=row.size,
                digest=row.digest,
            )
        )
        if is_here:
            entries.append(_file(entry, held, row.digest))
    return listed, entries


def _file(name: str, held: Held, digest: str) -> Entry:
    """A file of the case, read twice and never held whole."""
    return container.measured(name, partial(files.read, held.subject, held.key, digest))


def trust_entries(serials: set[int]) -> Iterator[Entry]:
    """Every trust list from the oldest that a signature needs to the newest, so that they lead to one another."""
    rows = SignedTrustList.objects.filter(serial__gte=min(serials, default=0)).order_by("serial")
    for row in rows if serials else SignedTrustList.objects.order_by("-serial")[:1]:
        handed = Signed(bytes(row.document), bytes(row.signature), row.key_id, row.algorithm)
        yield container.of_bytes(f"trust/{row.serial:06d}.json", trustlist.packed(handed))


def _document(name: str, document: msgspec.Struct) -> Entry:
    return container.of_bytes(name, contents.written(document))


def _text(signed: Signed) -> contents.SignedText:
    return contents.SignedText(
        document=signed.data.decode(), signature=signed.signature.hex(), key_id=signed.key_id, suite=signed.suite
    )
