# SPDX-License-Identifier: Apache-2.0
"""Cases as a ZIP with one CSV for each exchange table: UTF-8 with a mark, no cell that a spreadsheet would run."""

from collections.abc import Iterable, Iterator, Mapping

from tongban.cases.tables.columns import COLUMNS, Table
from tongban.cases.tables.rows import Row
from tongban.catalogue.tables.writing import made, zipped

ENCODING = "utf-8-sig"


def packed(cases: Iterable[Mapping[Table, list[Row]]]) -> Iterator[bytes]:
    """The file, piece by piece, in constant memory; all cases are read before the first piece."""
    header = {table: [column.name for column in COLUMNS[table]] for table in Table}
    rows = ({table: (row.values() for row in found) for table, found in case.items()} for case in cases)
    return made(lambda file: zipped(file, header, rows, ENCODING))
