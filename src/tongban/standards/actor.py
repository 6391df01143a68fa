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
    ITEM_MANAGER = "item_manager"  # 事项管理员
    SUPERVISOR = "supervisor"  # 督办人员
    OPERATOR = "operator"  # 运维
    SYSTEM = "system"  # the node itself, e.g. when custody arrives


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
    index: bytes = b""  # an applicant's blind index at this node: what ties a person to their cases

    @property
    def pseudonym(self) -> str:
        """How the ledger and other nodes know them: role and identifier, no name."""
        return f"{self.role}:{self.id}"


def system(node: str) -> Actor:
    """The node itself."""
    return Actor(id=UUID(int=0), role=Role.SYSTEM, name="系统", node=node)
