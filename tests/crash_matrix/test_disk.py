# SPDX-License-Identifier: Apache-2.0
"""A full disk: what cannot be kept is refused by name, nothing is half written, and all goes on when there is room."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.crash_matrix import invariants
from tests.journeys.running import Demo, wait_until
from tests.journeys.walking import HUNAN, Walk, walk
from tongban.demo.browser import Page
from tongban.demo.check import PICTURE

GANSU, CHANGSHA = "620000", "430000"
SIZE = "4m"
pytestmark = pytest.mark.slow


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """The node's files lie on a disk of their own, a small one; what is on it at the end stays."""
    with tempfile.TemporaryDirectory() as kept:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tongban", folder], capture_output=True, check=False
        )
        if mounted.returncode:
            pytest.skip("需要能挂载 tmpfs 的权限")
        try:
            yield folder
            shutil.copytree(folder, kept, dirs_exist_ok=True)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)
        shutil.copytree(kept, folder, dirs_exist_ok=True)


def fill(folder: Path) -> Path:
    """Take all the room that is left."""
    ballast = folder / "ballast"
    left = os.statvfs(folder)
    ballast.write_bytes(b"\0" * (left.f_bavail * left.f_frsize))
    return ballast


def at_the_materials(story: Walk) -> Page:
    """As far as the page where files are uploaded."""
    page = story.begin()
    while "/materials/" not in page.url:
        page = story._step(page)
    return page


def test_an_upload_is_refused_by_name_and_works_again_when_there_is_room(demo: Demo) -> None:
    demo.settle()
    files = demo.nodes[GANSU].home / "files"
    with small_disk(files):
        story = walk(demo, HUNAN)
        page = at_the_materials(story)
        ballast = fill(files)
        refused = story.citizen.upload(page.form("/id_card/add/"), "file", "身份证.png", PICTURE, "image/png")
        left_behind = [path.name for path in files.rglob("*") if path.is_file() and path != ballast]
        other = story.citizen.get(f"{demo.nodes[GANSU].address}/items/")
        ballast.unlink()
        story.submit(story.citizen.get(page.url))
        story.end()
        invariants.require(demo, (GANSU, CHANGSHA))

    assert (refused.status, "空间已满" in refused.text) == (507, True)
    assert left_behind == []
    assert other.status == 200


def test_what_a_peer_sends_waits_for_room(demo: Demo) -> None:
    demo.settle()
    files = demo.nodes[CHANGSHA].home / "files"
    failing = "SELECT count(*) FROM exchange_wanted WHERE fetched_at IS NULL AND failure <> ''"
    with small_disk(files):
        story = walk(demo, HUNAN)
        page = story.begin()
        ballast = fill(files)
        story.submit(page)
        wait_until(lambda: demo.rows(CHANGSHA, failing)[0][0], lambda: "the file was not missed")
        ballast.unlink()
        story.end()
        invariants.require(demo, (GANSU, CHANGSHA))
