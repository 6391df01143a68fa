# SPDX-License-Identifier: Apache-2.0
"""`tongban staff`: joiners and leavers from a file, for the first operator and for whoever has many."""

from pathlib import Path

import click

from tongban.cli.at_home import HOME, as_node, fail
from tongban.cli.trust import FILE, refused_in_words


@click.group()
def staff() -> None:
    """工作人员：从表格办理入职和离职。"""


@staff.command("import")
@HOME
@click.argument("file", type=FILE)
def bring_in(folder: Path, file: Path) -> None:
    """导入 CSV：办理、登录名、姓名、机构代码、角色、岗位、大厅。全部正确才生效；初始密码只显示一次。"""
    as_node(folder)
    from tongban.identity.actions import staffing
    from tongban.standards import clock
    from tongban.standards.actor import system
    from tongban.standards.node import here

    with refused_in_words():
        done = staffing.bring_in(file.read_bytes(), actor=system(here().code), at=clock.now())
    for fault in done.faults:
        click.echo(f"第 {fault.line} 行 {fault.column}：{fault.says}", err=True)
    if done.faults:
        fail("没有办理任何一行。")
    for login, name, password in done.joined:
        click.echo(f"入职  {name}  登录名 {login}  初始密码 {password}")
    for left in done.left:
        click.echo(f"离职  {left.name}")
