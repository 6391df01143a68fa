# SPDX-License-Identifier: Apache-2.0
"""Where things are, and what no file may say."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.shape.tree import ROOT, SOURCE, here, kept_files, nothing, nouns, parsed, sources, text_of

FILES_OF_A_NOUN = ("__init__", "apps", "models", "actions", "queries", "errors", "migrations", "tests")
WITHOUT_MESSAGES = {  # nothing of theirs crosses the border by itself, or they are what carries the rest
    "vault": "keys and files stay on the machine",
    "ledger": "its heads travel as messages of the exchange",
    "regions": "the trust list has a door of its own, older than trust",
    "identity": "sign-in between nodes is OpenID Connect",
    "reminders": "each node tells its own people of what the cases have told it",
    "space": "a person asks their own node, and each node answers for itself",
    "windows": "what a window takes in becomes a case, and the case tells of itself",
}
PRIVATE_KEY = re.compile(r"-----BEGIN (?:\w+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{40}")
NEEDS_LICENCE_LINE = {".py", ".js", ".css", ".sh"}


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.name)
def test_every_noun_has_the_same_files(noun: Path) -> None:
    wanted = [*FILES_OF_A_NOUN, *([] if noun.name in WITHOUT_MESSAGES else ["messages"])]
    nothing([name for name in wanted if not _stands(noun, name)])
    assert list((noun / "migrations").glob("0001_*.py")), "its tables are made by a migration"
    assert list((noun / "tests").glob("test_*.py")), "its claims are tested beside it"


def _stands(noun: Path, name: str) -> bool:
    """A file, or the folder it became when it no longer fitted a few screens."""
    return (noun / f"{name}.py").is_file() or (noun / name / "__init__.py").is_file()


def test_a_noun_that_sends_nothing_has_a_reason() -> None:
    assert set(WITHOUT_MESSAGES) <= {noun.name for noun in nouns()}
    nothing([name for name in WITHOUT_MESSAGES if (SOURCE / name / "messages.py").exists()])


def test_no_file_is_named_after_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "managers", "misc", "common"}
    nothing([here(file) for file in sources() if file.stem in vague])


def test_every_file_says_its_licence_first() -> None:
    silent = [
        here(file)
        for file in kept_files()
        if file.suffix in NEEDS_LICENCE_LINE or here(file) in {"Makefile", ".ci/run"}
        if "SPDX-License-Identifier: Apache-2.0" not in "\n".join(text_of(file).splitlines()[:3])
    ]
    nothing(silent)


def test_every_module_opens_with_one_sentence_about_its_job() -> None:
    modules = [f for f in sources() if f.name != "__init__.py" and "migrations" not in f.parts]
    nothing([here(f) for f in modules if not ast.get_docstring(parsed(f))])


def _package_index_hosts() -> set[str]:
    """The hosts that this machine's own configuration installs from: none may be written down."""
    said = [
        os.environ.get(name, "")
        for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX")
    ]
    asked = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    said += re.findall(r"https?://[^'\"\s]+", asked.stdout)
    return {host for address in said if (host := urlsplit(address).hostname) and host not in {"localhost", "127.0.0.1"}}


def test_no_file_names_a_package_registry() -> None:
    known = [
        r"pypi\.org",
        r"pythonhosted\.org",
        r"registry\.npmjs\.org",
        r"registry\.npmmirror",
        r"mirrors?\.\w+\.(?:edu\.)?cn",
        r"crates\.io/api",
    ]
    known += [re.escape(host) for host in _package_index_hosts()]
    named = re.compile("|".join(known))
    nothing([f"{here(f)}: {m[0]}" for f in kept_files() if (m := named.search(text_of(f)))])


def test_no_file_names_a_folder_of_one_machine() -> None:
    somebodys = re.compile(r"(?<![\w.])/(?:home|Users)/(?!\{|<)[a-z][\w.-]*/|(?<![\w.])/root/[\w.]")
    found = []
    for file in kept_files():
        text = text_of(file)
        if str(ROOT) + "/" in text or somebodys.search(text):
            found.append(here(file))
    nothing(found)


def test_no_kept_file_is_large_or_secret() -> None:
    large = [here(file) for file in kept_files() if file.stat().st_size > 2_000_000]
    secret = [here(file) for file in kept_files() if PRIVATE_KEY.search(text_of(file))]
    assert (large, secret) == ([], [])
