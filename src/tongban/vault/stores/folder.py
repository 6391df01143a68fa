# SPDX-License-Identifier: Apache-2.0
"""Files in a folder of this machine: files/<two digits>/<folder>/<name> in the node's home."""

# ruff: noqa: PTH105 PTH116 PTH123  where files are written a Path costs more than the call it makes

import os
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path

from tongban.vault.errors import FileMissing
from tongban.vault.stores.made import Made


class FolderStore:
    """See stores.Store."""

    def __init__(self, top: str) -> None:
        self._top = top

    def size(self, folder: str, name: str) -> int | None:
        """Bytes of the sealed file; None when there is none."""
        try:
            return os.stat(f"{self.place(folder)}/{name}").st_size
        except FileNotFoundError:
            return None

    def which(self, folder: str, names: Collection[str]) -> Collection[str]:
        """Those of these that are there."""
        return {name for name in names if self.size(folder, name) is not None}

    def part(self, folder: str, name: str, start: int, length: int) -> bytes:
        """So many sealed bytes from there, fewer at the end. FileMissing."""
        try:
            with open(f"{self.place(folder)}/{name}", "rb") as file:
                file.seek(start)
                return file.read(length)
        except FileNotFoundError as gone:
            raise FileMissing() from gone

    def keep(self, folder: str, made: Sequence[Made], *, is_new: bool) -> None:
        """Take over what was written; all of it is durable under its name when this returns."""
        place = self.place(folder)
        for each in made:
            if is_new:  # nobody looks into it before it is told of, so bytes and names wait for the disk together
                _name(each, place)
            os.posix_fadvise(each.handle, 0, 0, os.POSIX_FADV_DONTNEED)  # begin; else each waits for the one before
        for each in made:
            os.fsync(each.handle)
        if not is_new:  # what bears the name already is safe, and must not give way to what is not
            for each in made:
                _name(each, place)
        _sync(place)

    def take(self, folder: str, name: str, passing: Path) -> None:
        """The same for one that came in parts and lies safely on this machine's disk."""
        passing.replace(f"{self.place(folder)}/{name}")
        _sync(self.place(folder))

    def forget(self, folder: str) -> None:
        """Remove all of a folder; nothing happens when there is none."""
        shutil.rmtree(self.place(folder), ignore_errors=True)

    def place(self, folder: str) -> str:
        """Where the files of this folder lie; what has no name yet is written there too."""
        return f"{self._top}/{folder[:2]}/{folder}"


def _name(made: Made, place: str) -> None:
    os.replace(made.passing, f"{place}/{made.name}")
    made.is_kept = True


def _sync(folder: str) -> None:
    """A new name is durable only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
