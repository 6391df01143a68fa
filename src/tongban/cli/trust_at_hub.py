# SPDX-License-Identifier: Apache-2.0
"""`tongban trust` at the hub: what the next list says. Every command signs one list and leaves one line."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tongban.cli.at_home import HOME, as_node
from tongban.cli.trust import FILE, refused_in_words, trust

__all__ = ["trust"]

if TYPE_CHECKING:
    from tongban.regions.membership import Changed
    from tongban.regions.trustlist import TrustList


def _change(change: "Callable[[TrustList], Changed]", done: str) -> None:
    from tongban.exchange import actions as exchange
    from tongban.standards import clock
    from tongban.standards.actor import system
    from tongban.standards.node import here

    with refused_in_words():
        listed = exchange.change_at_hub(change, clock.now(), actor=system(here().code))
    click.echo(f"{done}第 {listed.serial} 号信任名单已签发，各节点一分钟内取用。")


@trust.command()
@HOME
@click.option("--federation", required=True, help="联邦的名称。")
@click.option("--region", "regions", multiple=True, help="枢纽自己代表的地区前缀；一般没有。")
def found(folder: Path, federation: str, regions: tuple[str, ...]) -> None:
    """建立联邦：枢纽签发第一份名单，上面只有它自己。"""
    as_node(folder)
    from tongban.config import new_keys
    from tongban.exchange import keys
    from tongban.regions.actions import found_federation
    from tongban.standards import clock
    from tongban.standards.actor import system
    from tongban.standards.node import here

    entry = here().home / new_keys.ENTRY
    with refused_in_words():
        hub = new_keys.entry(entry, regions=regions, roles=("hub",))
        found_federation(hub, clock.now(), signer=keys.signer(), actor=system(here().code), federation=federation)
    click.echo(f"第 1 号信任名单已签发。请把 {entry} 交给要加入的节点，并在电话中念出它的指纹：")
    click.echo(new_keys.fingerprint(entry))


@trust.command()
@HOME
@click.argument("file", type=FILE)
@click.option("--fingerprint", required=True, help="对方在电话中念出的指纹。")
@click.option("--role", "roles", multiple=True, default=("region",), show_default=True, help="在名单上的身份。")
@click.option("--carve", is_flag=True, help="地区从别的节点所代表的地区中划出，已经商定。")
def join(folder: Path, file: Path, fingerprint: str, roles: tuple[str, ...], carve: bool) -> None:
    """核对指纹和签名，把申请接入的节点列入名单。"""
    as_node(folder)
    from tongban.regions import membership, requests
    from tongban.standards import clock

    with refused_in_words():
        asked = requests.read(file.read_bytes())
    now = clock.now()
    _change(
        lambda listed: membership.joined(listed, asked, fingerprint, now, roles=roles, carve=carve),
        f"节点 {asked.asked.code} 已接入。",
    )


@trust.command()
@HOME
@click.argument("file", type=FILE)
@click.option(
    "--overlap-days", type=click.IntRange(0, 90), default=7, show_default=True, help="新旧密钥同时有效的天数。"
)
@click.option("--at-once", is_flag=True, help="旧密钥已经泄露：立即停用，不留重叠期。")
def approve(folder: Path, file: Path, overlap_days: int, at_once: bool) -> None:
    """登记一个节点的新密钥；旧密钥在重叠期后停用。"""
    as_node(folder)
    from tongban.config import rotation
    from tongban.standards import clock

    with refused_in_words():
        listed = rotation.approve(file.read_bytes(), clock.now(), overlap=timedelta(days=overlap_days), at_once=at_once)
    click.echo(f"新密钥已登记。第 {listed.serial} 号信任名单已签发，各节点一分钟内取用。")


@trust.command()
@HOME
@click.argument("code")
@click.option("--reason", required=True, help="为什么，记入账本。")
def suspend(folder: Path, code: str, reason: str) -> None:
    """暂停一个节点：不再相信它的报文，发给它的报文留着。"""
    as_node(folder)
    from tongban.regions import membership

    _change(lambda listed: membership.suspended(listed, code, reason), f"节点 {code} 已暂停。")


@trust.command()
@HOME
@click.argument("code")
def resume(folder: Path, code: str) -> None:
    """恢复一个被暂停的节点，留着的报文接着发。"""
    as_node(folder)
    from tongban.regions import membership

    _change(lambda listed: membership.resumed(listed, code), f"节点 {code} 已恢复。")


@trust.command()
@HOME
@click.argument("code")
def leave(folder: Path, code: str) -> None:
    """把一个节点移出名单；它的密钥仍列着，旧文书照常可以核验。"""
    as_node(folder)
    from tongban.regions import membership
    from tongban.standards import clock

    now = clock.now()
    _change(lambda listed: membership.left(listed, code, now), f"节点 {code} 已移出。")


@trust.command("move-region")
@HOME
@click.argument("region")
@click.option("--to", "code", required=True, help="今后代表这个地区的节点。")
def move_region(folder: Path, region: str, code: str) -> None:
    """把一个地区（行政区划代码前缀）划给另一个节点。"""
    as_node(folder)
    from tongban.regions import membership

    _change(lambda listed: membership.region_moved(listed, region, code), f"地区 {region} 已划给节点 {code}。")


@trust.command("move-address")
@HOME
@click.argument("code")
@click.option("--address", required=True, help="群众和工作人员访问的地址。")
@click.option("--dial", required=True, help="其他节点连接它的交换口的地址。")
def move_address(folder: Path, code: str, address: str, dial: str) -> None:
    """登记一个节点的新地址。"""
    as_node(folder)
    from tongban.regions import membership

    _change(
        lambda listed: membership.moved_house(listed, code, address=address, dial=dial), f"节点 {code} 的地址已更新。"
    )


@trust.command()
@HOME
@click.argument("sender")
@click.argument("recipient")
@click.argument("kinds", nargs=-1, required=True)
@click.option("--one-way", is_flag=True, help="只约定这一个方向；默认两个方向相同。")
def agree(folder: Path, sender: str, recipient: str, kinds: tuple[str, ...], one_way: bool) -> None:
    """登记两个地区（代码前缀）之间可以传送哪些种类的报文，如 62 43 'case.*'。

    名单上一旦有约定，没有约定的就不能传送。
    """
    as_node(folder)
    from tongban.regions import membership
    from tongban.regions.trustlist import Agreement

    made = [Agreement(sender, recipient, kinds)] + ([] if one_way else [Agreement(recipient, sender, kinds)])
    _change(lambda listed: membership.agreed(listed, made), "约定已登记。")


@trust.command("end-agreement")
@HOME
@click.argument("sender")
@click.argument("recipient")
def end_agreement(folder: Path, sender: str, recipient: str) -> None:
    """撤销一个方向的约定。撤销最后一个之后，各节点之间又可以传送任何种类的报文。"""
    as_node(folder)
    from tongban.regions import membership

    _change(lambda listed: membership.agreement_ended(listed, sender, recipient), "约定已撤销。")
