# SPDX-License-Identifier: Apache-2.0
"""One case as one file: a stranger with nothing but the hub's fingerprint can say what is proven."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import dossiers, story
from tests.dossiers import MANIFEST, REASON, Told
from tests.people import CHEN, GUO, LI, LIU, WANG, ZHANG, ZHAO, ZHOU
from tests.world import World
from tongban.cases import actions as cases
from tongban.dossier.errors import OperatorNeeded, ReasonNeeded
from tongban.dossier.export import export
from tongban.dossier.report import Report, Verdict
from tongban.dossier.verify import verify
from tongban.identity.queries import operator_named
from tongban.ledger.queries import story as diary_story
from tongban.standards.canonical import parse
from tongban.standards.refusal import NotFound

HUNAN, GANSU, JILIN, HEBEI = "430000", "620000", "220000", "130000"


@dataclass(frozen=True)
class Handed:
    """A dossier in somebody's hands."""

    world: World
    told: Told
    path: Path
    key: str

    @property
    def report(self) -> Report:
        return verify(self.path, self.key)


@pytest.fixture(params=[(GANSU, CHEN, ZHANG, "430100"), (HUNAN, CHEN, ZHANG, "430100"), (JILIN, LIU, WANG, "220100")])
def handed(request: pytest.FixtureRequest, federation: World, tmp_path: Path) -> Iterator[Handed]:
    """The same story seen from the intake, from the authority, and from an authority that speaks SM2."""
    code, approver, person, region = request.param
    told = dossiers.tell(federation, person, GANSU, region, approver)
    path = tmp_path / "case.zip"
    dossiers.dossier(federation, code, told.number, path)
    yield Handed(federation, told, path, dossiers.hub_key(federation))


@pytest.mark.parametrize("exporting", [GANSU, HUNAN])
def test_the_dossier_of_a_corrected_case_shows_what_was_applied_with_and_what_was_corrected(
    federation: World, tmp_path: Path, exporting: str
) -> None:
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    given = story.submit(federation, zhang, story.item_of(federation, GANSU, "430100"))
    federation.settle()
    now, wrong = federation.clock.now(), {"what": "请更正单位。", "fields": '{"receiver":"写全称。"}'}
    with federation.at(HUNAN):
        cases.make_move(given.case_id, "request_correction", actor=chen, at=now, facts=wrong)
    federation.settle()
    right = {"note": "已更正。", "corrected": '{"receiver":"长沙某某科技股份有限公司"}'}
    with federation.at(GANSU):
        cases.make_or_ask(given.case_id, "correct", actor=zhang, at=now, facts=right)
    federation.settle()
    story.decide(federation, chen, given.case_id)
    federation.settle()
    dossiers.witness(federation)
    path = tmp_path / "case.zip"
    dossiers.dossier(federation, exporting, given.receipt_no, path)

    report = verify(path, dossiers.hub_key(federation))
    assert report.sound, "\n".join(report.lines())
    held = dossiers.entries(path.read_bytes())
    assert parse(held["case.json"])["form"]["receiver"] == story.FORM["receiver"]
    said = {fact for line in parse(held["chain.json"])["lines"] for fact in line["facts"].get("stated", {}).items()}
    assert said >= {("fields", wrong["fields"]), ("corrected", right["corrected"])}

    other = held["chain.json"].replace("某某科技股份".encode(), "另一家".encode())
    forged = dossiers.resealed(federation, exporting, held | {"chain.json": other})
    assert other != held["chain.json"] and not dossiers.checked(forged, dossiers.hub_key(federation)).sound


def test_a_stranger_proves_every_line_message_paper_and_material_of_a_case(handed: Handed) -> None:
    report = handed.report

    assert report.sound, "\n".join(report.lines())
    assert report.case == str(handed.told.case)
    proven = {"信任名单", "导出", "报文", "办件链", "账本", "见证", "办件内容", "文书", "材料"}
    assert {each.part for each in report.findings if each.verdict is Verdict.PROVEN} >= proven
    chain = [each for each in report.findings if each.part == "办件链"]
    assert {each.verdict for each in chain} == {Verdict.PROVEN}
    assert len(chain) == 10  # nine moves and where it ended
    assert any("领取" in each.says or "送达" in each.says for each in chain)
    assert len([each for each in report.findings if each.part == "见证" and each.verdict is Verdict.PROVEN]) == 4


def test_the_same_dossier_is_written_byte_for_byte_in_the_one_way_that_is_allowed(handed: Handed) -> None:
    data = handed.path.read_bytes()
    held = dossiers.entries(data)

    assert dossiers.packed(held) == data
    assert list(held)[:2] == ["manifest.json", "signature.json"]


def test_nothing_of_other_cases_is_in_it(federation: World, tmp_path: Path) -> None:
    other = dossiers.tell(federation, LI, GANSU, "131000", GUO)
    zhang, li = story.visitor(federation, ZHANG, GANSU), story.visitor(federation, LI, GANSU)
    task = story.item_of(federation, GANSU, "430100")
    mine, theirs = story.submit(federation, zhang, task), story.submit(federation, li, task)
    federation.settle()  # both cases left for Hunan in one batch
    dossiers.dossier(federation, GANSU, mine.receipt_no, tmp_path / "case.zip")
    data = (tmp_path / "case.zip").read_bytes()

    for strange in (other, theirs):
        number = strange.number if isinstance(strange, Told) else strange.receipt_no
        case = strange.case if isinstance(strange, Told) else strange.case_id
        assert number.encode() not in data
        assert str(case).encode() not in data
    assert LI.name.encode() not in data
    assert LI.id_number.encode() not in data
    assert ZHANG.id_number.encode() in data
    assert dossiers.checked(data, dossiers.hub_key(federation)).sound


def test_internal_opinions_are_not_shown(handed: Handed) -> None:
    assert "核查无犯罪记录".encode() not in handed.path.read_bytes()


def test_an_export_is_a_line_of_the_ledger_and_in_the_dossier_itself(handed: Handed) -> None:
    held = dossiers.entries(handed.path.read_bytes())
    manifest = parse(held[MANIFEST])
    with handed.world.at(manifest["node"]):
        last = diary_story(f"case:{handed.told.case}")[-1]

    assert last.verb == "dossier.exported"
    assert last.actor == manifest["by"]
    assert last.actor.startswith("operator:")
    lines = parse(held["ledger.json"])["lines"]
    assert any(line["digest"] == last.digest and line["facts"]["reason"] == REASON for line in lines if line["facts"])
    assert any(REASON in each for each in handed.report.of(Verdict.PROVEN))


def test_materials_can_be_left_out_and_that_is_said(federation: World, tmp_path: Path) -> None:
    told = dossiers.tell(federation, ZHANG, GANSU, "430100", CHEN)
    path = tmp_path / "case.zip"
    dossiers.dossier(federation, GANSU, told.number, path, with_materials=False)

    report = verify(path, dossiers.hub_key(federation))
    assert report.sound
    assert any("导出时选择不附材料" in each for each in report.of(Verdict.MISSING))
    assert not any(name.startswith("materials/") for name in dossiers.entries(path.read_bytes()))


def test_a_case_that_never_left_its_node_is_proven_by_ledger_and_neighbours(federation: World, tmp_path: Path) -> None:
    told = dossiers.tell(federation, ZHOU, GANSU, "620100", ZHAO)
    path = tmp_path / "case.zip"
    dossiers.dossier(federation, GANSU, told.number, path)

    report = verify(path, dossiers.hub_key(federation))
    assert report.sound, "\n".join(report.lines())
    assert any("没有节点间报文" in each for each in report.of(Verdict.MISSING))
    assert any("已在其签名的账本中" in each for each in report.of(Verdict.PROVEN))
    assert any("申请内容和参与方只由导出节点" in each for each in report.of(Verdict.UNPROVEN))


def test_without_a_neighbour_in_reach_the_dossier_says_who_vouches_for_the_ledger(
    federation: World, tmp_path: Path
) -> None:
    told = dossiers.tell(federation, ZHANG, GANSU, "430100", CHEN)
    federation.network.down |= set(federation.nodes) - {GANSU}
    path = tmp_path / "case.zip"
    made = dossiers.dossier(federation, GANSU, told.number, path)

    assert (made.witnesses, len(made.silent)) == ((), 4)
    report = verify(path, dossiers.hub_key(federation))
    assert report.sound
    assert any("没有一个邻居的见证" in each for each in report.of(Verdict.MISSING))


def test_a_message_that_nobody_acknowledged_is_not_called_received(federation: World, tmp_path: Path) -> None:
    zhang = story.visitor(federation, ZHANG, GANSU)
    given = story.submit(federation, zhang, story.item_of(federation, GANSU, "430100"))
    federation.network.down.add(HUNAN)
    federation.settle()
    path = tmp_path / "case.zip"
    dossiers.dossier(federation, GANSU, given.receipt_no, path)

    report = verify(path, dossiers.hub_key(federation))
    assert report.sound
    assert any("没有节点间报文" in each for each in report.of(Verdict.MISSING))


def test_without_a_fingerprint_the_report_prints_what_must_be_compared(handed: Handed) -> None:
    report = verify(handed.path)

    assert report.sound
    assert not report.compared
    assert report.hub_keys == (f"ed25519-{handed.key}",)
    assert any("核对" in line for line in report.lines())


@pytest.mark.parametrize("spelt", [lambda key: key.upper(), lambda key: f"ed25519-{key[:32]}", lambda key: key[:32]])
def test_a_fingerprint_may_be_typed_as_it_was_printed(federation: World, tmp_path: Path, spelt: object) -> None:
    told = dossiers.tell(federation, ZHOU, GANSU, "620100", ZHAO)
    path = tmp_path / "case.zip"
    dossiers.dossier(federation, GANSU, told.number, path)

    assert verify(path, spelt(dossiers.hub_key(federation))).sound  # type: ignore[operator]


def test_only_an_operator_with_a_reason_takes_a_case_out(federation: World, tmp_path: Path) -> None:
    given = story.submit(
        federation, story.visitor(federation, ZHANG, GANSU), story.item_of(federation, GANSU, "430100")
    )
    now = federation.clock.now()
    with federation.at(GANSU):
        operator, nobody = operator_named("sunqiang"), operator_named("mali")
        clerk = story.officer(federation, ZHAO)
        assert nobody is None
        for actor, reason, refusal in (
            (None, REASON, OperatorNeeded),
            (clerk, REASON, OperatorNeeded),
            (operator, "  ", ReasonNeeded),
            (operator, "很" * 301, ReasonNeeded),
        ):
            with pytest.raises(refusal):
                export(
                    given.receipt_no, tmp_path / "x", actor=actor, reason=reason, at=now, transport=federation.network
                )
        with pytest.raises(NotFound):
            export("没有这个编号", tmp_path / "x", actor=operator, reason=REASON, at=now, transport=federation.network)
    assert list(tmp_path.iterdir()) == []


def test_the_command_needs_no_node_no_database_and_no_account(handed: Handed) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "tongban.cli", "dossier", "verify", str(handed.path), *arguments]
        return subprocess.run(words, capture_output=True, text=True, check=False, env={"PYTHONPATH": "src"})

    good = run("--hub-key", handed.key)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "结论：没有不符之处" in good.stdout
    handed.path.write_bytes(handed.path.read_bytes().replace(b'"reason":"', b'"reason":"X', 1))
    bad = run("--hub-key", handed.key)
    assert bad.returncode == 1
    assert "不符" in bad.stdout


def test_verifying_imports_no_django() -> None:
    script = "import sys, tongban.dossier.verify; sys.exit('django' in sys.modules or 'psycopg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False, env={"PYTHONPATH": "src"}).returncode == 0
