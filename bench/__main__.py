# SPDX-License-Identifier: Apache-2.0
"""`make bench`: measure, show a table, keep it in bench/history."""

import argparse
import platform
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import client
from bench.federation import ROOT, SETTINGS, Federation
from bench.imports import imports
from bench.licences import licences
from bench.measures import EXCHANGE_THREADS, EXCHANGE_WORKERS, FULL, QUICK, THREADS, WORKERS, Measures
from bench.quiet import Quiet, busy
from bench.rows import Row, brief, show, write
from bench.search import search
from tongban.demo.telling import Telling
from tongban.standards import clock

# The licences first: what a node knows of a revocation it applies behind all that the exchange has left it.
# Then the exchange: what thousands of submissions leave to a worker would be carried, and printed, beside it.
# The search last: it takes the items of a node away and puts a million others there.
PARTS = ("licences", "exchange", "submit", "transition", "worklist", "imports", "search")
APART = {"imports": imports, "licences": licences, "search": search}  # parts that stand in files of their own


def main() -> int:
    """Measure what was asked for; 1 when a part failed, and what the others gave is kept all the same."""
    asked = _arguments()
    telling = Telling()
    began = clock.monotonic()
    quiet = Quiet(each=3, total=10) if asked.quick else Quiet(each=asked.patience, total=asked.patience * 6)
    folder = Path(tempfile.mkdtemp(prefix="tongban-bench-"))
    folder.chmod(0o711)
    federation = Federation(folder)
    try:
        federation.prepare(telling)
        measures = Measures(federation, QUICK if asked.quick else FULL, quiet, telling.say)
        rows, failed = _measured(measures, asked.only, telling)
    finally:
        federation.end()
    show(rows, Console(width=max(110, shutil.get_terminal_size().columns)))
    conditions = _conditions(quiet, asked.quick, clock.monotonic() - began) | {"failed": failed}
    if asked.keep:
        file = write(rows, conditions, day=clock.today().isoformat(), commit=_commit())
        telling.say(f"已写入 {file.relative_to(ROOT)}，用时 {clock.monotonic() - began:.0f} 秒")
    return 1 if failed else 0


def _arguments() -> Any:
    parser = argparse.ArgumentParser(prog="python -m bench", description="与对照同场测量")
    parser.add_argument("--quick", action="store_true", help="两分钟以内，轮次少，不含大数据量")
    parser.add_argument("--only", choices=PARTS, action="append", help="只量这一项，可多次给出")
    parser.add_argument("--no-keep", dest="keep", action="store_false", help="不写入 bench/history")
    parser.add_argument("--patience", type=float, default=15, help="每次测量前最多等几秒安静")
    return parser.parse_args()


def _measured(measures: Measures, only: list[str] | None, telling: Telling) -> tuple[list[Row], list[str]]:
    """The rows of the parts, and the names of the parts that failed: an hour's other figures outlive a fault."""
    rows, failed = [measures.begin()], []
    for name in [part for part in PARTS if part in (only or PARTS)]:
        before = clock.monotonic()
        part: Callable[[], list[Row]] = partial(APART[name], measures) if name in APART else getattr(measures, name)
        try:
            rows += (found := part())
        except Exception:
            traceback.print_exc()
            failed.append(name)
        else:
            telling.say(f"{name}：{clock.monotonic() - before:.0f} 秒  {'，'.join(map(brief, found))}")
    return [*rows[1:], rows[0]], failed


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def _conditions(quiet: Quiet, is_quick: bool, took: float) -> dict[str, Any]:
    """What a reader must know to compare."""
    return {
        "at": clock.now().isoformat(timespec="seconds"),
        "seconds": round(took),
        "quick": is_quick,
        "processor": _processor(),
        "processors": len(_cpus()),
        "python": platform.python_version(),
        "kernel": platform.release(),
        "database": dict(SETTINGS) | {"synchronous_commit": "on"},
        "client": client.name(),
        "web": f"granian, {WORKERS} workers x {THREADS} threads",
        "exchange": f"granian, {EXCHANGE_WORKERS} worker x {EXCHANGE_THREADS} threads",
        "waited": round(quiet.waited),
        "busy_before_each_round": quiet.seen,
        "busy_at_the_end": round(busy(0.5), 3),
    }


def _cpus() -> list[str]:
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    return [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]


def _processor() -> str:
    return next(iter(_cpus()), platform.machine())


if __name__ == "__main__":
    sys.exit(main())
