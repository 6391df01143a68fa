# SPDX-License-Identifier: Apache-2.0
"""A form for one element of an item, made from its type: what to show, and what was filled in as plain values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from tongban.catalogue import difference, elements
from tongban.catalogue.details import Attachment
from tongban.standards.enums import Labelled

SHORT = frozenset({"name", "phone", "complaint_phone", "source", "label", "hours", "address"})
BLANK = 1  # empty members after those that a list has, so that one may be added
LONG = 5  # members of more fields than this are shown closed, under what they are called
TITLES = ("label", "title", "text", "question", "name", "code")  # by which a member is called, the first that says it
MANY = 5  # more choices than this are a list to open
OURS = {"form.name": "字段代码", "form.columns.name": "列代码", "form.columns.label": "列名"}
HINTS = {
    "only_if": "一行一个条件，满足一个就算。问题:选项 表示这样回答；字段=选项代码 表示这样填写，字段=* 表示填了；"
    "前面加 ! 表示不是；用 & 连接的须同时满足。",
    "than": "数字、日期、today（填写当天）、前面某个字段的代码，或者格式。金额按分。",
    "section": "不分组的留空。",
    "choices": "单选和多选才有选项。",
    "columns": "表格才有列。",
    "conditions": "这样回答的人还须符合的条件，一行一条。",
}
LABELS = dict(
    pair.split("=")
    for pair in """
    code=代码 number=代码 name=名称 text=内容 days=数量 unit=单位 law=法律 clause=条款 source=来源 basis=依据
    question=问题 answer=解答 address=地址 hours=时间 type=类型 template=文书格式 sample=样本 phone=电话 net=网址
    kind=方式 at=地址或者号码 charged=收费 lines=收费项目 note=说明 fen=金额（分） help=提示 label=字段名称
    required=必填 max=最多字数 personal=个人信息类别 choices=选项 prefill=预填 options=选项 only_if=适用条件
    materials=需要的材料代码 ends=选此项即不能办理 advice=不能办理时的指引 after=在哪些环节之后 limit=时限
    persons=签署人数 apart_from=不得同人的环节 region=行政区划 moves=可办步骤 level=层级 necessity=必要性 form=形式
    issuer=出具机构 accept_note=受理标准 max_bytes=文件上限（字节） types=文件类型 more=更多 consequence=后果
    standard=标准 reducible=可以减免 reduction=减免说明 covers=替代的材料代码 promise=承诺书全文 at_once=当场决定
    verification=核查期限 excluded=直接涉及的领域 put_right=改正期限 grace=宽限 while_open=在办时再次申请
    least=最少人数 most=最多人数 roles=身份 confirms=确认的内容 title=标题 section=所在分组代码 checks=校验规则
    than=比较值 plus=加减天数 says=给填写人看的提示 locked=预填后锁定 columns=表格的列 conditions=另加的受理条件
    licence_name=可以代替的电子证照 resource=可以代替的共享数据 resource_code=共享数据代码 resource_from=数源单位
    visits=为它到现场次数 visit_reason=必须到现场的原因 blank_file=空白表格文件 sample_file=示例样表文件
    payment=在办理中缴费 before=缴费以后才能 payee=收款单位 how=缴费方式 stops_by=等待缴费期间办理期限停止计算的依据
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Shown:
    """One thing to fill in, or a group of them."""

    name: str  # of the input, e.g. materials.0.name
    label: str
    kind: str  # line, text, lines, number, yes, one, many, group, list
    value: Any = None
    choices: list[tuple[str, str]] = field(default_factory=list)
    inner: tuple["Shown", ...] = ()
    may: bool = False  # be left empty
    blank: bool = False  # a member that is not there yet
    is_member: bool = False  # of a list, and may be deleted or moved
    place: int = 0  # of a member, from 1; 0 where it is not there yet
    hint: str = ""

    @property
    def title(self) -> str:
        """What a member is called."""
        said = {each.name.rpartition(".")[2]: each.value for each in self.inner}
        return next((str(said[word]) for word in TITLES if said.get(word)), "")

    @property
    def opens(self) -> bool:
        """Whether its choices are a list to open."""
        return self.kind == "one" and len(self.choices) > MANY

    @property
    def is_long(self) -> bool:
        """Whether a member is shown closed until somebody wants it."""
        return self.is_member and not self.blank and len(self.inner) > LONG

    @property
    def folded(self) -> bool:
        """Whether it is shown closed: what is not there yet, and groups that need not be."""
        return self.blank or (self.kind == "group" and self.may and not self.is_member)

    @property
    def is_said(self) -> bool:
        """Whether anything in it is filled in."""
        if self.blank:
            return False
        if self.kind in ("group", "list"):
            return any(each.is_said for each in self.inner)
        return self.value not in (None, "", [])


def shown(path: str, value: Any) -> Shown:
    """The form for a unit with what it says now."""
    kind = elements.type_at(path)
    return _shown(path, elements.units()[path].name, kind, value, may=False)


def filled(path: str, given: Mapping[str, Any]) -> Any:
    """What was filled in, as plain values; None where nothing was. Types are looked at when it is kept.

    `given` is a QueryDict: lists of choices are read with getlist.
    """
    return _filled(path, elements.type_at(path), given)


def in_words(value: Any, kind: Any) -> str:
    """A value as people read it, by its type: words of lists by their names, groups as “name：value”.

    The structure of a value is not asked again: it was looked at when it was kept.
    """
    if value in (None, "", [], {}):
        return ""
    bare = _bare(kind)[0]
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict) and _is_struct(bare):
        hints = get_type_hints(bare, include_extras=True)
        said = ((word, in_words(value[word], hint)) for word, hint in hints.items() if word in value)
        return "；".join(f"{LABELS.get(word, word)}：{text}" for word, text in said if text)
    if isinstance(value, list) and (one := _list_of(bare)) is not None:
        return "\n".join(in_words(each, one) for each in value)
    return dict(_choices(bare)).get(value, str(value)) if isinstance(value, str) else difference.text_of(value)


def words_at(path: str, value: Any) -> str:
    """The same for the value of a unit."""
    return in_words(value, elements.type_at(path))


def trail(place: str) -> tuple[str, Any]:
    """What people call a place inside a unit, and the type of what stands there; None where it is an order."""
    unit = next(path for path in elements.units() if place == path or place.startswith(f"{path}."))
    kind, names = elements.type_at(unit), [elements.units()[unit].name]
    for word in place.removeprefix(unit).split(".")[1:]:
        bare = _bare(kind)[0]
        if (one := _list_of(bare)) is not None:
            kind, name = (one, word) if word != "#" else (None, "顺序")
        else:
            hints = get_type_hints(bare, include_extras=True) if _is_struct(bare) else {}
            kind, name = hints.get(word), LABELS.get(word, word)
        names.append(name)
    return " · ".join(names), kind


def _shown(name: str, label: str, kind: Any, value: Any, *, may: bool, blank: bool = False) -> Shown:
    bare, may = _bare(kind)[0], may or _bare(kind)[1]
    if bare is Attachment:
        return Shown(name, label, "file", value if isinstance(value, dict) else None, may=True)
    if _is_struct(bare):
        inner = tuple(_members(name, bare, value if isinstance(value, dict) else {}))
        return Shown(name, label, "group", inner=inner, may=may, blank=blank)
    if (one := _list_of(bare)) is not None:
        return _shown_list(name, label, one, value if isinstance(value, list | tuple) else [], may=may)
    if choices := _choices(bare):
        return Shown(name, label, "one", value, choices, may=may)
    if bare is bool:
        return Shown(name, label, "yes", value, may=may)
    simple = "number" if bare is int else "text" if _is_long(name, kind) else "line"
    return Shown(name, label, simple, "" if value is None else value, may=may)


def _shown_list(name: str, label: str, one: Any, value: Any, *, may: bool) -> Shown:
    bare = _bare(one)[0]
    if choices := _choices(bare):
        return Shown(name, label, "many", list(value), choices, may=may)
    if not _is_struct(bare):
        return Shown(name, label, "lines", "\n".join(map(str, value)), may=may)
    members = [
        replace(_shown(f"{name}.{n}", f"第 {n + 1} 项", bare, each, may=True), is_member=True, place=n + 1)
        for n, each in enumerate(value)
    ]
    for n in range(len(members), len(members) + BLANK):
        members.append(_shown(f"{name}.{n}", "增加一项", bare, {}, may=True, blank=True))
    return Shown(name, label, "list", inner=tuple(members), may=may)


def _members(name: str, struct: Any, value: Mapping[str, Any]) -> Iterator[Shown]:
    hints = get_type_hints(struct, include_extras=True)
    for each in msgspec.structs.fields(struct):
        has_default = not each.required
        told = value.get(each.name, _default(each))
        one = _shown(f"{name}.{each.name}", _label(name, each.name), hints[each.name], told, may=has_default)
        yield replace(one, hint=HINTS.get(each.name, ""))


def _label(name: str, field_name: str) -> str:
    """What the table of elements calls it, or what such a field is called anywhere."""
    path = ".".join(part for part in (*name.split("."), field_name) if not part.isdigit())
    known = OURS.get(path) or next((each.name for each in elements.ELEMENTS if each.path == path), "")
    return known or LABELS.get(field_name, field_name)


def _filled(name: str, kind: Any, given: Mapping[str, Any]) -> Any:
    bare, may = _bare(kind)
    if bare is Attachment:
        return _filled_file(name, given)
    if _is_struct(bare):
        return _filled_struct(name, bare, given)
    if (one := _list_of(bare)) is not None:
        return _filled_list(name, one, given)
    text = str(given.get(name, "")).strip()
    if bare is bool:
        return {"yes": True, "no": False}.get(text)
    if not text:
        return None if may or bare is not str else ""
    return int(text) if bare is int and text.lstrip("-").isdigit() and len(text) < 15 else text


def _filled_struct(name: str, struct: Any, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """The group; None where nothing in it was filled in, so that a blank member adds nothing."""
    hints = get_type_hints(struct, include_extras=True)
    fields = msgspec.structs.fields(struct)
    told = {each.name: _filled(f"{name}.{each.name}", hints[each.name], given) for each in fields}
    unsaid = {each.name: _default(each) for each in fields}
    if all(value in (None, "", [], unsaid[word]) or value is False for word, value in told.items()):
        return None
    required = {each.name for each in fields if each.required}
    return {word: value for word, value in told.items() if word in required or value not in (None, "", [])}


def _filled_list(name: str, one: Any, given: Mapping[str, Any]) -> list[Any]:
    bare = _bare(one)[0]
    if _is_struct(bare):
        numbers = sorted({int(n) for n in _numbers(name, given)}, key=lambda n: (_place(given, f"{name}.{n}"), n))
        members = (_filled(f"{name}.{n}", one, given) for n in numbers if not given.get(f"{name}.{n}.-"))
        return [member for member in members if member is not None]
    many: Any = given
    said = many.getlist(name) if hasattr(many, "getlist") else [given.get(name, "")]
    if _choices(bare):
        return [str(value) for value in said if value]
    return [line.strip() for line in str(said[0] if said else "").splitlines() if line.strip()]


def _filled_file(name: str, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """A file that was there and is not taken off; a new one is brought on its own."""
    if given.get(f"{name}.-"):
        return None
    kept = {word: str(given.get(f"{name}.{word}", "")) for word in ("name", "digest", "size", "type")}
    return kept | {"size": int(kept["size"])} if kept["digest"] and kept["size"].isdigit() else None


def _place(given: Mapping[str, Any], name: str) -> int:
    """Where a member is to stand; a new one stands last."""
    text = str(given.get(f"{name}.#", ""))
    return int(text) if text.isdigit() and len(text) < 5 else 9999


def _numbers(name: str, given: Mapping[str, Any]) -> Iterator[str]:
    for key in given:
        rest = key.removeprefix(f"{name}.")
        number = rest.partition(".")[0]
        if rest != key and number.isdigit() and len(number) < 4:
            yield number


def _bare(kind: Any) -> tuple[Any, bool]:
    """A type without Annotated and `| None`, and whether None was allowed."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        inner = [arg for arg in get_args(kind) if arg is not NoneType]
        return _bare(inner[0])[0], NoneType in get_args(kind)
    return kind, False


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _list_of(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is tuple else None


def _choices(kind: Any) -> list[tuple[str, str]]:
    if isinstance(kind, type) and issubclass(kind, Labelled):
        return kind.choices()
    if get_origin(kind) is Literal:
        return [(str(value), WORDS.get(str(value), str(value) or "（无）")) for value in get_args(kind)]
    return []


WORDS = dict(
    pair.split("=")
    for pair in """
    text=单行文字 textarea=多行文字 date=日期 choice=单选 phone=手机号码 identity=身份 contact=联系方式
    sensitive=敏感 plain=一般 person.name=姓名 person.id_number=证件号码 person.phone=手机号码 application/pdf=PDF
    image/jpeg=JPG image/png=PNG withdrawn=视为撤回 not_accepted=不予受理 terminated=终止办理 revoked=撤销
    accept=受理 request_correction=要求补正 not_accept=不予受理 put_right=责令改正 ask=说明理由后可以 refuse=不可以
    national_security=国家安全 state_secrets=国家秘密 public_security=公共安全 financial_supervision=金融业审慎监管
    ecology=生态环境保护 safety=人身健康和生命财产安全 co_applicant=共同申请人 legal_representative=法定代表人
    guardian=监护人 agent=代理人 choices=多选 yes_no=是或者否 email=电子邮箱 id_number=居民身份证号码
    credit_code=统一社会信用代码 integer=整数 money=金额（按元填写） region=行政区划 rows=表格（逐行填写）
    person.home_region=户籍地 at_least=不小于（不早于、至少） at_most=不大于（不晚于、最多） pattern=符合格式
    same_as=与另一字段相同 differs_from=与另一字段不同
    decision=作出准予的决定 result=交付结果
    """.split()  # noqa: SIM905
)


def _is_long(name: str, kind: Any) -> bool:
    """Whether what is written here may run over several lines."""
    if name.rpartition(".")[2] in SHORT:
        return False
    limits = [arg.max_length or 0 for arg in get_args(kind) if isinstance(arg, msgspec.Meta)]
    return max(limits, default=0) > 500


def _default(each: msgspec.structs.FieldInfo) -> Any:
    if each.default is not msgspec.NODEFAULT:
        return each.default
    return each.default_factory() if each.default_factory is not msgspec.NODEFAULT else None
