# SPDX-License-Identifier: Apache-2.0
"""`tongban dossier`: one case as one file, and the check of such a file by anybody."""

from pathlib import Path

import click

from tongban.cli.at_home import HOME, as_node, fail, print_json


@click.group()
def dossier() -> None:
    """办件档案：导出一个办件的全部证据；离线核验。"""


@dossier.command()
@HOME
@click.argument("case")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="写到哪里；默认为 <编号>.zip。")
@click.option("--by", "login", required=True, help="导出人的工号；须是本节点的运维人员。")
@click.option("--reason", required=True, help="导出的理由，写入账本和档案。")
@click.option("--without-materials", is_flag=True, help="不附申请材料。")
def export(folder: Path, case: str, output: Path | None, login: str, reason: str, without_materials: bool) -> None:
    """导出办件 CASE(收件编号、办件编号或标识)的档案。档案含个人信息，请妥善保管。"""
    as_node(folder)
    from tongban.dossier import export as exporting
    from tongban.exchange.transport import HttpTransport
    from tongban.identity.queries import operator_named
    from tongban.standards import clock
    from tongban.standards.node import here
    from tongban.standards.refusal import Refusal

    target = output or Path(f"{case}.zip")
    try:
        made = exporting.export(
            case,
            target,
            actor=operator_named(login),
            reason=reason,
            at=clock.now(),
            transport=HttpTransport(authorities=here().authorities),
            with_materials=not without_materials,
        )
    except Refusal as no:
        fail(no.sentence)
    click.echo(f"已写入 {target}：{made.entries} 项，{made.size} 字节。")
    click.echo(f"附有见证的邻居：{'、'.join(made.witnesses) or '无'}。")
    if made.silent:
        click.echo(f"没有答复的邻居：{'、'.join(made.silent)}；档案中没有它们的见证。")
    click.echo("档案含个人信息，请按规定保管；收到的人可用 tongban dossier verify 离线核验。")


@dossier.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--hub-key", default="", help="枢纽公钥的指纹(SHA-256 全文或前 32 位)；不给则印出，由您核对。")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。")
def verify(file: Path, hub_key: str, as_json: bool) -> None:
    """离线核验档案 FILE：不需要账号、数据库或节点。有任何不符即以非零状态结束。"""
    from dataclasses import asdict

    from tongban.dossier.verify import verify as check

    report = check(file, hub_key)
    if as_json:
        print_json(asdict(report) | {"sound": report.sound})
    else:
        for line in report.lines():
            click.echo(line)
    if not report.sound:
        raise SystemExit(1)


@dossier.command("fingerprint")
@HOME
def show_fingerprint(folder: Path) -> None:
    """印出枢纽公钥的指纹，供公告或写入公函；核验档案的人凭它判断信任名单的真伪。"""
    as_node(folder)
    from tongban.dossier.trust import fingerprint
    from tongban.regions.queries import trust_list
    from tongban.standards.refusal import Refusal

    try:
        listed = trust_list()
    except Refusal as no:
        fail(no.sentence)
    for key in listed.node(listed.hub).keys:
        if key.use == "exchange":
            click.echo(f"{fingerprint(key)}  {key.not_before:%Y-%m-%d} 至 {key.not_after:%Y-%m-%d}")
