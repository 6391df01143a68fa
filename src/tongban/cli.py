# SPDX-License-Identifier: Apache-2.0
"""The `tongban` command. Each command imports what it needs: --help must not wait for Django."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from tongban import __version__

if TYPE_CHECKING:
    from tongban.config.home import Home

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=CONTEXT)
@click.version_option(__version__, message="%(version)s")
def main() -> None:
    """通办：跨省政务服务联邦中一个节点的软件。"""


@main.group()
def demo() -> None:
    """在一台机器上运行五个节点的演示环境。"""


@demo.command()
@click.option("--detach", is_flag=True, help="就绪后在后台继续运行。")
def up(detach: bool) -> None:
    """准备并启动五个节点，直到 Ctrl-C。"""
    from tongban.database.server import ServerFailure
    from tongban.demo import background, setup, supervisor
    from tongban.demo.plan import places
    from tongban.demo.status import AlreadyRunning
    from tongban.demo.telling import Telling

    telling = Telling()
    try:
        if detach:
            background.start(places(), telling)
        else:
            supervisor.Supervisor(places(), telling).run()
            telling.say("演示环境已停止，数据保留在 " + str(places().data))
    except AlreadyRunning as running:
        telling.say(f"{running}用 tongban demo status 查看，用 tongban demo stop 停止。")
    except KeyboardInterrupt:
        _fail("已中断，下次启动会接着准备。")
    except (supervisor.DemoFailure, setup.SetupFailure, ServerFailure, OSError) as failure:
        _fail(str(failure))


@demo.command()
def check() -> None:
    """通过真实的 HTTP 走完一件事，逐步核对；第一处不符即以非零状态结束。"""
    from tongban.demo import check as checks

    sys.exit(checks.run())


@demo.command()
def stop() -> None:
    """停止正在运行的演示环境。"""
    from tongban.demo import status as states
    from tongban.demo.plan import places

    try:
        click.echo("演示环境已停止。" if states.stop(places()) else "演示环境没有在运行。")
    except states.NotStopping as failure:
        _fail(str(failure))


@demo.command()
def reset() -> None:
    """停止演示环境并删除它的全部数据。"""
    from tongban.demo import status as states
    from tongban.demo.plan import places

    states.reset(places())
    click.echo("演示数据已删除。运行 make demo 重新开始。")


@demo.command()
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。")
def accounts(as_json: bool) -> None:
    """列出演示人物：角色、节点、账号、密码和接口令牌。"""
    from tongban.demo import accounts as kept
    from tongban.demo.plan import places

    found = kept.accounts(places())
    if as_json:
        return _print_json(found)
    for account in found:
        words = (account[name] for name in ("node", "role", "name", "login", "password"))
        click.echo("  ".join(map(str, words)))


@demo.command("status")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。")
def demo_status(as_json: bool) -> None:
    """列出节点、地址、进程和等待处理的消息。"""
    from tongban.demo import status as states
    from tongban.demo.plan import places

    report = states.report(places())
    if as_json:
        return _print_json(report)
    click.echo(f"状态 {report['state']}  进程 {report['pid'] or '-'}  数据 {report['data']}")
    for node in report["nodes"]:
        pids = " ".join(f"{name}={process['pid']}" for name, process in node["processes"].items())
        waits = node["backlog"] or {"to_send": "-", "to_apply": "-"}
        click.echo(f"{node['code']}  {node['address']}  {node['memory_bytes'] / 1e6:.0f} MB  {pids}")
        click.echo(f"        待发 {waits['to_send']}  待处理 {waits['to_apply']}")


@main.group()
def node() -> None:
    """一个节点：初始化、运行、状态。"""


HOME = click.option(
    "--home",
    "folder",
    envvar="TONGBAN_HOME",
    required=True,
    type=click.Path(path_type=Path),
    help="节点文件夹(TONGBAN_HOME)。",
)


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

    serving.run(_home(folder), "exchange" if door == "exchange" else "pages", host, port)


@node.command()
@HOME
def worker(folder: Path) -> None:
    """发送、接收和到期处理的常驻进程。"""
    _as_node(folder)
    from tongban.config import worker as working

    working.run()


@node.command("status")
@HOME
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。")
def node_status(folder: Path, as_json: bool) -> None:
    """本节点与各节点之间的线路和积压。"""
    _as_node(folder)
    from dataclasses import asdict

    from tongban.exchange import queries

    peers = [asdict(peer) for peer in queries.peers()]
    if as_json:
        return _print_json({"peers": peers})
    for peer in peers:
        state = f"不通，{peer['last_error']}" if peer["failing"] else "通"
        click.echo(f"{peer['code']}  {peer['name']}  {state}  待发 {peer['backlog']}  最近 {peer['last_ok_at'] or '-'}")


@main.group()
def ledger() -> None:
    """账本。"""


@ledger.command()
@HOME
@click.option("--subject", help="只核对这一个对象；不给则核对全部。")
def verify(folder: Path, subject: str | None) -> None:
    """逐行核对账本；发现第一处被改动即以非零状态结束。"""
    _as_node(folder)
    from tongban.config import own_signatures
    from tongban.ledger import queries

    broken = queries.first_broken(subject, own_signatures.verify)
    if broken is not None:
        _fail(f"账本被改动：{broken.subject} 第 {broken.number} 行，{broken.why}。")
    click.echo("账本完好。")


@main.group()
def trust() -> None:
    """信任名单。"""


@trust.command()
@HOME
def show(folder: Path) -> None:
    """显示本节点正在使用的信任名单。"""
    _as_node(folder)
    from tongban.regions.queries import trust_list
    from tongban.standards.refusal import Refusal

    try:
        listed = trust_list()
    except Refusal as no:
        _fail(no.sentence)
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
    _as_node(folder)
    from tongban.config import joining
    from tongban.exchange.transport import HttpTransport
    from tongban.standards import clock
    from tongban.standards.refusal import Refusal

    try:
        listed = joining.fetch(clock.now(), HttpTransport(), hub_entry)
    except Refusal as no:
        _fail(no.sentence)
    click.echo(f"正在使用第 {listed.serial} 号信任名单，有效至 {listed.expires_at:%Y-%m-%d}。")


@main.group()
def data() -> None:
    """行政区划、日历等基础数据。"""


@data.command()
@HOME
def load(folder: Path) -> None:
    """载入行政区划和节假日；可以重复执行。"""
    _as_node(folder)
    from tongban.regions import actions
    from tongban.standards import clock

    year = clock.today().year
    click.echo(f"行政区划 {actions.load_regions()} 条，节假日 {actions.load_calendar(range(year - 1, year + 3))} 天。")


def _home(folder: Path) -> "Home":
    """The node described in the folder; ends the program with a sentence when there is none."""
    from tongban.config import home

    os.environ["TONGBAN_HOME"] = str(folder.absolute())
    try:
        return home.read(folder.absolute())
    except home.BadHome as bad:
        _fail(str(bad))


def _as_node(folder: Path) -> None:
    """Make this process one of the node's."""
    _home(folder)
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.config.settings")
    django.setup()


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def _fail(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(1)


if __name__ == "__main__":
    main(prog_name="tongban")
