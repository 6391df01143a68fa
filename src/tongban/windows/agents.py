# SPDX-License-Identifier: Apache-2.0
"""Who stands at the window where the applicant does not: read, asked about, and recorded with what they showed."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tongban.identity import actions as identity
from tongban.identity.actions.standing_for import Known, is_child, last_day, stand_for
from tongban.identity.documents import number_of
from tongban.identity.errors import OwnNumber
from tongban.standards import identifiers
from tongban.standards.actor import Actor
from tongban.standards.refusal import BadInput

GUARDIAN = "guardian"
FIELDS = ("agent_role", "agent_name", "agent_id_type", "agent_id_number", "agent_paper", "agent_until", "agent_seen")
NAMES = {"id_type": "agent_id_type", "id_number": "agent_id_number"}


def read(given: Mapping[str, str], applicant: Mapping[str, str], method: str, clerk: Actor, at: datetime) -> Any:
    """Who acts for the applicant, checked and asked about; nothing when the applicant is there. BadInput."""
    role = given.get("agent_role", "")
    if not role:
        return {}
    name = identifiers.name(given.get("agent_name", ""), field="agent_name")
    id_type = given.get("agent_id_type", "")
    try:
        number = number_of(id_type, given.get("agent_id_number", ""))
    except BadInput as wrong:
        raise BadInput(NAMES.get(wrong.field or "", "agent_id_number"), wrong.sentence) from wrong
    if (id_type, number) == (applicant["id_type"], applicant["id_number"]):
        raise OwnNumber(field="agent_id_number")
    ends_on = last_day(role, given.get("agent_paper", ""), _known(applicant), _day(given.get("agent_until", "")), at)
    if not given.get("agent_seen"):
        raise BadInput("agent_seen", "请核对原件后勾选。")
    asked = identity.ask_verification(name=name, id_type=id_type, id_number=number, method=method, clerk=clerk, at=at)
    return {
        "role": role,
        "name": name,
        "id_type": id_type,
        "id_number": number,
        "paper": given["agent_paper"],
        "until": ends_on.isoformat(),
        "verification": str(asked),
    }


def record(kept: Mapping[str, Any], task_code: str, *, clerk: Actor, at: datetime) -> dict[str, str]:
    """The mandate, with both of whom it is; what the application says of who acts."""
    agent, applicant = kept["agent"], kept["applicant"]
    stand_for(
        _known(applicant),
        _known(agent),
        role=agent["role"],
        paper=agent["paper"],
        items=[] if agent["role"] == GUARDIAN and is_child(_known(applicant), at) else [task_code],
        ends_on=date.fromisoformat(agent["until"]),
        phone=applicant["phone"],
        verification=UUID(agent["verification"]),
        clerk=clerk,
        at=at,
    )
    return {name: agent[name] for name in ("name", "id_type", "id_number", "role")}


def _known(words: Mapping[str, str]) -> Known:
    return Known(words["name"], words["id_type"], words["id_number"])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput("agent_until", "请填写日期，例如 2027-01-31。") from None
