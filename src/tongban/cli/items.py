# SPDX-License-Identifier: Apache-2.0
"""`tongban items`: items in files, in the columns of the national exchange tables."""

import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tongban.cli.at_home import HOME, as_node, fail
from tongban.cli.backup import tell

if TYPE_CHECKING:
    from tongban.catalogue.models import ItemImport

SHOWN = 20  # faults on the terminal


@click.group()
def items() -> None:
    """事项的导入和导出：CSV、XLSX、JSON，列与国家交换库一致。"""


@items.command("import")
@HOME
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--publish", is_flag=True, help="核对无误就全部发布；不加则只试导，什么也不留下。")
@click.option("--organization", default="", help="只收这个机构（统一社会信用代码）的事项，交它的事项管理员确认后发布。")
@click.option("--effective-from", type=click.DateTime(["%Y-%m-%d"]), help="生效日期，默认当天。")
@click.option(
    "--codes", type=click.Choice(["exchange", "gbt39046", "guangdong"]), default="exchange", help="代码的出处。"
)
@click.option("--report", type=click.Path(path_type=Path), help="把错误和提示逐行逐列写进这个 CSV 文件。")
def import_items(
    folder: Path,
    source: Path,
    publish: bool,
    organization: str,
    effective_from: datetime | None,
    codes: str,
    report: Path | None,
) -> None:
    """导入一个文件，或者一个文件夹里的各张表。有一处错误，就一项也不发布。"""
    as_node(folder)
    from tongban.catalogue.tables import actions, reading
    from tongban.standards import clock
    from tongban.standards.actor import system
    from tongban.standards.enums import Source
    from tongban.standards.node import here
    from tongban.standards.refusal import Refusal

    if publish and organization:
        fail("--publish 由节点直接发布，--organization 交机构的人确认，只能选一个。")
    actor, day = system(here().code), effective_from.date() if effective_from else None
    try:
        told = actions.begin(
            _bytes(source),
            source.name,
            actor=actor,
            at=clock.now(),
            effective_from=day,
            source=Source(codes),
            bounds=reading.LARGE,
            organization=organization,
            in_hand=True,
        )
        told = actions.work(told.id, clock.now(), lambda done, of: tell(done, of, "核对"))
        _say(told, report)
        if told.stage == "ready" and publish:
            actions.confirm(told.id, actor=actor, at=clock.now())
            click.echo("正在发布…", err=True)
            told = actions.work(told.id, clock.now())
            if told.stage == "waiting":
                actions.drop(told.id, actor=actor, at=clock.now())
                fail("核对之后目录或者事项有了变化，没有发布，请再导入一次。")
            click.echo(f"已发布 {told.new + told.changed} 项；工作进程会通知其他地区。")
        elif told.stage == "ready" and organization:
            click.echo("已交该机构的事项管理员：在工作台“事项 › 导入和导出”里提交，由另一人确认后发布。")
        elif told.stage != "unchanged":
            actions.drop(told.id, actor=actor, at=clock.now())
    except Refusal as no:
        fail(no.sentence)
    if told.errors:
        fail("文件里有错误，一项也没有发布。")


def _bytes(source: Path) -> bytes:
    """A file as it is; the files of a folder as one archive."""
    if source.is_file():
        return source.read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for each in sorted(source.iterdir()):
            if each.is_file() and not each.name.startswith("."):
                archive.write(each, each.name)
    return packed.getvalue()


def _say(told: "ItemImport", report: Path | None) -> None:
    from tongban.catalogue.tables.report import HEADER, Fault
    from tongban.catalogue.tables.writing import table

    click.echo(f"新增 {told.new}，变更 {told.changed}，不变 {told.same}，错误 {told.errors}，提示 {told.warnings}")
    for kind, sheet, row, column, code, says, value in told.report[:SHOWN]:
        place = Fault(code, says, sheet, int(row or 0), column, value).place
        click.echo(f"{kind}  {place}  {says}" + (f"（{value}）" if value else ""))
    if told.errors + told.warnings > SHOWN:
        click.echo(f"共 {told.errors + told.warnings} 处，加 --report 文件名.csv 可全部写下。")
    if report is not None:
        report.write_bytes(table([HEADER, *told.report]))


@items.command("export")
@HOME
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--as", "form", type=click.Choice(["csv", "xlsx", "json"]), help="默认按文件名；csv 是装有各表的 ZIP。")
@click.option("--organization", default="", help="只导出这个机构（统一社会信用代码）的事项。")
@click.option("--region", default="", help="只导出这个行政区划和它所辖的事项。")
@click.option("--encoding", type=click.Choice(["utf-8", "gbk"]), default="utf-8", help="CSV 的字符编码。")
@click.option("--chinese", is_flag=True, help="列名用中文要素名。")
def export_items(
    folder: Path, target: Path, form: str | None, organization: str, region: str, encoding: str, chinese: bool
) -> None:
    """导出已发布的事项；草稿不在其中。原样再导入，不会有任何变化。"""
    as_node(folder)
    from tongban.catalogue.tables import queries, writing

    kind = writing.form_of(form or {".zip": "csv", ".csv": "csv", ".json": "json"}.get(target.suffix.lower(), "xlsx"))
    out = queries.going_out(None, own=False, region=region, publisher=organization)
    encoded, names = writing.encoding_of(encoding), queries.short_names()
    with target.open("wb") as file:
        for piece in writing.export(out, kind, encoding=encoded, chinese=chinese, short_names=names):
            file.write(piece)
    click.echo(f"已导出到 {target}")
