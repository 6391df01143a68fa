# SPDX-License-Identifier: Apache-2.0
"""Every element of an implementation (实施清单要素) in one table: its national column, its place here, who may edit it.

Columns and types are those of the national exchange tables as deployed in a province, and of GB/T 39046-2020 table 4.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from tongban.catalogue.content import ItemContent


class Keeper(StrEnum):
    """Whose word an element is."""

    CATALOGUE = "catalogue"  # 四级四同: only the basic catalogue
    SHARED = "shared"  # the basic catalogue where a level above has fixed it, otherwise the organization
    LOCAL = "local"  # the organization alone
    SYSTEM = "system"  # written by the node


KEEPERS = {
    Keeper.CATALOGUE: "基本目录统一，实施机构不能修改",
    Keeper.SHARED: "上级已统一的不能修改，未统一的由实施机构填写",
    Keeper.LOCAL: "实施机构填写",
    Keeper.SYSTEM: "系统生成",
}


class Table(StrEnum):
    """Where an element stands in the sources."""

    BASIC = "basic"
    EXTEND = "extend"
    MATERIAL = "material"
    FEE = "fee_project"
    QUESTIONS = "questions"
    ORGANIZATION = "zone_organization"
    SEEN = "seen"  # in provincial interfaces
    GBT39046 = "gbt39046"


@dataclass(frozen=True)
class Element:
    """One element; `path` is its place in our content, through lists: "materials.name" is the name of each material."""

    table: Table
    column: str
    type: str  # as the exchange tables declare it; empty where no type was seen
    must: bool  # NOT NULL there
    name: str
    path: str
    keeper: Keeper


_C, _S, _L, _Y = Keeper.CATALOGUE, Keeper.SHARED, Keeper.LOCAL, Keeper.SYSTEM

# What is not in an item's content: kept with the version, made when a file is written, or not kept by us at all.
ELSEWHERE = {
    "@version": "版本行",
    "@status": "版本状态",
    "@effective_from": "生效日期",
    "@exchange": "导出时生成",
    "@organization": "机构表",
}

# fmt: off
_TABLES: dict[Table, tuple[tuple[str, str, str, str, Keeper], ...]] = {
    Table.BASIC: (
        # column             type        element                path                      keeper
        ("row_guid*",        "vc50",     "主键",                "@exchange",              _Y),
        ("task_name*",       "vc1000",   "事项名称",            "name",                   _C),
        ("catalog_code*",    "vc12",     "基本编码",            "basic_code",             _C),
        ("local_catalog_code", "vc50",   "地方基本编码",        "other_codes.local_basic", _L),
        ("task_type*",       "vc2",      "事项类型",            "item_type",              _C),
        ("by_law*",          "text",     "设定依据",            "law",                    _C),
        ("power_source*",    "vc2",      "权力来源",            "power.source",           _L),
        ("use_level*",       "vc11",     "行使层级",            "power.levels",           _S),
        ("task_code*",       "vc36",     "实施编码",            "task_code",              _Y),
        ("local_task_code",  "vc50",     "地方实施编码",        "other_codes.local_task", _L),
        ("task_handle_item", "vc50",     "业务办理项编码",      "other_codes.handling_items", _S),
        ("task_state*",      "vc2",      "事项状态",            "@status",                _Y),
        ("task_version*",    "int",      "版本号",              "@version",               _Y),
        ("dept_name*",       "vc200",    "实施主体",            "publisher.name",         _Y),
        ("dept_type*",       "vc2",      "实施主体性质",        "power.kind",             _L),
        ("dept_code*",       "vc50",     "实施主体编码",        "publisher.code",         _Y),
        ("entrust_name",     "vc100",    "委托部门",            "power.entrusted_by",     _L),
        ("anticipate_day*",  "int",      "法定办结时限",        "limits.statutory.days",  _S),
        ("anticipate_type*", "vc2",      "法定办结时限单位",    "limits.statutory.unit",  _S),
        ("anticipate_explain", "",       "法定办结时限说明",    "power.statutory_note",   _S),
        ("promise_day*",     "int",      "承诺办结时限",        "limits.promised.days",   _S),
        ("promise_type*",    "vc2",      "承诺办结时限单位",    "limits.promised.unit",   _S),
        ("promise_explain",  "",         "承诺办结时限说明",    "power.promised_note",    _L),
        ("accept_condition*", "text",    "受理条件",            "conditions",             _S),
        ("handle_flow*",     "text",     "办理流程",            "steps",                  _S),
        ("is_fee*",          "vc2",      "是否收费",            "fee.charged",            _S),
        ("fee_basis",        "",         "收费依据",            "fee.basis",              _S),
        ("server_type*",     "vc32",     "服务对象",            "served",                 _S),
        ("project_type*",    "vc2",      "办件类型",            "project_type",           _S),
        ("handle_type",      "vc5",      "办理形式",            "apply_forms",            _S),
        ("limit_scene_num*", "int",      "到办事现场次数",      "visits",                 _S),
        ("special_procedure", "vc500",   "特别程序",            "power.special_procedure", _S),
        ("is_single_login*", "",         "单点登录",            "net.single_sign_on",     _L),
        ("app_is_single_login*", "",     "移动端单点登录",      "net.mobile_single_sign_on", _L),
        ("link_addr",        "",         "在线办理地址",        "net.address",            _L),
        ("mobile_terminal_url", "",      "移动端办理地址",      "net.mobile_address",     _L),
        ("transact_addr*",   "vc500",    "办理地点",            "window.address",         _L),
        ("transact_time*",   "vc500",    "办理时间",            "window.hours",           _L),
        ("link_way*",        "",         "咨询方式",            "phone",                  _L),
        ("supervise_way*",   "",         "监督投诉方式",        "complaint_phone",        _L),
        ("plan_effective_date", "date",  "计划生效日期",        "@effective_from",        _Y),
        ("plan_cancel_date", "date",     "计划取消日期",        "other_codes.planned_end", _L),
        ("cd_operation*",    "vc2",      "操作",                "@exchange",              _Y),
        ("cd_time*",         "datetime", "操作时间",            "@exchange",              _Y),
        ("cd_batch*",        "vc32",     "批次",                "@exchange",              _Y),
        ("data_source*",     "vc3",      "数据来源",            "@exchange",              _Y),
    ),
    Table.EXTEND: (
        ("task_guid*",       "",         "事项主键",            "@exchange",              _Y),
        ("is_entry_center*", "",         "是否进驻大厅",        "hall.entered",           _L),
        ("handle_area",      "vc2",      "通办范围",            "scope",                  _S),
        ("other_dept",       "",         "联办机构",            "power.with_others",      _L),
        ("service_type",     "vc500",    "中介服务",            "power.intermediary",     _S),
        ("limit_explain",    "",         "数量限制",            "power.quantity",         _S),
        ("result_type*",     "vc30",     "审批结果类型",        "result.type",            _S),
        ("result_name",      "",         "审批结果名称",        "result.name",            _S),
        ("result_guid",      "",         "结果样本",            "result.sample",          _S),
        ("is_schedule",      "",         "是否支持预约",        "hall.appointment",       _L),
        ("is_pay_online*",   "",         "是否网上支付",        "hall.pays_online",       _L),
        ("is_express*",      "",         "是否物流快递",        "hall.courier",           _L),
        ("is_service_terminals", "",     "是否自助终端",        "hall.terminals",         _L),
        ("user_topic_type",  "",         "自然人主题",          "topics.person",          _S),
        ("user_character_topic_type", "", "自然人人生事件",     "topics.life_event",      _S),
        ("corp_topic_type",  "",         "法人主题",            "topics.company",         _S),
        ("corp_character_topic_type", "", "法人经营活动",       "topics.company_event",   _S),
        ("is_online*",       "",         "是否网办",            "apply_forms",            _S),
        ("online_handle_depth", "vc20",  "网上办理深度",        "net.depth",              _S),
        ("online_handle_url", "",        "网上办理地址",        "net.handling_address",   _L),
        ("limit_scene_explain", "vc1000", "必须现场办理原因",   "visit_reason",           _S),
        ("town_name",        "",         "镇（乡、街道）名称",  "@exchange",              _Y),
        ("town_code",        "",         "镇（乡、街道）",      "hall.towns",             _L),
        ("village_name",     "",         "村（社区）名称",      "@exchange",              _Y),
        ("village_code",     "",         "村（社区）",          "hall.villages",          _L),
        ("extend_field",     "",         "扩展字段",            "@exchange",              _Y),
    ),
    Table.SEEN: (
        ("isHandleByDeptSys", "",        "国家或省垂管系统",    "power.system",           _S),
        ("",                 "",         "线上办理流程",        "net.flow",               _S),
        ("",                 "",         "线下办理流程",        "hall.flow",              _S),
        ("",                 "",         "网办等级",            "net.grade",              _S),
        ("",                 "",         "不适宜网办的理由",    "net.why_not",            _S),
        ("",                 "",         "交通指引",            "hall.traffic",           _L),
        ("",                 "",         "办理窗口",            "hall.window",            _L),
        ("",                 "",         "预约规则",            "hall.appointment_rules", _L),
        ("",                 "",         "是否邮寄材料",        "hall.mails_materials",   _L),
        ("",                 "",         "是否邮寄结果",        "hall.mails_result",      _L),
        ("",                 "",         "其他咨询方式",        "remedy.inquiry",         _L),
        ("",                 "",         "其他投诉方式",        "remedy.complaint",       _L),
        ("",                 "",         "行政复议",            "remedy.review",          _L),
        ("",                 "",         "行政诉讼",            "remedy.lawsuit",         _L),
        ("",                 "",         "申请人权利和义务",    "remedy.rights",          _S),
        ("IsNotifyPromise",  "",         "告知承诺",            "commitment",             _S),
        ("",                 "",         "容缺受理",            "supplement",             _S),
        ("",                 "",         "申请表单",            "form",                   _S),
        ("",                 "",         "情形",                "questions",              _S),
    ),
    Table.GBT39046: (
        ("",                 "",         "权限划分",            "power.division",         _S),
        ("",                 "",         "行使内容",            "power.exercise",         _S),
        ("",                 "",         "承办机构",            "power.undertaker",       _L),
        ("",                 "",         "行政管辖",            "power.jurisdiction",     _L),
        ("",                 "",         "运行系统层级",        "power.system.level",     _S),
    ),
    Table.MATERIAL: (
        ("task_guid*",       "",         "事项主键",            "@exchange",              _Y),
        ("material_name*",   "vc200",    "材料名称",            "materials.name",         _S),
        ("material_type",    "vc2",      "材料类型",            "materials.more.kind",    _S),
        ("material_format",  "vc2",      "材料形式",            "materials.form",         _S),
        ("is_need*",         "vc2",      "材料必要性",          "materials.necessity",    _S),
        ("source_type",      "vc2",      "来源渠道",            "materials.source",       _S),
        ("source_explain",   "vc500",    "来源渠道说明",        "materials.more.source_note", _S),
        ("page_num",         "int",      "原件份数",            "materials.more.originals", _S),
        ("",                 "n..2",     "复印件份数",          "materials.more.copies",  _S),
        ("page_format",      "vc200",    "规格",                "materials.more.size",    _S),
        ("form_guid",        "",         "空白表格",            "materials.more.blank",   _S),
        ("example_guid",     "",         "示例样表",            "materials.more.sample",  _S),
        ("fill_explain",     "",         "填报须知",            "materials.more.fill_note", _S),
        ("accept_stand",     "",         "受理标准",            "materials.accept_note",  _S),
        ("by_law",           "",         "要求提供材料的依据",  "materials.more.basis",   _S),
        ("remark",           "",         "备注",                "materials.more.note",    _S),
        ("",                 "",         "是否免提交",          "materials.more.spared",  _S),
        ("",                 "",         "关联电子证照编码",    "materials.more.licence_type", _S),
        ("",                 "",         "出具机构",            "materials.issuer",       _S),
        ("",                 "",         "出具时间要求",        "materials.more.dated",   _S),
        ("",                 "",         "材料办理说明",        "materials.more.how",     _S),
        ("",                 "",         "材料办理地点",        "materials.more.where",   _S),
        ("",                 "",         "材料使用说明",        "materials.more.used_for", _S),
    ),
    Table.FEE: (
        ("fee_name*",        "vc200",    "收费项目名称",        "fee.lines.name",         _S),
        ("fee_stand*",       "vc256",    "收费标准",            "fee.lines.more.standard", _S),
        ("by_law",           "",         "收费项目依据",        "fee.lines.basis",        _S),
        ("is_desc",          "",         "是否允许减免",        "fee.lines.more.reducible", _S),
        ("desc_explain",     "",         "减免说明",            "fee.lines.more.reduction", _S),
    ),
    Table.QUESTIONS: (
        ("question*",        "vc1000",   "常见问题",            "faq.question",           _L),
        ("answer*",          "",         "解答",                "faq.answer",             _L),
    ),
    Table.ORGANIZATION: (
        ("org_name",         "",         "机构名称",            "@organization",          _Y),
        ("org_short_name",   "",         "机构简称",            "@organization",          _Y),
        ("org_code",         "9",        "组织机构代码",        "@organization",          _Y),
        ("credit_code",      "18",       "统一社会信用代码",    "@organization",          _Y),
        ("exist_task",       "",         "是否有实施事项",      "@organization",          _Y),
        ("order_num",        "",         "序号",                "@organization",          _Y),
    ),
}
# What the sources do not list and a case needs all the same.
OURS: tuple[tuple[str, str, Keeper], ...] = (
    ("办理模式",     "mode",           _S),
    ("办理模式依据", "mode_basis",     _S),
    ("办理内容",     "summary",        _S),
    ("审查环节",     "examination",    _S),
    ("决定人回避",   "two_persons",    _S),
    ("补正期限",     "correction",     _S),
    ("延长",         "extension",      _S),
    ("异地受理授权", "entrusted",      _L),
    ("分段时限",     "parts",          _S),
    ("重复申请",     "repeat",         _S),
    ("共同申请人",   "co_applicants",  _S),
    ("实名等级",     "assurance",      _S),
    ("收费说明",     "fee.note",       _L),
    ("缴费",         "fee.payment",    _L),
    ("结果文书格式", "result.template", _S),
    ("申请表分组",   "sections",       _S),
    ("假定",         "assumptions",    _L),
    ("行政区划",     "publisher.region", _Y),
    ("格式版本",     "format",         _Y),
)
# fmt: on

ELEMENTS: tuple[Element, ...] = tuple(
    Element(table, column.rstrip("*"), kind, column.endswith("*"), name, path, keeper)
    for table, rows in _TABLES.items()
    for column, kind, name, path, keeper in rows
)
# 国办发〔2020〕35号: the same at national, provincial, city and county level
FOUR = ("name", "basic_code", "law", "item_type")
# The four and the eight that the Hunan plan names; that these make the twelve is our reading
TWELVE = (*FOUR, "power.levels", "limits", "conditions", "steps", "materials", "form", "fee", "result")


@dataclass(frozen=True)
class Unit:
    """What is fixed and compared as a whole: one value that a level of the catalogue may lay down for those below."""

    path: str
    name: str
    keeper: Keeper


@cache
def units() -> dict[str, Unit]:
    """Everything an item says, in the pieces that are fixed, locked and compared, by path."""
    found: dict[str, Unit] = {}
    named = [(each.name, each.path, each.keeper) for each in ELEMENTS if each.path not in ELSEWHERE]
    for name, path, keeper in (*named, *OURS):
        whole = _whole(path)
        found.setdefault(whole, Unit(whole, WHOLES.get(whole, name), keeper))
    return found


WHOLES = {  # what several elements together are called
    "limits.statutory": "法定办结时限",
    "limits.promised": "承诺办结时限",
    "materials": "申请材料",
    "fee": "收费",
    "result": "办理结果",
    "faq": "常见问题",
    "window": "办理地点和时间",
    "publisher": "实施主体",
}
_TAKEN_APART = frozenset({"limits", "other_codes", "power", "net", "hall", "topics", "remedy"})


def _whole(path: str) -> str:
    """Groups are taken apart into their members; every other structure is one value."""
    parts = path.split(".")
    return ".".join(parts[:2] if parts[0] in _TAKEN_APART else parts[:1])


def name_of(path: str) -> str:
    """What people call the element at this path of a content, at any depth."""
    unit = units().get(_whole(path))
    return unit.name if unit else path


def get(content: dict[str, Any], path: str) -> Any:
    """The value of a unit in a plain content; None where it is not said."""
    value: Any = content
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def put(content: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of the content with another value for this unit."""
    first, _, rest = path.partition(".")
    inner = content.get(first)
    return content | {first: put(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}


def without(content: dict[str, Any], path: str) -> dict[str, Any]:
    """A copy of the content that does not say this unit; a group that says nothing any more goes with it."""
    first, _, rest = path.partition(".")
    kept = {name: value for name, value in content.items() if name != first}
    inner = content.get(first)
    left = without(inner, rest) if rest and isinstance(inner, dict) else {}
    return kept | ({first: left} if left else {})


def said(content: dict[str, Any]) -> Iterator[str]:
    """The units that a plain content says something about."""
    return (path for path, first in _first_words() if first in content and get(content, path) is not None)


@cache
def _first_words() -> tuple[tuple[str, str], ...]:
    return tuple((path, path.partition(".")[0]) for path in units())


def strangers(content: dict[str, Any]) -> list[str]:
    """The words of a plain content that are no unit of an item."""
    known = {path.partition(".")[0] for path in units()}
    odd = [name for name in content if name not in known]
    for group in _TAKEN_APART & content.keys():
        inner = content[group]
        inside = inner if isinstance(inner, dict) else {"": inner}
        odd += [f"{group}.{name}" for name in inside if f"{group}.{name}" not in units()]
    return sorted(odd)


@cache
def type_at(path: str) -> Any:
    """The type that the value of a unit has."""
    kind: Any = ItemContent
    for part in path.split("."):
        kind = get_type_hints(_structure(kind), include_extras=True)[part]
    return kind


def _structure(kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    if get_origin(kind) is tuple:
        return None
    return next((found for arg in get_args(kind) if (found := _structure(arg)) is not None), None)
