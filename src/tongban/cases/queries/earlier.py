# SPDX-License-Identifier: Apache-2.0
"""Materials that somebody has given before, at this node, and need not look for again (一次提交、多次使用)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tongban.cases.queries.held import subject
from tongban.database import reading
from tongban.standards.actor import Actor
from tongban.standards.node import here
from tongban.vault import files

MOST = 20
# What was fetched for one case says so across the page, and is for no other.
EARLIER = (
    "SELECT m.case_id, m.number, m.name, m.digest, m.media_type, m.size, c.receipt_no, c.item_name, c.submitted_at "
    "FROM cases_case c JOIN cases_material m ON m.case_id = c.id "
    "WHERE c.applicant_index = %s AND m.name = ANY(%s) "
    "AND EXISTS (SELECT 1 FROM cases_party p WHERE p.case_id = c.id AND p.part = 'intake' AND p.node = %s) "
    "AND NOT EXISTS (SELECT 1 FROM cases_attempt a "
    "WHERE a.case_id = c.id AND a.digest = m.digest AND a.way <> 'earlier') "
    "ORDER BY c.submitted_at DESC, m.number DESC LIMIT %s"
)


@dataclass(frozen=True)
class EarlierFile:
    """A file of an earlier case."""

    case_id: UUID
    number: int
    name: str  # of the material
    digest: str
    media_type: str
    size: int
    receipt_no: str
    item_name: str
    given_at: datetime


def earlier_files(names: Collection[str], actor: Actor) -> dict[str, EarlierFile]:
    """By name of the material: the newest file that this person gave for one of that name. One select at most."""
    if not names or not actor.index:
        return {}
    found: dict[str, EarlierFile] = {}
    for row in reading.rows(EARLIER, [bytes(actor.index), list(names), here().code, MOST]):
        each = EarlierFile(*row)
        if each.name not in found and files.has(subject(each.case_id), each.digest):
            found[each.name] = each
    return found
