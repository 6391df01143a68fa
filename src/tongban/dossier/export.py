# SPDX-License-Identifier: Apache-2.0
"""Takes one case out of a node as one file that proves itself. The export is an act: a line of the ledger says so."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from tongban.cases.actions import note_look
from tongban.cases.queries.held import Held, read_with
from tongban.dossier import container, contents
from tongban.dossier.container import Entry
from tongban.dossier.errors import DossierTooLarge, OperatorNeeded, ReasonNeeded
from tongban.dossier.gathering import case_entries, file_entries, history_entries, letter_entries, trust_entries
from tongban.exchange import keys
from tongban.exchange.actions import witnessing
from tongban.exchange.transport import Transport
from tongban.ledger import actions as ledger
from tongban.ledger.lines import instant
from tongban.standards.actor import Actor, Role
from tongban.standards.node import here
from tongban.standards.signer import signed

LONGEST = 300  # characters of a reason


@dataclass(frozen=True)
class Exported:
    """What was written, and what the neighbours could not add."""

    case: UUID
    size: int  # bytes
    entries: int
    witnesses: tuple[str, ...]
    silent: tuple[str, ...]


def export(
    number_or_id: str,
    target: Path,
    *,
    actor: Actor | None,
    reason: str,
    at: datetime,
    transport: Transport,
    with_materials: bool = True,
) -> Exported:
    """Write the dossier of a case. NotFound, OperatorNeeded, ReasonNeeded, KeyDestroyed; or DossierTooLarge."""
    actor = _operator(actor, reason)
    held, _ = read_with(number_or_id, [])
    facts = {"reason": reason.strip(), "with_materials": with_materials}
    ledger.write(held.subject, verb="dossier.exported", actor=actor, at=at, facts=facts)
    note_look(held.id, "dossier", actor=actor, at=at)
    while ledger.sequence_once(at, keys.signer()):
        pass  # so that this line is under the head that the dossier shows
    said, silent = witnessing.ask_witnesses(at, transport)
    history = history_entries(held, reason.strip(), with_materials, said)
    letters, serials = letter_entries(held)
    found = [*case_entries(held), *history, *letters, *file_entries(held, with_materials), *trust_entries(serials)]
    everything = _with_manifest(held, sorted(found, key=_order), actor, reason.strip(), with_materials, at)
    size = _write(target, everything)
    asked = tuple(statement.witness for statement, _ in said)
    return Exported(held.id, size, len(everything), asked, tuple(silent))


def _operator(actor: Actor | None, reason: str) -> Actor:
    """Who exports: an operator who says why."""
    if actor is None or actor.role is not Role.OPERATOR:
        raise OperatorNeeded(field="by")
    if not reason.strip() or len(reason) > LONGEST:
        raise ReasonNeeded(field="reason")
    return actor


def _order(entry: Entry) -> tuple[bool, str]:
    """Documents first, then the folders."""
    return "/" in entry.name, entry.name


def _with_manifest(
    held: Held, found: list[Entry], actor: Actor, reason: str, with_materials: bool, at: datetime
) -> list[Entry]:
    listed = tuple(contents.EntryOf(name=each.name, size=each.size, digest=each.digest) for each in found)
    manifest = contents.Manifest(
        v=1,
        format="tongban-dossier",
        node=here().code,
        case=str(held.id),
        subject=held.subject,
        exported_at=instant(at),
        by=actor.pseudonym,
        reason=reason,
        with_materials=with_materials,
        entries=listed,
    )
    word = signed(keys.signer(), contents.written(manifest))
    stands = contents.SignedBy(signature=word.signature.hex(), key_id=word.key_id, suite=word.suite)
    first = container.of_bytes(container.MANIFEST, word.data)
    return [first, container.of_bytes(container.SIGNATURE, contents.written(stands)), *found]


def _write(target: Path, entries: list[Entry]) -> int:
    """Under a passing name first: a half-written dossier never bears the right one."""
    size = container.total(entries)
    if size > container.LARGEST:
        raise DossierTooLarge()
    passing = target.with_name(target.name + ".part")
    try:
        with passing.open("wb") as file:
            container.write(file, entries)
        passing.chmod(0o600)
        passing.replace(target)
    finally:
        passing.unlink(missing_ok=True)
    return size
