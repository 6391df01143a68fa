# SPDX-License-Identifier: Apache-2.0
"""`tongban node`: make a node, run its processes, see its lines."""

from pathlib import Path

import click

from tongban.cli.at_home import HOME, as_node, fail, home_of, print_json


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
    from tongban.config import home, new_home, new_keys
    from tongban.standards import clock
    from tongban.standards.node import Node
    from tongban.standards.refusal import Refusal

    place = folder.absolute()
    try:
        unlock = home.unlock(place)
        made = Node(code=code, name=name, suite=suite, address=address, dial=dial, home=place, hub=hub, unlock=unlock)
        new_home.write(made, database_url, hosts)
        new_keys.make(made, clock.now())
    except home.BadHome as bad:
        fail(str(bad))
    except Refusal as no:
        fail(no.sentence)
    click.echo(f"节点文件夹已就绪：{made.home}")
    click.echo(f"解锁文件：{made.unlock_file}。没有它打不开密钥；请与节点文件夹分开备份，不要放在一起。")
    click.echo(f"把 {made.home / new_keys.ENTRY} 交给枢纽节点，登记到信任名单。")


@node.command()
@HOME
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="改用这个解锁文件；没有就新建。")
def relock(folder: Path, to: Path | None) -> None:
    """更换打开密钥的解锁文件；密钥本身不变。"""
    node = home_of(folder).node
    from tongban.standards.refusal import Refusal
    from tongban.vault import locks

    if to is not None and to.absolute().is_relative_to(node.home):
        fail("解锁文件不能放在节点文件夹里面，否则一份拷贝就能打开全部密钥。")
    try:
        place = locks.relock(node, to.absolute() if to else None)
    except Refusal as no:
        fail(no.sentence)
    click.echo(f"已更换。今后由 {place} 打开密钥。")
    if to is not None:
        click.echo(f"请把 TONGBAN_UNLOCK_FILE 改为 {place}，再重启本节点的进程。")


@node.command("token-pin")
@HOME
@click.option("--pin", prompt="密码设备的 PIN", hide_input=True, help="默认在提示后输入，不显示。")
def token_pin(folder: Path, pin: str) -> None:
    """保存密码设备(PKCS#11)的 PIN，加密存放。"""
    node = home_of(folder).node
    from tongban.standards.refusal import Refusal
    from tongban.vault import locks, token

    try:
        locks.replace(node, token.PIN, pin.encode())
    except Refusal as no:
        fail(no.sentence)
    click.echo("PIN 已加密保存。重启本节点的进程后生效。")


@node.command("token-key")
@HOME
@click.option("--use", type=click.Choice(["exchange", "document"]), required=True, help="这把密钥的用途。")
@click.option("--label", required=True, help="密钥在密码设备中的标签。")
def token_key(folder: Path, use: str, label: str) -> None:
    """在 node.toml 的 [token] 所指的密码设备里制作一把密钥；它不会离开设备。"""
    as_node(folder)
    from tongban.config import token_keys
    from tongban.standards import clock
    from tongban.standards.refusal import Refusal

    try:
        token_keys.make(use, label, clock.now())
    except Refusal as no:
        fail(no.sentence)
    click.echo(f'已制作。请在 node.toml 的 [token] 中写上 {use} = "{label}"，再用 tongban trust rotate 申请登记。')


@node.command()
@HOME
@click.argument("door", type=click.Choice(["pages", "exchange"]))
@click.option("--host", default="127.0.0.1", show_default=True, help="监听的地址。")
@click.option("--port", type=int, help="监听的端口；默认取自节点自己的地址。")
def serve(folder: Path, door: str, host: str, port: int | None) -> None:
    """应答网页(pages)或节点间交换(exchange)，直到收到停止信号。"""
    from tongban.config import home
    from tongban.config import serve as serving

    try:
        serving.run(home_of(folder), "exchange" if door == "exchange" else "pages", host, port)
    except home.BadHome as bad:
        fail(str(bad))


@node.command()
@HOME
def worker(folder: Path) -> None:
    """发送、接收和到期处理的常驻进程。"""
    as_node(folder)
    from tongban.config import home
    from tongban.config import worker as working

    try:
        working.run()
    except home.BadHome as bad:
        fail(str(bad))


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
