# SPDX-License-Identifier: Apache-2.0
"""The rules of a good implementation, each with its code, its sentence, where it comes from, and the place of a fault.

Four stand in the way of nothing by themselves: they warn, because the sources leave their measure open.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from tongban.catalogue import basics, content, elements, paths
from tongban.catalogue.basics import Inherited
from tongban.catalogue.content import CATCH_ALL, ItemContent
from tongban.catalogue.difference import difference
from tongban.catalogue.elements import FOUR, TWELVE
from tongban.catalogue.errors import ContentRefused
from tongban.catalogue.stages import BASIC
from tongban.standards.enums import (
    ApplyForm,
    ItemType,
    MaterialForm,
    Mode,
    Necessity,
    OnlineGrade,
    ProjectType,
    ResultType,
    ServedObject,
    TimeUnit,
)

Force = Literal["stops", "warns"]
Found = Iterator[tuple[str, str]]  # place, and what exactly is wrong there


@dataclass(frozen=True)
class Rule:
    """One rule; `finds` yields each place where it is broken."""

    code: str
    says: str
    basis: str
    force: Force
    finds: Callable[[ItemContent], Found]


@dataclass(frozen=True)
class Fault:
    """A rule broken at a place."""

    rule: str
    place: str
    name: str  # of the element, for people
    says: str
    stops: bool  # whether it stands in the way of publishing


# Where the units differ the source counts so; it counts in days only
IN_DAYS = {TimeUnit.WORKING_DAY: 1.0, TimeUnit.NATURAL_DAY: 1.0, TimeUnit.MONTH: 22.0}
ENDINGS = (("证", ResultType.LICENCE), ("批复", ResultType.APPROVAL), ("文", ResultType.APPROVAL))
PERSONS = frozenset({ServedObject.NATURAL})
LICENCE_FLOW = ("受理", "审核", "审批", "办结", "送达")


def _promise(item: ItemContent) -> Found:
    promised, statutory = item.limits.promised, item.limits.statutory
    if statutory is None or promised.unit in (TimeUnit.HOUR, TimeUnit.MINUTE):
        return
    if promised.unit == statutory.unit and promised.days > statutory.days:
        yield "limits.promised", f"承诺{promised.days}{promised.unit.label}，法定{statutory.days}{statutory.unit.label}"


def _promise_units(item: ItemContent) -> Found:
    promised, statutory = item.limits.promised, item.limits.statutory
    if statutory is None or promised.unit == statutory.unit or not {promised.unit, statutory.unit} <= IN_DAYS.keys():
        return
    if promised.days * IN_DAYS[promised.unit] > statutory.days * IN_DAYS[statutory.unit]:
        yield "limits.promised", f"承诺{promised.days}{promised.unit.label}，法定{statutory.days}{statutory.unit.label}"


def _at_once(item: ItemContent) -> Found:
    promised = item.limits.promised
    at_once = promised.days == 0 or promised.unit in (TimeUnit.HOUR, TimeUnit.MINUTE)
    if item.project_type is not (ProjectType.AT_ONCE if at_once else ProjectType.PROMISED):
        yield "project_type", f"办件类型为{item.project_type.label}"


def _ending(item: ItemContent) -> Found:
    for ending, kind in ENDINGS:
        if item.result.name.endswith(ending):
            if item.result.type is not kind:
                yield "result.type", f"“{item.result.name}”的结果类型为{item.result.type.label}"
            return


def _sample(item: ItemContent) -> Found:
    if item.result.type is not ResultType.NONE and not item.result.sample:
        yield "result.sample", f"“{item.result.name}”没有样本"


def _visit_reason(item: ItemContent) -> Found:
    if item.visits and not item.visit_reason:
        yield "visit_reason", f"到现场{item.visits}次"


def _no_visit(item: ItemContent) -> Found:
    if not item.visits and not {ApplyForm.ONLINE, ApplyForm.MOBILE, ApplyForm.COURIER} & set(item.apply_forms):
        yield "apply_forms", "、".join(form.label for form in item.apply_forms)


def _fourth_grade(item: ItemContent) -> Found:
    if item.net and item.net.grade is OnlineGrade.FOURTH and item.visits:
        yield "visits", f"Ⅳ级，到现场{item.visits}次"


def _charged(item: ItemContent) -> Found:
    if item.fee.charged and not item.fee.basis:
        yield "fee.basis", "没有收费依据"
    if item.fee.charged and not item.fee.lines:
        yield "fee.lines", "没有收费项目"


def _paid_online(item: ItemContent) -> Found:
    stated = item.hall.pays_online if item.hall else None
    if item.fee.charged and stated is None:
        yield "hall.pays_online", "没有写明"


def _free(item: ItemContent) -> Found:
    if item.fee.charged:
        return
    if item.fee.lines:
        yield "fee.lines", "列有收费项目"
    if item.hall and item.hall.pays_online:
        yield "hall.pays_online", "写的是支持网上支付"


def _phones(item: ItemContent) -> Found:
    if item.phone == item.complaint_phone:
        yield "complaint_phone", item.phone


def _topics(item: ItemContent) -> Found:
    told = item.topics
    for_persons = bool(PERSONS & set(item.served))
    for_bodies = bool(set(item.served) - PERSONS)
    persons = bool(told and (told.person or told.life_event))
    bodies = bool(told and (told.company or told.company_event))
    if for_persons != persons:
        yield "topics.person", "服务自然人而没有主题" if for_persons else "有主题而不服务自然人"
    if for_bodies != bodies:
        yield "topics.company", "服务法人而没有主题" if for_bodies else "有主题而不服务法人"


def _questions(item: ItemContent) -> Found:
    if item.item_type is ItemType.LICENSING and not item.faq:
        yield "faq", "没有常见问题"


def _flow(item: ItemContent) -> Found:
    if item.item_type is ItemType.LICENSING and len(item.steps) < len(LICENCE_FLOW):
        yield "steps", f"只有{len(item.steps)}个环节"


def _catch_all(item: ItemContent) -> Found:
    worded = [(f"conditions.{number}", text) for number, text in enumerate(item.conditions, 1)]
    for question in item.questions:
        worded += [(f"questions.{question.code}", text) for option in question.options for text in option.conditions]
    for material in item.materials:
        worded += [
            (f"materials.{material.code}.{at}", text)
            for at, text in (("name", material.name), ("accept_note", material.accept_note))
        ]
    for place, text in worded:
        if found := CATCH_ALL.search(text):
            yield place, f"“{found[0]}”"


def _shared_original(item: ItemContent) -> Found:
    return ((problem.field, problem.why) for problem in content.shared_originals(item))


def _spared(item: ItemContent) -> Found:
    for material in item.materials:
        if material.more and material.more.spared and not material.more.shared and material.necessity == "required":
            yield f"materials.{material.code}.more.spared", f"“{material.name}”写明免提交，没有写明凭什么核验"


def _material_visits(item: ItemContent) -> Found:
    for material in item.materials:
        more = material.more
        if more is None or not more.visits:
            continue
        if more.visits > item.visits:
            yield (
                f"materials.{material.code}.more.visits",
                f"“{material.name}”要到现场{more.visits}次，事项写的是{item.visits}次",
            )
        if not more.visit_reason:
            yield f"materials.{material.code}.more.visit_reason", f"“{material.name}”要到现场，没有写明原因"


def _paper_without_visit(item: ItemContent) -> Found:
    if item.visits or item.mode is not Mode.ONLINE or ApplyForm.COURIER in item.apply_forms:
        return
    for material in item.materials:
        if material.form is MaterialForm.PAPER and material.necessity is Necessity.REQUIRED:
            yield f"materials.{material.code}.form", f"“{material.name}”只收纸质，到现场却是零次，也不能邮寄"


def _coverage(item: ItemContent) -> Found:
    if item.questions or any(field.only_if for field in item.form) or item.sections:
        yield from paths.coverage(item).faults


QUALITY, LAW = "浙江温州事项质量检查规则", "行政许可法"
SHARING, OURS = "国务院令第716号第七条", "本系统的规则"
RULES: tuple[Rule, ...] = (
    Rule("promise_beyond_law", "承诺办结时限不得长于法定办结时限。", LAW, "stops", _promise),
    Rule(
        "promise_beyond_law_units",
        "承诺办结时限与法定办结时限单位不同，折算后不得更长（1个月按22个工作日）。",
        QUALITY,
        "warns",
        _promise_units,
    ),
    Rule("at_once_or_promised", "承诺当场或者按小时、分钟办结的是即办件，其余是承诺件。", QUALITY, "stops", _at_once),
    Rule("result_ending", "结果名称以“证”结尾的是证照，以“文”“批复”结尾的是批文。", QUALITY, "warns", _ending),
    Rule("result_sample", "有办理结果的，须有结果样本。", QUALITY, "stops", _sample),
    Rule("visit_reason", "需要到现场的，须写明必须现场办理的原因。", QUALITY, "stops", _visit_reason),
    Rule("no_visit_way", "不用到现场的，办理形式须包括网上办理或者快递申请。", QUALITY, "stops", _no_visit),
    Rule("fourth_grade_visits", "网办等级为Ⅳ级的，到现场次数须为零。", QUALITY, "stops", _fourth_grade),
    Rule("charge_basis", "收费的，须写明收费依据和至少一个收费项目。", QUALITY, "stops", _charged),
    Rule("charge_online", "收费的，须写明是否支持网上支付。", QUALITY, "warns", _paid_online),
    Rule("free_of_charge", "不收费的，不得列收费项目，也不得写支持网上支付。", QUALITY, "stops", _free),
    Rule("phones_apart", "咨询电话和投诉电话不得相同。", QUALITY, "stops", _phones),
    Rule(
        "topics_for_served", "服务自然人的须有自然人主题，服务法人的须有法人主题，反之亦然。", QUALITY, "warns", _topics
    ),
    Rule("licence_questions", "行政许可须有至少一个常见问题。", QUALITY, "stops", _questions),
    Rule("licence_flow", "行政许可的办理流程须有受理、审核、审批、办结、送达等至少五个环节。", QUALITY, "stops", _flow),
    Rule(
        "catch_all",
        "申请条件和材料须逐项写明，不得有兜底条款。",
        "上海市优化营商环境条例第二十四条",
        "stops",
        _catch_all,
    ),
    Rule(
        "shared_original",
        "通过电子证照或者数据共享可以核验的材料，不得要求提交原件、只收纸质或者为它到现场。",
        SHARING,
        "stops",
        _shared_original,
    ),
    Rule("spared_how", "写明免提交的材料，须写明由哪种电子证照或者共享数据核验。", SHARING, "stops", _spared),
    Rule(
        "material_visits",
        "为提交材料到现场的次数不得多于事项的到现场次数，并须写明原因。",
        OURS,
        "stops",
        _material_visits,
    ),
    Rule(
        "paper_without_visit",
        "不用到现场的，必须提交的纸质材料须可以邮寄。",
        OURS,
        "stops",
        _paper_without_visit,
    ),
    Rule(
        "every_path",
        "每一条情形路径都须到达可以填写的申请表，每个问题、字段和材料都须有路径到达。",
        OURS,
        "stops",
        _coverage,
    ),
)
SAME_FOUR, SAME_TWELVE, FORMAT = "same_four", "same_twelve", "format"
SENTENCES = {rule.code: rule.says for rule in RULES} | {
    SAME_FOUR: "名称、编码、依据、类型须与基本目录一致（四级四同）。",
    SAME_TWELVE: "基本目录已统一的要素，各级须一致（五级十二同）。",
    FORMAT: "内容须合事项格式，前后不相矛盾。",
}


def faults(item: ItemContent) -> list[Fault]:
    """Every place where a declared rule is broken, and what else contradicts itself in the content."""
    found = [
        Fault(rule.code, place, elements.name_of(place), f"{rule.says}（{what}）", rule.force == "stops")
        for rule in RULES
        for place, what in rule.finds(item)
    ]
    covered = {fault.place.partition(".")[0] for fault in found}
    rest = [problem for problem in content.problems(item) if problem.field.partition(".")[0] not in covered]
    return found + [Fault(FORMAT, each.field, elements.name_of(each.field), each.why, stops=True) for each in rest]


def unlike(plain: dict[str, Any], above: Inherited) -> list[Fault]:
    """Where an implementation says something else than the levels above have fixed."""
    meant = dict(plain) | {"basic_code": above.code}
    for path in above.fixed_by:
        meant = elements.put(meant, path, elements.get(above.content, path))
    return [
        Fault(_same(change.unit), change.place, change.name, SENTENCES[_same(change.unit)], stops=True)
        for change in difference(meant, plain)
    ]


def faults_of(kind: str, plain: dict[str, Any], above: Inherited | None) -> list[Fault]:
    """What stands against a draft, of either kind; a content that cannot even be read is one fault."""
    if kind == BASIC:
        return _of_layer(plain, above)
    try:
        item = content.convert(plain)
    except ContentRefused as no:
        return [_unreadable(no)]
    return [*faults(item), *(unlike(plain, above) if above else ())]


def _of_layer(plain: dict[str, Any], above: Inherited | None) -> list[Fault]:
    try:
        layer = basics.convert(plain)
    except ContentRefused as no:
        return [_unreadable(no)]
    found = [(each.field, each.why) for each in basics.problems(layer)]
    for path in elements.said(layer.elements):
        if above is not None and path in above.fixed_by:
            found.append((path, f"“{elements.name_of(path)}”已由{above.fixed_by[path].name}统一，下级不能另定。"))
    return [Fault(FORMAT, place, elements.name_of(place), why, stops=True) for place, why in found]


def _unreadable(no: ContentRefused) -> Fault:
    place = no.field or "content"
    return Fault(FORMAT, place, elements.name_of(re.sub(r"\[\d+\]", "", place)), str(no.facts["why"]), stops=True)


def _same(unit: str) -> str:
    return SAME_FOUR if unit in FOUR else SAME_TWELVE if unit.partition(".")[0] in _TWELVE_ROOTS else FORMAT


_TWELVE_ROOTS = frozenset(path.partition(".")[0] for path in TWELVE)
