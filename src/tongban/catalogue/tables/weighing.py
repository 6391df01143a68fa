# SPDX-License-Identifier: Apache-2.0
"""Weighing one item of a file against what is known of it: pure, so that several processes can do it side by side."""

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, Any

import msgspec

from tongban.catalogue import basics, checks, elements
from tongban.catalogue import content as contents
from tongban.catalogue.basics import Inherited
from tongban.catalogue.content import ItemContent
from tongban.catalogue.errors import ContentRefused, NotForThisLevel
from tongban.catalogue.stages import CLAIMED, DECLINED
from tongban.catalogue.standing import PUBLISHED, RETIRED, SCHEDULED, SUPERSEDED, SUSPENDED
from tongban.catalogue.tables import items
from tongban.catalogue.tables.columns import LISTS, SINGLE, Column, Table, column_of
from tongban.catalogue.tables.reading import Row
from tongban.catalogue.tables.report import Fault, Report, shown
from tongban.standards.crypto import Suite, suite
from tongban.standards.enums import Source, UseLevel
from tongban.standards.regions import level

STATES = {PUBLISHED: "1", SCHEDULED: "1", SUSPENDED: "2", RETIRED: "3"}
STATE_WORDS = {"1": "在用", "2": "暂停", "3": "取消"}
REQUIRED = tuple(each.name for each in msgspec.structs.fields(ItemContent) if each.required)
Titles = Mapping[Table, Sequence[tuple[str, str]]]  # as `items.Header`, with the names of columns


@dataclass(frozen=True)
class Office:
    """Whose item it is."""

    code: str
    name: str
    region: str


@dataclass(frozen=True)
class Last:
    """The newest version of an item."""

    version: int
    digest: str
    status: str
    content: dict[str, Any] | None  # only where it was asked for


@dataclass(frozen=True)
class Asked:
    """An item of the file, and what is known of it."""

    rows: items.Rows
    basic_code: str
    task_code: str
    office: Office
    above: Inherited
    claim: str  # what the organization says of the basic item; empty: nothing
    last: Last | None

    @property
    def row(self) -> Row:
        """Its row in the basic table."""
        return self.rows[Table.BASIC][0]


@dataclass(frozen=True)
class Judged:
    """An item of the file that is new or changed."""

    number: int  # row of the basic table
    task_code: str
    base_version: int  # what was published last; 0: nothing
    level: str  # under which it is claimed with this; empty where it is claimed already
    office: Office
    name: str
    mode: str
    document: bytes
    digest: str


@dataclass(frozen=True)
class Weighed:
    """What came of one item: to be published, the same as it is, or neither, with what stands against it."""

    judged: Judged | None
    same: bool
    faults: tuple[Fault, ...]


class Weigher:
    """Weighs the items of one file."""

    def __init__(self, titles: Titles, source: Source, mine: Suite) -> None:
        told = {
            table: [(title, column_of(table, name, source)) for title, name in each] for table, each in titles.items()
        }
        self.header = {table: [(title, column) for title, column in each if column] for table, each in told.items()}
        self.sized = {table: [pair for pair in each if pair[1].size] for table, each in self.header.items()}
        self.titles = {column.name: title for title, column in self.header[Table.BASIC]}
        self.suite = mine

    def weigh(self, one: Asked) -> Weighed:
        """One item."""
        report = Report()
        document = self._document(one, report)
        if document is None:
            return Weighed(None, False, tuple(report.faults))
        item, plain, data = document
        digest, last = self.suite.digest(data), one.last
        if last is not None and last.digest == digest and last.status != SUPERSEDED:
            self._state(one, STATES.get(last.status, "1"), report)
            return Weighed(None, True, tuple(report.faults))
        self._rules(one, item, plain, report)
        self._against(one, report)
        if report.errors:
            return Weighed(None, False, tuple(report.faults))
        claim = "" if one.claim == CLAIMED else str(_own_level(one.office))
        version = last.version if last else 0
        named = (item.name, str(item.mode), data, digest)
        judged = Judged(one.row.number, one.task_code, version, claim, one.office, *named)
        return Weighed(judged, False, tuple(report.faults))

    def _document(self, one: Asked, report: Report) -> tuple[ItemContent, dict[str, Any], bytes] | None:
        given = items.read(one.rows, self.header, one.last.content if one.last else None, report)
        for table in SINGLE:
            for row in one.rows.get(table, ())[:1]:
                for fault in items.wrong_lengths(row, self.sized[table]):
                    report.add(fault)
        plain = _composed(given, one)
        item = None if report.errors else self._converted(plain, one, report)
        return None if item is None else (item, plain, contents.document(item))

    def _converted(self, plain: dict[str, Any], one: Asked, report: Report) -> ItemContent | None:
        places = Places(one.rows, self.header)
        missing = [name for name in REQUIRED if plain.get(name) is None]
        for name in missing:
            says = f"缺少“{elements.name_of(name)}”：新事项须有这个要素，文件里没有这一列或者没有填写。"
            report.add(places.fault("element_missing", name, says))
        if missing:
            return None
        try:
            return contents.convert(plain)
        except ContentRefused as no:
            report.add(places.fault("content", no.field or "content", str(no.facts["why"])))
            return None

    def _rules(self, one: Asked, item: ItemContent, plain: dict[str, Any], report: Report) -> None:
        above = one.above
        changed = any(elements.get(plain, path) != elements.get(above.content, path) for path in above.fixed_by)
        places = Places(one.rows, self.header)
        for broken in [*(checks.unlike(plain, above) if changed else ()), *checks.faults(item)]:
            report.add(places.fault(broken.rule, broken.place, broken.says, stops=broken.stops))

    def _against(self, one: Asked, report: Report) -> None:
        """What stands against publishing it now, beside the rules of a content."""
        row, titles, last = one.row, self.titles, one.last
        coded = titles.get("catalog_code") or titles["task_code"]
        if one.claim == DECLINED:
            says = "本机构已声明不认领这个事项；确需实施的，请先在事项页面认领。"
            report.add(row.fault("declined", coded, says))
        own = _own_level(one.office)
        if own not in one.above.levels and UseLevel.BY_LEVEL not in one.above.levels:
            no = NotForThisLevel(name=one.above.name, level=own.label)
            report.add(row.fault(no.code, coded, no.sentence))
        if last is not None and last.status not in (PUBLISHED, SCHEDULED):
            says = "这个事项已暂停或者取消，请先在事项页面恢复，再导入新的内容。"
            report.add(row.fault("not_in_use", titles.get("task_state") or coded, says))
        else:
            self._state(one, "1", report)
        told = row[titles["task_version"]].strip() if "task_version" in titles else ""
        if last is not None and told.isdigit() and int(told) < last.version:
            says = f"文件出自第{told}版，现在已是第{last.version}版：请重新导出后再改，或者清空这一格，以免覆盖。"
            report.add(row.fault("version_passed", titles["task_version"], says))

    def _state(self, one: Asked, state: str, report: Report) -> None:
        column = self.titles.get("task_state")
        told = one.row[column].strip() if column else ""
        if column and told and told not in (state, STATE_WORDS[state]):
            says = f"导入不改变事项状态，现在应为 {state}（{STATE_WORDS[state]}）；暂停、恢复、取消请在事项页面办理。"
            report.add(one.row.fault("state_wrong", column, says))


def _own_level(office: Office) -> UseLevel:
    return basics.LEVELS[level(office.region)]


def _composed(given: dict[str, Any], one: Asked) -> dict[str, Any]:
    """The whole plain content: what levels above have fixed stands where the file says nothing of it."""
    whole, above = given, one.above
    for path in above.fixed_by:
        if _says_nothing(elements.get(whole, path)):
            whole = elements.put(whole, path, elements.get(above.content, path))
    publisher = {"code": one.office.code, "name": one.office.name, "region": one.office.region}
    made = {"basic_code": above.code, "task_code": one.task_code, "publisher": publisher}
    return items.completed(whole | made)


def _says_nothing(value: Any) -> bool:
    return value in (None, "", []) or (isinstance(value, dict) and not any(value.values()))


@dataclass
class Places:
    """Where in the file an element of an item stands."""

    rows: items.Rows
    header: items.Header

    def fault(self, code: str, path: str, says: str, *, stops: bool = True) -> Fault:
        """A fault of this element, with its sheet, row and column."""
        parts = [part for part in path.replace("[", ".").replace("]", "").split(".") if part and part != "..."]
        for table, (root, _) in LISTS.items():
            depth = root.count(".") + 1
            if table in self.header and ".".join(parts[:depth]) == root and len(parts) > depth:
                return self._of_member(code, table, parts[depth], ".".join(parts[depth + 1 :]), says, stops)
        for table in SINGLE:
            title = _title(self.header.get(table, ()), ".".join(parts))
            row = next(iter(self.rows.get(table, ())), None)
            if title and row is not None:
                return row.fault(code, title, says, stops=stops)
        row = self.rows[Table.BASIC][0]
        return Fault(code, says, row.sheet, row.number, "", shown(elements.name_of(path)), stops)

    def _of_member(self, code: str, table: Table, which: str, path: str, says: str, stops: bool) -> Fault:
        rows = self.rows.get(table, ())
        coded = _title(self.header[table], "code")
        place = int(which) if which.isdigit() and int(which) < len(rows) else 0
        row = next((each for each in rows if coded and each[coded] == which), rows[place] if rows else None)
        if row is None:
            row = self.rows[Table.BASIC][0]
            return Fault(code, says, row.sheet, row.number, "", "", stops)
        return row.fault(code, _title(self.header[table], path) or "", says, stops=stops)


def _title(header: Sequence[tuple[str, Column]], path: str) -> str | None:
    """The column of exactly this element, otherwise of the element that it lies in, or the first that lies in it."""
    for title, column in header:
        if column.path and (column.path == path or path.startswith(column.path + ".")):
            return title
    return next((title for title, column in header if path and column.path.startswith(path + ".")), None)


class Hands:
    """Processes of this program that weigh a file's items side by side; a batch goes to each in turn."""

    def __init__(self, count: int, titles: Titles, source: Source, mine: str) -> None:
        self._ended = ExitStack()
        self._hands = [self._hand() for _ in range(count)]
        for hand in self._hands:
            _send(hand.stdin, (titles, source.value, mine))

    def __enter__(self) -> "Hands":
        return self

    def __exit__(self, *_: object) -> None:
        for hand in self._hands:
            if hand.stdin:
                hand.stdin.close()
        self._ended.close()

    def weighed(self, batches: Iterable[Sequence[Asked]]) -> Iterator[list[Weighed]]:
        """What came of each batch, in their order."""
        given, turn, waiting = iter(batches), 0, 0
        for batch in given:
            if waiting == len(self._hands):
                yield self._received(turn)
                waiting -= 1
            _send(self._hands[turn].stdin, batch)
            waiting, turn = waiting + 1, (turn + 1) % len(self._hands)
        for past in range(waiting, 0, -1):
            yield self._received((turn - past) % len(self._hands))

    def _received(self, turn: int) -> list[Weighed]:
        found: list[Weighed] = pickle.load(self._hands[turn].stdout)  # type: ignore[arg-type]  # noqa: S301  our own
        return found

    def _hand(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tongban.catalogue.tables.weighing"]
        hand = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  ourselves
        return self._ended.enter_context(hand)


def _send(to: IO[bytes] | None, what: object) -> None:
    assert to is not None
    pickle.dump(what, to, pickle.HIGHEST_PROTOCOL)
    to.flush()


def _serve(asked: IO[bytes], told: IO[bytes]) -> None:
    """Weigh batch after batch until there are no more; both ends of the pipes are this program."""
    gc.disable()  # nothing here refers to itself, and looking for it would take a tenth of the time
    titles, source, mine = pickle.load(asked)  # noqa: S301
    weigher = Weigher(titles, Source(source), suite(mine))
    while True:
        try:
            batch: list[Asked] = pickle.load(asked)  # noqa: S301
        except EOFError:
            return
        _send(told, [weigher.weigh(one) for one in batch])


if __name__ == "__main__":
    from tongban.catalogue.tables import weighing

    weighing._serve(os.fdopen(sys.stdin.fileno(), "rb"), os.fdopen(sys.stdout.fileno(), "wb"))
