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
    from tongban.regions import actions
    from tongban.standards import clock

    year = clock.today().year
    click.echo(f"行政区划 {actions.load_regions()} 条，节假日 {actions.load_calendar(range(year - 1, year + 3))} 天。")
