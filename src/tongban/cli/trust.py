# SPDX-License-Identifier: Apache-2.0
"""`tongban trust`: whom this node believes."""

from pathlib import Path

import click

from tongban.cli.at_home import HOME, as_node, fail


@click.group()
def trust() -> None:
    """信任名单。"""


@trust.command()
@HOME
def show(folder: Path) -> None:
    """显示本节点正在使用的信任名单。"""
    as_node(folder)
    from tongban.regions.queries import trust_list
    from tongban.standards.refusal import Refusal

    try:
        listed = trust_list()
    except Refusal as no:
        fail(no.sentence)
    click.echo(f"联邦 {listed.federation}  第 {listed.serial} 号  枢纽 {listed.hub}")
    click.echo(f"签发 {listed.issued_at:%Y-%m-%d %H:%M}  到期 {listed.expires_at:%Y-%m-%d %H:%M} (UTC)")
    for listed_node in listed.nodes.values():
        keys = "、".join(f"{key.use} {key.suite} {key.id[:16]}" for key in listed_node.keys)
        click.echo(f"{listed_node.code}  {listed_node.name}  {listed_node.status}  {listed_node.dial}  {keys}")


@trust.command()
@HOME
@click.option(
    "--hub-entry", type=click.Path(exists=True, path_type=Path), help="枢纽交来的 entry.json，首次加入时需要。"
)
def fetch(folder: Path, hub_entry: Path | None) -> None:
    """向枢纽节点索取最新的信任名单，核对后采用。"""
    as_node(folder)
    from tongban.config import joining
    from tongban.exchange.transport import HttpTransport
    from tongban.standards import clock
    from tongban.standards.refusal import Refusal

    try:
        listed = joining.fetch(clock.now(), HttpTransport(), hub_entry)
    except Refusal as no:
        fail(no.sentence)
    click.echo(f"正在使用第 {listed.serial} 号信任名单，有效至 {listed.expires_at:%Y-%m-%d}。")
