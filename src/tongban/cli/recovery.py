# SPDX-License-Identifier: Apache-2.0
"""`tongban node recovery` and `recover`: how far a restored node is, and how to go on without a peer that is gone."""

from pathlib import Path

import click

from tongban.cli.at_home import HOME, as_node, fail, print_json


@click.command("recovery")
@HOME
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。")
def show(folder: Path, as_json: bool) -> None:
    """从备份恢复后，各邻居归还往来的进度。"""
    as_node(folder)
    from dataclasses import asdict

    from tongban.exchange import queries

    peers = queries.recovery()
    if as_json:
        return print_json({"recovering": queries.is_recovering(), "peers": [asdict(peer) for peer in peers]})
    if not queries.is_recovering():
        return click.echo("本节点没有在恢复。")
    for peer in peers:
        click.echo(f"{peer.code}  {peer.name}  {peer.sentence}")


@click.command("recover")
@HOME
@click.option("--without", "code", required=True, help="不再等候的节点代码。")
@click.option("--reason", required=True, help="为什么不再等，记入账本。")
def go_on(folder: Path, code: str, reason: str) -> None:
    """不再等候一个问不到的邻居。只有它知道的往来可能缺失，账本会记明。"""
    as_node(folder)
    from tongban.exchange import actions
    from tongban.standards import clock
    from tongban.standards.actor import system
    from tongban.standards.node import here
    from tongban.standards.refusal import Refusal

    try:
        actions.go_on_without(code, reason=reason, actor=system(here().code), at=clock.now())
    except Refusal as no:
        fail(no.sentence)
    click.echo(f"不再等候 {code}。只有它知道的往来可能缺失；它恢复联系后，被拒收的报文会列在运维页上，可以重写。")
