# SPDX-License-Identifier: Apache-2.0
"""Importing a hundred thousand items from a file, beside COPY of the same rows."""

import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bench import copies
from bench.federation import Federation
from bench.measures import GANSU, Measures
from bench.rows import Goal, Pair, Row, row
from tongban.catalogue import basics
from tongban.catalogue.tables import writing
from tongban.catalogue.tables.items import Out
from tongban.demo.people import ORGANIZATIONS
from tongban.standards import clock, codes
from tongban.standards.canonical import parse
from tongban.standards.crypto import suite
from tongban.standards.enums import UseLevel

MANY, FEW = 100_000, 20_000  # items; of a quick run
LAYER = (
    "code, region_code, version, publisher, publisher_name, node_code, document, digest, status, origin, "
    "published_at, effective_from"
)
ITEM = (
    "task_code, version, publisher, publisher_name, node_code, region_code, name, mode, document, digest, status, "
    "status_reason, origin, published_at, effective_from"
)
OFFICE, ABOVE = ORGANIZATIONS["lanzhou-centre"], ORGANIZATIONS["gansu-centre"]


def imports(measures: Measures) -> list[Row]:
    """One file, judged and published by the command that operators use; and the same rows, copied."""
    return Imports(measures).rows()


class Imports:
    """One organization with very many items."""

    def __init__(self, measures: Measures) -> None:
        self.at: Federation = measures.at
        self.count = MANY if measures.size.many else FEW

    def rows(self) -> list[Row]:
        """How long it took, how long COPY takes, and how long it takes to see that nothing has changed."""
        with copies.opened(self.at.server.owner_url(f"node_{GANSU}")) as database:
            template = self._template(database)
            _lay_down(database, template, self.count)
            file = self.at.folder / "items.zip"
            with file.open("wb") as target:
                for piece in writing.export(_items(template, self.count), writing.Form.CSV):
                    target.write(piece)
            before = database.execute("SELECT count(*) FROM catalogue_item_version").fetchone()
            spent = _processor_time()
            took = _timed(lambda: self._import(file))
            spent = _processor_time() - spent
            after = database.execute("SELECT count(*) FROM catalogue_item_version").fetchone()
            assert before and after and after[0] - before[0] == self.count, (before, after)
            mine = f"SELECT {ITEM} FROM catalogue_item_version WHERE publisher = %s"
            kept = list(database.execute(mine, [OFFICE.code]))
            copied = _timed(lambda: _copy(database, kept))
            again = _timed(lambda: self._import(file))
        size = file.stat().st_size / 1e6
        note = f"{self.count:,} 项，CSV 装在 {size:.0f} MB 的 ZIP 里；数据库以外用处理器 {spent:.0f} s"
        note += f"；同一份文件再导入 {again:.0f} s"
        goal = Goal("ratio", most=15)
        return [row("导入事项，核对并发布", "s", [Pair(took, copied)], against="COPY 同样的行", note=note, goal=goal)]

    def _import(self, file: Path) -> None:
        command = [sys.executable, "-m", "tongban.cli", "items", "import", str(file), "--publish"]
        command += ["--home", str(self.at.node(GANSU).home)]
        done = subprocess.run(command, env=self.at.environment(GANSU), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def _template(self, database: Any) -> dict[str, Any]:
        """A real item of this node; its name, codes and publisher are put in."""
        found = database.execute(
            "SELECT document FROM catalogue_item_version WHERE node_code = %s AND status = 'published' "
            "AND publisher = ANY(%s) ORDER BY task_code LIMIT 1",
            [GANSU, [each.code for each in ORGANIZATIONS.values()]],  # those of the search corpus have no content
        ).fetchone()
        assert found is not None
        plain: dict[str, Any] = parse(bytes(found[0]))
        who = {"code": OFFICE.code, "name": OFFICE.name, "region": OFFICE.region}
        return plain | {"publisher": who, "item_type": "public_service"}


def _codes(count: int) -> Iterator[tuple[str, str]]:
    for number in range(count):
        basic = codes.basic_code("62", "20", number)
        yield basic, codes.task_code(OFFICE.code, UseLevel.CITY, basic)


def _items(template: dict[str, Any], count: int) -> Iterator[Out]:
    today, now = clock.today(), clock.now()
    for number, (basic, task) in enumerate(_codes(count)):
        plain = template | {"basic_code": basic, "task_code": task, "name": f"{template['name']}{number}"}
        yield Out(task, 1, "1", today, now, plain)


def _lay_down(database: Any, template: dict[str, Any], count: int) -> None:
    """The basic items that these implement: the four elements and no more."""
    who = {"code": ABOVE.code, "name": ABOVE.name, "region": ABOVE.region}
    ed25519, today, now = suite("ed25519"), clock.today(), clock.now()
    with database.cursor() as cursor, cursor.copy(f"COPY catalogue_basic_version ({LAYER}) FROM STDIN") as copy:
        for number, (basic, _) in enumerate(_codes(count)):
            four = {"name": f"{template['name']}{number}", "item_type": "public_service", "law": template["law"]}
            told = {"code": basic, "region": "620000", "publisher": who, "levels": ["city"], "elements": four}
            document = basics.document(basics.convert(told))
            state = (document, ed25519.digest(document), "published", "own", now, today)
            copy.write_row((basic, "620000", 1, ABOVE.code, ABOVE.name, GANSU, *state))
    database.execute("ANALYZE catalogue_basic_version")


def _copy(database: Any, rows: Sequence[tuple[Any, ...]]) -> None:
    """The same rows into a table of the same shape with the same indexes."""
    database.execute("CREATE TABLE bench_items (LIKE catalogue_item_version INCLUDING ALL)")
    with database.cursor() as cursor, cursor.copy(f"COPY bench_items ({ITEM}) FROM STDIN") as copy:
        for told in rows:
            copy.write_row(told)
    database.execute("DROP TABLE bench_items")


def _processor_time() -> float:
    """Seconds that the commands begun here have used, with the processes that they began."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _timed(work: Callable[[], None]) -> float:
    before = clock.monotonic()
    work()
    return clock.monotonic() - before
