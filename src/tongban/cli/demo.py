# SPDX-License-Identifier: Apache-2.0
"""`tongban demo`: five nodes on one machine."""

import sys

import click

from tongban.cli.at_home import fail, print_json


@click.group()
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
        fail("已中断，下次启动会接着准备。")
    except (supervisor.DemoFailure, setup.SetupFailure, ServerFailure, OSError) as failure:
        fail(str(failure))


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
        fail(str(failure))


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
        return print_json(found)
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
        return print_json(report)
    click.echo(f"状态 {report['state']}  进程 {report['pid'] or '-'}  数据 {report['data']}")
    for node in report["nodes"]:
        pids = " ".join(f"{name}={process['pid']}" for name, process in node["processes"].items())
        waits = node["backlog"] or {"to_send": "-", "to_apply": "-"}
        click.echo(f"{node['code']}  {node['address']}  {node['memory_bytes'] / 1e6:.0f} MB  {pids}")
        click.echo(f"        待发 {waits['to_send']}  待处理 {waits['to_apply']}")
