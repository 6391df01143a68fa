# SPDX-License-Identifier: Apache-2.0
"""Separation of duties: every rule by which one person may not do two things, and where it is kept."""

from collections.abc import Collection
from dataclasses import dataclass

from tongban.identity.errors import RolesApart
from tongban.standards.actor import NAMES, Role


@dataclass(frozen=True)
class Apart:
    """Two roles that nobody holds together."""

    one: Role
    other: Role
    why: str


@dataclass(frozen=True)
class Twice:
    """Two acts in one matter that are never one person's; the noun of the matter refuses by this code."""

    first: str
    then: str
    refused: str


ROLES_APART = (
    *(
        Apart(Role.AUDITOR, other, "审计的对象包括这个岗位的操作")
        for other in (
            Role.CLERK,
            Role.APPROVER,
            Role.SECOND_APPROVER,
            Role.ITEM_MANAGER,
            Role.DATA_STEWARD,
            Role.HALL_MANAGER,
            Role.SUPERVISOR,
            Role.OPERATOR,
        )
    ),
    Apart(Role.OPERATOR, Role.CLERK, "运维能调整系统，不经手办件"),
    Apart(Role.OPERATOR, Role.APPROVER, "运维能调整系统，不作审批决定"),
    Apart(Role.OPERATOR, Role.SECOND_APPROVER, "运维能调整系统，不作审批决定"),
    Apart(Role.APPROVER, Role.SECOND_APPROVER, "复核人员只作决定，不审查"),
    Apart(Role.OPERATOR, Role.SUPERVISOR, "督办依据系统记录，不由能调整系统的人担任"),
    Apart(Role.CLERK, Role.APPROVER, "收受分离：收件的不审批"),
    Apart(Role.CLERK, Role.SECOND_APPROVER, "收受分离：收件的不审批"),
    Apart(Role.SUPERVISOR, Role.APPROVER, "督办的对象包括审批"),
    Apart(Role.SUPERVISOR, Role.SECOND_APPROVER, "督办的对象包括审批"),
    Apart(Role.SUPERVISOR, Role.CLERK, "督办的对象包括收件"),
)

ACTS_APART = (
    Twice("审查办件", "对同一办件作出决定（事项要求两人办理的）", "another_person"),
    Twice("编写事项版本", "审核发布同一版本", "own_review"),
    Twice("编写清单", "审核发布同一版清单", "own_list_review"),
    Twice("上传或者提交事项表格", "确认导入同一份表格", "own_confirmation"),
    Twice("编写证照类型", "发布同一版本", "another_person_needed"),
    Twice("上传存量证照", "确认收录同一批", "another_person_needed"),
    Twice("申请批量盖章", "放行同一次申请", "another_person_needed"),
    Twice("申请签发新的一份证照（类型要求两人办理的）", "复核同一次申请", "another_person_needed"),
    Twice("担任岗位", "办理本人的岗位、离岗和代理", "not_oneself"),
)


def require_apart(roles: Collection[Role]) -> None:
    """RolesApart when two of these are not for one person."""
    held = set(roles)
    for rule in ROLES_APART:
        if {rule.one, rule.other} <= held:
            raise RolesApart(field="roles", one=NAMES[rule.one], other=NAMES[rule.other], why=rule.why)
