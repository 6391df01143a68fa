# SPDX-License-Identifier: Apache-2.0
"""For whom somebody acts, read in the same statement as who they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tongban.identity import sealing
from tongban.identity.logins import CREDIT_CODE
from tongban.standards.actor import Behalf

STANDS = (  # on this day
    "m.ended_at IS NULL AND m.granted_at IS NOT NULL AND m.accepted_at IS NOT NULL "
    "AND m.begins_on <= %(day)s AND (m.ends_on IS NULL OR m.ends_on >= %(day)s)"
)
TOLD = "AND (m.issuer = '' OR m.issuer = i.issuer AND m.sid = i.sid) "  # home's word holds in the sign-in of that word
JOINS = (  # beside p, who acts; a mandate that has ended, or is another's, is none
    f"LEFT JOIN identity_mandate m ON m.id = {{mandate}} AND m.agent_index = p.id_index AND {STANDS} {{told}}"
    "LEFT JOIN identity_company c ON c.id = m.company_id LEFT JOIN identity_person w ON w.id = m.person_id"
)
COLUMNS = (
    "m.id, m.role, m.items, c.id, c.code, c.name, c.home_region, "
    "w.id, w.id_type, w.id_sealed, w.name, w.home_region, w.id_index"
)
WIDTH = 13


@dataclass(frozen=True)
class Principal:
    """Whoever somebody acts for, as their applications name them."""

    behalf: Behalf
    id_type: str
    id_number: str
    home_region: str
    index: bytes


def principal(row: Sequence[Any]) -> Principal | None:
    """Whom these columns name; None when nobody acts for anybody."""
    mandate, role, items, company, code, name, region, *person = row
    if mandate is None:
        return None
    if company is not None:
        behalf = Behalf(company, name, True, role, mandate, frozenset(items))
        return Principal(behalf, CREDIT_CODE, code, region, sealing.id_index(CREDIT_CODE, code))
    ward, id_type, id_sealed, name, region, index = person
    behalf = Behalf(ward, name, False, role, mandate, frozenset(items))
    number = sealing.opened(ward, "id_number", id_sealed)
    return Principal(behalf, id_type, number, region, sealing.index_of(ward, index))
