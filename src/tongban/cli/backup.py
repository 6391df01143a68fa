# SPDX-License-Identifier: Apache-2.0
"""`tongban backup` and `tongban restore`: a node as it was, and how it comes back among its peers."""

import os
import sys
from pathlib import Path

import click

from tongban.cli.at_home import HOME, as_node, fail

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@HOME
@click.option("--to", "into", type=FOLDER, required=True, help="存放备份的文件夹；每次备份在其中新建一个。")
@click.option("--keep", type=click.IntRange(min=0), default=0, help="只留本节点最近的几份；0 为全部保留。")
def backup(folder: Path, into: Path, keep: int) -> None:
    """备份正在运行的节点：数据库、材料、密钥(加密的)和配置。不需要停止任何进程。"""
    as_node(folder)
    from django.conf import settings
    from psycopg import Error

    from tongban.config import archive
    from tongban.config import backup as making
    from tongban.database.server import ServerFailure
    from tongban.standards import clock

    home = settings.HOME
    url = os.environ.get("TONGBAN_DATABASE_URL", home.database_url)
    try:
        made = making.make(home.node, url, into.absolute(), clock.now(), tell, keep=keep)
    except (archive.BadBackup, ServerFailure, Error, OSError) as failed:
        fail(f"备份没有完成：{failed}")
    told = archive.read(made)
    click.echo(f"备份已写入磁盘：{made}（{told['files']} 个文件，{told['bytes'] / 1e6:.1f} MB）")
    click.echo(told["note"])


@click.command()
@click.option("--home", "folder", envvar="TONGBAN_HOME", required=True, type=FOLDER, help="要恢复到的节点文件夹。")
@click.option("--from", "source", type=FOLDER, required=True, help="一份备份的文件夹(其中有 manifest.json)。")
@click.option("--replace", "replaces", is_flag=True, help="取代已有的同一节点；原文件夹改名保留，原数据库被取代。")
@click.option("--owner-url", envvar="TONGBAN_OWNER_URL", default="", help="数据表属主的数据库地址；默认即节点自己的。")
@click.option("--check", "only_check", is_flag=True, help="只逐个核对备份中的文件，什么也不改。")
def restore(folder: Path, source: Path, replaces: bool, owner_url: str, only_check: bool) -> None:
    """从备份恢复节点。恢复后节点先向邻居索回遗忘的往来，补完才开门。"""
    from psycopg import Error

    from tongban.config import archive, home
    from tongban.config import restore as restoring
    from tongban.database.server import ServerFailure
    from tongban.standards.refusal import Refusal

    try:
        if only_check:
            return click.echo(f"备份完好：{len(archive.verify(source, tell))} 个文件。")
        url = restoring.database_url(source)
        place = restoring.Place(folder.absolute(), owner_url or url, replaces)
        told = restoring.load(source, place, tell)
        restoring.become(place, url)
    except (archive.BadBackup, restoring.CannotRestore, home.BadHome, ServerFailure, Error, OSError) as failed:
        fail(f"没有恢复：{failed}")
    except Refusal as no:
        fail(f"没有恢复：{no.sentence}")
    _declare(told["at"])
    restoring.finish(place)
    _tell_what_follows(told["at"], place.home)


def _declare(at: str) -> None:
    """Say, in the database that was loaded, from when on everything was forgotten."""
    from datetime import datetime

    from tongban.exchange import actions
    from tongban.standards import clock
    from tongban.standards.actor import system
    from tongban.standards.node import here

    actions.begin_recovery(datetime.fromisoformat(at), actor=system(here().code), at=clock.now())


def _tell_what_follows(at: str, home: Path) -> None:
    from tongban.exchange import queries

    epoch, names = queries.epoch(), "、".join(f"{each.name}（{each.code}）" for each in queries.recovery())
    click.echo(f"已恢复到 {at} 的状态，进入第 {epoch} 纪元。请启动本节点的进程，接下来：")
    click.echo(f"1. 常驻进程向邻居索回那以后的全部往来：{names or '名单上没有别的节点'}。")
    click.echo("2. 索回以前网页和接口答复 503，其他节点的报文在它们那里等着，不会丢失。")
    click.echo("3. 全部补完后自动开门。没有送达任何邻居的操作随旧机器失去，当事人可以重新办理。")
    click.echo(f"进度：tongban node recovery --home {home}")
    click.echo("旧机器不能再启动：它的报文会被各节点以 epoch_stale 拒绝。")


def tell(done: int, total: int, what: str) -> None:
    """How far it is, on a terminal only."""
    if sys.stderr.isatty():
        end = "\n" if done >= total else ""
        click.echo(f"\r{what}  {done}/{total}{end}", nl=False, err=True)
