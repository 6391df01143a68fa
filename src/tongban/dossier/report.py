# SPDX-License-Identifier: Apache-2.0
"""What a check found, item by item, in words for people. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tongban.standards.clock import SHANGHAI


class Verdict(StrEnum):
    """How far something is proven."""

    PROVEN = "proven"
    UNPROVEN = "unproven"  # only the exporting node says so
    MISSING = "missing"
    BROKEN = "broken"


WORDS = {
    Verdict.PROVEN: "已证明",
    Verdict.UNPROVEN: "未证明",
    Verdict.MISSING: "缺少",
    Verdict.BROKEN: "不符",
}
PARTS = ("档案文件", "信任名单", "导出", "报文", "办件链", "账本", "见证", "办件内容", "文书", "材料")


def when(at: datetime) -> str:
    """An instant as people here read it."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}（北京时间）"


@dataclass(frozen=True)
class Finding:
    """One item."""

    part: str
    verdict: Verdict
    says: str


@dataclass
class Report:
    """Everything that was found; nothing is broken exactly when `sound`."""

    case: str = ""
    node: str = ""
    findings: list[Finding] = field(default_factory=list)
    hub_keys: tuple[str, ...] = ()  # fingerprints by which the lists were believed
    compared: bool = False  # whether somebody gave the fingerprint beforehand

    def add(self, part: str, verdict: Verdict, says: str) -> None:
        """Note one finding."""
        self.findings.append(Finding(part, verdict, says))

    def proven(self, part: str, says: str) -> None:
        self.add(part, Verdict.PROVEN, says)

    def unproven(self, part: str, says: str) -> None:
        self.add(part, Verdict.UNPROVEN, says)

    def missing(self, part: str, says: str) -> None:
        self.add(part, Verdict.MISSING, says)

    def broken(self, part: str, says: str) -> None:
        self.add(part, Verdict.BROKEN, says)

    @property
    def sound(self) -> bool:
        """Whether nothing contradicts anything; things may still be unproven or missing."""
        return bool(self.findings) and not any(each.verdict is Verdict.BROKEN for each in self.findings)

    def of(self, verdict: Verdict) -> list[str]:
        """The sentences of one verdict."""
        return [each.says for each in self.findings if each.verdict is verdict]

    def lines(self) -> Iterator[str]:
        """The whole report as it is printed."""
        yield f"办件 {self.case or '(读不出)'}  导出节点 {self.node or '(读不出)'}"
        for part in PARTS:
            found = [each for each in self.findings if each.part == part]
            if found:
                yield ""
                yield f"【{part}】"
                yield from (f"  {WORDS[each.verdict]}  {each.says}" for each in found)
        yield ""
        yield from self._summary()

    def _summary(self) -> Iterator[str]:
        counts = "，".join(f"{WORDS[verdict]} {len(self.of(verdict))} 项" for verdict in Verdict)
        yield f"合计：{counts}。"
        if not self.sound:
            yield "结论：档案有不符之处，不能采信；不符的各项见上。"
            return
        yield "结论：没有不符之处。凡“已证明”的，都由签名、摘要和见证证明；“未证明”的只是导出节点自己的说法。"
        if not self.compared:
            yield "请把下面的枢纽公钥指纹与可靠来源（枢纽公告、主管部门）核对，一致才能采信："
            yield from (f"  {each}" for each in self.hub_keys)
