# SPDX-License-Identifier: Apache-2.0
"""Keeping files that are handed in, before the act that names them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain as joined
from uuid import UUID

from tongban.cases.application import GivenFile
from tongban.cases.errors import FileRefused
from tongban.cases.queries.pages import visible
from tongban.cases.scanning import Scanned
from tongban.cases.uploads import bounded, checked_type, tidy_name
from tongban.catalogue.content import Material
from tongban.catalogue.queries import item_cached
from tongban.standards.actor import Actor
from tongban.standards.refusal import NotAllowed, NotFound
from tongban.vault import files

MOST_FILES = 20  # of one application


@dataclass(frozen=True)
class Upload:
    """A file that comes together with the act that names it."""

    requirement: str
    filename: str
    chunks: Iterable[bytes]


def keep_file(
    subject: str, key: bytes, wanted: Material, filename: str, chunks: Iterable[bytes], have: int
) -> GivenFile:
    """Keep a file for a requirement. FileRefused for a wrong type, an empty, a too large or one file too many."""
    return keep_files(subject, key, [(wanted, filename, chunks)], have)[0]


def keep_files(
    subject: str, key: bytes, given: Sequence[tuple[Material, str, Iterable[bytes]]], have: int = 0
) -> list[GivenFile]:
    """Keep several files (requirement, name, content) beside those there are; all of them or none. FileInfected."""
    require_room(given[-1][0].code, have, len(given))
    rests = [iter(chunks) for _, _, chunks in given]
    starts = [next(rest, b"") for rest in rests]
    kinds = [checked_type(wanted, start) for (wanted, _, _), start in zip(given, starts, strict=True)]
    contents = [
        Scanned(wanted.code, bounded(wanted, joined([start], rest)))
        for (wanted, _, _), start, rest in zip(given, starts, rests, strict=True)
    ]
    stored = files.store_all(subject, key, contents)
    return [
        GivenFile(
            requirement=wanted.code,
            filename=tidy_name(filename),
            digest=each.digest,
            size=each.size,
            media_type=kind,
            scanned=content.is_clean,
        )
        for (wanted, filename, _), each, kind, content in zip(given, stored, kinds, contents, strict=True)
    ]


def require_room(requirement: str, have: int, more: int = 1) -> None:
    """FileRefused for one file too many, told at this requirement."""
    if have + more > MOST_FILES:
        raise FileRefused(field=requirement, why=f"一份申请最多上传 {MOST_FILES} 个文件。")


def take_file(
    number_or_id: str | UUID,
    requirement: str,
    filename: str,
    chunks: Iterable[bytes],
    *,
    actor: Actor,
    beside: int = 0,
) -> GivenFile:
    """Keep a file for a case that is under way, e.g. with a correction; the move that follows names it.

    `beside` is how many were kept for the same move before it. FileRefused as for an application.
    """
    held = visible(str(number_or_id), actor)
    relation = held.relation(actor)
    if not (relation.applied or relation.parts):  # who joined hands nothing in
        raise NotAllowed()
    wanted = item_cached(held.task_code, held.item_version).item.material(requirement)
    if wanted is None:
        raise NotFound(what="这项申请材料")
    return keep_file(held.subject, held.key, wanted, filename, chunks, held.materials + beside)
