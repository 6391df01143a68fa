# SPDX-License-Identifier: Apache-2.0
"""`tongban keys`: change the node's own keys while it runs."""

from pathlib import Path

import click

from tongban.cli.at_home import HOME, as_node
from tongban.cli.trust import OUT, refused_in_words, rotate_listed

OWN = ("data", "index", "seal")  # known to this node only
LISTED = ("exchange", "document", "sign_in", "encryption")  # on the trust list


@click.group()
def keys() -> None:
    """密钥：不停机更换。"""


@keys.command()
@HOME
@click.argument("use", type=click.Choice([*OWN, *LISTED]))
@click.option("--out", type=OUT, default=Path("key-request.json"), show_default=True, help="更换申请写到哪个文件。")
def rotate(folder: Path, use: str, out: Path) -> None:
    """更换一种密钥，运行中的进程立即改用。

    data 加密数据密钥和个人信息；index 检索证件号码；都由常驻进程在后台改写旧数据，其间查询照常。
    seal 给 OFD 盖章的国密密钥：以后的用新的，以前盖的照样有效。
    其余几种在信任名单上，写出申请交给枢纽。
    """
    as_node(folder)
    if use in LISTED:
        return rotate_listed(use, out)
    from tongban.config import rekeying
    from tongban.standards import clock

    with refused_in_words():
        number = rekeying.rotate(use, clock.now())
    moves = "" if use == rekeying.SEAL else "旧数据由常驻进程改写；旧密钥保留，用来打开备份。"
    click.echo(f"第 {number} 把密钥已启用。{moves}请重新做一次备份。")
    return None


@keys.command()
@HOME
def status(folder: Path) -> None:
    """各密钥用到第几把，检索密钥改写到哪里。"""
    as_node(folder)
    from tongban.config import rekeying
    from tongban.vault import keys as held
    from tongban.vault.queries import rotations

    for use, name in rekeying.NAMES.items():
        click.echo(f"{use}  第 {held.newest(name)} 把")
    for number, is_over in rotations():
        click.echo(f"index  改用第 {number} 把：{'已完成' if is_over else '正在改写'}")
