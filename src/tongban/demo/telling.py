# SPDX-License-Identifier: Apache-2.0
"""Tells a person how far the set-up is: bars on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from tongban.standards import clock


class Step(Protocol):
    """One piece of work that is being told of."""

    def at(self, done: int, total: int, what: str = "") -> None:
        """So much of it is done."""


class Telling:
    """Where the demo's words go."""

    def __init__(self) -> None:
        self.console = Console(highlight=False, soft_wrap=True)
        self.bars = sys.stdout.isatty()
        self.progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[what]}"),
            TimeElapsedColumn(),
            console=self.console,
        )

    @contextmanager
    def running(self) -> Iterator[None]:
        """Bars are drawn until the block ends."""
        if not self.bars:
            yield
            return
        with self.progress:
            yield

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """A piece of work; what fails inside goes on failing."""
        before = clock.monotonic()
        bar = self.progress.add_task(title, total=None, what="") if self.bars else None
        yield _Bar(self.progress, bar)
        if bar is not None:
            self.progress.update(bar, total=1, completed=1, what="完成")
        else:
            self.say(f"完成  {title}({clock.monotonic() - before:.1f} 秒)")

    def say(self, text: str) -> None:
        """A line for the person."""
        self.console.print(text, markup=False)


class _Bar:
    def __init__(self, progress: Progress, bar: TaskID | None) -> None:
        self._progress, self._bar = progress, bar

    def at(self, done: int, total: int, what: str = "") -> None:
        if self._bar is not None:
            self._progress.update(self._bar, completed=done, total=total, what=what)
