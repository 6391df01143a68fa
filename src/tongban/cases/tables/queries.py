# SPDX-License-Identifier: Apache-2.0
"""Accepted cases of the organization that decides, page by page: one SELECT for a page, whatever the cases hold."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from tongban.cases.queries.held import party, rules_cached
from tongban.cases.sealed import envelope_context, event_context, filename_context, opened
from tongban.cases.states import Delivery, Mode, Part
from tongban.cases.tables.rows import Step, Told
from tongban.catalogue.queries import item_cached
from tongban.database import reading
from tongban.identity.queries.staffing import staff_names
from tongban.standards.actor import Actor, Role
from tongban.standards.clock import SHANGHAI
from tongban.standards.refusal import NotAllowed
from tongban.vault import keys

MAY_EXPORT = frozenset({Role.APPROVER, Role.DATA_STEWARD})
STAFF = re.compile(r"[a-z_]+:([0-9a-f-]{36})")  # pseudonym of a member of staff
# By id, which tells when a case began: an index of the parties has them in this order. Erased cases have no key.
PAGE = """
SELECT c.id, c.project_no, c.task_code, c.item_version, c.mode, c.delivery, c.sealed, c.changed_at, k.wrapped,
       row_to_json(p),
       (SELECT json_agg(row_to_json(e) ORDER BY e.number) FROM cases_event e WHERE e.case_id = c.id),
       (SELECT json_agg(row_to_json(m) ORDER BY m.number) FROM cases_material m WHERE m.case_id = c.id),
       (SELECT json_agg(o.name ORDER BY o.number) FROM cases_original o WHERE o.case_id = c.id)
FROM cases_party p JOIN cases_case c ON c.id = p.case_id JOIN vault_subject_key k ON k.subject = 'case:' || c.id
WHERE p.organization = %s AND p.part = %s AND c.id > %s AND c.changed_at >= %s AND c.project_no IS NOT NULL
ORDER BY p.case_id LIMIT %s
"""


def accepted(actor: Actor, *, since: date, after: UUID, limit: int) -> list[Told]:
    """Cases that the actor's organization accepted and that changed since that day (local), oldest first.

    NotAllowed for everybody but its approvers and data stewards. Two SELECTs.
    """
    if actor.role not in MAY_EXPORT or not actor.organization:
        raise NotAllowed()
    found = reading.rows(
        PAGE, [actor.organization, str(Part.HANDLING), after, datetime.combine(since, time(), SHANGHAI), limit]
    )
    names = _names(row[10] for row in found)
    return [_told(row, names) for row in found]


def _told(row: tuple[Any, ...], names: Mapping[str, str]) -> Told:
    case_id, project_no, task_code, version, mode, delivery, sealed, changed_at, wrapped, deciding = row[:10]
    events, materials, papers = row[10:]
    key, item = keys.unwrap(wrapped), item_cached(task_code, version).item
    return Told(
        id=case_id,
        project_no=project_no,
        item=item,
        examination={step.code: step.name for step in rules_cached(task_code, version).steps},
        version=version,
        mode=Mode(mode),
        delivery=Delivery(delivery),
        applicant=opened(key, bytes(sealed), envelope_context(case_id))["applicant"],
        handling=party(deciding),
        steps=[_step(key, event) for event in events],
        files=[_file(key, material) for material in materials or ()],
        papers=papers or (),
        names=names,
        changed_at=changed_at,
    )


def _step(key: bytes, event: Mapping[str, Any]) -> Step:
    facts = opened(key, _bytes(event["sealed"]), event_context(event["number"]))
    at = datetime.fromisoformat(event["occurred_at"])
    return Step(event["move"], at, event["actor"], facts["facts"], facts.get("internal", {}))


def _file(key: bytes, material: Mapping[str, Any]) -> tuple[str, str]:
    name = keys.unseal(key, _bytes(material["filename"]), filename_context(material["number"]))
    return material["name"], name.decode()


def _bytes(told: str) -> bytes:
    """A column of bytes in PostgreSQL's JSON: \\x and digits."""
    return bytes.fromhex(told[2:])


def _names(events: Iterable[Any]) -> dict[str, str]:
    """Names of the staff in these lines, by pseudonym; also of those who have left."""
    actors = {event["actor"] for told in events for event in told}
    ids = {actor: UUID(found[1]) for actor in actors if (found := STAFF.fullmatch(actor))}
    known = staff_names(ids.values())
    return {actor: known[staff] for actor, staff in ids.items() if staff in known}
