# SPDX-License-Identifier: Apache-2.0
"""`tongban case`: what operators do with one case."""

from pathlib import Path

import click

from tongban.cli.at_home import HOME, as_node, fail


@click.group()
def case() -> None:
    """办件：保管期满后的销毁。"""


@case.command()
@HOME
@click.argument("number")
@click.option("--by", "login", required=True, help="销毁人的工号；须是本节点的运维人员。")
@click.option("--second", required=True, help="监销人的工号；须是另一位运维人员。")
@click.option("--reason", required=True, help="销毁的依据，写入账本。")
@click.confirmation_option(prompt="销毁后不能恢复。确定销毁？")
def erase(folder: Path, number: str, login: str, second: str, reason: str) -> None:
    """销毁办件 NUMBER 在本节点的个人信息和材料：销毁它的密钥，账本和每一步的摘要保留。

    只销毁已归档、满了保管期限（node.toml 的 keep_years）而且办理结果已经失效的办件。此前的备份里仍有密钥，
    请按备份的保留期限一并清理。
    """
    as_node(folder)
    from tongban.cases.actions import erase_case
    from tongban.identity.queries import operator_named
    from tongban.standards import clock
    from tongban.standards.refusal import Refusal

    who, witness = operator_named(login), operator_named(second)
    if who is None or witness is None:
        fail(f"{login if who is None else second} 不是本节点的运维人员。")
    try:
        erase_case(number, actor=who, second=witness, reason=reason, at=clock.now())
    except Refusal as no:
        fail(no.sentence)
    click.echo(f"已销毁 {number} 的个人信息和材料。")
