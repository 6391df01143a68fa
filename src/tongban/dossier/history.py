# SPDX-License-Identifier: Apache-2.0
"""The case's chain, the node's ledger about it, and what the witnesses make of that. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tongban.cases import chain, custody, transitions
from tongban.cases.chain import Head, Told
from tongban.cases.custody import Holding, Party
from tongban.cases.states import NAMES, Part, State
from tongban.dossier.contents import Case, Chain, DiaryLine, Ledger, SignedText
from tongban.dossier.letters import Heard, line_key
from tongban.dossier.report import Report, when
from tongban.dossier.trust import Trust
from tongban.exchange import witness
from tongban.exchange.witness import Standing, Testimony
from tongban.ledger import heads
from tongban.ledger.heads import NotAHead, TreeHead
from tongban.ledger.lines import line_digest
from tongban.standards.canonical import canonical, parse
from tongban.standards.crypto import Suite, digest_with, suite
from tongban.standards.refusal import Refusal
from tongban.standards.signer import Signed

CHAIN, LEDGER, WITNESS = "办件链", "账本", "见证"


@dataclass
class Diary:
    """What the ledger proves."""

    head: TreeHead | None = None
    signed: Signed | None = None
    told: dict[str, int] = field(default_factory=dict)  # digest of a chain line → its place in the tree
    places: list[int] = field(default_factory=list)
    facts: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)  # verb and facts of proven lines


# The chain of the case


def check_chain(told: Chain, case: Case, node: str, heard: Heard, diary: Diary, trust: Trust, report: Report) -> None:
    """Every line: it continues the one before, its maker had custody, and somebody besides the exporter signed it."""
    try:
        parties = [Party(**{**_plain(each), "part": Part(each.part)}) for each in case.parties]
    except ValueError:
        report.broken(CHAIN, "参与方中有不认识的角色。")
        return
    head, state = Head(length=0, digest="", holding=Holding(holder=1)), None
    for given in told.lines:
        try:
            sender = _maker(given.line)
            each = chain.follow(_plain(given), head, case=case.case, sender=sender, parties=parties)
        except (Refusal, ValueError, KeyError, TypeError, StopIteration):
            report.broken(CHAIN, f"第 {head.length + 1} 行与前面的链、保管责任或所载事实不符，其后不再核对。")
            return
        holding = Holding(holder=each.line.holder, offered_to=each.line.offered_to)
        _tell(each, given.line, node, state, heard, diary, trust, report)
        head = Head(length=each.line.number, digest=each.line.digest, holding=holding)
        state = transitions.known(each.line.state)
    if not told.lines:
        report.broken(CHAIN, "办件链是空的。")
        return
    if head.length and str(each.line.state) != case.state:
        report.broken(CHAIN, f"链尾状态“{each.line.state}”与所载状态“{case.state}”不符。")
    at = custody.party(parties, head.holding.holder)
    report.proven(CHAIN, f"共 {head.length} 行首尾相接；现由{at.organization_name}保管，状态“{_state(case.state)}”。")


def _maker(line: str) -> str:
    return str(parse(line.encode())["node"])


def _plain(struct: Any) -> dict[str, Any]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


def _tell(
    each: Told,
    text: str,
    node: str,
    before: State | None,
    heard: Heard,
    diary: Diary,
    trust: Trust,
    report: Report,
) -> None:
    """How far one line is proven."""
    line, key = each.line, line_key(text)
    move = transitions.MOVES.get(line.move)
    what = f"第 {line.number} 行“{move.label if move else line.move}”（{when(line.at)}）"
    by = trust.name(line.node)
    disputed = "；此动作在现行流转表中有争议" if chain.is_disputed(each, before) else ""
    if line.node != node:
        if line.node in heard.lines.get(key, set()):
            report.proven(CHAIN, f"{what}由{by}签名报文写明{disputed}。")
        else:
            report.unproven(CHAIN, f"{what}称由{by}作出，但没有它签名的报文{disputed}。")
    elif key in heard.acknowledged:
        report.proven(CHAIN, f"{what}由{by}作出，并由收到它的节点签名确认{disputed}。")
    elif line.digest in diary.told:
        report.proven(CHAIN, f"{what}由{by}作出，已在其签名的账本中{disputed}。")
    else:
        report.unproven(CHAIN, f"{what}只是导出节点自己的说法{disputed}。")


def _state(word: str) -> str:
    known = transitions.known(word)
    return NAMES[known] if known else word


# The ledger of the exporting node


def check_ledger(told: Ledger, subject: str, node: str, licences: set[str], trust: Trust, report: Report) -> Diary:
    """The signed head, then every line: its chain and its place in the tree."""
    diary, signed = Diary(), signed_text(told.head)
    try:
        head = heads.read(signed.data)
    except NotAHead:
        report.broken(LEDGER, "账本树头的格式不符。")
        return diary
    why = trust.signature(node, signed, head.at)
    if head.node != node:
        why = "账本树头属于另一个节点"
    if why:
        report.broken(LEDGER, f"账本树头不能采信：{why}。")
        return diary
    diary.head, diary.signed = head, signed
    since = "" if head.after is None else f"（第 {head.epoch} 纪元，恢复时申明接在第 {head.after.size} 行之后）"
    report.proven(LEDGER, f"{trust.name(node)}于 {when(head.at)} 签名：账本共 {head.size} 行{since}。")
    _check_lines(told.lines, subject, licences, suite(signed.suite), diary, report)
    return diary


def signed_text(text: SignedText) -> Signed:
    """Signed bytes that travel as text."""
    return Signed(text.document.encode(), bytes.fromhex(text.signature), text.key_id, text.suite)


def _check_lines(
    lines: Sequence[DiaryLine], subject: str, licences: set[str], of: Suite, diary: Diary, report: Report
) -> None:
    tips: dict[str, tuple[int, str]] = {}
    waiting = 0
    for line in lines:
        where = f"{line.subject} 第 {line.number} 行"
        number, previous = tips.get(line.subject, (0, ""))
        why = _why_not(line, number + 1, previous, subject, licences, of)
        if not why and line.position is not None:
            path = [bytes.fromhex(step) for step in line.path]
            assert diary.head is not None
            if not heads.includes(of, diary.head.mark, line.digest, line.position, path):
                why = "不在签名的账本树中"
        if why:
            report.broken(LEDGER, f"{where}{why}。")
            return
        tips[line.subject] = (line.number, line.digest)
        waiting += line.position is None
        _remember(line, diary)
    if subject not in tips:
        report.missing(LEDGER, "账本中没有本办件的任何一行。")
    report.proven(LEDGER, f"与本办件有关的 {len(lines) - waiting} 行都在签名的账本树中，每个主题首尾相接。")
    if waiting:
        report.unproven(LEDGER, f"最后 {waiting} 行在导出时尚未进入账本树。")


def _why_not(line: DiaryLine, number: int, previous: str, subject: str, licences: set[str], of: Suite) -> str:
    """Why this is not the next line of its chain; empty when it is."""
    if line.subject != subject and line.subject.removeprefix("licence:") not in licences:
        return "不属于本办件"
    if (line.number, line.previous) != (number, previous):
        return "与上一行不衔接"
    try:
        at = datetime.strptime(line.at, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        return "时间格式不符"
    true = line_digest(
        of,
        subject=line.subject,
        number=line.number,
        verb=line.verb,
        at=at,
        actor=line.actor,
        facts_digest=line.facts_digest,
        previous=line.previous,
    )
    if true != line.digest:
        return "内容与摘要不符"
    if line.facts is not None:
        shown = digest_with(line.facts_digest, bytes.fromhex(line.salt) + canonical(line.facts))
        if shown != line.facts_digest:
            return "所示事实与摘要不符"
    return "" if line.position is not None or not line.path else "没有位置却有路径"


def _remember(line: DiaryLine, diary: Diary) -> None:
    if line.position is None:
        return
    diary.places.append(line.position)
    if line.facts is not None:
        diary.facts.append((line.verb, line.facts))
        if "line" in line.facts:
            diary.told[str(line.facts["line"])] = line.position


# What the witnesses hold of that ledger


def check_witness(
    code: str, text: SignedText, node: str, ledger: Ledger, diary: Diary, trust: Trust, report: Report
) -> None:
    """One neighbour's statement: which of the lines were witnessed, and whether it holds anything against them."""
    signed = signed_text(text)
    try:
        said = witness.read_statement(signed.data)
    except Refusal as no:
        report.broken(WITNESS, f"{code} 的见证：{no.sentence}")
        return
    why = trust.signature(code, signed, said.at)
    if (said.witness, said.of) != (code, node):
        why = "不是对导出节点账本的见证"
    if why:
        report.broken(WITNESS, f"{trust.name(code)}的见证不能采信：{why}。")
        return
    mine = [head for head in (_own(each, node, trust) for each in said.heads) if head is not None]
    if any(standing is Standing.CONFLICT for _, standing in mine):
        report.broken(WITNESS, f"{trust.name(code)}保存着导出节点签过名而互相矛盾的树头：它的账本被改写过。")
        return
    _witnessed(said, [head for head, _ in mine], ledger, diary, trust, report)


def _own(each: witness.HeldHead, node: str, trust: Trust) -> tuple[TreeHead, Standing] | None:
    """A head that the exporting node did sign; whatever else a witness says proves nothing."""
    try:
        head = heads.read(each.signed.data)
    except NotAHead:
        return None
    return (head, each.standing) if head.node == node and not trust.signature(node, each.signed, head.at) else None


def _witnessed(
    said: Testimony, mine: Sequence[TreeHead], ledger: Ledger, diary: Diary, trust: Trust, report: Report
) -> None:
    """The newest head that both hold, and the proof that the dossier's head goes on from it."""
    by, head = trust.name(said.witness), diary.head
    if head is None or diary.signed is None:
        return
    fitting = [each for each in mine if each.epoch == head.epoch and each.size <= head.size]
    if not fitting:
        report.missing(WITNESS, f"{by}还没有见证过导出节点这一纪元的账本。")
        return
    newest = max(fitting, key=lambda each: each.size)
    proof = next((each for each in ledger.continued if each.size == newest.size), None)
    path = () if proof is None else tuple(bytes.fromhex(step) for step in proof.path)
    if not heads.continues(suite(diary.signed.suite), newest.mark, head.mark, path):
        report.broken(WITNESS, f"{by}见证过的树头（第 {newest.size} 行）与档案中的账本不是同一个账本。")
        return
    covered = sum(place < newest.size for place in diary.places)
    report.proven(
        WITNESS,
        f"{by}签名见证账本至第 {newest.size} 行：与本办件有关的 {len(diary.places)} 行中 {covered} 行此后不能改写。",
    )
    if covered < len(diary.places):
        report.unproven(WITNESS, f"最后 {len(diary.places) - covered} 行在导出时{by}尚未见证。")
