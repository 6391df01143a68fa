# SPDX-License-Identifier: Apache-2.0
"""Who acts: a value that every action receives and every line of the ledger names by pseudonym."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What somebody may act as; one sign-in acts in one role at a time."""

    APPLICANT = "applicant"  # 申请人
    CLERK = "clerk"  # 通办专窗人员
    APPROVER = "approver"  # 审批人员
    SECOND_APPROVER = "second_approver"  # 复核人员: decides what others examined, and examines nothing
    ITEM_MANAGER = "item_manager"  # 事项管理员
    DATA_STEWARD = "data_steward"  # 数据管理员
    HALL_MANAGER = "hall_manager"  # 大厅管理员
    SUPERVISOR = "supervisor"  # 督办人员
    OPERATOR = "operator"  # 运维
    AUDITOR = "auditor"  # 审计人员
    SYSTEM = "system"  # the node itself, e.g. when custody arrives


NAMES: dict[str, str] = {  # on screens
    Role.APPLICANT: "申请人",
    Role.CLERK: "通办专窗人员",
    Role.APPROVER: "审批人员",
    Role.SECOND_APPROVER: "复核人员",
    Role.ITEM_MANAGER: "事项管理员",
    Role.DATA_STEWARD: "数据管理员",
    Role.HALL_MANAGER: "大厅管理员",
    Role.SUPERVISOR: "督办人员",
    Role.OPERATOR: "运维人员",
    Role.AUDITOR: "审计人员",
    Role.SYSTEM: "系统",
}


@dataclass(frozen=True)
class Behalf:
    """For whom somebody acts, and how far that goes."""

    id: UUID  # of the person or company
    name: str
    is_company: bool
    role: str  # representative, agent, helper, guardian
    mandate: UUID  # what it rests on
    items: frozenset[str] = field(default=frozenset())  # task codes; empty: all


@dataclass(frozen=True)
class Actor:
    """One person, or the node itself, acting in one role at one node."""

    id: UUID
    role: Role
    name: str
    node: str  # code of the node where they act
    region: str = ""
    organization: str = ""  # credit code; empty for applicants
    roles: frozenset[Role] = field(default=frozenset())
    index: bytes = b""  # the applicant's blind index at this node: what ties a person or company to their cases
    stands_in: frozenset[UUID] = field(default=frozenset())  # for colleagues who are on leave
    behalf: Behalf | None = None  # the applicant, where somebody else acts for them

    @property
    def pseudonym(self) -> str:
        """How the ledger and other nodes know them: role and identifier, no name; with the mandate they act under."""
        return f"{self.role}:{self.id}" + (f"/{self.behalf.role}:{self.behalf.mandate}" if self.behalf else "")

    @property
    def answers_to(self) -> frozenset[str]:
        """Whose work is theirs to do: their own, and that of whom they stand in for."""
        return frozenset({self.pseudonym, *(f"{self.role}:{each}" for each in self.stands_in)})

    @property
    def owner(self) -> UUID:
        """Whose the matter is: one's own, or that of whoever one acts for."""
        return self.behalf.id if self.behalf else self.id

    def covers(self, task_code: str) -> bool:
        """Whether they may act in matters of this item: in one's own always, else as far as the mandate goes."""
        return self.behalf is None or not self.behalf.items or task_code in self.behalf.items


def system(node: str) -> Actor:
    """The node itself."""
    return Actor(id=UUID(int=0), role=Role.SYSTEM, name="系统", node=node)
