# SPDX-License-Identifier: Apache-2.0
"""The elements of an item beside what a case needs: power, net, hall, topics, remedies, papers, fees.

All of them may be missing, and a missing one is not written: an item that says none of this has the bytes it had
before there was a place for it.
"""

from datetime import date
from typing import Annotated, Literal

import msgspec

from tongban.standards.enums import (
    Contact,
    ImplementerKind,
    MaterialKind,
    OnlineDepth,
    OnlineGrade,
    PowerSource,
    UseLevel,
)

Line = Annotated[str, msgspec.Meta(max_length=500)]
Passage = Annotated[str, msgspec.Meta(max_length=5000)]
Address = Annotated[str, msgspec.Meta(max_length=500, pattern="^(https?://[^\\s]+)?$")]
CreditCode = Annotated[str, msgspec.Meta(pattern="^([0-9A-Z]{18})?$")]
Place = Annotated[str, msgspec.Meta(pattern="^[0-9]{6}([0-9]{6})?$")]
FileType = Literal[
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "image/jpeg",
    "image/png",
]
Sheets = Annotated[int, msgspec.Meta(ge=0, le=99)]  # GB/T 39046-2020: n..2


class Detail(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A piece of an item whose every word may be missing."""


class Body(Detail, frozen=True):
    """An organization that is named in an item."""

    name: Line
    code: CreditCode = ""
    address: Line = ""
    phone: Line = ""
    net: Address = ""


class HandlingItem(Detail, frozen=True):
    """业务办理项: what is applied for in the end."""

    number: Annotated[str, msgspec.Meta(pattern="^(0[1-9]|[1-9][0-9])$")]
    name: Line


class VerticalSystem(Detail, frozen=True):
    """A system of the State or the province in which the item is handled (垂管系统)."""

    name: Line
    net: Address = ""
    level: UseLevel | None = None  # 运行系统层级


class Power(Detail, frozen=True):
    """Where the power comes from and who shares in it."""

    source: PowerSource | None = None
    levels: tuple[UseLevel, ...] = ()  # 行使层级
    division: Passage = ""  # 权限划分
    exercise: Passage = ""  # 行使内容
    kind: ImplementerKind | None = None  # 实施主体性质
    entrusted_by: Line = ""
    with_others: tuple[Body, ...] = ()  # 联办机构
    undertaker: Body | None = None  # 承办机构
    jurisdiction: Body | None = None  # 行政管辖
    intermediary: Passage = ""  # 中介服务
    quantity: Passage = ""  # 数量限制
    special_procedure: Line = ""
    statutory_note: Passage = ""  # 法定办结时限说明
    promised_note: Passage = ""
    system: VerticalSystem | None = None


class Net(Detail, frozen=True):
    """How far it can be done on the net, and where."""

    depth: tuple[OnlineDepth, ...] = ()
    grade: OnlineGrade | None = None
    single_sign_on: bool | None = None
    mobile_single_sign_on: bool | None = None
    address: Address = ""
    mobile_address: Address = ""
    handling_address: Address = ""
    flow: Passage = ""  # 线上办理流程
    why_not: Passage = ""  # 不适宜网上办理的理由


class Hall(Detail, frozen=True):
    """What the halls offer for it."""

    entered: bool | None = None  # 是否进驻大厅
    appointment: bool | None = None
    appointment_rules: Passage = ""
    courier: bool | None = None
    mails_materials: bool | None = None
    mails_result: bool | None = None
    pays_online: bool | None = None
    terminals: bool | None = None  # 自助终端
    window: Line = ""
    traffic: Passage = ""
    flow: Passage = ""  # 线下办理流程
    towns: tuple[Place, ...] = ()
    villages: tuple[Place, ...] = ()


class Topics(Detail, frozen=True):
    """The headings under which people look for it; the national codes were not seen, so they are words."""

    person: tuple[Line, ...] = ()
    life_event: tuple[Line, ...] = ()
    company: tuple[Line, ...] = ()
    company_event: tuple[Line, ...] = ()


class Way(Detail, frozen=True):
    """One way to ask or to complain."""

    kind: Contact
    at: Line


class Remedy(Detail, frozen=True):
    """Where to ask, to complain, to have a decision reviewed; what one is entitled to."""

    inquiry: tuple[Way, ...] = ()
    complaint: tuple[Way, ...] = ()
    review: Body | None = None  # 行政复议
    lawsuit: Body | None = None  # 行政诉讼
    rights: Passage = ""  # 申请人权利和义务


class Attachment(Detail, frozen=True):
    """A file that goes with an item, named by its content; the publisher's node keeps it."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    digest: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, msgspec.Meta(ge=1, le=5_000_000)]  # bytes
    type: FileType


class Paper(Detail, frozen=True):
    """What else is told of a material."""

    kind: MaterialKind | None = None
    source_note: Line = ""  # 来源渠道说明
    originals: Sheets | None = None
    copies: Sheets | None = None
    size: Line = ""  # 规格
    blank: Line = ""  # 空白表格
    sample: Line = ""  # 示例样表
    fill_note: Passage = ""  # 填报须知
    basis: Passage = ""  # 要求提供材料的依据
    dated: Line = ""  # 出具时间要求
    how: Passage = ""  # 材料办理说明
    where: Line = ""  # 材料办理地点
    used_for: Passage = ""  # 材料使用说明
    spared: bool | None = None  # 是否免提交
    licence_type: Line = ""  # 关联电子证照编码
    note: Passage = ""
    licence_name: Line = ""  # of the licence that stands in for it
    resource: Line = ""  # the shared resource that stands in for it
    resource_code: Line = ""
    resource_from: Line = ""  # 数源单位
    visits: Annotated[int, msgspec.Meta(ge=0, le=9)] | None = None  # how often somebody must come because of it
    visit_reason: Line = ""
    blank_file: Attachment | None = None
    sample_file: Attachment | None = None

    @property
    def shared(self) -> str:
        """What stands in for it, in words; empty where nothing does."""
        if self.licence:
            return f"电子证照“{self.licence}”"
        return f"共享数据“{self.resource}”" if self.resource else ""

    @property
    def licence(self) -> str:
        """The licence that stands in for it."""
        return self.licence_name or self.licence_type


class Terms(Detail, frozen=True):
    """What else is told of a fee."""

    standard: Line = ""
    reducible: bool | None = None  # 是否允许减免
    reduction: Passage = ""


class Codes(Detail, frozen=True):
    """Codes beside the national one."""

    local_basic: Line = ""
    local_task: Line = ""
    handling_items: tuple[HandlingItem, ...] = ()
    planned_end: date | None = None  # 计划取消日期
