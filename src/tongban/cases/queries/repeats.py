# SPDX-License-Identifier: Apache-2.0
"""Other cases of the same person and the same item: found by blind index, so nobody's number is shared to find them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tongban.cases.errors import AppliedBefore
from tongban.cases.states import ENDED, NAMES, SERVED, Part
from tongban.cases.transitions import GRANTING
from tongban.catalogue.content import ItemContent
from tongban.database import reading
from tongban.standards.actor import Actor, Role
from tongban.standards.clock import local_date

MOST = 3  # that are told of
DECIDED = "', '".join(sorted(ENDED))  # also where something is still to be done, e.g. papers to be given back
GRANTS = "', '".join(GRANTING)
# Those that have not ended, perhaps those granted since a day; the latest first.
OTHERS = (
    "SELECT json_agg(row_to_json(o)) FROM (SELECT b.id, b.receipt_no, b.state, b.ended, b.submitted_at, "  # noqa: S608
    "(SELECT json_agg(json_build_array(p.part, p.organization, p.organization_name, p.region_name)) "
    "FROM cases_party p WHERE p.case_id = b.id) AS parties "
    "FROM cases_case b WHERE b.applicant_index = {index} AND b.task_code = {task} AND b.id <> {this} "
    f"AND ((NOT b.ended AND b.state NOT IN ('{DECIDED}')){{served}}) "
    f"ORDER BY b.submitted_at DESC LIMIT {MOST}) o"
)
SERVED_SINCE = (
    " OR (b.state = ANY(%s) AND EXISTS (SELECT 1 FROM cases_event e "  # noqa: S608
    f"WHERE e.case_id = b.id AND e.move IN ('{GRANTS}') AND e.occurred_at > %s))"
)
ASKED = OTHERS.format(index="%s", task="%s", this="%s", served=SERVED_SINCE)
BESIDE = OTHERS.format(index="c.applicant_index", task="c.task_code", this="c.id", served="")  # beside the case c
BESIDE_DRAFT = OTHERS.format(index="%s", task="cases_draft.task_code", this="cases_draft.id", served="")


@dataclass(frozen=True)
class Other:
    """Another case of the same person and item."""

    id: UUID
    receipt_no: str
    state_name: str
    ended: bool
    submitted_at: datetime
    intake: str  # region and organization in words
    handling: str
    organizations: frozenset[str]  # credit codes: who of the staff may know its number

    def is_for(self, actor: Actor) -> bool:
        """Whether this actor may know which one it is: the person themself, and staff with a part in it."""
        return actor.role is Role.APPLICANT or actor.organization in self.organizations


def values(index: bytes, task_code: str, this: UUID, item: ItemContent, at: datetime) -> list[Any]:
    """What ASKED is asked with."""
    days = item.repeat.days if item.repeat else 0
    return [index, task_code, this, [str(state) for state in SERVED], at - timedelta(days=days)]


def others(told: Sequence[dict[str, Any]] | None) -> tuple[Other, ...]:
    """The rows of ASKED, read."""
    return tuple(_other(each) for each in told or ())


def others_open(index: bytes, task_code: str, this: UUID, item: ItemContent, at: datetime) -> tuple[Other, ...]:
    """Those that have not ended, where nothing else is read."""
    ((told,),) = reading.rows(ASKED, values(index, task_code, this, item, at))
    return tuple(each for each in others(told) if not each.ended)


def applied_before(other: Other, actor: Actor, *, may: bool) -> AppliedBefore:
    """The refusal in the words of whoever reads it; the number only where they may know it."""
    is_mine = actor.role is Role.APPLICANT
    day = local_date(other.submitted_at)
    which = f"{day.month}月{day.day}日在{other.intake}提交，由{other.handling}办理，目前“{other.state_name}”"
    number = other.receipt_no if other.is_for(actor) else ""
    which = f"收件编号 {number}，{which}" if number else f"{day.month}月{day.day}日提交，不由本窗口收取"
    return AppliedBefore(
        field="again",
        who="您" if is_mine else "申请人",
        which=which,
        way="确需另办一件的，请写明理由后再提交" if may else "该事项在这一件办结之前不能再次申请",
        number=number,
    )


def _other(told: dict[str, Any]) -> Other:
    state, by_part = told["state"], {part: rest for part, *rest in told["parties"]}
    return Other(
        id=UUID(told["id"]),
        receipt_no=told["receipt_no"],
        state_name=NAMES.get(state, state),
        ended=told["ended"] or state in ENDED,
        submitted_at=datetime.fromisoformat(told["submitted_at"]),
        intake=_place(by_part[Part.INTAKE]),
        handling=_place(by_part[Part.HANDLING]),
        organizations=frozenset(organization for organization, *_ in by_part.values()),
    )


def _place(told: list[str]) -> str:
    _, name, region = told
    return name if name.startswith(region) else f"{region} {name}"
