# SPDX-License-Identifier: Apache-2.0
"""The `tongban` command, a file for each group. Commands import what they need: --help must not wait for Django."""

import click

from tongban import __version__
from tongban.cli import recovery
from tongban.cli.backup import backup, restore
from tongban.cli.calendar import calendar
from tongban.cli.case import case
from tongban.cli.conformance import conformance
from tongban.cli.data import data
from tongban.cli.demo import demo
from tongban.cli.dossier import dossier
from tongban.cli.exchange import exchange
from tongban.cli.files import files
from tongban.cli.items import items
from tongban.cli.keys import keys
from tongban.cli.ledger import ledger
from tongban.cli.licence import licence
from tongban.cli.lists import lists
from tongban.cli.node import node
from tongban.cli.search import search
from tongban.cli.staff import staff
from tongban.cli.trust_at_hub import trust

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=CONTEXT)
@click.version_option(__version__, message="%(version)s")
def main() -> None:
    """通办：跨省政务服务联邦中一个节点的软件。"""


node.add_command(recovery.show)
node.add_command(recovery.go_on)
for group in (
    demo,
    node,
    backup,
    restore,
    exchange,
    files,
    ledger,
    dossier,
    trust,
    data,
    calendar,
    case,
    items,
    keys,
    search,
    staff,
    lists,
    licence,
    conformance,
):
    main.add_command(group)
