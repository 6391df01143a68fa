# SPDX-License-Identifier: Apache-2.0
"""What the content of an item says, under the headings where a person would look for it."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from urllib.parse import quote

from tongban.cases.signing import ROLES
from tongban.catalogue.content import Commitment, ItemContent, Limit, Material, Option, PartLimit, Supplement
from tongban.catalogue.details import Attachment, Hall, Paper, Power, Way
from tongban.catalogue.fees import Payment
from tongban.catalogue.forms import Choice, Column, Field
from tongban.catalogue.search.headings import KINDS, topic
from tongban.identity.assurance import LEVELS, Level
from tongban.standards.enums import ResultType
from tongban.web import materials, words
from tongban.web.guides.parts import Entry, Fact, Section
from tongban.web.guides.wording import fact, facts_of, name_of, rests_on, said, section

Names = Mapping[str, str]  # of regions, by code
ENTRUSTED = {"accept": "受理", "request_correction": "告知补正", "not_accept": "不予受理"}
OF_PERSONAL_DATA = {"identity": "身份信息", "contact": "联系方式", "sensitive": "敏感信息", "plain": ""}
OF_CONDITIONS = frozenset({"quantity", "special_procedure", "intermediary"})  # of power: what is read there
FILES = ("blank_file", "sample_file")  # of a paper
OF_RESULT = frozenset({"mails_result"})  # of the hall
AGAIN = {"ask": "有未办结的同一事项时，须写明再次申请的理由", "refuse": "有未办结的同一事项时，不能再次申请"}


def sections(item: ItemContent, names: Names) -> tuple[Section, ...]:
    """All of them, in the order in which they are read; places and their windows are put in by whoever knows them."""
    return tuple(chain.from_iterable(make(item, names) for make in MAKERS))


def _conditions(item: ItemContent, names: Names) -> Iterator[Section]:
    facts = [
        *fact("服务对象", "、".join(each.label for each in item.served)),
        *fact("通办范围", item.scope),
        *(facts_of(item.power, "power", but=set(Power.__struct_fields__) - OF_CONDITIONS) if item.power else ()),
        *_assurance(item),
        *_again(item),
    ]
    yield from section("conditions", "谁可以办", "checks", lines=item.conditions, facts=facts)


def _assurance(item: ItemContent) -> Iterator[Fact]:
    if item.assurance:
        how = "网上申请前，您的实名须达到这个等级；到窗口办理的，由窗口当场核验"
        yield Fact(name_of("assurance"), LEVELS[Level(item.assurance)], (how,))


def _again(item: ItemContent) -> Iterator[Fact]:
    if item.repeat:
        days = f"；办结后 {item.repeat.days} 个自然日内再次申请的，也须写明理由" if item.repeat.days else ""
        yield Fact("再次申请", f"{AGAIN[item.repeat.while_open]}{days}", (item.repeat.basis,))


def _situations(item: ItemContent, names: Names) -> Iterator[Section]:
    entries = [
        Entry(question.text, lines=tuple(filter(None, (question.help, *_options(item, question.options)))))
        for question in item.questions
    ]
    yield from section("situations", "先看您的情形", "entries", entries=entries)


def _options(item: ItemContent, options: tuple[Option, ...]) -> Iterator[str]:
    for option in options:
        asked = [material.name for material in item.materials if material.code in option.materials]
        more = [f"另须提交{'、'.join(f'“{name}”' for name in asked)}" if asked else "", *option.conditions]
        more += ["不能在这里办理" if option.ends else "", option.advice]
        follows = "；".join(each.rstrip("。") for each in more if each)
        yield f"{option.text}：{follows}。" if follows else f"{option.text}。"


def _materials(item: ItemContent, names: Names) -> Iterator[Section]:
    entries = [_material(item.task_code, material, when) for material, when in materials.when_needed(item)]
    lines = () if entries else ("不需要另外提交材料。",)
    yield from section("materials", "要准备什么", "entries", entries=entries, lines=lines)


def _material(task_code: str, material: Material, when: str) -> Entry:
    shared, spared = (material.more.shared, material.more.spared) if material.more else ("", False)
    tags = ("按情形提交" if when else words.necessity(material.necessity), *(("免提交",) if spared else ()))
    source = material.source.label + (f"（{material.issuer}）" if material.issuer else "")
    types = f"{words.file_types(material.types)}，每个不超过 {words.size(material.max_bytes)}"
    facts = [
        *fact("受理标准", material.accept_note),
        *fact("来源", source),
        *fact("形式", material.form),
        *fact("可上传", types),
        *facts_of(material.more, "materials.more", but=FILES),
        *_files(task_code, material.more),
    ]
    needed = f"{when}时需要，{words.necessity(material.necessity)}。" if when else ""
    stands_in = f"{shared}能核验，不用提交。" if shared and spared else f"可由{shared}代替。" if shared else ""
    return Entry(material.name, tags, tuple(filter(None, (needed, stands_in))), tuple(facts))


def _files(task_code: str, more: Paper | None) -> Iterator[Fact]:
    for name in FILES:
        file: Attachment | None = getattr(more, name, None)
        if file:
            yield Fact(name_of(f"materials.more.{name}"), said(file), link=words.file_url(file, task_code))


def _form(item: ItemContent, names: Names) -> Iterator[Section]:
    headed: dict[str, list[Field]] = {}
    for field in item.form:
        headed.setdefault(field.section, []).append(field)
    named = {each.code: each for each in item.sections}
    entries = [
        Entry(
            named[code].title if code in named else "申请表",
            lines=tuple(filter(None, (named[code].help if code in named else "",))),
            facts=tuple(_field(each) for each in fields),
        )
        for code, fields in headed.items()
    ]
    yield from section("form", "要填写什么", "entries", folded=True, entries=entries)


def _field(field: Field) -> Fact:
    more = ["必填" if field.required else "选填", "登录后自动填好" if field.prefill else ""]
    more += ["按情形填写" if field.only_if else "", OF_PERSONAL_DATA[field.personal]]
    choices, columns = _texts(field.choices), "、".join(map(_column, field.columns))
    notes = (field.help, f"可选：{choices}" if choices else "", f"逐行填写：{columns}" if columns else "")
    return Fact(field.label, "，".join(filter(None, more)), tuple(filter(None, notes)))


def _column(column: Column) -> str:
    more = _notes(column.help.rstrip("。"), _texts(column.choices))
    return f"{column.label}（{'；'.join(more)}）" if more else column.label


def _texts(choices: tuple[Choice, ...]) -> str:
    return "、".join(choice.text for choice in choices)


def _together(item: ItemContent, names: Names) -> Iterator[Section]:
    asked = item.co_applicants
    if asked is None:
        return
    when = _answers(item, asked.only_if)
    number = f"{asked.least} 人" if asked.least == asked.most else f"{asked.least} 至 {asked.most} 人"
    lines = (f"{when + '时，' if when else ''}须由另外 {number}各自确认。", asked.basis)
    facts = [Fact(ROLES[role.code], role.confirms) for role in asked.roles]
    yield from section("together", "谁要一起确认", "rows", lines=lines, facts=facts)


def _answers(item: ItemContent, wanted: tuple[str, ...]) -> str:
    """The answers that something hangs on, in their own words."""
    told = {f"{q.code}:{option.code}": option.text for q in item.questions for option in q.options}
    return "、".join(f"“{told[each]}”" for each in wanted if each in told)


def _steps(item: ItemContent, names: Names) -> Iterator[Section]:
    entries = [Entry(step.name, lines=(step.text,)) for step in item.steps]
    facts = [
        *fact(name_of("net.flow"), item.net.flow if item.net else ""),
        *fact(name_of("hall.flow"), item.hall.flow if item.hall else ""),
        *(Fact(f"{step.name}的依据", step.basis) for step in item.examination if step.basis),
        *_entrusted(item, names),
    ]
    yield from section("steps", "怎么办", "steps", entries=entries, facts=facts)


def _entrusted(item: ItemContent, names: Names) -> Iterator[Fact]:
    for given in item.entrusted:
        moves = "、".join(ENTRUSTED[move] for move in given.moves)
        region = names.get(given.region, given.region)
        yield Fact("可以委托", f"有协议时，{region}的窗口可以代为{moves}", (given.basis,))


def _limits(item: ItemContent, names: Names) -> Iterator[Section]:
    statutory = item.limits.statutory
    facts = [
        *_limit("承诺办结时限", item.limits.promised, item.power.promised_note if item.power else ""),
        *(
            _limit("法定办结时限", statutory, item.power.statutory_note if item.power else "")
            if statutory
            else [Fact("法定办结时限", "没有查到法律对期限的规定，以承诺期限为准")]
        ),
        *(fact_ for part in item.parts for fact_ in _limit(part.name, part)),
        *(fact_ for step in item.examination if step.limit for fact_ in _limit(f"环节：{step.name}", step.limit)),
    ]
    if item.extension:
        facts += [
            Fact(
                "可以延长",
                f"一次，{words.limit(item.extension)}，由另一名工作人员批准并告知您",
                rests_on(item.extension),
            )
        ]
    if item.correction:
        silent = words.consequence(item.correction.consequence)
        facts += [Fact("补正期限", f"{words.limit(item.correction)}。{silent}", (item.correction.source,))]
    facts += [Fact("怎样计算", "从受理的第二天起计算，周末和法定节假日不算，调休上班的日子要算。")]
    yield from section("limits", "多久办好", "rows", facts=facts)


def _limit(name: str, limit: Limit | PartLimit, note: str = "") -> Iterator[Fact]:
    yield Fact(name, words.limit(limit), (*rests_on(limit), *((note,) if note else ())))


def _promises(item: ItemContent, names: Names) -> Iterator[Section]:
    facts = [*_supplement(item.supplement), *_commitment(item, item.commitment)]
    if facts:
        facts += [Fact("不适用的情形", "有尚未修复的严重失信记录的，不适用。")]
    yield from section("promises", "材料不齐时", "rows", facts=facts)


def _supplement(later: Supplement | None) -> Iterator[Fact]:
    if later:
        text = f"主要材料齐全，标明“可以后补”的材料书面承诺在受理后 {words.limit(later)}内补齐的，可以先受理。"
        notes = _notes(f"承诺的内容：{later.promise}", words.law_of(later), later.source)
        yield Fact("容缺后补", f"{text}{words.of_lacking(later)}", notes)


WHEN_PAID = {
    "decision": "缴费以后才作出准予的决定。",
    "result": "准予以后、交付结果以前缴费。",
}


def _commitment(item: ItemContent, word: Commitment | None) -> Iterator[Fact]:
    if word is None:
        return
    covered = "、".join(f"“{m.name}”" for m in item.materials if m.code in word.covers)
    at_once = "当场依承诺作出决定" if word.at_once else "审查以后依承诺作出决定"
    right = f"责令在 {words.limit(word.put_right)}内改正，到期没有改正的" if word.put_right else ""
    verified = f"{words.limit(word.verification)}内核查；承诺不实的，{right}撤销决定。"
    rests = (*rests_on(word.verification), *(rests_on(word.put_right) if word.put_right else ()))
    notes = _notes(f"承诺的内容：{word.promise}", word.basis, word.source, *rests)
    yield Fact("告知承诺", f"可以用书面承诺代替{covered}。{at_once}，{verified}", tuple(dict.fromkeys(notes)))


def _fee(item: ItemContent, names: Names) -> Iterator[Section]:
    facts = [
        Fact(
            "是否收费", "收费" if item.fee.charged else "不收费", tuple(filter(None, (item.fee.basis, item.fee.note)))
        ),
        *(Fact(line.name, words.yuan(line.fen), (line.basis, *_terms(line.more))) for line in item.fee.lines),
        *_payment(item.fee.payment),
        *fact(name_of("hall.pays_online"), item.hall.pays_online if item.hall else None),
    ]
    yield from section("fee", "费用", "rows", facts=facts)


def _payment(asked: Payment | None) -> Iterator[Fact]:
    """When it is asked for, to whom, how and until when, and what follows otherwise."""
    if asked is None:
        return
    yield Fact(
        "什么时候缴", f"{WHEN_PAID[asked.before]}收到缴费通知书以后再缴，只缴通知书上列出的费用。", (asked.source,)
    )
    yield Fact("缴给谁", asked.payee)
    yield Fact("怎样缴", asked.how)
    late = "逾期没有缴费的，视为撤回申请。" if asked.consequence else "逾期仍可以缴费，缴费以后接着办理。"
    if asked.days:
        yield Fact("缴费期限", f"通知以后 {words.limit(asked)}。{late}", _notes(words.law_of(asked)))
    elif words.law_of(asked):
        yield Fact("缴费期限", "没有规定期限，缴费以后接着办理。", (words.law_of(asked),))
    yield from fact("等待缴费的时间不计入办理期限，依据", asked.stops_by)


def _notes(*notes: str) -> tuple[str, ...]:
    """Those that say something."""
    return tuple(filter(None, notes))


def _terms(more: object) -> tuple[str, ...]:
    return tuple(f"{each.name}：{each.text}" for each in facts_of(more, "fee.lines.more"))  # type: ignore[arg-type]


def _net(item: ItemContent, names: Names) -> Iterator[Section]:
    facts = facts_of(item.net, "net", but={"flow"})
    yield from section("net", "网上办理", "rows", facts=facts)


def _result(item: ItemContent, names: Names) -> Iterator[Section]:
    if item.result.type is ResultType.NONE:
        return
    facts = [
        Fact("结果名称", item.result.name),
        *fact("结果类型", item.result.type),
        *fact("结果样本", item.result.sample),
        *facts_of(item.hall, "hall", but=set(Hall.__struct_fields__) - OF_RESULT),
        Fact("怎样核验", "带数字签名的电子文件，可在任何一地的“验证文件”页核对真伪。"),
    ]
    yield from section("result", "办好后拿到什么", "rows", facts=facts)


def _law(item: ItemContent, names: Names) -> Iterator[Section]:
    facts = [*fact("办理模式的依据", item.mode_basis)]
    yield from section("law", "办理依据", "lines", lines=item.law, facts=facts)


def _remedy(item: ItemContent, names: Names) -> Iterator[Section]:
    facts = [
        Fact("咨询", item.phone, link=f"tel:{item.phone}"),
        *(
            each
            for way in (item.remedy.inquiry if item.remedy else ())
            for each in fact(f"其他咨询：{way.kind.label}", way.at)
        ),
        Fact("投诉", item.complaint_phone, link=f"tel:{item.complaint_phone}"),
        *(
            each
            for way in (item.remedy.complaint if item.remedy else ())
            for each in fact(f"其他投诉：{way.kind.label}", way.at)
        ),
        *facts_of(item.remedy, "remedy", but={"inquiry", "complaint"}),
    ]
    yield from section("contact", "咨询、投诉和救济", "rows", facts=facts)


def _ways(name: str, ways: tuple[Way, ...]) -> Iterator[Fact]:
    for way in ways:
        yield from fact(f"{name}：{way.kind.label}", way.at)


def _power(item: ItemContent, names: Names) -> Iterator[Section]:
    facts = [
        Fact("实施主体", item.publisher.name, (f"统一社会信用代码 {item.publisher.code}",)),
        *facts_of(item.power, "power", but=OF_CONDITIONS | {"statutory_note", "promised_note"}),
    ]
    yield from section("power", "由谁办", "rows", folded=True, facts=facts)


def _topics(item: ItemContent, names: Names) -> Iterator[Section]:
    facts = [
        Fact(name, word, link=f"/topics/{kind}/{quote(word)}/" if topic(kind, word) else "")
        for kind, (name, _) in KINDS.items()
        for word in (getattr(item.topics, kind) if item.topics else ())
    ]
    yield from section("topics", "相关的事", "links", facts=facts)


def _faq(item: ItemContent, names: Names) -> Iterator[Section]:
    yield from section(
        "faq", "常见问题", "questions", entries=[Entry(each.question, lines=(each.answer,)) for each in item.faq]
    )


def _codes(item: ItemContent, names: Names) -> Iterator[Section]:
    facts = [
        Fact("实施编码", item.task_code),
        Fact("基本编码", item.basic_code),
        *facts_of(item.other_codes, "other_codes"),
        *fact("事项类型", item.item_type),
        *fact("办件类型", item.project_type),
        *fact("办理形式", "、".join(each.label for each in item.apply_forms)),
    ]
    yield from section("codes", "编码和类型", "rows", folded=True, facts=facts)


def _assumptions(item: ItemContent, names: Names) -> Iterator[Section]:
    yield from section("assumptions", "演示假设", "lines", lines=item.assumptions)


def places(item: ItemContent, names: Names) -> Iterator[Fact]:
    """Where and when one may come in person, and what the hall offers."""
    yield from fact("办理地点", item.window.address)
    yield from fact("办理时间", item.window.hours)
    hall = item.hall
    if hall:
        yield from facts_of(hall, "hall", but=OF_RESULT | {"flow", "pays_online", "towns", "villages"})
        for word in ("towns", "villages"):
            inside = getattr(hall, word)
            yield from fact(name_of(f"hall.{word}"), "、".join(names.get(each, each) for each in inside))


Maker = Callable[[ItemContent, Names], Iterator[Section]]
MAKERS: tuple[Maker, ...] = (
    _conditions,
    _situations,
    _materials,
    _form,
    _together,
    _steps,
    _limits,
    _promises,
    _fee,
    _result,
    _net,
    _remedy,
    _law,
    _power,
    _faq,
    _topics,
    _codes,
    _assumptions,
)
