# SPDX-License-Identifier: Apache-2.0
"""Which sheet of a file is which table, and which rows belong to one item; in the file's order, little at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tongban.catalogue.tables.columns import ITEM, KEY, LISTS, TITLES, Column, Table, column_of, columns, table_of
from tongban.catalogue.tables.items import Header
from tongban.catalogue.tables.reading import Book, Row, Sheet
from tongban.catalogue.tables.report import Fault, Report
from tongban.standards.enums import Source

Rows = dict[Table, list[Row]]
Tick = Callable[[], None]


@dataclass
class Arranged:
    """The tables of a file, with what each of their columns is."""

    sheets: dict[Table, Sheet]
    header: Header
    links: dict[Table, str]  # in which column of each table stands what links the rows of an item
    total: int = 0
    in_order: set[Table] = field(default_factory=set)  # tables whose rows follow the order of the items

    @property
    def is_whole(self) -> bool:
        """Whether it has every column, so that nothing stays as it was before."""
        for table in ITEM:
            named = {column.name for _, column in self.header.get(table, ())}
            empty = table in LISTS and not self.header.get(table, (None,))
            if not empty and not named >= {column.name for column in columns(table) if column.path}:
                return False
        return True


def arranged(book: Book, source: Source) -> Arranged | None:
    """The tables of a file. None, with the report saying why, when there is no table of items in it."""
    report, sheets, header = book.report, dict[Table, Sheet](), dict[Table, list[tuple[str, Column]]]()
    for sheet in book.sheets:
        table = table_of(sheet.name, sheet.header)
        if table is None:
            says = "认不出这是哪一张表，没有读取：工作表名或者列名须是国家交换库的。"
            report.add(Fault("unknown_table", says, sheet.name, stops=False))
        elif table in sheets:
            report.add(Fault("table_twice", f"“{TITLES[table]}”这张表出现了不止一次，请合成一张。", sheet.name))
        elif table is not Table.ORGANIZATION:
            sheets[table], header[table] = sheet, _header(sheet, table, source, report)
    if Table.BASIC not in sheets:
        says = "没有找到基本信息表（basic）：每个事项一行，至少有基本编码（catalog_code）或实施编码（task_code）列。"
        report.add(Fault("table_missing", says))
        return None
    found = Arranged(sheets, header, {})
    _link(found, report)
    return None if report.stops else found


def _header(sheet: Sheet, table: Table, source: Source, report: Report) -> list[tuple[str, Column]]:
    found: list[tuple[str, Column]] = []
    for title in sheet.header:
        column = column_of(table, title, source) if title else None
        if title and column is None:
            says = f"“{TITLES[table]}”表没有这一列，没有读取。"
            report.add(Fault("unknown_column", says, sheet.name, 1, title, stops=False))
        elif column is not None and any(column is each for _, each in found):
            report.add(Fault("column_twice", f"“{column.title}”和“{column.name}”是同一列。", sheet.name, 1, title))
        elif column is not None:
            found.append((title, column))
    return found


def _link(found: Arranged, report: Report) -> None:
    """By the key where both sides have it, otherwise by the code."""
    named = {table: {column.name: title for title, column in told} for table, told in found.header.items()}
    basic = named[Table.BASIC]
    if not {"task_code", "catalog_code"} & basic.keys():
        says = "缺少实施编码（task_code）和基本编码（catalog_code）列，认不出是哪个事项。"
        report.add(Fault("column_missing", says, found.sheets[Table.BASIC].name, 1, "task_code"))
        return
    others = {table: told for table, told in named.items() if table is not Table.BASIC and found.sheets[table].header}
    found.links = dict.fromkeys(named, "")  # of a table without rows, which JSON gives no columns
    for mine, theirs in (("row_guid", KEY), ("task_code", "task_code")):
        if mine in basic and all(theirs in told for told in others.values()):
            found.links |= {Table.BASIC: basic[mine]} | {table: told[theirs] for table, told in others.items()}
            if others:
                return
    if not others:
        found.links[Table.BASIC] = basic.get("task_code") or basic["catalog_code"]
        return
    for table, told in others.items():
        if not {KEY, "task_code"} & told.keys():
            says = f"缺少与基本信息表相连的列：{KEY}（与基本信息表的 row_guid 相同）或者 task_code。"
            report.add(Fault("column_missing", says, found.sheets[table].name, 1, KEY))
    if not report.stops:
        says = "各表须用同一种列与基本信息表相连：都有 task_guid（基本信息表有 row_guid），或者都有 task_code。"
        report.add(Fault("column_missing", says, found.sheets[Table.BASIC].name, 1, "row_guid"))


def count(found: Arranged, report: Report) -> None:
    """Look once through the whole file: how many items, which twice, which rows belong to none of them."""
    order: dict[str, int] = {}
    basic = found.links[Table.BASIC]
    named = {column.name: title for title, column in found.header[Table.BASIC]}
    whose = [title for name, title in named.items() if name in ("task_code", "catalog_code") and title != basic]
    seen: dict[str, dict[str, int]] = {title: {} for title in whose}
    for row in found.sheets[Table.BASIC].rows(report):
        key = row[basic].strip()
        _once(row, basic, key, order, report)
        for title in whose:
            _once(row, title, row[title].strip(), seen[title], report)
    found.total = len(order)
    for table, sheet in found.sheets.items():
        if table is not Table.BASIC and _follows(found, table, sheet, order, report):
            found.in_order.add(table)


def _once(row: Row, title: str, key: str, seen: dict[str, int], report: Report) -> None:
    if not key:
        report.add(row.fault("value_missing", title, "这一格不能为空：其他表的行靠它与事项相连。"))
    elif key in seen:
        report.add(row.fault("code_twice", title, f"与第{seen[key]}行重复，一份文件里一个事项只能有一行。"))
    else:
        seen[key] = row.number


def _follows(found: Arranged, table: Table, sheet: Sheet, order: dict[str, int], report: Report) -> bool:
    link, last, ordered, single = found.links[table], 0, True, table in (Table.EXTEND, Table.OWN)
    before = ""
    for row in sheet.rows(report):
        key = row[link].strip()
        at = order.get(key)
        if at is None:
            report.add(row.fault("no_such_item", link, "基本信息表里没有这个事项。"))
            continue
        if single and key == before:
            report.add(row.fault("code_twice", link, "这张表里一个事项只能有一行。"))
        ordered = ordered and at >= last
        last, before = at, key
    return ordered


def items(found: Arranged) -> Iterator[Rows]:
    """The rows of each item, in the order of the basic table; tables in the same order are read along with it."""
    unheard = Report()  # what is wrong with the rows as such was told when they were counted
    takes = [_takes(found, table, sheet, unheard) for table, sheet in found.sheets.items() if table is not Table.BASIC]
    basic = found.links[Table.BASIC]
    for row in found.sheets[Table.BASIC].rows(unheard):
        key = row[basic].strip()
        rows: Rows = {Table.BASIC: [row]}
        for table, take in takes:
            rows[table] = take(key)
        yield rows


def _takes(found: Arranged, table: Table, sheet: Sheet, report: Report) -> tuple[Table, Callable[[str], list[Row]]]:
    link = found.links[table]
    if table in found.in_order:
        return table, _along(sheet.rows(report), link)
    kept: dict[str, list[Row]] = {}
    for row in sheet.rows(report):
        kept.setdefault(row[link].strip(), []).append(row)
    return table, lambda key: kept.pop(key, [])


def _along(rows: Iterator[Row], link: str) -> Callable[[str], list[Row]]:
    head = next(rows, None)

    def take(key: str) -> list[Row]:
        nonlocal head
        found: list[Row] = []
        while head is not None and head[link].strip() == key:
            found.append(head)
            head = next(rows, None)
        return found

    return take
