# SPDX-License-Identifier: Apache-2.0
"""`tongban ledger`: check the diary, alone and by what the neighbours have seen of it."""

from pathlib import Path

import click

from tongban.cli.at_home import HOME, as_node, fail


@click.group()
def ledger() -> None:
    """账本。"""


@ledger.command()
@HOME
@click.option("--subject", help="只核对这一个对象；不给则核对全部。")
@click.option("--witnesses", "ask", is_flag=True, help="再向各邻居索取它们见证过的树头，逐一比对。")
def verify(folder: Path, subject: str | None, ask: bool) -> None:
    """逐行核对账本；发现第一处被改动即以非零状态结束。"""
    as_node(folder)
    from tongban.config import own_signatures
    from tongban.ledger import queries

    broken = queries.first_broken(subject, own_signatures.verify)
    if broken is not None:
        fail(f"账本被改动：{broken.subject} 第 {broken.number} 行，{broken.why}。")
    click.echo("账本完好。")
    if ask:
        _compare()


def _compare() -> None:
    from tongban.exchange import witnesses
    from tongban.exchange.actions import witnessing
    from tongban.exchange.transport import HttpTransport
    from tongban.standards import clock
    from tongban.standards.node import here

    said, silent = witnessing.ask_witnesses(clock.now(), HttpTransport(authorities=here().authorities))
    for code, no in silent.items():
        click.echo(f"{code} 没有答复：{no.sentence}")
    found = [witnesses.compare(statement) for statement, _ in said]
    for each in found:
        click.echo(each.sentence, err=not each.agrees)
    if not all(each.agrees for each in found):
        fail("账本与邻居的见证不符。请先保全数据库和节点文件夹，再查明原因。")
    if not found:
        fail("没有一个邻居答复，本次不能与见证比对。")


@ledger.command("witnesses")
@HOME
def show(folder: Path) -> None:
    """本节点替邻居见证到哪里，自己的树头又告知到哪里；列出互相矛盾的树头。"""
    as_node(folder)
    from tongban.exchange import witnesses

    for each in witnesses.witnessing():
        told = "尚未告知" if each.told_at is None else f"已告知至第 {each.told_size} 行"
        kept = "尚未收到" if each.size is None else f"见证至第 {each.size} 行"
        click.echo(f"{each.code}  {each.name}  它的账本：本节点{kept}  本节点的账本：{told}  矛盾 {each.conflicts}")
    for odd in witnesses.conflicts():
        where = f"第 {odd.epoch} 纪元第 {odd.size} 行"
        click.echo(f"  {odd.received_at:%Y-%m-%d %H:%M} UTC  {odd.name}  {where}  {odd.why}")
