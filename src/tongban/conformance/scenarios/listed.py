# SPDX-License-Identifier: Apache-2.0
"""What the trust list says decides, and it is the receiver's own: not that of the sender, nor one that is over."""

from tongban.conformance.peer import Peer
from tongban.conformance.scenarios.forged import Stray
from tongban.conformance.verdict import Book, Untried

BOOK = Book()
scenario = BOOK.scenario


@scenario(
    "发送方的名单较旧", "§4", sent="批次头和信封都写上一号名单", wanted="stored：按接收方现有的名单办，不因此拒绝"
)
def older_serial(peer: Peer) -> None:
    older = max(peer.target.listed.serial - 1, 0)
    one = peer.echo("older-serial", trust_serial=older)
    peer.give([one], trust_serial=older)
    peer.await_echoes([one])


@scenario("接收方没有的名单号", "§4", sent="信封里写一个接收方没有的名单号", wanted="stored：按接收方现有的名单办")
def unknown_serial(peer: Peer) -> None:
    one = peer.echo("serial", trust_serial=2**31)
    peer.give([one])
    peer.await_echoes([one])


@scenario("被暂停的发送方", "§8", sent="以名单上一个被暂停的节点的名义发来一批", wanted="403 sender_suspended")
def sender_suspended(peer: Peer) -> None:
    code = next((node.code for node in peer.target.listed.standing() if node.status == "suspended"), "")
    if not code:
        raise Untried("名单上没有被暂停的节点")
    stray = Stray.made(peer.signer.suite)  # who is suspended is told so before any signature is looked at
    packed = peer.pack([peer.echo("suspended", sender=code)], signer=stray, sender=code)
    peer.refused(peer.post(packed, signer=stray, node=code), "sender_suspended", status=403)


@scenario("被移出名单的节点", "§8", sent="以名单上一个已经移出的节点的名义发来一批", wanted="403 unknown_sender")
def sender_removed(peer: Peer) -> None:
    code = next((node.code for node in peer.target.listed.nodes.values() if node.status == "removed"), "")
    if not code:
        raise Untried("名单上没有移出的节点")
    stray = Stray.made(peer.signer.suite)
    packed = peer.pack([peer.echo("removed", sender=code)], signer=stray, sender=code)
    peer.refused(peer.post(packed, signer=stray, node=code), "unknown_sender", status=403)


@scenario("过期的名单", "§4", sent="接收方的名单已经到期，发来一批", wanted="403 trust_list_expired", stale=True)
def list_expired(peer: Peer) -> None:
    packed = peer.pack([peer.echo("expired")])
    peer.refused(peer.post(packed), "trust_list_expired", status=403)
