# SPDX-License-Identifier: Apache-2.0
"""A clerk records, from papers that were shown at the window, who stands there for somebody else."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from tongban.identity import logins
from tongban.identity.actions.answers import mandate as new_mandate
from tongban.identity.actions.answers import of_age_on
from tongban.identity.actions.evidence import Method, prove
from tongban.identity.actions.mandates import check_term
from tongban.identity.actions.people import known, meet, new_person
from tongban.identity.assurance import Level
from tongban.identity.errors import PaperNotEnough
from tongban.identity.models import Mandate, Person
from tongban.identity.oidc import Claims
from tongban.identity.queries import level_of
from tongban.identity.queries.mandates import standing
from tongban.identity.sealing import id_index
from tongban.ledger import actions as ledger
from tongban.standards.actor import Actor
from tongban.standards.clock import local_date
from tongban.standards.refusal import BadInput

Role = Mandate.Role
OF_CHILDREN = ("户口簿", "出生医学证明")
PAPERS = {  # what a mandate may rest on
    Role.GUARDIAN: (*OF_CHILDREN, "人民法院的判决书、裁定书", "居民委员会、村民委员会或者民政部门的指定监护文书"),
    Role.HELPER: ("申请人签名的授权委托书", "经公证的授权委托书"),
}


@dataclass(frozen=True)
class Known:
    """A person as the clerk read them from the document."""

    name: str
    id_type: str
    id_number: str

    def at(self, level: Level, phone: str = "") -> Claims:
        """The same, as far as it is proven."""
        return Claims("", level, self.name, self.id_type, self.id_number, phone, home_region="")


def last_day(role: str, paper: str, principal: Known, until: date | None, at: datetime) -> date:
    """Until when it holds: of a child's guardian until it is of age, else as the paper says. PaperNotEnough, BadInput.

    A household register names the parents of children; who is of age and still has a guardian has been given one.
    """
    if role not in PAPERS or paper not in PAPERS[Role(role)]:
        raise BadInput("agent_paper", "请选择来人出示的材料。")
    if role == Role.GUARDIAN and is_child(principal, at):
        return of_age_on(principal.id_number) - timedelta(days=1)
    if role == Role.GUARDIAN and paper in OF_CHILDREN and principal.id_type == logins.RESIDENT_ID:
        raise PaperNotEnough(field="agent_paper")
    if until is None:
        raise BadInput("agent_until", "请填写材料写明的截止日期。")
    check_term(until, at)
    return until


def is_child(principal: Known, at: datetime) -> bool:
    """Whether a citizen is not of age yet."""
    return principal.id_type == logins.RESIDENT_ID and of_age_on(principal.id_number) > local_date(at)


@transaction.atomic
def stand_for(
    principal: Known,
    agent: Known,
    *,
    role: str,
    paper: str,
    items: list[str],
    ends_on: date,
    phone: str,
    verification: UUID,
    clerk: Actor,
    at: datetime,
) -> None:
    """Both are known from now on, the one who is there as seen; by an account, now or later, they act online."""
    meet(**vars(agent), phone=phone, verification=verification, clerk=clerk, at=at)
    whose = known(principal.at(Level.MATCHED)) or new_person(principal.at(Level.MATCHED), clerk, at)
    if level_of(whose.id, at) < Level.MATCHED:
        source = clerk.organization
        prove(whose.id, Level.MATCHED, Method.WINDOW, source=source, actor=clerk, at=at, verification=verification)
    index = id_index(agent.id_type, agent.id_number)
    if not _stands(whose, index, role, items, at):
        made = new_mandate(
            index,
            agent.name,
            agent.id_number,
            at=at,
            granted=clerk,
            accepted=True,
            person_id=whose.id,
            role=role,
            items=items,
            basis=f"{paper}（窗口核对原件）",
            begins_on=local_date(at),
            ends_on=ends_on,
        )
        ledger.write(f"mandate/{made}", verb="mandate.recorded", actor=clerk, at=at, facts={"paper": paper})


def _stands(whose: Person, index: bytes, role: str, items: list[str], at: datetime) -> bool:
    rows = standing(at).filter(person=whose, agent_index=index, role=role, issuer="")
    return any(not row.items or (set(items) <= set(row.items) and items) for row in rows)
