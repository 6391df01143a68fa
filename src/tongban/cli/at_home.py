# SPDX-License-Identifier: Apache-2.0
"""What the commands share: the node they are about, and how they answer."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from tongban.config.home import Home

HOME = click.option(
    "--home",
    "folder",
    envvar="TONGBAN_HOME",
    required=True,
    type=click.Path(path_type=Path),
    help="节点文件夹(TONGBAN_HOME)。",
)


def home_of(folder: Path) -> "Home":
    """The node described in the folder; ends the program with a sentence when there is none."""
    from tongban.config import home

    os.environ["TONGBAN_HOME"] = str(folder.absolute())
    try:
        return home.read(folder.absolute())
    except home.BadHome as bad:
        fail(str(bad))


def as_node(folder: Path) -> None:
    """Make this process one of the node's."""
    home_of(folder)
    import django

    from tongban.standards.refusal import Refusal

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.config.settings")
    try:
        django.setup()
    except Refusal as no:  # the secrets cannot be opened
        fail(no.sentence)


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def fail(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(1)
