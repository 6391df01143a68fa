# SPDX-License-Identifier: Apache-2.0
"""`tongban conformance`: play a peer against any node, and say whether it speaks the protocol."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from tongban.cli.at_home import HOME, fail, home_of, print_json

if TYPE_CHECKING:
    from tongban.conformance.verdict import Result


@click.command()
@HOME
@click.argument("url")
@click.option("--node", "code", default="", help="被测节点的代码；不给则按地址在它的信任名单上找。")
@click.option("--listen", default="", help="在哪里接听，如 127.0.0.1:8100；默认为 --home 节点的 dial 地址。")
@click.option("--epoch", default=1, show_default=True, help="本节点现在的纪元。")
@click.option("--patience", default=60.0, show_default=True, help="等一次回声最多多少秒。")
@click.option("--may-raise-epoch", is_flag=True, help="也测试旧的纪元：对方今后只认更高的纪元，不能撤回。")
@click.option("--may-open-case", is_flag=True, help="也测试办件和附件：对方会留下一个已撤回的测试办件。")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。")
def conformance(
    folder: Path,
    url: str,
    code: str,
    listen: str,
    epoch: int,
    patience: float,
    may_raise_epoch: bool,
    may_open_case: bool,
    as_json: bool,
) -> None:
    """扮演 --home 的节点，测试 URL(交换口地址)的节点是否符合节点间协议；有一项不符即以非零状态结束。

    --home 的节点须在对方的信任名单上，而且没有在运行：对方发给它的报文在测试期间由本命令签收。请用专门的测试节点。
    """
    node = home_of(folder).node
    from tongban.conformance import entering, running, target
    from tongban.conformance.line import HttpLine
    from tongban.conformance.listener import listening
    from tongban.conformance.verdict import Untried
    from tongban.standards import clock
    from tongban.standards.node import settle
    from tongban.standards.refusal import Refusal

    line = HttpLine(url)
    try:
        settle(node)
        peer = entering.peer(target.find(url, line, code), line, clock.now())
        peer.epoch, peer.patience, peer.may_raise_epoch = epoch, patience, may_raise_epoch
        peer.may_open_case = may_open_case
        with listening(peer.hearing, *_place(listen or urlsplit(node.dial).netloc)):
            report = running.run(peer, tell=lambda result: None if as_json else _show(result))
    except (Untried, Refusal) as no:
        fail(str(no))
    except OSError as taken:
        fail(f"不能在 {listen or node.dial} 接听：{taken.strerror}。请先停止这个节点的进程，或用 --listen 另给地址。")
    print_json(report.plain()) if as_json else click.echo(report.summary)
    if may_raise_epoch:
        click.echo(f"{node.code} 今后对 {report.target} 的纪元不能低于 {report.epoch}。", err=True)
    sys.exit(0 if report.conforms else 1)


def _place(text: str) -> tuple[str, int]:
    """Host and port of HOST:PORT; a name that is not this machine's own is listened for everywhere."""
    parts = urlsplit(f"//{text}")
    if parts.port is None:
        fail("--listen 须写明端口，如 127.0.0.1:8100。")
    host = parts.hostname or ""
    return ("127.0.0.1" if host == "localhost" or host.endswith(".localhost") else host), parts.port


def _show(result: "Result") -> None:
    from tongban.conformance.running import lines

    for line in lines(result):
        click.echo(line)
