# SPDX-License-Identifier: Apache-2.0
"""The way of an application as the item declares it: who does what after what; drawn by `flow_drawing`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tongban.catalogue.content import Examination, ItemContent, Limit
from tongban.standards.enums import Mode, ResultType, TimeUnit

UNITS = {
    TimeUnit.WORKING_DAY: "个工作日",
    TimeUnit.NATURAL_DAY: "个自然日",
    TimeUnit.MONTH: "个月",
    TimeUnit.HOUR: "小时",
    TimeUnit.MINUTE: "分钟",
}
APPLY, HAND_ON, ACCEPT, EXAMINE = "apply", "hand_on", "accept", "examine"
DECIDE, DELIVER, VERIFY = "decide", "deliver", "verify"
STEP = "step:"  # before the code of a declared step, which might be one of those words


@dataclass(frozen=True)
class Beside:
    """What may happen at a step, and comes back to it."""

    name: str
    text: str


@dataclass(frozen=True)
class Box:
    """One step; it begins when all of `after` are done, and those that wait for the same go side by side."""

    code: str
    name: str
    lines: tuple[str, ...]
    after: tuple[str, ...]
    beside: tuple[Beside, ...] = ()


def flow(item: ItemContent) -> tuple[Box, ...]:
    """Every step in an order that keeps what is declared."""
    handing_in = tuple(_handing_in(item))
    accept = Box(ACCEPT, "受理", _accepting(item), (handing_in[-1].code,), tuple(_beside_accepting(item)))
    steps = _examination(item)
    awaited = {code for step in steps for code in step.after}
    last = tuple(step.code for step in steps if step.code not in awaited)
    decide = Box(DECIDE, "决定", tuple(_deciding(item)), last, tuple(_beside_deciding(item)))
    return (*handing_in, accept, *steps, decide, *_afterwards(item))


def told(boxes: Sequence[Box]) -> list[str]:
    """The same as sentences, one for each step, for whoever does not see a drawing."""
    names = {box.code: box.name for box in boxes}
    return ["".join(_sentence(box, names, boxes[at - 1].code if at else "")) for at, box in enumerate(boxes)]


def reduced(boxes: Sequence[Box]) -> dict[str, tuple[str, ...]]:
    """What each step waits for without what those wait for themselves."""
    before: dict[str, set[str]] = {}
    for box in boxes:
        before[box.code] = {*box.after}.union(*(before[code] for code in box.after))
    return {
        box.code: tuple(code for code in box.after if not any(code in before[other] for other in box.after))
        for box in boxes
    }


def length(limit: Limit) -> str:
    """5 个工作日, or 当场."""
    return f"{limit.days} {UNITS[limit.unit]}" if limit.days else "当场"


def _handing_in(item: ItemContent) -> Iterator[Box]:
    if item.mode is Mode.ONLINE:
        yield Box(APPLY, "申请", ("申请人在网上提交",), ())
    elif item.mode is Mode.PROXY:
        yield Box(APPLY, "收件", ("就近的通办专窗", "核验身份，作形式审查"), ())
        yield Box(HAND_ON, "移交", ("由收件地转给办理地",), (APPLY,))
    else:
        yield Box(APPLY, "申请", ("在一地提交一次",), ())
        yield Box(HAND_ON, "分送", ("由收件地分送各办理地",), (APPLY,))


def _accepting(item: ItemContent) -> tuple[str, ...]:
    lent = any("accept" in given.moves for given in item.entrusted)
    return (item.publisher.name, *(("有协议的窗口可以代为受理",) if lent else ()))


def _beside_accepting(item: ItemContent) -> Iterator[Beside]:
    if item.correction:
        yield Beside("补正", f"材料不齐的一次告知，{item.correction.days} {UNITS[item.correction.unit]}内补正")
    if item.supplement:
        yield Beside("容缺后补", f"先受理，{item.supplement.days} {UNITS[item.supplement.unit]}内补齐")
    if item.commitment:
        yield Beside("告知承诺", "书面承诺的当场决定" if item.commitment.at_once else "书面承诺代替部分材料")


def _examination(item: ItemContent) -> list[Box]:
    names = {step.code: step.name for step in item.examination}
    if not names:
        return [Box(EXAMINE, "审查", ("核查申请内容和材料",), (ACCEPT,))]
    return [_step(step, names) for step in item.examination]


def _step(step: Examination, names: Mapping[str, str]) -> Box:
    lines = [f"{length(step.limit)}内" if step.limit.days else "当场"] if step.limit else []
    lines += [f"{step.persons} 人共同签署"] if step.persons > 1 else []
    lines += [f"不由“{'”“'.join(names[code] for code in step.apart_from)}”的人员办理"] if step.apart_from else []
    after = tuple(STEP + code for code in step.after) or (ACCEPT,)
    return Box(STEP + step.code, step.name, tuple(lines), after)


def _deciding(item: ItemContent) -> Iterator[str]:
    promised = item.limits.promised
    yield f"受理后 {length(promised)}内" if promised.days else "当场决定"
    if item.two_persons:
        yield "由没有参与审查的人决定"


def _beside_deciding(item: ItemContent) -> Iterator[Beside]:
    if item.extension:
        yield Beside("延长", f"经批准可延长一次，{length(item.extension)}")


def _afterwards(item: ItemContent) -> Iterator[Box]:
    name = item.result.name if item.result.type is not ResultType.NONE else "告知办理结果"
    yield Box(DELIVER, "送达", (name,), (DECIDE,))
    if item.commitment:
        yield Box(VERIFY, "事后核查", (f"{length(item.commitment.verification)}内核查承诺是否属实",), (DELIVER,))


def _sentence(box: Box, names: Mapping[str, str], last: str) -> Iterator[str]:
    if box.after and box.after != (last,):
        yield f"“{'”“'.join(names[code] for code in box.after)}”之后："
    yield f"{box.name}（{'；'.join(box.lines)}）" if box.lines else box.name
    yield "。"
    for beside in box.beside:
        yield f"{beside.name}：{beside.text}。"
