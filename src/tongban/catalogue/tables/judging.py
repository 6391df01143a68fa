# SPDX-License-Identifier: Apache-2.0
"""Judging a file of items: codes and their check characters, whose items they are, what is inherited, every rule.

Nothing is written here; what comes out is what would be published, and a report of everything that stands against it.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import islice

from tongban.catalogue import basics
from tongban.catalogue.tables import arranging, items, queries
from tongban.catalogue.tables.arranging import Arranged, Rows
from tongban.catalogue.tables.columns import Table
from tongban.catalogue.tables.reading import ZEROS_SAYS, Book, Row
from tongban.catalogue.tables.report import Fault, Report
from tongban.catalogue.tables.weighing import Asked, Hands, Judged, Office, Titles, Weighed, Weigher
from tongban.standards import codes, identifiers
from tongban.standards.crypto import suite
from tongban.standards.enums import Source
from tongban.standards.regions import level

AT_ONCE = 500  # items
MANY = 5000  # items, from which on it is worth while to begin other processes
Tell = Callable[[int, int], None]  # done, of


@dataclass
class Counts:
    """What a file would do."""

    new: int = 0
    changed: int = 0
    same: int = 0
    claims: int = 0


@dataclass(frozen=True)
class _Named:
    """An item of the file as far as its codes say."""

    rows: Rows
    basic_code: str
    office: Office
    task_code: str


@dataclass
class Judge:
    """Judges a file against what is laid down, claimed and published now."""

    book: Book
    source: Source
    offices: Mapping[str, Office]
    suite: str
    tell: Tell = lambda done, of: None
    counts: Counts = field(default_factory=Counts)
    many: int = MANY

    @property
    def report(self) -> Report:
        """Everything found so far."""
        return self.book.report

    def judged(self) -> Iterator[Judged]:
        """Each item that is new or changed; while nothing stands against the file as a whole."""
        found = None if self.report.stops else arranging.arranged(self.book, self.source)
        if found is None:
            return
        arranging.count(found, self.report)
        if not found.total and not self.report.stops:
            self.report.add(Fault("empty", "基本信息表里没有事项。", found.sheets[Table.BASIC].name))
        self.tell(0, found.total)
        if self.report.stops:
            return  # rows that belong to nothing would make faults of their own
        done = 0
        for batch in self._weighed(found):
            for weighed in batch:
                if (judged := self._counted(weighed)) is not None:
                    yield judged
            done = min(done + AT_ONCE, found.total)
            self.tell(done, found.total)

    def _counted(self, weighed: Weighed) -> Judged | None:
        for fault in weighed.faults:
            self.report.add(fault)
        self.counts.same += weighed.same
        if (judged := weighed.judged) is not None:
            self.counts.new += not judged.base_version
            self.counts.changed += bool(judged.base_version)
            self.counts.claims += bool(judged.level)
        return judged

    def _weighed(self, found: Arranged) -> Iterator[list[Weighed]]:
        """By this process, or by several where there is much."""
        titles = {table: [(title, each.name) for title, each in told] for table, told in found.header.items()}
        if (several := self._hands(found, titles)) is None:
            weigher = Weigher(titles, self.source, suite(self.suite))
            yield from ([weigher.weigh(one) for one in batch] for batch in self._batches(found))
            return
        with several:
            yield from several.weighed(self._batches(found))

    def _hands(self, found: Arranged, titles: Titles) -> Hands | None:
        """Other processes, where there is much to do and the machine lets them begin."""
        count = min(os.cpu_count() or 1, 4)
        if found.total < self.many or count < 2:
            return None
        try:
            return Hands(count, titles, self.source, self.suite)
        except OSError:
            return None

    def _batches(self, found: Arranged) -> Iterator[list[Asked]]:
        titles = {column.name: title for title, column in found.header[Table.BASIC]}
        given = arranging.items(found)
        while rows := list(islice(given, AT_ONCE)):
            named = []
            for each in rows:
                if (one := self._named(each, titles)) is not None:
                    named.append(one)
                else:  # whose it is cannot be told, what is wrong in its cells can
                    items.read(each, found.header, None, self.report, exactly=False)
            yield list(self._asked(named, found, titles))

    def _asked(self, named: Sequence[_Named], found: Arranged, titles: Mapping[str, str]) -> Iterable[Asked]:
        """With what is known of each, in few statements for all."""
        above = queries.inherited_many((one.basic_code, one.office.region) for one in named)
        claims = queries.claims_of({one.office.code for one in named}, {one.basic_code for one in named})
        last = queries.last_versions([one.task_code for one in named], contents=not found.is_whole)
        for one in named:
            inherited = above.get((one.basic_code, one.office.region))
            if inherited is None:
                column = titles.get("catalog_code") or titles["task_code"]
                says = "基本目录里没有这个事项，不能发布它的实施清单。"
                self.report.add(one.rows[Table.BASIC][0].fault("basic_unknown", column, says))
                continue
            claim = claims.get((one.office.code, one.basic_code), "")
            known = (one.office, inherited, claim, last.get(one.task_code))
            yield Asked(one.rows, one.basic_code, one.task_code, *known)

    def _named(self, rows: Rows, titles: Mapping[str, str]) -> _Named | None:
        """Which item of which organization a row is; None, with the report saying why, when that cannot be told."""
        row, report = rows[Table.BASIC][0], self.report
        told = {name: row.code(titles[name], report).upper() if name in titles else "" for name in CODED}
        before = report.errors
        _check_codes(row, told, titles, report)
        if report.errors > before:
            return None
        basic = told["catalog_code"] or told["task_code"][19:31]
        owner = told["task_code"][:18] or told["dept_code"]
        office = self.offices.get(owner) if owner else next(iter(self.offices.values()), None)
        if office is None or (not owner and len(self.offices) > 1):
            says = "不是本机构的事项，不能导入：实施主体须是您所在的机构。" if owner else "没有写明实施主体。"
            column = titles.get("task_code" if told["task_code"] else "dept_code", "dept_code")
            report.add(row.fault("not_your_item", column, says))
            return None
        task = _prefix(office.code, office.region) + basic
        if told["task_code"] and told["task_code"] != task:
            says = f"实施编码须由实施主体代码、行使层级和基本编码组成，应为 {task}。"
            report.add(row.fault("task_code_wrong", titles["task_code"], says))
            return None
        return _Named(rows, basic, office, task)


CODED = ("task_code", "catalog_code", "dept_code")


def _check_codes(row: Row, told: Mapping[str, str], titles: Mapping[str, str], report: Report) -> None:
    """The structure and the check characters, and how a spreadsheet spoils them."""
    for name in CODED:
        text = told[name]
        if not text or _RIGHT[name](text):
            continue
        lost = row.kinds.get(titles[name]) == "number" and len(text) < _LENGTH[name]
        if name == "catalog_code" and text.isdigit() and _RIGHT[name](text.zfill(12)):
            lost = True
        report.add(row.fault("code_zeros_lost" if lost else "check_character", titles[name], _says(name, text, lost)))
    if not told["task_code"] and not told["catalog_code"]:
        report.add(
            row.fault("value_missing", titles.get("catalog_code") or titles["task_code"], "没有写明是哪个事项。")
        )
    elif told["task_code"] and told["catalog_code"] and told["task_code"][19:31] != told["catalog_code"]:
        says = "实施编码中的基本编码与基本编码列不一致。"
        report.add(row.fault("task_code_wrong", titles["task_code"], says))
    if told["task_code"] and told["dept_code"] and told["task_code"][:18] != told["dept_code"]:
        says = "实施编码中的实施主体代码与实施主体编码列不一致。"
        report.add(row.fault("task_code_wrong", titles["task_code"], says))


@cache
def _prefix(office: str, region: str) -> str:
    """With what the codes of an organization's items begin."""
    return codes.task_code(office, basics.LEVELS[level(region)], "000100000000")[:19]


@lru_cache(maxsize=10_000)
def _is_credit_code(text: str) -> bool:
    return identifiers.is_credit_code(text)


@lru_cache(maxsize=10)
def _is_task_code(text: str) -> bool:
    return _is_credit_code(text[:18]) and codes.is_task_code(text)


_LENGTH = {"task_code": 31, "catalog_code": 12, "dept_code": 18}
_RIGHT: dict[str, Callable[[str], bool]] = {
    "task_code": _is_task_code,
    "catalog_code": codes.is_basic_code,
    "dept_code": _is_credit_code,
}


def _says(name: str, text: str, lost: bool) -> str:
    if lost:
        return ZEROS_SAYS
    if name == "dept_code":
        return "统一社会信用代码须是18位，并且校验码正确。"
    if name == "catalog_code":
        return "基本编码须是12位：区划2位、事项类型2位、主项5位、子项3位。"
    if len(text) == _LENGTH[name] and not _is_credit_code(text[:18]):
        return "实施编码前18位的统一社会信用代码校验码不正确。"
    return "实施编码须是31位：统一社会信用代码18位、行使层级1位、基本编码12位。"
