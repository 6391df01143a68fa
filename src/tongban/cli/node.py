# SPDX-License-Identifier: Apache-2.0
"""`tongban node`: make a node, run its processes, see its lines."""

from pathlib import Path

import click

from tongban.cli.at_home import HOME, as_node, home_of, print_json


@click.group()
def node() -> None:
    """一个节点：初始化、运行、状态。"""


@node.command()
@HOME
@click.option("--code", required=True, help="节点的行政区划代码，六位。")
@click.option("--name", required=True, help="节点名称，显示在每一页。")
@click.option("--suite", type=click.Choice(["ed25519", "sm2"]), default="ed25519", show_default=True, help="签名算法。")
@click.option("--address", required=True, help="群众和工作人员访问的地址。")
@click.option("--dial", required=True, help="其他节点连接本节点交换口的地址。")
@click.option("--hub", default="000000", show_default=True, help="签发信任名单的枢纽节点代码。")
@click.option("--database-url", envvar="TONGBAN_DATABASE_URL", required=True, help="PostgreSQL 地址。")
@click.option("--host", "hosts", multiple=True, help="允许的主机名，可多次给出。")
def init(
    folder: Path,
    code: str,
    name: str,
    suite: str,
    address: str,
    dial: str,
    hub: str,
    database_url: str,
    hosts: tuple[str, ...],
) -> None:
    """建立节点文件夹和密钥；已有的密钥不会被替换。"""
    from tongban.config import new_home, new_keys
    from tongban.standards import clock
    from tongban.standards.node import Node

    made = Node(code=code, name=name, suite=suite, address=address, dial=dial, home=folder.absolute(), hub=hub)
    new_home.write(made, database_url, hosts)
    new_keys.make(made, clock.now())
    click.echo(f"节点文件夹已就绪：{made.home}")
    click.echo(f"把 {made.home / new_keys.ENTRY} 交给枢纽节点，登记到信任名单。")


@node.command()
@HOME
@click.argument("door", type=click.Choice(["pages", "exchange"]))
@click.option("--host", default="127.0.0.1", show_default=True, help="监听的地址。")
@click.option("--port", type=int, help="监听的端口；默认取自节点自己的地址。")
def serve(folder: Path, door: str, host: str, port: int | None) -> None:
    """应答网页(pages)或节点间交换(exchange)，直到收到停止信号。"""
    from tongban.config import serve as serving

    serving.run(home_of(folder), "exchange" if door == "exchange" else "pages", host, port)


@node.command()
@HOME
def worker(folder: Path) -> None:
    """发送、接收和到期处理的常驻进程。"""
    as_node(folder)
    from tongban.config import worker as working

    working.run()


@node.command("status")
@HOME
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。")
def node_status(folder: Path, as_json: bool) -> None:
    """本节点与各节点之间的线路和积压。"""
    as_node(folder)
    from dataclasses import asdict

    from tongban.exchange import queries

    peers = [asdict(peer) for peer in queries.peers()]
    if as_json:
        return print_json({"peers": peers})
    for peer in peers:
        state = f"不通，{peer['last_error']}" if peer["failing"] else "通"
        click.echo(f"{peer['code']}  {peer['name']}  {state}  待发 {peer['backlog']}  最近 {peer['last_ok_at'] or '-'}")
