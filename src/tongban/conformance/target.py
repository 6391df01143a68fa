# SPDX-License-Identifier: Apache-2.0
"""The node that is tried, as the trust list it hands out describes it."""

from dataclasses import dataclass
from datetime import datetime

from tongban.conformance.verdict import Fails, Untried
from tongban.exchange.errors import Unreachable
from tongban.exchange.transport import Transport
from tongban.regions import trustlist
from tongban.regions.trustlist import Key, TrustList
from tongban.standards.crypto import suite
from tongban.standards.refusal import Refusal
from tongban.standards.signer import Signed

LIST = "/exchange/trust-list"


@dataclass(frozen=True)
class Target:
    """Whom the kit speaks to, and the list by which both are known."""

    code: str
    url: str  # base address of its exchange door
    listed: TrustList
    document: bytes  # the list as it was handed over

    def verify(self, signed: Signed, at: datetime) -> None:
        """Fails unless an exchange key of the node that is in force signed these bytes."""
        key = self.key(signed.key_id, at)
        if signed.suite != key.suite or not suite(key.suite).verify(key.public_bytes, signed.data, signed.signature):
            raise Fails("对方的签名不能用名单上它的密钥验证")

    def key(self, key_id: str, at: datetime) -> Key:
        """The node's exchange key of this name, in force. Fails when there is none."""
        found = next((key for key in self.listed.node(self.code).keys_for("exchange", at) if key.id == key_id), None)
        if found is None:
            raise Fails(f"对方用来签名的密钥 {key_id[:40]} 不在名单上，或者不在有效期内")
        return found


def find(url: str, line: Transport, code: str = "") -> Target:
    """Ask the node for its list and find it there, by its address unless its code is given. Untried says why not."""
    base = url.rstrip("/")
    try:
        came = line.ask("GET", base + LIST, {}, b"")
        listed = trustlist.read(trustlist.unpacked(came.body).data)
    except Unreachable as no:
        raise Untried(f"联系不上 {base}：{no.facts.get('why', '')}") from no
    except Refusal as no:
        raise Untried(f"{base}{LIST} 没有给出能读的信任名单：{no.sentence}") from no
    known = [node.code for node in listed.standing() if code in (node.code, "") and _fits(node.dial, base, code)]
    if len(known) != 1:
        raise Untried(f"信任名单上没有地址为 {base} 的节点；请用 --node 说明它的代码")
    return Target(known[0], base, listed, came.body)


def _fits(dial: str, base: str, code: str) -> bool:
    return bool(code) or dial.rstrip("/") == base
