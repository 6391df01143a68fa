# SPDX-License-Identifier: Apache-2.0
"""Makes the peer that the kit plays out of a node's folder and the target's trust list; no database is asked."""

from datetime import datetime

from tongban.conformance.hearing import Hearing
from tongban.conformance.line import Line
from tongban.conformance.peer import Peer
from tongban.conformance.target import Target
from tongban.conformance.verdict import Untried
from tongban.exchange import key_store
from tongban.exchange.key_store import Held
from tongban.standards.node import here
from tongban.standards.signer import Signer


def peer(target: Target, line: Line, at: datetime) -> Peer:
    """This process's node, as a peer of the target. Untried says why the target would not believe it."""
    code = here().code
    if code == target.code:
        raise Untried("不能用被测的节点测试它自己，请另用一个节点的文件夹")
    signer = _listed_key(target, code, at)
    return Peer(code, signer, target, line, Hearing(code, signer, target), opening=_opening(target, code, at))


def _opening(target: Target, code: str, at: datetime) -> Held | None:
    """The key to which the target seals for us: the newest that is listed, if we hold it."""
    listed = next(target.listed.node(code).keys_for("encryption", at), None)
    return next((key for key in key_store.held("encryption") if listed and key.key_id == listed.id), None)


def _listed_key(target: Target, code: str, at: datetime) -> Signer:
    """The newest of our exchange keys that the target's list names."""
    entry = target.listed.nodes.get(code)
    if entry is None or entry.status != "active":
        raise Untried(f"节点 {code} 不在对方的信任名单上，或者不是有效状态；请先由枢纽登记")
    held = {key.key_id: key for key in key_store.held("exchange")}
    for key in entry.keys_for("exchange", at):
        if key.id in held:
            return held[key.id]
    raise Untried(f"节点文件夹里没有名单上 {code} 现行的交换密钥")
