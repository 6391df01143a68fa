# SPDX-License-Identifier: Apache-2.0
"""`tongban search`: the index of published items."""

from pathlib import Path

import click

from tongban.cli.at_home import HOME, as_node
from tongban.cli.backup import tell


@click.group()
def search() -> None:
    """事项检索：平时自动更新，不用管理。"""


@search.command()
@HOME
def rebuild(folder: Path) -> None:
    """重建检索索引；期间照常检索，中断则一切如旧。"""
    as_node(folder)
    from tongban.catalogue.search import actions

    count = actions.rebuild(lambda done, of: tell(done, of, "重建检索索引"))
    click.echo(f"\n检索索引已重建，{count} 个实施事项。")


@search.command("try")
@HOME
@click.argument("question")
def try_out(folder: Path, question: str) -> None:
    """看一个说法会找到什么。"""
    as_node(folder)
    from tongban.catalogue.search import queries

    found = queries.search(question, whole=False)
    for group in found.groups:
        click.echo(f"{group.name}  {'、'.join(item.publisher_name for item in group.items)}")
    if not found.groups:
        click.echo("没有找到。")
