# SPDX-License-Identifier: Apache-2.0
"""`tongban exchange`: what waits for a person on the lines to other nodes, and what can be done about it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from tongban.cli.at_home import HOME, as_node, fail

if TYPE_CHECKING:
    from tongban.standards.actor import Actor

BY = click.option("--by", required=True, help="经办的运维人员登录名，记入账本。")
LOOK = 0.1  # seconds between two looks
MESSAGE = click.argument("message", type=click.UUID)
SENDER = click.argument("sender")


@click.group()
def exchange() -> None:
    """与其他节点交换的报文：被拒收的、被搁置的、缺少的；试一试线路。"""


@exchange.command("list")
@HOME
def waiting(folder: Path) -> None:
    """列出等待人工处理的报文和缺口。"""
    as_node(folder)
    from tongban.exchange import queries

    letters, parked, gaps = queries.dead_letters(), queries.parked(), queries.gaps()
    for letter in letters:
        click.echo(f"被拒收  {letter.message_id}  发往 {letter.recipient}  {letter.kind}  {letter.answer}")
    for message in parked:
        note = f"  已交 {message.note}" if message.note else ""
        click.echo(f"被搁置  {message.sender} {message.message_id}  {message.kind}  {message.reason}{note}")
    for gap in gaps:
        click.echo(f"有缺口  来自 {gap.sender}  第 {gap.after} 件与第 {gap.before} 件之间  {gap.answer}")
    if not (letters or parked or gaps):
        click.echo("没有等待人工处理的报文。")


@exchange.command()
@HOME
@MESSAGE
@BY
def again(folder: Path, message: UUID, by: str) -> None:
    """把被拒收的报文原样再发一次：对方已经升级，或者已经改正。"""
    with _operator(folder, by) as (actor, at):
        from tongban.exchange import actions

        actions.send_refused_again(message, actor=actor, at=at)
        click.echo("已放回待发队列。")


@exchange.command()
@HOME
@MESSAGE
@click.option("--to", default="", help="改发给哪个节点；不给则仍发给原来的节点。")
@BY
def rewrite(folder: Path, message: UUID, to: str, by: str) -> None:
    """把被拒收的报文换新编号和新序号重新写发；地区改由别的节点负责时可以改发。"""
    with _operator(folder, by) as (actor, at):
        from tongban.exchange import actions

        click.echo(f"已重新写发，新的报文编号 {actions.write_anew(message, to=to, actor=actor, at=at)}。")


@exchange.command()
@HOME
@MESSAGE
@click.option("--to", required=True, help="交给谁处理：姓名或机构。")
@BY
def hand(folder: Path, message: UUID, to: str, by: str) -> None:
    """把被拒收的报文交给某人用其他办法处理，并结清。"""
    with _operator(folder, by) as (actor, at):
        from tongban.exchange import actions

        actions.hand_letter(message, to=to, actor=actor, at=at)
        click.echo(f"已交给 {to}。")


@exchange.command("retry")
@HOME
@SENDER
@MESSAGE
@BY
def retry_parked(folder: Path, sender: str, message: UUID, by: str) -> None:
    """原因消除以后，让被搁置的报文重新生效。SENDER 是发来它的节点。"""
    with _operator(folder, by) as (actor, at):
        from tongban.exchange import actions

        actions.try_parked_again(sender, message, actor=actor, at=at)
        click.echo("已放回待生效队列。")


@exchange.command("assign")
@HOME
@SENDER
@MESSAGE
@click.option("--to", required=True, help="由谁负责：姓名或机构。")
@BY
def assign_parked(folder: Path, sender: str, message: UUID, to: str, by: str) -> None:
    """记下被搁置的报文由谁负责；它仍然搁置着。"""
    with _operator(folder, by) as (actor, at):
        from tongban.exchange import actions

        actions.hand_parked(sender, message, to=to, actor=actor, at=at)
        click.echo(f"已记下由 {to} 负责。")


@exchange.command("echo")
@HOME
@click.argument("code")
@click.option("--text", default="通办", show_default=True, help="请对方说回来的话，最多 200 字。")
@click.option("--wait", default=20.0, show_default=True, help="最多等多少秒。")
def echo_from(folder: Path, code: str, text: str, wait: float) -> None:
    """请节点 CODE 回声，报告一来一回用了多久：签名、收发、生效，全程都走一遍。本节点的进程须在运行。"""
    as_node(folder)
    from tongban.exchange import actions, queries
    from tongban.standards import clock
    from tongban.standards.refusal import Refusal

    try:
        subject = actions.echo(code, text, clock.now())
    except Refusal as no:
        fail(no.sentence)
    until = clock.monotonic() + wait
    seen = queries.echo(code, subject)
    while seen.applied_at is None and clock.monotonic() < until:
        time.sleep(LOOK)
        seen = queries.echo(code, subject)
    if seen.applied_at is None:
        fail(seen.sentence)
    click.echo(seen.sentence)


@contextmanager
def _operator(folder: Path, login: str) -> Iterator[tuple["Actor", datetime]]:
    """Act as this operator of the node; a refusal ends the program with its sentence."""
    as_node(folder)
    from tongban.identity.queries import operator_named
    from tongban.standards import clock
    from tongban.standards.refusal import Refusal

    actor = operator_named(login)
    if actor is None:
        fail(f"本节点没有登录名为 {login} 的运维人员。")
    try:
        yield actor, clock.now()
    except Refusal as no:
        fail(no.sentence)
