# SPDX-License-Identifier: Apache-2.0
"""`tongban trust`: whom this node believes, and how it joins and changes its keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tongban.cli.at_home import HOME, as_node, fail

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)
USE = click.Choice(["exchange", "document", "sign_in", "encryption"])


@contextmanager
def refused_in_words() -> Iterator[None]:
    """A refusal ends the command with its sentence."""
    from tongban.standards.refusal import Refusal

    try:
        yield
    except Refusal as no:
        fail(no.sentence)


@click.group()
def trust() -> None:
    """信任名单：加入联邦、更换密钥、暂停节点、地区间约定。"""


@trust.command()
@HOME
def show(folder: Path) -> None:
    """显示本节点正在使用的信任名单。"""
    as_node(folder)
    from tongban.regions.queries import trust_list

    with refused_in_words():
        listed = trust_list()
    click.echo(f"联邦 {listed.federation}  第 {listed.serial} 号  枢纽 {listed.hub}")
    click.echo(f"签发 {listed.issued_at:%Y-%m-%d %H:%M}  到期 {listed.expires_at:%Y-%m-%d %H:%M} (UTC)")
    for node in listed.nodes.values():
        keys = "、".join(f"{key.use} {key.suite} {key.id[:16]} 至 {key.not_after:%Y-%m-%d}" for key in node.keys)
        click.echo(f"{node.code}  {node.name}  {node.status}  地区 {' '.join(node.regions)}  {node.dial}  {keys}")
    for agreement in listed.agreements:
        click.echo(f"约定  {agreement.sender} → {agreement.recipient}  {' '.join(agreement.kinds)}")
    if not listed.agreements:
        click.echo("名单上没有地区间约定：各节点之间可以传送任何种类的报文。")


@trust.command()
@HOME
@click.option("--hub-entry", type=FILE, help="枢纽交来的 entry.json，首次加入时需要。")
@click.option("--fingerprint", default="", help="枢纽运维人员在电话中念出的 entry.json 指纹，首次加入时需要。")
def fetch(folder: Path, hub_entry: Path | None, fingerprint: str) -> None:
    """向枢纽节点索取最新的信任名单，核对后采用。"""
    as_node(folder)
    from tongban.config import joining
    from tongban.exchange.transport import HttpTransport
    from tongban.standards import clock
    from tongban.standards.node import here

    with refused_in_words():
        listed = joining.fetch(clock.now(), HttpTransport(authorities=here().authorities), hub_entry, fingerprint)
    click.echo(f"正在使用第 {listed.serial} 号信任名单，有效至 {listed.expires_at:%Y-%m-%d}。")


@trust.command("fingerprint")
@click.argument("file", type=FILE)
def show_fingerprint(file: Path) -> None:
    """显示一个申请文件或 entry.json 的指纹，供两地在电话中核对。"""
    from tongban.config import new_keys
    from tongban.regions import requests
    from tongban.regions.errors import RequestMalformed

    try:
        click.echo(requests.read(file.read_bytes()).fingerprint)
    except RequestMalformed as no:
        try:
            click.echo(new_keys.fingerprint(file))
        except ValueError:
            fail(no.sentence)


@trust.command()
@HOME
@click.option("--region", "regions", multiple=True, required=True, help="代表的地区：行政区划代码前缀，如 62。")
@click.option("--out", type=OUT, default=Path("join-request.json"), show_default=True, help="写到哪个文件。")
def request(folder: Path, regions: tuple[str, ...], out: Path) -> None:
    """写出接入申请，由本节点的每一把密钥签名。"""
    as_node(folder)
    from tongban.config import rotation
    from tongban.regions import requests
    from tongban.standards import clock

    with refused_in_words():
        file = rotation.joining(regions, clock.now())
        fingerprint = requests.read(file).fingerprint
    out.write_bytes(file)
    click.echo(f"接入申请已写入 {out}，请交给枢纽。")
    click.echo(f"指纹（在电话中念给枢纽的运维人员）：{fingerprint}")


@trust.command()
@HOME
@click.option("--use", type=USE, default="exchange", show_default=True, help="更换哪一种密钥。")
@click.option("--out", type=OUT, default=Path("key-request.json"), show_default=True, help="写到哪个文件。")
def rotate(folder: Path, use: str, out: Path) -> None:
    """制作新密钥，写出更换申请；在枢纽上则直接登记。与 tongban keys rotate 相同。"""
    as_node(folder)
    rotate_listed(use, out)


def rotate_listed(use: str, out: Path) -> None:
    """Make a new key that the trust list has to name."""
    from typing import cast

    from tongban.config import rotation
    from tongban.regions.trustlist import Use
    from tongban.standards import clock
    from tongban.standards.node import here

    now = clock.now()
    with refused_in_words():
        file = rotation.rotation(cast(Use, use), now)
        if here().code == here().hub:
            listed = rotation.approve(file, now)
            click.echo(f"新密钥已列入第 {listed.serial} 号信任名单；一小时后启用，旧密钥在重叠期后停用。")
            return
    out.write_bytes(file)
    click.echo(f"更换申请已写入 {out}，请交给枢纽（tongban trust approve）。名单列出新密钥之后，本节点自动改用它。")
