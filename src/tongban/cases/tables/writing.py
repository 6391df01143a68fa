# SPDX-License-Identifier: Apache-2.0
"""Cases as a ZIP with one CSV for each exchange table: UTF-8 with a mark, no cell that a spreadsheet would run."""

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import IO

from tongban.cases.tables.columns import COLUMNS, Table
from tongban.cases.tables.rows import Row
from tongban.catalogue.tables.writing import guarded

CHUNK = 1 << 16
ENCODING = "utf-8-sig"


def packed(cases: Iterable[Mapping[Table, list[Row]]]) -> Iterator[bytes]:
    """The file, piece by piece, in constant memory; all cases are read before the first piece."""
    with tempfile.TemporaryFile() as file, ExitStack() as open_files:
        parts = {table: open_files.enter_context(tempfile.TemporaryFile()) for table in Table}
        _write(cases, parts)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for table, part in parts.items():
                part.seek(0)
                with archive.open(f"{table}.csv", "w", force_zip64=True) as into:
                    while piece := part.read(CHUNK):
                        into.write(piece)
        file.seek(0)
        while piece := file.read(CHUNK):
            yield piece


def _write(cases: Iterable[Mapping[Table, list[Row]]], parts: Mapping[Table, IO[bytes]]) -> None:
    texts = {table: io.TextIOWrapper(part, ENCODING, newline="") for table, part in parts.items()}
    writers = {table: csv.writer(text) for table, text in texts.items()}
    for table, writer in writers.items():
        writer.writerow(column.name for column in COLUMNS[table])
    for case in cases:
        for table, found in case.items():
            writers[table].writerows([guarded(cell) for cell in row.values()] for row in found)
    for text in texts.values():
        text.detach()
