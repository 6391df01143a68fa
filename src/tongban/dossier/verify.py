# SPDX-License-Identifier: Apache-2.0
"""Checks a dossier offline: no account, no database, no node; only the hub's fingerprint is believed. Pure.

Memory stays small whatever the file: documents are read one at a time and within limits, materials piece by piece.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import msgspec

from tongban.dossier import container, contents, history, letters, trust
from tongban.dossier.container import MANIFEST, SIGNATURE, Listed, NotAContainer, Opened
from tongban.dossier.contents import Manifest, NotThat
from tongban.dossier.history import Diary
from tongban.dossier.letters import Heard
from tongban.dossier.report import Report, when
from tongban.dossier.trust import Trust
from tongban.exchange.envelope import read_instant
from tongban.licences.verify import MAX_BYTES, check_pdf
from tongban.standards.refusal import Refusal
from tongban.standards.signer import Signed

FILE, EXPORT, CASE, PAPERS, MATERIALS = "档案文件", "导出", "办件内容", "文书", "材料"
REQUIRED = ("case.json", "chain.json", "ledger.json", "papers.json", "materials.json")

Shape = TypeVar("Shape", bound=msgspec.Struct)


def verify(path: Path, hub_key: str = "") -> Report:
    """Everything that can be said about the file."""
    with path.open("rb") as file:
        return verify_file(file, hub_key)


def verify_file(file: BinaryIO, hub_key: str = "") -> Report:
    """The same for an open file."""
    report = Report()
    opened = _opened(file, report)
    if opened is not None:
        _Check(opened, hub_key, report).run()
    return report


def _opened(file: BinaryIO, report: Report) -> Opened | None:
    try:
        return container.opened(file)
    except NotAContainer as odd:
        report.broken(FILE, f"这不是办件档案：{odd}。")
        return None


class _Check:
    """One dossier under examination."""

    def __init__(self, opened: Opened, hub_key: str, report: Report) -> None:
        self.opened, self.hub_key, self.report = opened, hub_key, report
        self.bad: set[str] = set()  # entries of which a byte is not what it was
        self.names: list[str] = []
        self.used: set[str] = set()

    def run(self) -> None:
        """Frame, trust, export, messages, ledger, witnesses, chain, content, papers, materials."""
        manifest = self._frame()
        if manifest is None:
            return
        self.report.case, self.report.node = manifest.case, manifest.node
        believed = self._trust()
        self._export(manifest, believed)
        heard = self._letters(manifest, believed)
        case, papers = self._document("case.json", contents.Case), self._document("papers.json", contents.Papers)
        diary = self._diary(manifest, papers, believed)
        self._chain(manifest, case, heard, diary, believed)
        if case is not None:
            self._case(manifest, case, heard)
        if papers is not None:
            self._papers(papers, heard, believed)
        self._materials(manifest, heard)
        for name in sorted(set(self.names) - self.used - self.bad):
            self.report.broken(FILE, f"{name} 是多出来的，没有任何一处提到它。")

    # The file itself

    def _frame(self) -> Manifest | None:
        """The manifest, once every byte of the file was held against it."""
        data = self.opened.read(MANIFEST, container.FIRST[MANIFEST])
        try:
            manifest = contents.read(data or b"", Manifest)
        except NotThat:
            self.report.broken(FILE, f"{MANIFEST} 不是规范的清单。")
            return None
        self.names = [entry.name for entry in manifest.entries]
        if len(set(self.names)) != len(self.names):
            self.report.broken(FILE, "清单把同一项列了两次。")
            return None
        listed = [Listed(entry.name, entry.size, entry.digest) for entry in manifest.entries]
        try:
            for name, why in container.damaged(self.opened, listed):
                self.bad.add(name)
                self.report.broken(FILE, f"{name}：{why}。")
        except NotAContainer as odd:
            self.report.broken(FILE, f"{odd}，内容不再核对。")
            return None
        for name in REQUIRED:
            if name not in self.names:
                self.report.broken(FILE, f"缺少必备的 {name}。")
        if not self.bad:
            self.report.proven(FILE, f"文件完整，{len(self.names)} 项与清单逐字节相符。")
        return manifest

    def _document(self, name: str, shape: type[Shape]) -> Shape | None:
        """An entry as a document; None, and said, when it is none."""
        if name not in self.names or name in self.bad:
            self.used.add(name)
            return None
        self.used.add(name)
        data = self.opened.read(name, contents.LARGEST)
        if data is None:
            self.report.broken(FILE, f"{name} 超过 {contents.LARGEST} 字节的上限。")
            return None
        try:
            return contents.read(data, shape)
        except NotThat:
            self.report.broken(FILE, f"{name} 的格式不符。")
            return None

    def _in(self, folder: str) -> Iterator[str]:
        return (name for name in self.names if name.startswith(f"{folder}/"))

    # Who is believed, and who exported

    def _trust(self) -> Trust:
        handed = []
        for name in self._in("trust"):
            self.used.add(name)
            if name in self.bad:
                continue
            read = trust.read(self.opened.read(name, contents.LARGEST) or b"")
            if read is None or name != f"trust/{read.listed.serial:06d}.json":
                self.report.broken(trust.PART, f"{name} 不是规范的信任名单。")
            else:
                handed.append(read)
        return trust.believed(handed, self.hub_key, self.report)

    def _export(self, manifest: Manifest, believed: Trust) -> None:
        data = self.opened.read(MANIFEST, container.FIRST[MANIFEST]) or b""
        try:
            word = contents.read(self.opened.read(SIGNATURE, container.FIRST[SIGNATURE]) or b"", contents.SignedBy)
            at = read_instant(manifest.exported_at)
        except (NotThat, Refusal):
            self.report.broken(EXPORT, f"{SIGNATURE} 或导出时间的格式不符。")
            return
        signed = Signed(data, bytes.fromhex(word.signature), word.key_id, word.suite)
        if why := believed.signature(manifest.node, signed, at):
            self.report.broken(EXPORT, f"清单不能采信：{why}。")
            return
        if manifest.subject != f"case:{manifest.case}":
            self.report.broken(EXPORT, "清单的主题与办件不符。")
            return
        node = believed.name(manifest.node)
        self.report.proven(
            EXPORT,
            f"{node}的 {manifest.by} 于 {when(at)} 导出，理由：{manifest.reason}。清单由该节点签名，它对全部内容负责。",
        )

    # What is proven by others

    def _letters(self, manifest: Manifest, believed: Trust) -> Heard:
        heard = Heard()
        for name in self._in("messages"):
            letter = self._document(name, contents.Letter)
            if letter is not None:
                letters.check(name, letter, manifest.subject, manifest.node, believed, heard, self.report)
        letters.gaps(heard, believed, self.report)
        if not heard.ids:
            self.report.missing(letters.PART, "没有节点间报文：办件没有离开过导出节点，或者报文没有附上。")
        return heard

    def _diary(self, manifest: Manifest, papers: contents.Papers | None, believed: Trust) -> Diary:
        told = self._document("ledger.json", contents.Ledger)
        if told is None:
            return Diary()
        licences = {paper.licence for paper in papers.papers if paper.licence} if papers else set()
        diary = history.check_ledger(told, manifest.subject, manifest.node, licences, believed, self.report)
        if ("dossier.exported", manifest.reason) not in {
            (verb, facts.get("reason")) for verb, facts in diary.facts
        } and diary.head is not None:
            self.report.unproven(history.LEDGER, "账本中没有查到这一次导出。")
        found = list(self._in("witnesses"))
        for name in found:
            said = self._document(name, contents.SignedText)
            if said is not None and diary.head is not None:
                code = name.removeprefix("witnesses/").removesuffix(".json")
                history.check_witness(code, said, manifest.node, told, diary, believed, self.report)
        if not found:
            self.report.missing(history.WITNESS, "没有一个邻居的见证：账本只由导出节点自己的签名证明。")
        return diary

    def _chain(
        self, manifest: Manifest, case: contents.Case | None, heard: Heard, diary: Diary, believed: Trust
    ) -> None:
        told = self._document("chain.json", contents.Chain)
        if told is None or case is None:
            return
        if case.case != manifest.case:
            self.report.broken(history.CHAIN, "办件内容属于另一个办件。")
            return
        history.check_chain(told, case, manifest.node, heard, diary, believed, self.report)

    # What is in it

    def _case(self, manifest: Manifest, case: contents.Case, heard: Heard) -> None:
        opened = heard.opened
        if opened is None:
            self.report.unproven(CASE, "申请内容和参与方只由导出节点的清单签名证明。")
            return
        for word, differs in _differences(case, opened):
            if differs:
                self.report.broken(CASE, f"{word}与打开办件的签名报文不符。")
                return
        same = "、".join(word for word, _ in _differences(case, opened))
        by = "导出节点" if opened["node"] == manifest.node else "对方节点"
        self.report.proven(CASE, f"{same}与{by}签名的打开办件报文一致。")

    def _papers(self, papers: contents.Papers, heard: Heard, believed: Trust) -> None:
        certificates = believed.certificates()
        for paper in papers.papers:
            what = f"{'文书' if paper.is_notice else '证照'}《{paper.name}》{paper.number}"
            if not paper.entry:
                self.report.missing(PAPERS, f"{what}：文件不在导出节点或尚未生成。")
                continue
            if paper.entry not in self.names or paper.entry in self.used:
                self.report.broken(PAPERS, f"{what}：清单中没有它的文件 {paper.entry}。")
                continue
            self.used.add(paper.entry)
            if paper.entry in self.bad:
                continue
            verdict = check_pdf(self.opened.read(paper.entry, MAX_BYTES) or b"", certificates)
            if not verdict.intact:
                self.report.broken(PAPERS, f"{what}：{''.join(reason.says for reason in verdict.reasons)}")
            elif verdict.digest != paper.digest:
                self.report.broken(PAPERS, f"{what}：文件与所列摘要不符。")
            else:
                signer = believed.name(verdict.signer_node or "")
                at = when(verdict.signed_at) if verdict.signed_at else ""
                self.report.proven(PAPERS, f"{what}：由{signer}于 {at} 签章，未经改动。")
        if not papers.papers:
            self.report.missing(PAPERS, "本办件没有文书或证照。")

    def _materials(self, manifest: Manifest, heard: Heard) -> None:
        told = self._document("materials.json", contents.Materials)
        digests: dict[str, Any] = {entry.name: entry.digest for entry in manifest.entries}
        for each in told.materials if told else ():
            what = f"第 {each.number} 份材料“{each.name}”（{each.filename}）"
            if not each.entry:
                why = "导出节点没有这个文件" if manifest.with_materials else "导出时选择不附材料"
                self.report.missing(MATERIALS, f"{what}：{why}。")
                continue
            if digests.get(each.entry) != each.digest or each.entry in self.used:
                self.report.broken(MATERIALS, f"{what}：文件 {each.entry} 不在档案中，或者不是所列的那一份。")
                continue
            self.used.add(each.entry)
            if each.entry in self.bad:
                continue
            if each.digest in heard.files:
                self.report.proven(MATERIALS, f"{what}：与签名报文所列的摘要一致，是当时递交的那一份。")
            else:
                self.report.unproven(MATERIALS, f"{what}：只由导出节点的清单签名证明。")


def _differences(case: contents.Case, opened: Any) -> Iterator[tuple[str, bool]]:
    """What the case's own document says, held against the message that opened it."""
    item = opened.get("item")
    told = item if isinstance(item, dict) else {}
    yield "收件编号", opened.get("receipt_no") != case.receipt_no
    yield (
        "事项版本",
        (told.get("task_code"), told.get("version"), told.get("digest"))
        != (case.item.task_code, case.item.version, case.item.digest),
    )
    yield "申请人", opened.get("applicant") != case.applicant
    yield "共同确认的人", list(opened.get("signers", ())) != list(case.signers)
    yield "填写内容", (opened.get("answers"), opened.get("form")) != (case.answers, case.form)
    yield "参与方", opened.get("parties") != [msgspec.to_builtins(party) for party in case.parties]
