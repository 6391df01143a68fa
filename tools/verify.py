# SPDX-License-Identifier: Apache-2.0
"""Runs what takes long, and writes down what held: docs/reference/verification/<date>-<commit>.md and .json."""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RECORDS = ROOT / "docs" / "reference" / "verification"
MATRIX = "tests/crash_matrix"
SIMULATION = "tests/federation/test_simulation.py"
LONGEST = 60 * 60  # seconds for one part
WORD = {"passed": "通过", "failed": "未通过", "skipped": "略过"}


@dataclass(frozen=True)
class Claim:
    """One thing that was verified."""

    name: str
    result: str  # passed, failed or skipped
    seconds: float
    why: str = ""
    measured: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One command and the claims that it settled."""

    name: str
    command: str
    seconds: float
    claims: list[Claim] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return bool(self.claims) and all(claim.result == "passed" for claim in self.claims)


def main(wanted: Sequence[str]) -> int:
    """0 when everything held; with names, of these parts only."""
    began, at = time.monotonic(), datetime.now(UTC)
    parts = [part() for name, part in PARTS.items() if name in (wanted or USUAL)]
    holds, seconds = all(part.holds for part in parts), round(time.monotonic() - began, 1)
    record = {
        "at": at.isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": machine(),
        "seconds": seconds,
        "holds": holds,
        "parts": [asdict(part) for part in parts],
    }
    file = write(record, parts, "-".join([f"{at:%Y-%m-%d}-{commit()}", *wanted]))
    say(f"{'全部通过' if holds else '有未通过的项目'}，用时 {seconds / 60:.1f} 分钟：{file}")
    return 0 if holds else 1


def slow_tests() -> Part:
    """Every test that is marked slow, one after the other: they kill and measure, and want quiet."""
    return tests("长时间的测试", f"--ignore={MATRIX}")


def crash_matrix() -> Part:
    """Real processes killed at every step, a full disk, a wrong clock, three days of silence, an old backup."""
    return tests("崩溃矩阵", MATRIX)


def soak() -> Part:
    """Thousands of seeds of the simulated federation; only those that fail are named."""
    seeds = os.environ.get("SEEDS", "5000")
    words = ["-n", "2", "-q", SIMULATION, "-k", "nothing_is_lost"]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = ["-m", "pytest", "-p", "no:cacheprovider", *words, f"--junitxml={report}"]
        took = run(command, os.environ | {"SEEDS": seeds})[1]
        claims = read(report) if report.exists() else [Claim("pytest", "failed", took, "没有结果")]
    held = sum(one.result == "passed" for one in claims)
    whole = Claim(f"{held} 个种子：不丢、不重、都能证明", "passed" if held == int(seeds) else "failed", took)
    failed = [one for one in claims if one.result != "passed"]
    return Part("联邦模拟器长跑", f"SEEDS={seeds} make soak", took, [whole, *failed])


def tests(title: str, *words: str) -> Part:
    """The slow tests of some folders."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = ["-m", "pytest", "-m", "slow", "-n", "0", "-p", "no:cacheprovider", *words]
        command += [f"--junitxml={report}", "-o", "junit_family=xunit1"]  # the family that holds what was measured
        took = run(command)[1]
        claims = read(report) if report.exists() else [Claim("pytest", "failed", took, "没有结果")]
    return Part(title, " ".join(["pytest -m slow", *words]), took, claims)


def read(report: Path) -> list[Claim]:
    """The tests of a JUnit report. It is ours: pytest has just written it."""
    return [claim(case) for case in ET.parse(report).iter("testcase")]  # noqa: S314


def claim(case: ET.Element) -> Claim:
    """One test as a claim, with what it measured; of a failure the first line says why."""
    measured = {str(one.get("name")): str(one.get("value")) for one in case.iter("property")}
    name = f"{case.get('classname', '').rpartition('.')[2]}: {case.get('name', '')}"
    for kind, result in (("failure", "failed"), ("error", "failed"), ("skipped", "skipped")):
        if (found := case.find(kind)) is not None:
            why = str(found.get("message", "")).split("\n")[0][:300]
            return Claim(name, result, float(case.get("time", 0)), why, measured)
    return Claim(name, "passed", float(case.get("time", 0)), measured=measured)


def demo_check() -> Part:
    """The demo from nothing, checked, kept, started again and stopped, each with its time."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)  # the database's user passes through
        said = os.environ | {"TONGBAN_DEMO_DATA": f"{folder}/data", "TONGBAN_DEMO_PORT": "31000"}
        began = time.monotonic()
        claims = [
            timed("从空文件夹到五个节点就绪", said, "up", "--detach"),
            timed("演示自检：三件事走完，逐行核对", said, "check"),
            timed("停止，不留进程", said, "stop"),
            timed("保留数据再次启动", said, "up", "--detach"),
            timed("停止并删除全部数据", said, "reset"),
        ]
    return Part("演示", "tongban demo", round(time.monotonic() - began, 1), claims)


def timed(name: str, environment: dict[str, str], *words: str) -> Claim:
    """One command of the demo as a claim."""
    done, took = run(["-m", "tongban.cli", "demo", *words], environment)
    why = "" if done.returncode == 0 else done.stdout[-300:].strip()
    return Claim(f"{name}（tongban demo {' '.join(words)}）", "passed" if not why else "failed", took, why)


def run(
    command: list[str], environment: dict[str, str] | None = None
) -> tuple["subprocess.CompletedProcess[str]", float]:
    """Run Python with these words, show what it says, and how many seconds it took."""
    began = time.monotonic()
    done = subprocess.run(  # noqa: S603  our own programs
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    say(done.stdout)
    return done, round(time.monotonic() - began, 1)


def commit() -> str:
    """The short name of the commit; with a plus when the tree holds more than that."""
    name = git("rev-parse", "--short", "HEAD") or "none"
    changed = git("status", "--porcelain", "--", "src", "tests", "tools", "requirements.lock")
    return f"{name}+" if changed else name


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603, S607
    return done.stdout.strip()


def machine() -> dict[str, Any]:
    """What it ran on, without names."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", platform.system()),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "memory_gb": round(memory / 1e9),
        "load_at_end": round(os.getloadavg()[2], 1),
    }


def write(record: dict[str, Any], parts: list[Part], name: str) -> str:
    """The record for programs and for people. The path for people, from the root."""
    RECORDS.mkdir(parents=True, exist_ok=True)
    words = json.dumps(record, ensure_ascii=False, indent=1)
    (RECORDS / f"{name}.json").write_text(words + "\n", encoding="utf-8")
    page = RECORDS / f"{name}.md"
    page.write_text("\n".join(lines(record, parts)) + "\n", encoding="utf-8")
    return page.relative_to(ROOT).as_posix()


def lines(record: dict[str, Any], parts: list[Part]) -> list[str]:
    """The record as a page."""
    on = record["machine"]
    told = [
        f"# 验证记录 {record['at'][:10]} · {record['commit']}",
        "",
        f"{'全部通过' if record['holds'] else '有未通过的项目'}，用时 {record['seconds'] / 60:.1f} 分钟。",
        f"{on['system']}，Python {on['python']}，{on['processors']} 个处理器，{on['memory_gb']} GB 内存，"
        f"结束时十五分钟平均负载 {on['load_at_end']}。",
    ]
    for part in parts:
        held = sum(claim.result == "passed" for claim in part.claims)
        told += ["", f"## {part.name}", "", f"`{part.command}`：{held}/{len(part.claims)}，{part.seconds:.0f} 秒。", ""]
        told += ["| 项目 | 结果 | 秒 |", "|---|---|---|"]
        told += [f"| {cell(one.name)} | {WORD[one.result]}{because(one)} | {one.seconds:.1f} |" for one in part.claims]
        told += measures(part)
    return told


def measures(part: Part) -> list[str]:
    """One table for all claims that measured the same things."""
    told: list[str] = []
    for names in dict.fromkeys(tuple(one.measured) for one in part.claims if one.measured):
        told += ["", row(("测得", *names)), "|---" * (len(names) + 1) + "|"]
        told += [row((one.name, *one.measured.values())) for one in part.claims if tuple(one.measured) == names]
    return told


def row(words: tuple[str, ...]) -> str:
    return f"| {' | '.join(map(cell, words))} |"


def because(claim: Claim) -> str:
    return f"：{cell(claim.why)}" if claim.why else ""


def cell(text: str) -> str:
    """Text that may stand in a table."""
    return " ".join(text.split()).replace("|", "\\|")


def say(text: str) -> None:
    sys.stdout.write(text.rstrip() + "\n")
    sys.stdout.flush()


PARTS: dict[str, Callable[[], Part]] = {
    "slow-tests": slow_tests,
    "crash-matrix": crash_matrix,
    "demo-check": demo_check,
    "soak": soak,
}
USUAL = ("slow-tests", "crash-matrix", "demo-check")  # of `make verify`; a soak is as long as one likes

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
