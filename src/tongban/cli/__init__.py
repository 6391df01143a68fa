# SPDX-License-Identifier: Apache-2.0
"""The `tongban` command, a file for each group. Commands import what they need: --help must not wait for Django."""

import click

from tongban import __version__
from tongban.cli.data import data
from tongban.cli.demo import demo
from tongban.cli.ledger import ledger
from tongban.cli.node import node
from tongban.cli.trust import trust

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=CONTEXT)
@click.version_option(__version__, message="%(version)s")
def main() -> None:
    """通办：跨省政务服务联邦中一个节点的软件。"""


for group in (demo, node, ledger, trust, data):
    main.add_command(group)
