# SPDX-License-Identifier: Apache-2.0
"""The content of an item version: its shape, and the rules it must keep before it is published."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any, Literal

import msgspec

from tongban.catalogue import conditions
from tongban.catalogue.details import Codes, Hall, Net, Paper, Power, Remedy, Topics
from tongban.catalogue.errors import ContentRefused
from tongban.catalogue.fees import Charge as Charge
from tongban.catalogue.fees import Fee as Fee
from tongban.catalogue.fees import fee_problems
from tongban.catalogue.form_rules import form_problems
from tongban.catalogue.formats import FORMAT as FORMAT
from tongban.catalogue.formats import format_of, known_to, without_unsaid
from tongban.catalogue.forms import Field, Section
from tongban.catalogue.parts import Count, Length
from tongban.catalogue.parts import Part as Part
from tongban.catalogue.parts import Problem as Problem
from tongban.catalogue.parts import Text as Text
from tongban.catalogue.parts import Word as Word
from tongban.standards import codes, identifiers
from tongban.standards.canonical import NotCanonical, canonical, parse
from tongban.standards.enums import (
    ApplyForm,
    ItemType,
    MaterialForm,
    Mode,
    Necessity,
    ProjectType,
    ResultType,
    ServedObject,
    SourceChannel,
    TimeUnit,
    TongbanScope,
)

MAX_BYTES = 1_000_000_000  # of one uploaded file; large ones come in parts
FILE_TYPES = ("application/pdf", "image/jpeg", "image/png")

RegionCode = Annotated[str, msgspec.Meta(pattern="^[0-9]{6}$")]
AnyRegion = Annotated[str, msgspec.Meta(pattern="^[0-9]{6}([0-9]{6})?$")]  # down to towns and villages


class Publisher(Part, frozen=True):
    """The organization whose item it is (实施主体)."""

    code: str
    name: Text
    region: AnyRegion


class Material(Part, frozen=True):
    """A material requirement (申请材料)."""

    code: Word
    name: Text
    necessity: Necessity
    form: MaterialForm
    source: SourceChannel
    issuer: str
    accept_note: Text  # 受理标准
    max_bytes: Annotated[int, msgspec.Meta(gt=0, le=MAX_BYTES)]
    types: Annotated[tuple[Literal["application/pdf", "image/jpeg", "image/png"], ...], msgspec.Meta(min_length=1)]
    more: Paper | None = None


class Option(Part, frozen=True):
    """One answer; what it makes needed or asks for, or the advice with which it ends the guidance."""

    code: Word
    text: Text
    materials: tuple[str, ...] = ()
    ends: bool = False
    advice: str = ""
    conditions: tuple[Text, ...] = ()  # 受理条件 of those who answer so, beside those of everybody


class Question(Part, frozen=True):
    """One question of the scenario guidance (情形引导); `only_if` are answers "question:option"."""

    code: Word
    text: Text
    options: Annotated[tuple[Option, ...], msgspec.Meta(min_length=2)]
    help: str = ""
    only_if: tuple[str, ...] = ()


class Limit(Part, frozen=True):
    """A time limit with what it rests on; 0 days = on the spot."""

    days: Length
    unit: TimeUnit
    law: str
    clause: str
    source: Text


class Limits(Part, frozen=True):
    """The limits of the decision; an unknown statutory limit is null, never a guess."""

    statutory: Limit | None
    promised: Limit


class Examination(Part, frozen=True):
    """One step of the examination (审查环节), e.g. 审查, 现场勘验, 专家评审, 审核.

    It opens when all of `after` are signed; steps that wait for the same ones run side by side.
    """

    code: Word
    name: Text
    after: tuple[str, ...] = ()
    limit: Limit | None = None
    persons: Annotated[int, msgspec.Meta(ge=1, le=3)] = 1  # how many different people sign it
    apart_from: tuple[str, ...] = ()  # steps whose signers may not sign this one
    basis: str = ""


class Correction(Part, frozen=True):
    """How long the applicant has to correct, and what silence then means; no law says it for all items."""

    days: Annotated[int, msgspec.Meta(gt=0, le=1200)]
    unit: TimeUnit
    consequence: Literal["", "withdrawn", "not_accepted"]  # empty: the office decides
    source: Text


class Entrusted(Part, frozen=True):
    """What the publisher lets the windows of a region do in its name (异地受理), by an agreement."""

    region: RegionCode
    moves: Annotated[tuple[Literal["accept", "request_correction", "not_accept"], ...], msgspec.Meta(min_length=1)]
    basis: Text


class Repeat(Part, frozen=True):
    """What is done when the same person applies for the same item again (重复申请)."""

    while_open: Literal["ask", "refuse"]  # ask: with a reason it is taken in all the same
    days: Length  # after a grant, in natural days, within which it is asked too; 0: not at all
    basis: Text


class CoRole(Part, frozen=True):
    """A role in which somebody joins an application, and what this person confirms."""

    code: Literal["co_applicant", "legal_representative", "guardian", "agent"]
    confirms: Text


class CoApplicants(Part, frozen=True):
    """Who must confirm beside whoever applies, each on their own device; `only_if` are answers "question:option"."""

    least: Annotated[int, msgspec.Meta(ge=0, le=9)]
    most: Annotated[int, msgspec.Meta(ge=1, le=9)]
    roles: Annotated[tuple[CoRole, ...], msgspec.Meta(min_length=1)]
    basis: Text
    only_if: tuple[str, ...] = ()


class Supplement(Part, frozen=True):
    """容缺受理: until when what is handed in later must be there, what follows otherwise, and the promise itself."""

    days: Annotated[int, msgspec.Meta(gt=0, le=1200)]
    unit: TimeUnit
    consequence: Literal["withdrawn", "terminated"]
    promise: Text  # what the applicant declares, in full
    source: Text
    grace: Length = 0  # in the same unit: so much longer, while the promised limit stands still; 0: none
    law: str = ""
    clause: str = ""


class Commitment(Part, frozen=True):
    """告知承诺: decided on the applicant's written word, verified afterwards; for no matter that the rules exclude."""

    covers: Annotated[tuple[Word, ...], msgspec.Meta(min_length=1)]  # materials that the promise stands in for
    promise: Text  # what the applicant declares, in full
    at_once: bool  # decided on the spot, without the steps of examination
    verification: Limit  # how long the organ has to verify, from its decision
    consequence: Literal["put_right", "revoked"]  # of a promise that is not kept
    excluded: tuple[
        Literal["national_security", "state_secrets", "public_security", "financial_supervision", "ecology", "safety"],
        ...,
    ]  # fields that the matter directly touches; with any of them there is no commitment
    basis: Text  # what allows it, and why none of those fields is touched
    source: Text
    put_right: Limit | None = None  # how long the applicant has to put right what was found


class PartLimit(Limit, frozen=True):
    """The limit of one part of the procedure, e.g. 原参保地转出."""

    code: Word
    name: Text


class Window(Part, frozen=True):
    """Where and when one may also come in person."""

    address: Text
    hours: Text


class Result(Part, frozen=True):
    """What the applicant receives; `template` names the fixed form it is printed on."""

    name: Text
    type: ResultType
    template: str
    sample: str = ""


class Step(Part, frozen=True):
    """One step of the procedure (办理流程)."""

    name: Text
    text: Text


class Faq(Part, frozen=True):
    """One frequent question with its answer."""

    question: Text
    answer: Text


class ItemContent(Part, frozen=True):
    """Everything that is frozen when an item version is published."""

    name: Text
    basic_code: str
    task_code: str
    item_type: ItemType
    mode: Mode
    mode_basis: Text
    publisher: Publisher
    served: Annotated[tuple[ServedObject, ...], msgspec.Meta(min_length=1)]
    scope: TongbanScope
    project_type: ProjectType
    apply_forms: Annotated[tuple[ApplyForm, ...], msgspec.Meta(min_length=1)]
    summary: Text
    conditions: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
    materials: tuple[Material, ...]
    questions: tuple[Question, ...]
    form: Annotated[tuple[Field, ...], msgspec.Meta(min_length=1)]
    limits: Limits
    fee: Fee
    visits: Count
    visit_reason: str
    window: Window
    result: Result
    phone: Text
    complaint_phone: Text
    law: tuple[str, ...]
    steps: Annotated[tuple[Step, ...], msgspec.Meta(min_length=1)]
    faq: tuple[Faq, ...]
    assumptions: tuple[Text, ...]  # what the publisher has assumed because no source was seen
    examination: tuple[Examination, ...] = ()  # none: one step, signed by one person
    two_persons: bool = False  # who decides is nobody who examined
    correction: Correction | None = None
    extension: Limit | None = None
    entrusted: tuple[Entrusted, ...] = ()
    parts: tuple[PartLimit, ...] = ()
    repeat: Repeat | None = None  # none: while a case is open it is asked
    co_applicants: CoApplicants | None = None
    supplement: Supplement | None = None  # none: nothing may be handed in later
    commitment: Commitment | None = None
    format: Annotated[int, msgspec.Meta(ge=1)] = 1  # of the document; see `format_of`
    other_codes: Codes | None = None
    power: Power | None = None
    net: Net | None = None
    hall: Hall | None = None
    topics: Topics | None = None
    remedy: Remedy | None = None
    sections: tuple[Section, ...] = ()  # of the form, in order
    assurance: Annotated[int, msgspec.Meta(ge=2, le=4)] | None = None  # 实名等级, the least; none: a real name will do

    def material(self, code: str) -> Material | None:
        """The material of this code."""
        return next((material for material in self.materials if material.code == code), None)


def read(document: bytes) -> ItemContent:
    """The content in stored or received bytes. ContentRefused when it is not one."""
    try:
        return convert(parse(document, strict=True))
    except NotCanonical as why:
        raise ContentRefused("content", f"不是规范的 JSON：{why}。") from why


def convert(content: dict[str, Any]) -> ItemContent:
    """The content in plain JSON values. ContentRefused with the field that does not fit.

    Words of a later format than ours are left aside, so that nodes need not all be brought up to date at once.
    """
    told = known_to(content, ItemContent) if _is_later(content) else content
    try:
        return msgspec.convert(told, ItemContent)
    except msgspec.ValidationError as why:
        what, _, where = str(why).partition(" - at `$.")
        raise ContentRefused(where.rstrip("`") or "content", f"内容不合事项格式：{what}。") from why


def document(item: ItemContent) -> bytes:
    """The bytes that are published, digested and kept; elements that came later are written only where they are said.

    What says none of them keeps its digest, and is read by nodes that have not heard of them.
    """
    plain: dict[str, Any] = without_unsaid(item, msgspec.to_builtins(item))
    told = format_of(plain)
    return canonical(plain | ({"format": told} if told > 1 else {}))


def _is_later(content: Any) -> bool:
    told = content.get("format", 1) if isinstance(content, dict) else 1
    return isinstance(told, int) and told > FORMAT


def problems(item: ItemContent) -> list[Problem]:
    """Every rule of item coding and of consistency that this content breaks, and what contradicts itself in it."""
    return [problem for rule in RULES for problem in rule(item)]


def check(item: ItemContent) -> None:
    """ContentRefused for the first rule that is not kept."""
    for problem in problems(item):
        raise ContentRefused(problem.field, problem.why)


def _codes(item: ItemContent) -> Iterator[Problem]:
    if not identifiers.is_credit_code(item.publisher.code):
        yield Problem("publisher.code", "实施主体的统一社会信用代码校验不通过。")
    if not codes.is_task_code(item.task_code):
        yield Problem("task_code", "实施编码的结构不对。")
    elif (item.task_code[:18], item.task_code[19:]) != (item.publisher.code, item.basic_code):
        yield Problem("task_code", "实施编码须由实施主体代码、行使层级和基本编码组成。")
    elif codes.item_type(item.basic_code[2:4], item.basic_code[:2]) is not item.item_type:
        yield Problem("item_type", "事项类型与基本编码中的类型代码不一致。")
    if not item.item_type.is_applied_for:
        yield Problem("item_type", "这一类事项不依申请办理。")


def _limits(item: ItemContent) -> Iterator[Problem]:
    promised, statutory = item.limits.promised, item.limits.statutory
    if statutory and statutory.unit == promised.unit and promised.days > statutory.days:
        yield Problem("limits.promised", "承诺办结时限不得长于法定办结时限。")
    at_once = promised.days == 0 or promised.unit in (TimeUnit.HOUR, TimeUnit.MINUTE)
    if at_once != (item.project_type is ProjectType.AT_ONCE):
        yield Problem("project_type", "当场办结或者按小时、分钟承诺的是即办件，其余是承诺件。")


def _extension(item: ItemContent) -> Iterator[Problem]:
    limits = (item.limits.promised, item.limits.statutory)
    if item.extension and any(limit.unit != item.extension.unit for limit in limits if limit):
        yield Problem("extension", "延长的期限与办结时限须使用同一单位。")


def _examination(item: ItemContent) -> Iterator[Problem]:
    if repeated(step.code for step in item.examination):
        yield Problem("examination", "审查环节的代码重复。")
    before: set[str] = set()
    for step in item.examination:
        if not {*step.after, *step.apart_from} <= before:
            yield Problem("examination", f"环节“{step.name}”所依据的环节须排在它的前面。")
        before.add(step.code)


EXCLUDED = {
    "national_security": "国家安全",
    "state_secrets": "国家秘密",
    "public_security": "公共安全",
    "financial_supervision": "金融业审慎监管",
    "ecology": "生态环境保护",
    "safety": "人身健康和生命财产安全",
}


def _supplement(item: ItemContent) -> Iterator[Problem]:
    """台州: what is handed in later is there before the promised limit is over, or no decision could be in time."""
    later, promised = [m for m in item.materials if m.necessity is Necessity.TOLERATED], item.limits.promised
    covered = item.commitment.covers if item.commitment else ()
    for material in later:
        if material.form is MaterialForm.PAPER:
            yield Problem("materials", f"“{material.name}”可以后补，须能以电子形式补交，不得只收纸质。")
        if not item.supplement and material.code not in covered:
            yield Problem(
                "supplement", f"“{material.name}”可以后补，须写明后补的期限和逾期的后果，或者由告知承诺代替。"
            )
    if item.supplement and not later:
        yield Problem("supplement", "没有可以后补的材料，不得规定容缺受理。")
    if item.supplement and item.supplement.unit == promised.unit and item.supplement.days > promised.days:
        yield Problem("supplement", "后补的期限不得长于承诺办结时限，否则无法按时作出决定。")


def _commitment(item: ItemContent) -> Iterator[Problem]:
    """上海, 安阳: what touches these fields directly is decided on proof, never on a promise."""
    given = item.commitment
    if given is None:
        return
    if given.excluded:
        touched = "、".join(EXCLUDED[each] for each in given.excluded)
        yield Problem("commitment", f"直接涉及{touched}的事项，不适用告知承诺。")
    later = {m.code for m in item.materials if m.necessity is Necessity.TOLERATED}
    for code in given.covers:
        if code not in later:
            yield Problem("commitment", f"承诺所代替的材料{code}须在材料清单中，并且是可以后补的。")
    if (given.consequence == "put_right") != (given.put_right is not None):
        yield Problem("commitment", "承诺不实先责令改正的，须写明改正的期限；直接撤销的，不写。")


def _visits(item: ItemContent) -> Iterator[Problem]:
    if item.visits and not item.visit_reason:
        yield Problem("visit_reason", "需要到现场的，须写明原因。")
    if not item.visits and not {ApplyForm.ONLINE, ApplyForm.COURIER} & set(item.apply_forms):
        yield Problem("apply_forms", "不用到现场的，办理形式须包括网上办理或快递申请。")
    if item.mode is Mode.ONLINE and (item.visits or ApplyForm.ONLINE not in item.apply_forms):
        yield Problem("mode", "全程网办的事项，到现场次数为零，办理形式包括网上办理。")


def _fee(item: ItemContent) -> Iterator[Problem]:
    return fee_problems(item.fee)


def _phones(item: ItemContent) -> Iterator[Problem]:
    if item.phone == item.complaint_phone:
        yield Problem("complaint_phone", "咨询电话和投诉电话不得相同。")


def _licence(item: ItemContent) -> Iterator[Problem]:
    if item.item_type is ItemType.LICENSING and not item.faq:
        yield Problem("faq", "行政许可须有至少一个常见问题。")
    if item.item_type is ItemType.LICENSING and len(item.steps) < 5:
        yield Problem("steps", "行政许可的办理流程须有受理、审核、审批、办结、送达等至少五个环节。")


def _result(item: ItemContent) -> Iterator[Problem]:
    if item.result.type is not ResultType.NONE and not item.result.sample:
        yield Problem("result.sample", "有办理结果的，须有结果样本。")


CATCH_ALL = re.compile("其他(有关|相关)?(材料|资料|证件|证明|条件)|其它|等相关材料|认为需要的")


def _catch_all(item: ItemContent) -> Iterator[Problem]:
    worded = [("conditions", text) for text in item.conditions]
    worded += [("questions", text) for q in item.questions for option in q.options for text in option.conditions]
    worded += [("materials", text) for m in item.materials for text in (m.name, m.accept_note)]
    for field, text in worded:
        if CATCH_ALL.search(text):
            yield Problem(field, f"“{text}”是兜底条款，申请条件和材料须逐项写明。")


def _materials(item: ItemContent) -> Iterator[Problem]:
    if repeated(m.code for m in item.materials):
        yield Problem("materials", "申请材料的代码重复。")
    asked = {code for q in item.questions for option in q.options for code in option.materials}
    for code in sorted(asked - {m.code for m in item.materials}):
        yield Problem("questions", f"选项所要求的材料{code}不在材料清单中。")


def shared_originals(item: ItemContent) -> Iterator[Problem]:
    """国务院令第716号第七条: what sharing can verify is asked for neither as an original nor on the spot."""
    for material in item.materials:
        more, place = material.more, f"materials.{material.code}"
        if more is None or not more.shared or more.spared:
            continue
        known = f"“{material.name}”由{more.shared}可以核验"
        if material.form is MaterialForm.PAPER:
            yield Problem(f"{place}.form", f"{known}，材料形式不得只收纸质。")
        if more.originals:
            yield Problem(f"{place}.more.originals", f"{known}，不得要求提交原件{more.originals}份。")
        if more.visits:
            yield Problem(f"{place}.more.visits", f"{known}，不得要求为它到现场{more.visits}次。")


def _questions(item: ItemContent) -> Iterator[Problem]:
    if repeated(q.code for q in item.questions):
        yield Problem("questions", "情形问题的代码重复。")
    before: set[str] = set()
    for question in item.questions:
        yield from _question(question, before)
        before |= {f"{question.code}:{option.code}" for option in question.options}


def _question(question: Question, before: set[str]) -> Iterator[Problem]:
    if repeated(option.code for option in question.options):
        yield Problem("questions", f"问题“{question.text}”的选项代码重复。")
    hangs = [conditions.terms(each) for each in question.only_if]
    asked = {f"{term.name}:{term.value}" if term.is_answer else "" for each in hangs for term in each or ()}
    if None in hangs or not asked <= before:
        yield Problem("questions", f"问题“{question.text}”以尚未问到的选项为前提。")
    if any(option.ends and not option.advice for option in question.options):
        yield Problem("questions", f"问题“{question.text}”有终止办理的选项，须写明去哪里办。")
    if all(option.ends for option in question.options):
        yield Problem("questions", f"问题“{question.text}”的每个选项都终止办理。")


def _form(item: ItemContent) -> Iterator[Problem]:
    offered = frozenset(f"{q.code}:{option.code}" for q in item.questions for option in q.options)
    return form_problems(item.sections, item.form, offered)


def _co_applicants(item: ItemContent) -> Iterator[Problem]:
    asked = item.co_applicants
    if asked is None:
        return
    if asked.least > asked.most:
        yield Problem("co_applicants", "共同申请人最少的人数不得多于最多的人数。")
    if repeated(role.code for role in asked.roles):
        yield Problem("co_applicants", "共同申请人的身份重复。")
    offered = {f"{q.code}:{option.code}" for q in item.questions for option in q.options}
    if not set(asked.only_if) <= offered:
        yield Problem("co_applicants", "共同申请以没有问到的选项为前提。")


def repeated(codes: Iterable[str]) -> bool:
    """Whether something occurs twice."""
    listed = list(codes)
    return len(set(listed)) != len(listed)


RULES: tuple[Callable[[ItemContent], Iterator[Problem]], ...] = (
    _codes,
    _limits,
    _examination,
    _extension,
    _supplement,
    _commitment,
    _visits,
    _fee,
    _phones,
    _licence,
    _result,
    _catch_all,
    _materials,
    shared_originals,
    _questions,
    _form,
    _co_applicants,
)
