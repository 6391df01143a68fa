# SPDX-License-Identifier: Apache-2.0
"""`tongban licence`: whether a licence or notice is genuine and stands, checked by anybody without asking a node."""

from pathlib import Path

import click

from tongban.cli.at_home import print_json

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def licence() -> None:
    """电子证照：离线核验真伪和状态。"""


@licence.command()
@click.argument("file", type=FILE)
@click.option("--status", type=FILE, help="签发节点公布的状态清单。")
@click.option("--trust", type=FILE, help="信任名单。")
@click.option("--hub-key", default="", help="枢纽公钥的指纹(SHA-256 全文或前 32 位)；不给则印出，由您核对。")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。")
def verify(file: Path, status: Path | None, trust: Path | None, hub_key: str, as_json: bool) -> None:
    """离线核验 FILE：不需要账号、数据库或网络。

    退出状态：0 有效；1 不是真的，或者改动过；3 已撤销、暂扣等；4 是否有效不清楚；5 当时有效，清单已过期。
    """
    from dataclasses import asdict

    from tongban.dossier.paper import examine
    from tongban.licences.offline import EXITS
    from tongban.standards import clock

    found = examine(
        file.read_bytes(),
        clock.now(),
        trust_list=trust.read_bytes() if trust else None,
        status=status.read_bytes() if status else None,
        hub_key=hub_key,
    )
    if as_json:
        print_json(asdict(found.answer) | {"hub_keys": found.hub_keys, "compared": found.compared})
    else:
        for sentence in found.answer.sentences:
            click.echo(sentence)
        if found.hub_keys and not found.compared:
            click.echo("请把枢纽公钥的指纹与可靠来源核对，一致才能采信：")
            for key in found.hub_keys:
                click.echo(f"  {key}")
    raise SystemExit(EXITS[found.answer.outcome])
