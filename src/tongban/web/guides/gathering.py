# SPDX-License-Identifier: Apache-2.0
"""A guide put together: the version with its standing and origin, the windows that are known, what else there is."""

from collections.abc import Iterator, Sequence

from django.urls import reverse

from tongban.catalogue import queries as catalogue
from tongban.catalogue import standing
from tongban.catalogue.content import ItemContent
from tongban.catalogue.difference import difference
from tongban.catalogue.flow import Box, flow, told
from tongban.catalogue.lists import queries as lists
from tongban.catalogue.lists.queries import Lent
from tongban.catalogue.lists.words import MOVES
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.standing import Standing as Word
from tongban.regions import queries as regions
from tongban.regions.errors import NoTrustList, UnknownNode
from tongban.regions.models import Organization
from tongban.standards import clock
from tongban.standards.enums import ApplyForm, Mode
from tongban.standards.node import here
from tongban.web import words
from tongban.web.guides.opening import open_hours
from tongban.web.guides.parts import (
    Begin,
    Changed,
    Elsewhere,
    Entry,
    Fact,
    FlowStep,
    Guide,
    Origin,
    OtherVersion,
    Section,
    Standing,
)
from tongban.web.guides.sections import places, sections
from tongban.web.guides.wording import section

MOST_WINDOWS = 40
MOST_ELSEWHERE = 12
MOST_VERSIONS = 20
LONGEST = 300  # characters of a text that is shown as it was and as it is
WAYS = {
    Mode.ONLINE: "在网上申请，不用出门",
    Mode.PROXY: "到就近的通办专窗交材料，由专窗核对后转给办理地",
    Mode.JOINT: "在一处申请一次，由各地分别办理",
}


def guide(task_code: str, version: int | None = None) -> Guide:
    """What this node can tell of a version; without a number, of the one to be shown. NotFound when there is none."""
    rows = catalogue.standings(task_code)
    row = catalogue.item(task_code, catalogue.to_show(rows).version if version is None else version)
    item, current = row.item, next((each for each in rows if each.status == standing.PUBLISHED), None)
    offices = regions.windows(MOST_WINDOWS + 1) if _is_taken_in(item) else []
    agreed = lists.lent(item, clock.today()) if _is_taken_in(item) else []
    others = [] if row.status == standing.SUPERSEDED else _elsewhere(row)
    names = regions.region_names(_places_named(item, row, (*offices[:MOST_WINDOWS], *others)))
    stale = row.fresh_until is not None and row.fresh_until < clock.now()
    boxes = flow(item)
    begins = row.status == standing.PUBLISHED
    return Guide(
        task_code=row.task_code,
        version=row.version,
        digest=row.digest,
        name=item.name,
        mode=item.mode,
        mode_name=words.mode_name(item.mode),
        region=row.region_code,
        region_name=names.get(row.region_code, ""),
        publisher=row.publisher,
        publisher_name=item.publisher.name,
        summary=item.summary,
        standing=_standing(row, current),
        origin=_origin(row, stale=stale),
        tags=tuple(_tags(item, stale=stale)),
        highlights=tuple(_highlights(item, row, names)),
        sections=_placed(sections(item, names), tuple(_where(item, offices, agreed, names))),
        flow=tuple(map(_step, boxes, told(boxes))),
        versions=tuple(_other_versions(rows, row)),
        begin=_begin(item) if begins else None,
        changed=tuple(_changed(row, current)),
        elsewhere=tuple(_told(each, names) for each in others),
    )


def _standing(row: ItemVersion, current: ItemVersion | None) -> Standing:
    label = Word(row.status).label
    instead = current.version if current is not None and current.version != row.version else None
    since = clock.local_date(row.status_at) if row.status_at else row.effective_to
    if row.status == standing.PUBLISHED:
        return Standing(row.status, label)
    if row.status == standing.SCHEDULED:
        return Standing(row.status, label, "这一版尚未生效", since=row.effective_from, current=instead)
    if row.status == standing.SUSPENDED:
        sentence = "这个事项暂停办理，已经受理的继续办理"
        return Standing(row.status, label, sentence, row.status_reason, since, instead)
    if row.status == standing.RETIRED:
        sentence = "这个事项已经取消，已经受理的继续办理"
        return Standing(row.status, label, sentence, row.status_reason, since, instead)
    sentence = f"已被第 {instead} 版替代" if instead else "已被后来的版本替代"
    return Standing(row.status, label, sentence, "", row.effective_to, instead)


def _origin(row: ItemVersion, *, stale: bool) -> Origin:
    return Origin(
        node=row.node_code,
        node_name=_node_name(row.node_code),
        copy=row.origin == "copy",
        stale=stale,
        published_at=row.published_at,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        fresh_until=row.fresh_until,
    )


def _node_name(code: str) -> str:
    if code == here().code:
        return here().name
    try:
        return regions.trust_list().node(code).name
    except (NoTrustList, UnknownNode):
        return code


def _tags(item: ItemContent, *, stale: bool) -> Iterator[str]:
    yield words.mode_name(item.mode)
    if not item.visits:
        yield "不用到场"
    if not item.fee.charged:
        yield "不收费"
    if stale:
        yield "内容可能不是最新"


def _highlights(item: ItemContent, row: ItemVersion, names: dict[str, str]) -> Iterator[Fact]:
    yield Fact("怎么办", WAYS[item.mode])
    yield Fact("由谁决定", f"{names.get(row.region_code, '')} {item.publisher.name}".strip())
    yield Fact("承诺期限", words.limit(item.limits.promised))
    yield Fact("费用", words.fee(item.fee))
    visits = f"{item.visits} 次：{item.visit_reason}" if item.visits else "不用到场"
    yield Fact("到场次数", visits)


def _begin(item: ItemContent) -> Begin:
    if item.mode is Mode.ONLINE:
        address = reverse("portal:start", args=[item.task_code])
        return Begin("开始办理", address, "可随时保存，换一台设备也能接着填。")
    return Begin("看在哪里交", "#places", "这个事项不能在网上提交：带齐本页列出的材料，到就近的通办专窗办理。")


def _placed(told_of: Sequence[Section], where: tuple[Section, ...]) -> tuple[Section, ...]:
    """Where to go stands before whom to ask."""
    return tuple(each for one in told_of for each in ((*where, one) if one.code == "contact" else (one,)))


def _where(
    item: ItemContent,
    offices: Sequence[Organization],
    agreed: Sequence[Lent],
    names: dict[str, str],
) -> Iterator[Section]:
    """The publisher's own place, and the windows that take it in for it, those of this node first."""
    entries = [_window(each, names) for each in offices[:MOST_WINDOWS]]
    lines = [f"任何一处通办专窗都可以交，由专窗转给{item.publisher.name}。"] if entries else []
    if len(offices) > MOST_WINDOWS:
        lines += ["这里只列出一部分，其余的请拨打 12345 询问。"]
    title = "在哪里交" if entries else "现场办理"
    facts = [*places(item, names), *(fact for each in agreed for fact in _agreed(each))]
    yield from section("places", title, "entries", lines=lines, facts=facts, entries=entries)


def _agreed(lent: Lent) -> Iterator[Fact]:
    """What a window need not hand on first: it acts in the organ's name, or does a part of a step for it."""
    of, who = lent.by, f"{lent.by.intake.name}的窗口按协议"
    until = f"到{words.day(of.until)}为止" if of.until else ""
    notes = (of.title, f"{words.day(of.begins)}起{until}")
    if lent.moves:
        yield Fact("异地受理", f"{who}可以代为{'、'.join(MOVES[move] for move in lent.moves)}", notes)
    if lent.shares:
        parts = "、".join(f"{each.step}（{each.text}）" if each.text else each.step for each in lent.shares)
        yield Fact("由窗口代办的环节", f"{who}办理：{parts}", notes)


def _is_taken_in(item: ItemContent) -> bool:
    return item.mode is not Mode.ONLINE and bool({ApplyForm.WINDOW, ApplyForm.COURIER} & {*item.apply_forms})


def _window(office: Organization, names: dict[str, str]) -> Entry:
    facts = [Fact("地址", office.address)] if office.address else []
    facts += [Fact("电话", office.phone, link=f"tel:{office.phone}")] if office.phone else []
    facts += [open_hours(office.code, clock.today())]
    return Entry(office.name, (names.get(office.region_code, office.region_code),), facts=tuple(facts))


def _places_named(item: ItemContent, row: ItemVersion, others: Sequence[Organization | ItemVersion]) -> list[str]:
    hall = item.hall
    inside = (*hall.towns, *hall.villages) if hall else ()
    told_of = (row.region_code, *(each.region for each in item.entrusted), *inside)
    return [*dict.fromkeys((*told_of, *(each.region_code for each in others)))]


def _elsewhere(row: ItemVersion) -> list[ItemVersion]:
    """The same matter at other organizations, those of the same province first; of very many some, in no order."""
    found = catalogue.implementations([row.task_code[19:]]).exclude(task_code=row.task_code).defer("document")
    some = found.order_by()[: 4 * MOST_ELSEWHERE]  # an order would have to look at all of them
    near = sorted(some, key=lambda each: (each.region_code[:2] != row.region_code[:2], each.region_code))
    return near[:MOST_ELSEWHERE]


def _told(row: ItemVersion, names: dict[str, str]) -> Elsewhere:
    region_name = names.get(row.region_code, row.region_code)
    return Elsewhere(row.task_code, row.name, row.region_code, region_name, row.publisher_name)


def _step(box: Box, sentence: str) -> FlowStep:
    beside = tuple(Fact(each.name, each.text) for each in box.beside)
    return FlowStep(box.code, box.name, sentence, box.lines, box.after, beside)


def _other_versions(rows: Sequence[ItemVersion], row: ItemVersion) -> Iterator[OtherVersion]:
    for each in [each for each in rows if each.version != row.version][:MOST_VERSIONS]:
        yield OtherVersion(each.version, Word(each.status).label, each.effective_from)


def _changed(row: ItemVersion, current: ItemVersion | None) -> Iterator[Changed]:
    """What the version in force says otherwise, one line for each element."""
    if row.status != standing.SUPERSEDED or current is None:
        return
    by_name: dict[str, list[tuple[str, str]]] = {}
    for change in difference(row.content, catalogue.item(row.task_code, current.version).content):
        by_name.setdefault(change.name, []).append(_readable(change.before, change.after, change.shown()))
    for name, told_of in by_name.items():
        before, after = told_of[0] if len(told_of) == 1 else ("", "")
        yield Changed(name, before, after)


def _readable(before: object, after: object, shown: tuple[str, str]) -> tuple[str, str]:
    """Both texts, where both are plain words and not too long; a structure is named only."""
    plain = all(isinstance(each, str | int | None) for each in (before, after))
    return shown if plain and max(map(len, shown)) <= LONGEST else ("", "")
