# SPDX-License-Identifier: Apache-2.0
"""`tongban calendar`: the published days off, and when organizations are open."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tongban.cli.at_home import HOME, as_node, fail
from tongban.cli.trust import refused_in_words

if TYPE_CHECKING:
    from tongban.regions.models import CalendarChange
    from tongban.regions.plans import Days, Year

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])
SOURCE = click.option("--source", required=True, help="出处，如通知的名称和文号。")
KINDS = {"holiday": "放假", "makeup": "上班"}


@click.group()
def calendar() -> None:
    """工作日历：放假安排、机构自己的日子和办公时间。"""


@calendar.command()
@HOME
@click.option("--year", type=int, help="哪一年，默认今年。")
@click.option("--organization", default="", help="统一社会信用代码；不写则显示全国的安排。")
def show(folder: Path, year: int | None, organization: str) -> None:
    """显示一年的放假安排，或者机构与全国不同的日子和办公时间。"""
    as_node(folder)
    from tongban.regions import queries
    from tongban.standards import clock

    number = year or clock.today().year
    days = queries.own_days(organization) if organization else queries.all_days()
    for day, (kind, name) in sorted(days.items()):
        if day.year == number:
            click.echo(f"{day}  {KINDS[kind]}  {name}")
    click.echo(f"放假安排已公布至 {queries.published_until()}，以后的到期日都是暂定。")
    if organization:
        _show_hours(organization)


@calendar.command("import")
@HOME
@click.argument("file", type=FILE, required=False)
@click.option("--year", type=int, required=True, help="哪一年的安排。")
@click.option("--source", default="", help="出处，如通知的名称和文号；从文件导入时必须写明。")
@click.option("--dry-run", is_flag=True, help="只显示会有哪些变化，不写入。")
def take_over(folder: Path, file: Path | None, year: int, source: str, dry_run: bool) -> None:
    """导入一年已公布的放假安排：CSV 文件，列为 date,kind,name；不给文件则取自随软件安装的节假日数据。

    kind 写“放假”或“上班”。安排须写全：周末以外放假的日子，以及调休上班的日子。
    """
    as_node(folder)
    from tongban.regions import actions, queries
    from tongban.standards import clock
    from tongban.standards.actor import system
    from tongban.standards.node import here

    with refused_in_words():
        plan = _plan(file, year, source)
        if dry_run:
            _show_changes(queries.all_days(), plan)
            return
        change = actions.import_calendar(plan, actor=system(here().code), at=clock.now())
    click.echo(f"{year}年的安排已经在用，没有变化。" if change is None else _told(change))


@calendar.command("set-day")
@HOME
@click.argument("organization")
@click.argument("day", type=DAY)
@click.option("--off/--work", required=True, help="放假，或者上班。")
@click.option("--name", required=True, help="这一天的名称，如 火把节。")
@SOURCE
def set_day(folder: Path, organization: str, day: datetime, off: bool, name: str, source: str) -> None:
    """登记某机构与全国不同的一天，如地方节日。"""
    as_node(folder)
    from tongban.regions import actions
    from tongban.regions.plans import Day
    from tongban.standards import clock
    from tongban.standards.actor import system
    from tongban.standards.node import here

    days = [Day(day.date(), "holiday" if off else "makeup", name)]
    with refused_in_words():
        change = actions.set_days(organization, days, source=source, actor=system(here().code), at=clock.now())
    click.echo("这一天已经这样登记，没有变化。" if change is None else _told(change))


@calendar.command()
@HOME
@click.argument("organization")
@click.option("--open", "week", multiple=True, required=True, help="如 '1-5 09:00-12:00 13:30-17:00'，可写多次。")
@click.option("--makeup", default="", help="调休上班的周末几点办公，默认同周一。")
@SOURCE
def hours(folder: Path, organization: str, week: tuple[str, ...], makeup: str, source: str) -> None:
    """登记某机构一周的办公时间，代替原来的；没有写到的日子不办公。"""
    as_node(folder)
    from tongban.regions import actions, plans
    from tongban.standards import clock
    from tongban.standards.actor import system
    from tongban.standards.node import here

    with refused_in_words():
        opening = plans.opening(week, makeup)
        actions.set_opening_hours(organization, opening, source=source, actor=system(here().code), at=clock.now())
    _show_hours(organization)


@calendar.command("open-on")
@HOME
@click.argument("organization")
@click.argument("day", type=DAY)
@click.argument("spans", nargs=-1)
@click.option("--reason", required=True, help="为什么这一天不同，如 系统升级。")
def open_on(folder: Path, organization: str, day: datetime, spans: tuple[str, ...], reason: str) -> None:
    """登记某机构某一天的办公时间，如 09:00-12:00；不写时间则全天不办公。"""
    as_node(folder)
    from tongban.regions import actions, plans
    from tongban.standards import clock
    from tongban.standards.actor import system
    from tongban.standards.node import here

    with refused_in_words():
        opens = plans.spans(" ".join(spans), "spans")
        actions.set_opening_on(
            organization, day.date(), opens, reason=reason, actor=system(here().code), at=clock.now()
        )
    click.echo(f"{day:%Y-%m-%d} 的办公时间已登记：{' '.join(spans) or '全天不办公'}。")


def _plan(file: Path | None, year: int, source: str) -> "Year":
    from tongban.regions import holidays, plans

    if file is not None:
        return plans.read(file.read_text(encoding="utf-8"), year, source)
    known = holidays.year(year)
    if known.provisional:
        fail(f"随软件安装的节假日数据还没有{year}年的放假安排，请用文件导入。")
    return known


def _show_changes(before: "Days", plan: "Year") -> None:
    from tongban.regions.plans import after, differences

    planned = after(before, plan)
    for day in differences(before, planned):
        was, will = (f"{KINDS[said[0]]} {said[1]}" if said else "照常" for said in (before.get(day), planned.get(day)))
        click.echo(f"{day}  {was} → {will}")


def _show_hours(organization: str) -> None:
    from tongban.regions.queries import hours_for

    opening = hours_for(organization).opening
    for name, spans in zip("一二三四五六日", opening.week, strict=True):
        click.echo(f"周{name}  {_spans(spans)}")
    click.echo(f"调休上班  {_spans(opening.makeup)}")


def _spans(spans: tuple[tuple[int, int], ...]) -> str:
    if not spans:
        return "不办公"
    return " ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in spans)


def _told(change: "CalendarChange") -> str:
    return f"已记为第 {change.number} 号日历变更，{len(change.days)} 天有变化。"
