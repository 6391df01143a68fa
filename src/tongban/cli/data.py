# SPDX-License-Identifier: Apache-2.0
"""`tongban data`: regions and the calendar."""

from pathlib import Path

import click

from tongban.cli.at_home import HOME, as_node


@click.group()
def data() -> None:
    """行政区划、日历等基础数据。"""


@data.command()
@HOME
def load(folder: Path) -> None:
    """载入行政区划和节假日；可以重复执行。"""
    as_node(folder)
    from tongban.regions import actions, holidays
    from tongban.regions.queries import is_published
    from tongban.standards import clock
    from tongban.standards.actor import system
    from tongban.standards.node import here

    years = range(clock.today().year - 1, clock.today().year + 3)
    click.echo(f"行政区划 {actions.load_regions()} 条，节假日 {actions.load_calendar(years)} 天。")
    for plan in map(holidays.year, years):
        if not plan.provisional and not is_published(plan.year):
            actions.import_calendar(plan, actor=system(here().code), at=clock.now())
            click.echo(f"{plan.year}年的放假安排已公布并导入。")
