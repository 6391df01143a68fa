# SPDX-License-Identifier: Apache-2.0
"""What a version of a type of licence says: its shape, its rules, and what a licence of it holds. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal

import msgspec

from tongban.catalogue.parts import Part, Problem, Text, Word
from tongban.licences.documents import STYLES, Facts
from tongban.licences.errors import FactsMissing, TypeOdd
from tongban.licences.identifier import TYPE
from tongban.standards import codes
from tongban.standards.canonical import canonical
from tongban.standards.identifiers import is_credit_code

WORD = re.compile(r"\{([^{}]*)\}")
OF_HOLDER = {"holder": "持有人", "id_type": "证件类型", "id_number": "证件号码", "item": "事项", "day": "签发日期"}
KINDS = {"text": "文字", "date": "日期", "number": "数字", "code": "编码"}
HOLDERS = {"person": "自然人", "company": "法人或者其他组织"}
# What items ask for in general; the words are ours, no standard numbers them.
REQUIREMENTS = {
    "identity": "身份证明",
    "travel": "出入境证件",
    "driving": "驾驶资格",
    "business": "经营主体资格",
    "marriage": "婚姻状况",
    "social_security": "社会保障",
    "food_production": "食品生产许可",
    "no_criminal_record": "无犯罪记录",
    "pollution": "排污许可",
}

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
Requirement = Annotated[str, msgspec.Meta(pattern=f"^({'|'.join(REQUIREMENTS)})$")]


class TypeField(Part, frozen=True):
    """One thing that stands on a licence of this type (照面要素)."""

    name: Word
    label: Line
    kind: Literal["text", "date", "number", "code"] = "text"
    required: bool = True
    personal: bool = True  # of a person: shown to nobody without the holder's consent


class Validity(Part, frozen=True):
    """How long a licence of this type holds."""

    rule: Literal["none", "days", "years", "field"]
    length: Annotated[int, msgspec.Meta(ge=0, le=36_500)] = 0
    field: str = ""  # a field with the last day
    basis: str = ""


class Wording(Part, frozen=True):
    """How it is set and what it says; {words} are fields, or words of the holder."""

    style: str  # of documents.STYLES
    paragraphs: Annotated[tuple[Text, ...], msgspec.Meta(max_length=20)] = ()
    closing: Annotated[str, msgspec.Meta(max_length=60)] = ""
    notes: Annotated[tuple[Text, ...], msgspec.Meta(max_length=5)] = ()


class TypeContent(Part, frozen=True):
    """Everything that is frozen when a version of a type is published."""

    code: str  # 21 characters: the credit code of who defines it, and three of its own
    name: Line
    definer_name: Line
    holders: Annotated[tuple[Literal["person", "company"], ...], msgspec.Meta(min_length=1, max_length=2)]
    fields: Annotated[tuple[TypeField, ...], msgspec.Meta(max_length=40)]
    validity: Validity
    wording: Wording
    items: Annotated[tuple[str, ...], msgspec.Meta(max_length=200)] = ()  # basic items that issue it
    satisfies: Annotated[tuple[Requirement, ...], msgspec.Meta(max_length=20)] = ()
    source: str = ""  # what the definition rests on; who made it up says so
    number_personal: bool = False  # the number is one of the holder's own, e.g. of an identity card: it is sealed
    two_persons: bool = False  # nobody makes a new edition alone

    @property
    def definer(self) -> str:
        """The credit code of the authority that defines it."""
        return self.code[:18]


@dataclass(frozen=True)
class Holder:
    """Whom a licence is about to be given."""

    name: str
    id_type: str = ""
    id_number: str = ""


def convert(told: Mapping[str, Any]) -> TypeContent:
    """The content in plain values. TypeOdd names the first thing that does not fit."""
    try:
        made = msgspec.convert(told, TypeContent)
    except msgspec.ValidationError as why:
        what, _, where = str(why).partition(" - at `$.")
        raise TypeOdd(field=where.rstrip("`") or "code", why=f"不合证照类型的格式：{what}。") from why
    for problem in _problems(made):
        raise TypeOdd(field=problem.field, why=problem.why)
    return made


def read(document: bytes) -> TypeContent:
    """What was published; it was looked at then."""
    return msgspec.json.decode(document, type=TypeContent)


def document(content: TypeContent) -> bytes:
    """The bytes that are kept and digested."""
    return canonical(msgspec.json.decode(msgspec.json.encode(content)))


def _problems(told: TypeContent) -> Iterator[Problem]:
    if not (TYPE.fullmatch(told.code) and is_credit_code(told.definer)):
        yield Problem("code", "类型代码须是定义机构的统一社会信用代码加三位数字或者大写字母。")
    if told.wording.style not in STYLES:
        yield Problem("wording.style", f"没有“{told.wording.style}”这种版式。")
    names = [field.name for field in told.fields]
    if len(set(names)) < len(names):
        yield Problem("fields", "照面要素的名称重复。")
    if len({field.label for field in told.fields}) < len(names):
        yield Problem("fields", "照面要素的中文名称重复。")
    for paragraph in told.wording.paragraphs:
        for word in WORD.findall(paragraph):
            if word not in names and word not in OF_HOLDER:
                yield Problem("wording.paragraphs", f"正文中的“{{{word}}}”不是照面要素。")
    yield from _validity_problems(told)
    for code in told.items:
        if not codes.is_basic_code(code):
            yield Problem("items", f"“{code}”不是基本编码。")


def _validity_problems(told: TypeContent) -> Iterator[Problem]:
    rule = told.validity
    if rule.rule in ("days", "years") and not rule.length:
        yield Problem("validity.length", "请写明有效多长时间。")
    lasts = next((field for field in told.fields if field.name == rule.field), None)
    if rule.rule == "field" and (lasts is None or lasts.kind != "date"):
        yield Problem("validity.field", "有效期依照面要素的，该要素须是日期。")


def last_day(content: TypeContent, day: date, values: Mapping[str, str]) -> date | None:
    """The last day on which a licence given on that day holds; None for those without end."""
    rule = content.validity
    if rule.rule == "days":
        return day + timedelta(days=rule.length - 1)
    if rule.rule == "years":
        month = day.replace(day=1, year=day.year + rule.length)
        return month + timedelta(days=day.day - 2)  # the day before the same day; from 29 February: to 28 February
    if rule.rule == "field" and values.get(rule.field):
        return date.fromisoformat(values[rule.field])
    return None


def values(content: TypeContent, said: Mapping[str, Any]) -> dict[str, str]:
    """What of this stands on a licence of the type. FactsMissing for the first field that is needed, or is none."""
    found: dict[str, str] = {}
    for field in content.fields:
        text = " ".join(str(said.get(field.name) or "").split())
        if why := fault(field, text):
            raise FactsMissing(what=f"{field.label}（{why}）")
        if text:
            found[field.name] = text
    return found


def fault(field: TypeField, text: str) -> str:
    """Why this is not what the field asks for; empty when it is."""
    if not text:
        return "没有填写" if field.required else ""
    if len(text) > 500:
        return "超过 500 字"
    if field.kind == "date":
        try:
            date.fromisoformat(text)
        except ValueError:
            return "请写成 2026-11-23 这样的日期"
    if field.kind == "number" and not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", text):
        return "请填写数字"
    if field.kind == "code" and not re.fullmatch(r"[0-9A-Za-z.\-〔〕()（）\[\]/号字第一-鿿]+", text):
        return "请填写编码"
    return ""


def facts(
    content: TypeContent, holder: Holder, said: Mapping[str, str], *, item: str, day: str, number: str = ""
) -> dict[str, Any]:
    """What is sealed when a licence is given: its fields, and the words of this version for good.

    `number` is that of an existing certificate; a personal one stands among the fields and nowhere else.
    """
    words = {"holder": holder.name, "id_type": holder.id_type, "id_number": holder.id_number, "item": item, "day": day}
    return _facts(content, words | ({"number": number} if content.number_personal and number else {}), said)


def changed(content: TypeContent, kept: Facts, said: Mapping[str, str]) -> dict[str, Any]:
    """The same of a licence that was given, with other fields; what was noted on it stays."""
    return _facts(content, kept["words"], said) | ({"notes": kept["notes"]} if "notes" in kept else {})


def _facts(content: TypeContent, words: Mapping[str, str], said: Mapping[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = {**said, "fields": dict(said), "words": dict(words)}
    if content.wording.paragraphs:
        told["paragraphs"] = [_filled(each, {**words, **said}) for each in content.wording.paragraphs]
        number = [["证照编号", words["number"]]] if words.get("number") else []
        told["rows"] = [*number, *rows(content, said)]
    if content.wording.closing:
        told["closing"] = content.wording.closing
    if content.wording.notes:
        told["notes"] = list(content.wording.notes)
    return told


def rows(content: TypeContent, said: Mapping[str, str]) -> list[list[str]]:
    """The fields with what stands in them, as a table."""
    return [[field.label, said[field.name]] for field in content.fields if said.get(field.name)]


def satisfies(content: TypeContent, asked: str) -> bool:
    """Whether a licence of this type is what a requirement asks for.

    `asked` is what the item says: the code of a type (关联电子证照编码), its name, or a word of REQUIREMENTS.
    """
    return bool(asked) and (asked in (content.code, content.name) or asked in content.satisfies)


def _filled(text: str, words: Mapping[str, str]) -> str:
    return WORD.sub(lambda found: words.get(found[1], ""), text)


LABELS: Sequence[tuple[str, str]] = (
    ("name", "名称"),
    ("definer_name", "定义机构"),
    ("holders", "持有人"),
    ("fields", "照面要素"),
    ("validity", "有效期规则"),
    ("wording", "正文和版式"),
    ("items", "签发事项"),
    ("satisfies", "可以证明"),
    ("number", "证照编号"),
    ("persons", "变更证照"),
    ("source", "依据和说明"),
)


def differences(old: TypeContent, new: TypeContent) -> list[tuple[str, str, str]]:
    """What the newer version says otherwise: label, before, after."""
    before, after = in_words(old), in_words(new)
    return [(label, before[key], after[key]) for key, label in LABELS if before[key] != after[key]]


def in_words(content: TypeContent) -> dict[str, str]:
    """Each part of a type as people read it, lines apart."""
    wording = content.wording
    return {
        "name": content.name,
        "definer_name": content.definer_name,
        "holders": "、".join(HOLDERS[each] for each in content.holders),
        "fields": "\n".join(map(_field_words, content.fields)),
        "validity": validity_words(content),
        "wording": "\n".join((*wording.paragraphs, *filter(None, (wording.closing,)), *wording.notes)),
        "items": "、".join(content.items),
        "satisfies": "、".join(REQUIREMENTS[each] for each in content.satisfies),
        "number": "是持有人的个人信息，加密保存" if content.number_personal else "公开",
        "persons": "须两人办理" if content.two_persons else "一人办理",
        "source": content.source,
    }


def validity_words(content: TypeContent) -> str:
    """How long it holds, in words."""
    rule = content.validity
    basis = f"（{rule.basis}）" if rule.basis else ""
    if rule.rule == "field":
        label = next(field.label for field in content.fields if field.name == rule.field)
        return f"以“{label}”为准{basis}"
    return {"none": "长期", "days": f"{rule.length}日", "years": f"{rule.length}年"}[rule.rule] + basis


def _field_words(field: TypeField) -> str:
    told = (KINDS[field.kind], "必填" if field.required else "选填", "个人信息" if field.personal else "")
    return f"{field.label}（{field.name}）：{'，'.join(filter(None, told))}"
