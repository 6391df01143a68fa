# SPDX-License-Identifier: Apache-2.0
"""Words on the screen: dates, remaining days, money and masks, the same in every template."""

from datetime import date, datetime
from itertools import groupby
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from uuid_utils.compat import uuid7

from tongban.cases.notices import CONSEQUENCES
from tongban.cases.promises import CONSEQUENCES as OF_LACKING
from tongban.cases.queries.attempts import TriedWay
from tongban.cases.queries.lists import SOON
from tongban.cases.said import by_field
from tongban.cases.signing import ROLES as SIGNERS
from tongban.cases.ways import Way
from tongban.catalogue.filling import rows_of
from tongban.identity import scopes
from tongban.identity.assurance import LEVELS, Level
from tongban.identity.queries.mandates import ROLES as MANDATES
from tongban.licences.documents import chinese_date
from tongban.standards import clock, identifiers, money
from tongban.standards.actor import NAMES, Behalf
from tongban.standards.opening import Opening, Spans
from tongban.web import filling

register = template.Library()

WEEKDAYS = "一二三四五六日"
UNITS = ((1_000_000, "MB"), (1_000, "KB"))

# How a state of a case looks; the word itself always comes from the case.
STATE_TAGS = {
    "submitted": "wait",
    "collected": "wait",
    "correction": "wait",
    "accepted": "info",
    "special": "wait",
    "examined": "info",
    "granted": "go",
    "issued": "go",
    "delivered": "go",
    "denied": "stop",
    "not_required": "stop",
    "not_accepted": "stop",
    "terminated": "stop",
    "withdrawn": "",
    "revoked": "stop",
}
NECESSITY = {"required": "必须提交", "optional": "选填", "tolerated": "可以后补"}
SOURCES = {"applicant": "申请人自备", "government": "政府部门核发", "other": "其他机构出具"}
TYPES = {"application/pdf": "PDF", "image/jpeg": "JPG", "image/png": "PNG"}
UNITS_OF_TIME = {
    "working_day": "个工作日",
    "natural_day": "个自然日",
    "month": "个月",
    "hour": "小时",
    "minute": "分钟",
}
OTHER_WAYS = {
    Way.COMMITMENT: "先不交，提交以后作出书面承诺",
    Way.WINDOW: "带原件到窗口提交",
    Way.POST: "邮寄给办理机关",
}
DELIVERIES = {"net": "网上下载", "post": "邮寄给申请人", "window": "到收件窗口领取"}
DELIVERED = {"net": "网上下载", "post": "邮寄给您", "window": "您到收件窗口领取"}  # to the applicant
DEVICES = {"phone": "手机", "tablet": "平板", "computer": "电脑"}
DRAFT_STEPS = {"questions": "选择情形", "form": "填写信息", "materials": "上传材料", "signers": "共同确认"}
CONFIRMED = {"asked": "wait", "confirmed": "go", "declined": "stop", "void": "wait"}  # the tag of each
YOUR_WORD = {"asked": "等您确认", "confirmed": "您已确认", "declined": "您不同意", "void": "内容改过，等您重新确认"}
STEPS = {"signed": "done", "open": "info", "waiting": "wait"}  # of an examination: the tag of each
STEP_WORDS = {"signed": "已完成", "open": "进行中", "waiting": "未开始"}
CLAIMS = {  # what one node tells another about a person
    "name": "姓名",
    "id_type": "证件类型",
    "id_number": "证件号码",
    "phone_number": "手机号码",
    "home_region": "户籍地",
    "mandates": "可以代办的单位和个人",
}
MODES = {"online": "全程网办", "proxy": "异地代收代办", "joint": "多地联办"}


FIELD_TYPES = {
    "text": "单行文字",
    "textarea": "多行文字",
    "date": "日期",
    "choice": "单选",
    "choices": "多选",
    "yes_no": "是或者否",
    "phone": "手机号码",
    "email": "电子邮箱",
    "id_number": "居民身份证号码",
    "credit_code": "统一社会信用代码",
    "integer": "整数",
    "money": "金额（元）",
    "region": "行政区划",
    "rows": "表格",
}
YES_NO = [("yes", "是"), ("no", "否")]
INPUT_CLASSES = {
    "date": " input-date",
    "phone": " input-short num",
    "integer": " input-short num",
    "money": " input-short num",
    "id_number": " num",
    "credit_code": " num",
}
INPUT_KINDS = {
    "date": 'type="date" max="9999-12-31"',  # a year that is typed has four digits
    "phone": 'type="tel" autocomplete="tel" inputmode="tel"',
    "email": 'type="email" autocomplete="email" inputmode="email"',
    "integer": 'type="text" inputmode="numeric"',
    "money": 'type="text" inputmode="decimal"',
    "id_number": 'type="text" autocomplete="off"',
    "credit_code": 'type="text" autocomplete="off"',
}


def week(opening: Opening) -> str:
    """周一至周五 9:00—12:00、13:30—17:00；周六 9:00—12:00."""
    told = []
    for spans, days in groupby(range(7), key=lambda day: opening.week[day]):
        first, *rest = days
        last = f"至周{WEEKDAYS[rest[-1]]}" if rest else ""
        told += [f"周{WEEKDAYS[first]}{last} {open_at(spans)}"] if spans else []
    return "；".join(told) or "平时不开放"


def open_at(spans: Spans) -> str:
    """9:00—12:00、13:30—17:00, or that it is closed."""
    return "、".join(f"{_minute(opens)}—{_minute(shuts)}" for opens, shuts in spans) or "不开放"


def _minute(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


@register.simple_tag
def once() -> str:
    """A hidden field with a token that a form spends: the same form sent again changes nothing more."""
    return format_html('<input type="hidden" name="once" value="{}">', uuid7().hex)


@register.filter
def left_off(draft: Any) -> str:
    """上次在手机上填到“上传材料”，2026年11月22日（周日）10:05 保存."""
    device, step = DEVICES.get(draft.device, ""), DRAFT_STEPS.get(draft.step, "")
    where = f"在{device}上" if device else ""
    what = f"填到“{step}”" if step else "打开"
    return f"上次{where}{what}，{moment(draft.updated_at)} 保存"


@register.filter
def device_name(kind: str) -> str:
    """手机, 平板 or 电脑."""
    return DEVICES.get(kind, "另一台设备")


@register.filter
def confirmed_tag(standing: str) -> str:
    """The class of the tag that shows how somebody stands to an application."""
    return f"tag-{CONFIRMED.get(standing, 'wait')}"


@register.filter
def signer_role(code: str) -> str:
    """共同申请人, 监护人 and so on."""
    return SIGNERS.get(code, "")


@register.filter
def your_word(standing: str) -> str:
    """等您确认, and what else, said to whoever confirms."""
    return YOUR_WORD.get(standing, "")


def _local(value: date | datetime) -> date:
    return clock.local_date(value) if isinstance(value, datetime) else value


@register.filter
def day(value: date | datetime | None) -> str:
    """2026年5月3日（周日）; a datetime is read in Asia/Shanghai."""
    if value is None:
        return ""
    told = _local(value)
    return f"{told.year}年{told.month}月{told.day}日（周{WEEKDAYS[told.weekday()]}）"


@register.filter
def short_day(value: date | datetime | None) -> str:
    """5月3日 周日, for dense tables; the year only when it is another one."""
    if value is None:
        return ""
    told = _local(value)
    year = "" if told.year == clock.today().year else f"{told.year}年"
    return f"{year}{told.month}月{told.day}日 周{WEEKDAYS[told.weekday()]}"


@register.filter
def long_date(value: datetime) -> str:
    """2026年5月3日, as on a paper."""
    return chinese_date(clock.local_date(value))


@register.filter
def moment(value: datetime | None) -> str:
    """2026年5月3日（周日）14:05."""
    if value is None:
        return ""
    return f"{day(value)}{value.astimezone(clock.SHANGHAI):%H:%M}"


@register.filter
def iso(value: date | datetime | None) -> str:
    """For the datetime attribute of <time>."""
    if isinstance(value, datetime):
        return value.astimezone(clock.SHANGHAI).isoformat(timespec="seconds")
    return "" if value is None else value.isoformat()


@register.filter
def left(days: int | None) -> str:
    """还剩 4 个工作日; late and today have their own words."""
    if days is None:
        return "暂不计时"
    if days < 0:
        return f"已超过 {-days} 个工作日"
    return f"还剩 {days} 个工作日" if days else "今天到期"


@register.filter
def urgency(days: int | None) -> str:
    """calm, soon, late or none: the colour that goes with the words of `left`."""
    if days is None:
        return "none"
    if days < 0:
        return "late"
    return "soon" if days <= SOON else "calm"


STANDINGS = {"running": "calm", "due_soon": "soon", "overdue": "late", "paused": "none"}


@register.filter
def standing(word: str) -> str:
    """The colour of a running clock."""
    return STANDINGS.get(word, "none")


@register.filter
def ended(clocks: Any) -> list[Any]:
    """The clocks that have ended."""
    return [each for each in clocks or () if each.ended_at]


@register.filter
def outside(clocks: Any) -> list[Any]:
    """The clocks that are no matter of the office's own order: not those of its steps."""
    return [each for each in clocks or () if not each.kind.startswith("step:")]


WHOSE = {"statutory": "机关的期限", "promised": "机关的期限", "applicant": "申请人的期限", "transit": "寄送途中"}


@register.filter
def whose_limit(nature: str) -> str:
    """Whose a limit is."""
    return WHOSE.get(nature, "")


@register.filter
def your_limit(nature: str) -> str:
    """The same, said to the applicant."""
    return "您的期限" if nature == "applicant" else WHOSE.get(nature, "")


@register.filter
def yuan(fen: int | None) -> str:
    """Money is kept in fen."""
    if fen is None:
        return ""
    return money.yuan(fen) if fen else "不收费"


@register.filter
def size(octets: int | None) -> str:
    """1.2 MB, 340 KB or 12 字节."""
    if octets is None:
        return ""
    for unit, name in UNITS:
        if octets >= unit:
            return f"{octets / unit:.1f}".removesuffix(".0") + f" {name}"
    return f"{octets} 字节"


@register.filter
def mode_name(mode: str | None) -> str:
    """The Chinese name of a mode; an unknown mode is not guessed."""
    return MODES.get(mode or "", "办理方式未定")


@register.filter
def delivery_name(way: str) -> str:
    """How the applicant gets the result."""
    return DELIVERIES.get(way, "")


@register.filter
def delivered_name(way: str) -> str:
    """The same, said to the applicant."""
    return DELIVERED.get(way, "")


@register.filter
def state_tag(state: str) -> str:
    """The class of the tag that shows a state."""
    kind = STATE_TAGS.get(state, "")
    return f"tag-{kind}" if kind else ""


@register.filter
def step_tag(state: str) -> str:
    """The class of the tag that shows a step of examination."""
    return f"tag-{STEPS.get(state, '')}"


@register.filter
def step_word(state: str) -> str:
    """已完成, 进行中 or 未开始."""
    return STEP_WORDS.get(state, "")


@register.filter
def mask_name(name: str) -> str:
    """张*."""
    return identifiers.mask_name(name)


@register.filter
def mask_id(number: str) -> str:
    """4301**********1234 or the like, as the standard rule says."""
    return identifiers.mask_id(number)


@register.filter
def mask_phone(number: str) -> str:
    """138****5678."""
    return identifiers.mask_phone(number)


@register.filter
def at(mapping: Any, key: Any) -> Any:
    """One entry of a mapping, empty when it is not there."""
    return mapping.get(key, "") if mapping else ""


@register.filter
def said_of(written: str, name: str) -> str:
    """What was said of one field of the form."""
    return by_field(written).get(name, "")


@register.filter
def pairs(choices: Any) -> list[tuple[str, str]]:
    """Choices as (value, text), whether they were given as words, pairs or {code, text}."""
    return [_pair(choice) for choice in choices or ()]


def _pair(choice: Any) -> tuple[str, str]:
    if isinstance(choice, dict):
        return str(choice.get("code", choice.get("value", ""))), str(choice.get("text", choice.get("label", "")))
    if isinstance(choice, str):
        return choice, choice
    if hasattr(choice, "code"):
        return str(choice.code), str(choice.text)
    value, text = choice
    return str(value), str(text)


@register.filter
def dated(value: str) -> str:
    """A date that a form holds as 2019-05-03, as people write it; all else as it is."""
    return _day_of(value) if len(value) == 10 and value[4] == value[7] == "-" else value


@register.filter
def failing(peers: Any) -> list[Any]:
    """The peers that could not be reached at the last try."""
    return [peer for peer in peers or () if peer.failing]


@register.filter
def role_name(role: str) -> str:
    """审批人员 for approver."""
    return NAMES.get(role, "工作人员")


@register.filter
def claim_words(claims: Any) -> str:
    """姓名、户籍地 for what may be told of a person."""
    return "、".join(CLAIMS.get(name, name) for name in claims)


@register.filter
def level_words(level: int) -> str:
    """How surely somebody is known."""
    return LEVELS[Level(int(level))]


@register.filter
def scope_words(scope: str) -> str:
    """What a token lets a program do."""
    return "全部" if scope == "all" else scopes.words(scope)


@register.filter
def mandate_role(role: str) -> str:
    """As what somebody acts for another."""
    return MANDATES.get(role, "")


@register.filter
def principal_name(behalf: Behalf) -> str:
    """For whom somebody acts: a company by its name, a person by theirs without the end."""
    return behalf.name if behalf.is_company else identifiers.mask_name(behalf.name)


@register.filter
def place(name: str) -> str:
    """甘肃 for 甘肃通办节点（演示）: people live in places, not in nodes."""
    plain = name.removesuffix("（演示）")
    for ending in ("通办节点", "通办枢纽", "节点"):
        plain = plain.removesuffix(ending)
    return plain


@register.filter
def number_parts(number: str) -> list[str]:
    """A receipt number as region, day and serial, so that it can be read aloud; others in groups of six."""
    cuts = (0, 6, 14) if len(number) > 20 and number.isdigit() else tuple(range(0, len(number), 6))
    return [number[start:end] for start, end in zip(cuts, (*cuts[1:], len(number)), strict=True)]


@register.filter
def faults(errors: Any) -> list[tuple[str, str]]:
    """Errors as (field, sentence), whether they are a mapping or refusals."""
    if not errors:
        return []
    if hasattr(errors, "items"):
        return list(errors.items())
    return [(error.field or "form", error.sentence) for error in errors]


@register.filter
def necessity(code: str) -> str:
    """必须提交, 选填 or 可以后补."""
    return NECESSITY.get(code, "")


@register.filter
def source_name(code: str) -> str:
    """Where a material comes from."""
    return SOURCES.get(code, "")


@register.filter
def file_types(types: Any) -> str:
    """PDF、JPG、PNG."""
    return "、".join(TYPES.get(kind, kind) for kind in types or ())


@register.filter
def file_limits(need: Any) -> str:
    """PDF、JPG、PNG，每个不超过 5 MB."""
    return f"{file_types(need.types)}，每个不超过 {size(need.max_bytes)}"


@register.filter
def had_words(met: TriedWay) -> str:
    """长春市公安局提供的电子证照“居民身份证”（编号…），可信等级 A；or what was given before."""
    if met.way is Way.EARLIER:
        return f"使用您办理“{met.issuer}”时提交的材料（收件编号 {met.number}）。"
    numbered = f"（编号 {met.number}）" if met.number else ""
    return f"{met.issuer or '数据来源'}提供了“{met.name}”{numbered}，{met.trust}。"


@register.filter
def other_ways(need: Any) -> str:
    """也可以到窗口提交或者邮寄."""
    offered = [OTHER_WAYS[way] for way in need.ways if way in OTHER_WAYS]
    return f"也可以{'；或者'.join(offered)}。" if offered else ""


@register.filter
def limit(value: Any) -> str:
    """5 个工作日, or 当场办结 for none at all."""
    days, unit = _part(value, "days"), _part(value, "unit")
    return f"{days} {UNITS_OF_TIME.get(unit, '天')}" if days else "当场办结"


@register.filter
def consequence(code: str) -> str:
    """What happens when nothing is corrected in time."""
    return CONSEQUENCES.get(code, "")


@register.filter
def of_lacking(later: Any) -> str:
    """What happens when what may come later does not come, as the item has it."""
    end = f"{OF_LACKING[later.consequence]}。"
    more = f"承诺的办理期限暂停计算；再过 {later.grace} {UNITS_OF_TIME.get(later.unit, '天')}仍没有补齐的，"
    return f"到期没有补齐的，{more if later.grace else ''}{end}"


@register.filter
def law_of(value: Any) -> str:
    """The law and clause that a limit rests on."""
    return f"{_part(value, 'law')}{_part(value, 'clause')}"


@register.filter
def fee(value: Any) -> str:
    """不收费, or every line of the fee."""
    if not _part(value, "charged"):
        return "不收费"
    return "；".join(f"{_part(line, 'name')} {yuan(_part(line, 'fen'))}" for line in _part(value, "lines"))


def _part(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


@register.filter
def typed(field: Any, values: Any) -> str:
    """What stands in a field: what was just typed, empty or not, before what was kept."""
    if values and field.name in values:
        return str(values[field.name])
    return str(field.value or "")


@register.filter
def shown(field: Any) -> str:
    """What was put into a form field, in words: the text of a choice, a date as people write it."""
    value = str(field.value or "")
    if identifiers.is_resident_id(value, demo=True):
        return identifiers.mask_id(value)
    if field.type == "date" and value:
        return _day_of(value)
    return str(field.shown) if value else value


@register.filter
def offered(field: Any) -> list[tuple[str, str]]:
    """What a field lets one choose from."""
    return YES_NO if field.type == "yes_no" else pairs(field.choices)


@register.filter
def is_in(code: str, value: str) -> bool:
    """Whether this choice is among those made."""
    return code in value.split(",")


@register.filter
def field_type(kind: str) -> str:
    """What a field of the form takes."""
    return FIELD_TYPES.get(kind, kind)


@register.filter
def file_url(file: Any, task_code: str) -> str:
    """Where a blank form or a sample of an item is."""
    return reverse("portal:item-file", args=[task_code, file.digest])


@register.filter
def in_yuan(kept: str) -> str:
    """A sum in fen for its input, in yuan."""
    return filling.in_yuan(kept)


@register.filter
def input_class(kind: str) -> str:
    """How wide an input is."""
    return INPUT_CLASSES.get(kind, "")


@register.filter
def input_kind(kind: str) -> SafeString:
    """The attributes of an input of this kind of field."""
    return mark_safe(INPUT_KINDS.get(kind, 'type="text"'))  # noqa: S308  a table of ours


@register.simple_tag
def rows_to_fill(field: Any, value: str, more: str) -> list[dict[str, Any]]:
    """The rows of a table with the names of their inputs; empty ones where there is still something to fill in."""
    rows = rows_of(value)
    wanted = max(field.least_rows, 1, len(rows) + (more == field.name))
    blank: dict[str, str] = {}
    return [
        {
            "is_kept": number < len(rows),
            "cells": [(f"{field.name}.{number}.{each.name}", each, row.get(each.name, "")) for each in field.columns],
        }
        for number, row in enumerate([*rows, *[blank] * (min(wanted, field.max) - len(rows))])
    ]


def _day_of(typed: str) -> str:
    try:
        return day(date.fromisoformat(typed))
    except ValueError:
        return typed
