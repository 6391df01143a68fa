# SPDX-License-Identifier: Apache-2.0
"""Plays all scenarios against one node, and tells what came of them."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tongban.conformance.peer import Peer
from tongban.conformance.scenarios import ALL
from tongban.conformance.verdict import Fails, Result, Scenario, Untried, Verdict
from tongban.standards import clock
from tongban.standards.refusal import Refusal

ODD = (Refusal, LookupError, TypeError, ValueError, AttributeError, RecursionError, OSError)
EXPIRED = "对方的信任名单已经到期，什么报文都不会收；请枢纽签发新名单以后再测"
STANDING = "对方的信任名单还没有到期"
MARKS = {Verdict.CONFORMS: "✓", Verdict.FAILS: "✗", Verdict.UNTRIED: "－"}


@dataclass(frozen=True)
class Report:
    """What was found about one node."""

    target: str
    url: str
    peer: str
    suite: str  # in which the kit signed
    epoch: int  # of the peer after the run
    results: tuple[Result, ...]

    @property
    def conforms(self) -> bool:
        """Whether nothing that could be tried failed."""
        return all(result.verdict is not Verdict.FAILS for result in self.results)

    @property
    def summary(self) -> str:
        """One sentence."""
        count = {verdict: sum(1 for each in self.results if each.verdict is verdict) for verdict in Verdict}
        words = "，".join(f"{verdict.word} {number} 项" for verdict, number in count.items())
        return f"节点 {self.target}（{self.url}），由 {self.peer} 以 {self.suite} 测试：{words}。"

    def plain(self) -> dict[str, Any]:
        """The same for programs."""
        return asdict(self) | {"conforms": self.conforms, "version": 1}

    def lines(self) -> list[str]:
        """The same for people."""
        return [*(line for result in self.results for line in lines(result)), self.summary]


def lines(result: Result) -> list[str]:
    """One scenario: what was sent, what came; where that is not what should have come, what should."""
    told = f"{MARKS[result.verdict]} {result.name}（{result.section}）：{result.verdict.word}"
    if result.verdict is Verdict.UNTRIED:
        return [told, f"    原因：{result.why}"]
    sent = f"    发出：{result.sent}"
    if result.verdict is Verdict.CONFORMS:
        return [told, sent, f"    得到：{result.wanted}"]
    return [told, sent, f"    应得：{result.wanted}", f"    实际：{result.why}"]


def run(
    peer: Peer, *, scenarios: Sequence[Scenario] = ALL, tell: Callable[[Result], None] = lambda result: None
) -> Report:
    """Play them in order; whatever one does, the others follow."""
    results = []
    for scenario in scenarios:
        result = _played(scenario, peer)
        tell(result)
        results.append(result)
    target = peer.target
    return Report(target.code, target.url, peer.code, peer.signer.suite, peer.epoch, tuple(results))


def _played(scenario: Scenario, peer: Peer) -> Result:
    expired = clock.now() >= peer.target.listed.expires_at
    try:
        if expired is not scenario.stale:
            raise Untried(EXPIRED if expired else STANDING)
        scenario.play(peer)
        verdict, why = Verdict.CONFORMS, ""
    except Fails as no:
        verdict, why = Verdict.FAILS, str(no)
    except Untried as no:
        verdict, why = Verdict.UNTRIED, str(no)
    except ODD as odd:  # whatever a node answers must not end the kit
        verdict, why = Verdict.FAILS, f"对方的答复不合格式（{type(odd).__name__}）"
    return Result(scenario.name, scenario.section, scenario.sent, scenario.wanted, verdict, why)
