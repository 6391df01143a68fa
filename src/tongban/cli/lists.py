# SPDX-License-Identifier: Apache-2.0
"""`tongban lists`: the tongban lists of every publisher, and a whole list from a file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tongban.cli.at_home import HOME, as_node
from tongban.cli.trust import refused_in_words

if TYPE_CHECKING:
    from tongban.catalogue.lists.rows import Taken

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SCOPES = click.Choice(["cross_province", "regional", "province", "city"])


@click.group()
def lists() -> None:
    """通办清单：各机构发布的清单，从文件导入一份清单。"""


@lists.command()
@HOME
def show(folder: Path) -> None:
    """显示本节点知道的清单。"""
    as_node(folder)
    from tongban.catalogue.lists import queries
    from tongban.catalogue.lists.words import ListScope

    for row in queries.lists():
        where = "" if row.origin == "own" else f"，来自节点 {row.node_code}"
        said = f"{ListScope(row.scope).label}  第 {row.version} 版  {len(row.content.entries)} 条"
        click.echo(f"{row.publisher}/{row.code}  {row.title}  {said}（{row.publisher_name}{where}）")


@lists.command("import")
@HOME
@click.argument("file", type=FILE)
@click.option("--organization", required=True, help="发布机构的统一社会信用代码。")
@click.option("--list", "code", required=True, help="清单代码，如 cross_province。")
@click.option("--title", default="", help="清单名称；新清单必须写。")
@click.option("--scope", type=SCOPES, help="范围；新清单必须写。")
@click.option("--region", "regions", multiple=True, help="区域通办清单在哪些地区之间，行政区划代码，可写多次。")
@click.option("--basis", default="", help="依据的文件。")
@click.option("--dry-run", is_flag=True, help="只检查并显示会有哪些变化，不写入。")
def take_over(
    folder: Path,
    file: Path,
    organization: str,
    code: str,
    title: str,
    scope: str | None,
    regions: tuple[str, ...],
    basis: str,
    dry_run: bool,
) -> None:
    """从 CSV 或 XLSX 导入一份完整的清单：有一处错误就整份不导入，同一份文件再导入一次没有变化。

    导入后是一份待审核的草稿，由该机构的事项管理员在工作台审核、发布。
    """
    as_node(folder)
    from tongban.catalogue.lists import actions
    from tongban.standards import clock
    from tongban.standards.actor import system
    from tongban.standards.node import here

    head = {"title": title, "scope": scope or "", "regions": list(regions), "basis": basis}
    data = file.read_bytes()
    with refused_in_words():
        found = actions.try_file(data, file.name, code, head, organization=organization)
        _show(found)
        if dry_run or found.report.stops:
            raise SystemExit(1 if found.report.stops else 0)
        me, now = system(here().code), clock.now()
        draft, _ = actions.import_file(data, file.name, code, head, organization=organization, actor=me, at=now)
    click.echo("清单已经是这样，没有变化。" if draft is None else "已导入为草稿，等待该机构的事项管理员审核、发布。")


def _show(found: "Taken") -> None:
    for fault in found.report.faults:
        click.echo(f"{'错误' if fault.stops else '提示'}  {fault.place}  {fault.says}", err=fault.stops)
    if found.report.stops:
        click.echo(f"有 {found.report.errors} 处错误，没有导入任何内容。", err=True)
        return
    counted = {"新增": found.added, "修改": found.changed, "删去": found.removed}
    told = "，".join(f"{word} {len(names)} 条" for word, names in counted.items())
    click.echo(f"{told}，不变 {found.same} 条。")
    for word, names in counted.items():
        for name in names:
            click.echo(f"  {word}  {name}")
