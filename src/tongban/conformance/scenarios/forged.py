# SPDX-License-Identifier: Apache-2.0
"""What is not what its signature says, or not of whom it says, or not of now, is refused by name."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from tongban.conformance.hearing import BATCHES
from tongban.conformance.peer import LINES, Peer
from tongban.conformance.verdict import Book
from tongban.exchange.batch import Batch
from tongban.standards import clock
from tongban.standards.crypto import Suite, key_id, suite
from tongban.standards.signer import Signer

BOOK = Book()
scenario = BOOK.scenario
STRANGER = "990000"  # no region has this code
LATE = timedelta(minutes=6)


@dataclass(frozen=True)
class Stray:
    """A key that is on no list; it may call itself by another's name."""

    suite: str
    private: bytes
    key_id: str

    @classmethod
    def made(cls, name: str, called: str = "") -> "Stray":
        of: Suite = suite(name)
        private = of.generate()
        return cls(name, private, called or key_id(of, of.public(private)))

    def sign(self, data: bytes) -> bytes:
        return suite(self.suite).sign(self.private, data)


def unkept(peer: Peer, name: str, send: Callable[[Batch], None]) -> None:
    """Play it with a batch of one echo, and see that nothing of it was kept."""
    one = peer.echo(name)
    send(peer.pack([one]))
    peer.give([one])  # not duplicate
    peer.await_echoes([one])


@scenario("报文被改一个字节", "§8", sent="信封改动一个字节，逐跳签名重做", wanted="403 tampered，什么也不保存")
def envelope_altered(peer: Peer) -> None:
    def send(packed: Batch) -> None:
        altered = replace(packed, messages=(_flipped(packed.messages[0], "回声".encode(), "回生".encode()),))
        peer.refused(peer.post(altered), "tampered", status=403)

    unkept(peer, "envelope-altered", send)


@scenario("批次头被改一个字节", "§8", sent="批次头的根改动一位，逐跳签名重做", wanted="403 signature_invalid")
def head_altered(peer: Peer) -> None:
    def send(packed: Batch) -> None:
        other = "0" if packed.head.root[0] != "0" else "1"
        old, new = packed.head.root.encode(), f"{other}{packed.head.root[1:]}".encode()
        altered = replace(packed, head_bytes=_flipped(packed.head_bytes, old, new))
        peer.refused(peer.post(altered), "signature_invalid", status=403)

    unkept(peer, "head-altered", send)


@scenario("路上被改", "§7", sent="签名以后改动请求体一个字节", wanted="403 signature_invalid：内容摘要不符")
def body_altered(peer: Peer) -> None:
    def send(packed: Batch) -> None:
        data = packed.bytes()
        peer.refused(
            peer.post(data, sent=_flipped(data, "回声".encode(), "回生".encode())), "signature_invalid", status=403
        )

    unkept(peer, "body-altered", send)


@scenario("没有签名", "§7", sent="没有任何签名的一批", wanted="403 signature_invalid")
def unsigned(peer: Peer) -> None:
    def send(packed: Batch) -> None:
        came = peer.put("POST", BATCHES, {"Content-Type": LINES, "Tongban-Node": peer.code}, packed.bytes())
        peer.refused(came, "signature_invalid", status=403)

    unkept(peer, "unsigned", send)


@scenario("冒名的密钥", "§8", sent="写本节点的密钥编号，实际用别的密钥签名", wanted="403 signature_invalid")
def key_pretended(peer: Peer) -> None:
    def send(packed: Batch) -> None:
        false = Stray.made(peer.signer.suite, called=peer.signer.key_id)
        peer.refused(peer.post(packed, signer=false), "signature_invalid", status=403)
        forged = peer.pack(packed.messages, signer=false)
        peer.refused(peer.post(forged), "signature_invalid", status=403)

    unkept(peer, "key-pretended", send)


@scenario("名单上没有的密钥", "§8", sent="用名单上没有的密钥签批次和请求", wanted="403 unknown_key")
def key_unknown(peer: Peer) -> None:
    stray: Signer = Stray.made(peer.signer.suite)
    one = peer.echo("key-unknown")
    peer.refused(peer.post(peer.pack([one], signer=stray), signer=stray), "unknown_key", status=403)


@scenario("名单上没有的节点", "§8", sent=f"以节点 {STRANGER} 的名义发来一批", wanted="403 unknown_sender")
def sender_unknown(peer: Peer) -> None:
    stray: Signer = Stray.made(peer.signer.suite)
    packed = peer.pack([peer.echo("stranger", sender=STRANGER)], signer=stray, sender=STRANGER)
    peer.refused(peer.post(packed, signer=stray, node=STRANGER), "unknown_sender", status=403)


@scenario("发给别人的批次", "§8", sent="批次头写的接收方是另一个节点", wanted="421 wrong_recipient")
def batch_for_another(peer: Peer) -> None:
    packed = peer.pack([peer.echo("elsewhere", recipient=STRANGER)], recipient=STRANGER)
    peer.refused(peer.post(packed), "wrong_recipient", status=421)


@scenario(
    "批内混有别人的报文",
    "§8",
    sent="一批三件：一件正常，一件写别的发送方，一件写别的接收方",
    wanted="逐件回答 stored、wrong_sender、wrong_recipient",
)
def letters_of_others(peer: Peer) -> None:
    good = peer.echo("mixed")
    theirs, elsewhere = peer.echo("mixed-1", sender=STRANGER), peer.echo("mixed-2", recipient=STRANGER)
    peer.give([good, theirs, elsewhere], ["stored", "wrong_sender", "wrong_recipient"])
    peer.await_echoes([good])


@scenario("旧请求重放", "§7", sent="逐跳签名的时间早六分钟", wanted="409 clock_skew")
def hop_old(peer: Peer) -> None:
    unkept(peer, "hop-old", lambda packed: _skewed(peer, packed, -LATE))


@scenario("时钟快了", "§7", sent="逐跳签名的时间晚六分钟", wanted="409 clock_skew")
def hop_early(peer: Peer) -> None:
    unkept(peer, "hop-early", lambda packed: _skewed(peer, packed, LATE))


def _skewed(peer: Peer, packed: Batch, by: timedelta) -> None:
    peer.refused(peer.post(packed, at=clock.now() + by), "clock_skew", status=409)


@scenario("批次的时间不对", "§8", sent="批次头的时间早六分钟，另一批晚六分钟", wanted="都是 409 clock_skew")
def batch_skewed(peer: Peer) -> None:
    for by in (-LATE, LATE):
        packed = peer.pack([peer.echo("batch-skewed")], at=clock.now() + by)
        peer.refused(peer.post(packed), "clock_skew", status=409)


def _flipped(data: bytes, old: bytes, new: bytes) -> bytes:
    """The same bytes with these replaced; they are there."""
    assert old in data
    return data.replace(old, new, 1)
