# SPDX-License-Identifier: Apache-2.0
"""What is wrong in a file, and where: by sheet, row and column, bounded, as a page and as a table."""

from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_FAULTS = 1000  # kept with their place; beyond that they are counted
SHOWN = 80  # characters of what stands in a cell
HEADER = ("性质", "工作表", "行", "列", "代码", "说明", "原值")


@dataclass(frozen=True)
class Fault:
    """One thing wrong at one place; row 1 is the header, 0 the sheet or file as a whole."""

    code: str
    says: str
    sheet: str = ""
    row: int = 0
    column: str = ""
    value: str = ""
    stops: bool = True

    @property
    def place(self) -> str:
        """Where it is, for people."""
        parts = [f"工作表“{self.sheet}”" if self.sheet else "", f"第{self.row}行" if self.row else ""]
        return "".join(parts) + (f"“{self.column}”列" if self.column else "") or "整个文件"

    def cells(self) -> tuple[str, ...]:
        """One row of the report."""
        row = str(self.row) if self.row else ""
        return ("错误" if self.stops else "提示", self.sheet, row, self.column, self.code, self.says, self.value)


@dataclass
class Report:
    """Everything that was found; the first of them with their places."""

    faults: list[Fault] = field(default_factory=list)
    errors: int = 0
    warnings: int = 0

    def add(self, fault: Fault) -> None:
        """Count a fault; keep it while there is room."""
        if fault.stops:
            self.errors += 1
        else:
            self.warnings += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)

    @property
    def stops(self) -> bool:
        """Whether nothing of the file may be taken over."""
        return self.errors > 0

    @property
    def left_out(self) -> int:
        """How many faults are counted without being listed."""
        return self.errors + self.warnings - len(self.faults)

    def rows(self) -> Iterator[tuple[str, ...]]:
        """The report as a table, header first."""
        yield HEADER
        for fault in self.faults:
            yield fault.cells()
        if self.left_out:
            yield ("提示", "", "", "", "more", f"另有{self.left_out}处未逐条列出，改正以上各处后请再次试导。", "")


def shown(value: str) -> str:
    """The beginning of what stands in a cell."""
    return value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"
