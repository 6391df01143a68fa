# SPDX-License-Identifier: Apache-2.0
"""`tongban files`: where a node keeps its sealed files."""

from pathlib import Path

import click

from tongban.cli.at_home import HOME, as_node, fail, home_of


@click.group()
def files() -> None:
    """材料文件：放在本机，或者放在对象存储。"""


@files.command()
@HOME
@click.option("--id", "identifier", prompt="Access key", help="对象存储的访问标识。")
@click.option("--secret", prompt="Secret key", hide_input=True, help="对象存储的密钥；不写时提示输入，不显示。")
def access(folder: Path, identifier: str, secret: str) -> None:
    """存入对象存储的访问密钥，加密后放在节点文件夹里；重启各进程后生效。"""
    node = home_of(folder).node
    from tongban.vault import locks
    from tongban.vault.stores import ACCESS

    locks.replace(node, ACCESS, f"{identifier}\n{secret}".encode())
    click.echo("已保存。node.toml 写好 [bucket] 后重启各进程。")


@files.command()
@HOME
def move(folder: Path) -> None:
    """把本机的材料移到 node.toml 所写的对象存储；中断后再次执行，从没移的接着移。

    移完之前，没移的材料暂时取不到，所以请先停止本节点的进程。
    """
    as_node(folder)
    from tongban.standards.node import here
    from tongban.standards.refusal import Refusal
    from tongban.vault.stores.moving import move_in

    try:
        with click.progressbar(length=1, label="移动") as bar:

            def tell(done: int, total: int) -> None:
                bar.length = total
                bar.update(done - bar.pos)

            moved = move_in(here(), tell)
    except Refusal as no:
        fail(no.sentence)
    except (ValueError, FileNotFoundError):
        fail("请先在 node.toml 写好 [bucket]，再运行 tongban files access。")
    click.echo(f"已移动 {moved} 个文件。")
