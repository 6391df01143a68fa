# SPDX-License-Identifier: Apache-2.0
"""`tongban ledger`: check the diary."""

from pathlib import Path

import click

from tongban.cli.at_home import HOME, as_node, fail


@click.group()
def ledger() -> None:
    """账本。"""


@ledger.command()
@HOME
@click.option("--subject", help="只核对这一个对象；不给则核对全部。")
def verify(folder: Path, subject: str | None) -> None:
    """逐行核对账本；发现第一处被改动即以非零状态结束。"""
    as_node(folder)
    from tongban.config import own_signatures
    from tongban.ledger import queries

    broken = queries.first_broken(subject, own_signatures.verify)
    if broken is not None:
        fail(f"账本被改动：{broken.subject} 第 {broken.number} 行，{broken.why}。")
    click.echo("账本完好。")
