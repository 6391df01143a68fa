# SPDX-License-Identifier: Apache-2.0
"""What the documents promise about the tree: links, commands, targets, people, the pages that are generated."""

import re
import subprocess
import sys

import click

from tests.people import PASSWORD
from tests.shape.tree import ROOT, here, kept_files, nothing, text_of
from tongban import cli
from tongban.demo.people import PEOPLE, STAFF

PAGES = [file for file in kept_files() if file.suffix == ".md"]
PLANNED = {"backup", "restore"}  # named where it is said that they are not there yet


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for page in (file for file in kept_files() if file.suffix == ".md"):
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text_of(page)):
            if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists():
                broken.append(f"{here(page)} -> {target}")
    nothing(broken)


def test_every_decision_record_has_its_four_parts_and_the_next_number() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    parts = ("**Context.**", "**Choice.**", "**Consequences.**", "**What would change our mind.**")
    nothing([here(r) for r in records if not all(part in text_of(r) for part in parts)])


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    named = {(target, here(page)) for page in PAGES for target in re.findall(r"`?make ([a-z][a-z-]*)`", text_of(page))}
    assert named
    nothing(f"{page}: make {target}" for target, page in sorted(named) if target not in targets)


def test_every_command_that_a_document_names_exists() -> None:
    wrong = []
    for page in PAGES:
        for line in re.findall(r"(?:`|bin/|^)tongban ((?:[a-z][a-z-]* ?)+)", text_of(page), re.MULTILINE):
            words = line.split()
            if words[0] not in PLANNED and not _is_command(words):
                wrong.append(f"{here(page)}: tongban {line}")
    nothing(wrong)


def _is_command(words: list[str]) -> bool:
    """Whether the words lead to a command; what follows a whole command are its arguments."""
    found: click.Command | None = cli.main
    for word in words:
        if not isinstance(found, click.Group):
            return True
        found = found.commands.get(word)
    return found is not None


def test_the_people_that_the_readme_names_can_sign_in() -> None:
    rows = re.findall(r"^\| (\S+) \| [^|]+ \| `?([a-z0-9]+)`? \| [^|]+ \|$", text_of(ROOT / "README.md"), re.MULTILINE)
    known = {(one.name, one.phone) for one in PEOPLE} | {(one.name, one.login) for one in STAFF}
    assert len(rows) >= 8
    assert set(rows) - known == set()
    assert f"`{PASSWORD}`" in text_of(ROOT / "README.md")


def test_the_generated_reference_is_not_behind_the_program() -> None:
    """In a process of its own: commands that other tests have run remember how they were called."""
    checked = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "reference.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
