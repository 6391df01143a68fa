# SPDX-License-Identifier: Apache-2.0
"""What is seen only at the end, and what cannot be taken back."""

from collections import Counter

from tongban.conformance.peer import Peer
from tongban.conformance.verdict import Book, Fails, Untried

BOOK = Book()
scenario = BOOK.scenario
QUIET = 5.0  # seconds in which nothing more may come


@scenario("恰好一次", "§9", sent="再等一会儿，数一数", wanted="每件回声请求恰好一次回声，没有多余的")
def exactly_once(peer: Peer) -> None:
    if not peer.echoed:
        raise Untried("没有一件回声请求被签收")
    peer.rest(QUIET)
    came = Counter(one.of for one in peer.hearing.echoes)
    wanted = Counter(str(name) for name in peer.echoed)
    if came != wanted:
        doubled = sum(1 for count in came.values() if count > 1)
        raise Fails(f"重复 {doubled} 件，缺少 {len(wanted - came)} 件，多出 {len(came.keys() - wanted.keys())} 件")


@scenario("对方发来的批次", "§5–§9", sent="核验测试期间对方发来的每一批", wanted="签名、根、时间、字段都合协议")
def their_words(peer: Peer) -> None:
    if peer.hearing.faults:
        raise Fails(f"{len(peer.hearing.faults)} 处不符，第一处：{peer.hearing.faults[0][:200]}")
    if not peer.hearing.batches:
        raise Untried("对方没有发来过一批")


@scenario("旧的纪元", "§9", sent="先用高一个的纪元发一批，再用原来的", wanted="前一批签收；后一批 409 epoch_stale")
def epoch_lowered(peer: Peer) -> None:
    if not peer.may_raise_epoch:
        raise Untried("升高纪元不能撤回；确认以后加 --may-raise-epoch")
    lower, peer.epoch = peer.epoch, peer.epoch + 1
    one = peer.echo("epoch")
    peer.give([one])
    old = peer.echo("epoch-old", epoch=lower)
    peer.refused(peer.post(peer.pack([old], epoch=lower)), "epoch_stale", status=409)
    peer.await_echoes([one])
