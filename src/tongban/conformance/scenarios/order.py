# SPDX-License-Identifier: Apache-2.0
"""Messages of one subject take effect in order, whatever the line does to them."""

from tongban.conformance.peer import Peer
from tongban.conformance.verdict import Book, Fails

BOOK = Book()
scenario = BOOK.scenario


@scenario("先后颠倒", "§9", sent="同一主题两批，第 2 件先到，第 1 件后到", wanted="两件都 stored；回声依次为第 1、2 件")
def reordered(peer: Peer) -> None:
    first, second = peer.echo("reorder", 1), peer.echo("reorder", 2)
    peer.give([second])
    peer.give([first])
    peer.await_echoes([first, second])


@scenario("一批之内颠倒", "§9", sent="同一批里第 3、1、2 件", wanted="回声依次为第 1、2、3 件")
def reordered_in_a_batch(peer: Peer) -> None:
    letters = [peer.echo("shuffled", number) for number in (3, 1, 2)]
    peer.give(letters)
    peer.await_echoes(letters)


@scenario("缺口", "§9", sent="只给第 1、3 件", wanted="至少十秒以后来要第 2 件；补上以后依次回声，此前不回第 3 件")
def gap(peer: Peer) -> None:
    letters = [peer.echo("gap", number) for number in (1, 2, 3)]
    subject, first = letters[0].subject, letters[0]
    peer.give([letters[0], letters[2]])
    peer.wait(lambda: bool(peer.back(subject)), "没有收到第 1 件的回声")
    peer.wait(
        lambda: any(one["subject"] == subject for one in peer.hearing.asked),
        f"{peer.patience:.0f} 秒内没有来要缺少的报文",
    )
    asked = next(one for one in peer.hearing.asked if one["subject"] == subject)
    if (asked["after"], asked["before"]) != (1, 3):
        raise Fails(f"应当要第 1 件与第 3 件之间的，实际要的是 {asked['after']} 与 {asked['before']} 之间")
    if [one.sequence for one in peer.back(subject)] != [first.sequence]:
        raise Fails("缺少第 2 件时，第 3 件已经生效")
    peer.give([letters[1]])
    peer.await_echoes(letters)


@scenario("主题互不等待", "§9", sent="一个主题缺第 1 件，另一个主题是完整的", wanted="完整的主题照常回声")
def subjects_apart(peer: Peer) -> None:
    waiting, whole = peer.echo("apart-waiting", 2), peer.echo("apart-whole", 1)
    peer.give([waiting, whole])
    peer.await_echoes([whole])
    missing = peer.echo("apart-waiting", 1)
    peer.give([missing])
    peer.await_echoes([missing, waiting])


@scenario("不认识的种类", "§8", sent="一件没有人认识的种类，后面跟一件回声", wanted="unknown_kind；同一主题后面的等着")
def unknown_kind(peer: Peer) -> None:
    odd, after = peer.echo("unknown-kind", 1, kind=peer.unread), peer.echo("unknown-kind", 2)
    peer.give([odd, after], ["unknown_kind", "stored"])
    other = peer.echo("unknown-kind-other")
    peer.give([other])
    peer.await_echoes([other])
    if peer.back(odd.subject):
        raise Fails("前一件还没有生效，后一件已经回声")
