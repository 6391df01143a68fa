# SPDX-License-Identifier: Apache-2.0
"""The life of a trust list: what the next one says when a node joins, changes a key, rests, leaves, agrees. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from tongban.regions import errors, requests
from tongban.regions.requests import Request
from tongban.regions.trustlist import Agreement, Family, Key, Prefix, TrustedNode, TrustList

GRACE = timedelta(hours=1)  # between listing a key and its first signature: every peer looks each minute
OVERLAP = timedelta(days=7)  # for which the old key holds besides the new one: letters may be days under way


@dataclass(frozen=True)
class Changed:
    """What the next list holds, and the line that the act leaves."""

    nodes: tuple[TrustedNode, ...]
    agreements: tuple[Agreement, ...]
    verb: str
    facts: dict[str, Any]


def renewed(listed: TrustList) -> Changed:
    """The same once more, for another while."""
    return Changed(tuple(listed.nodes.values()), listed.agreements, "trust_list.renewed", {})


def joined(
    listed: TrustList, request: Request, fingerprint: str, at: datetime, *, roles: Sequence[str], carve: bool = False
) -> Changed:
    """A node more. Refuses a file that was exchanged, keys that are not held, a code or region that is taken."""
    asked = request.asked
    if asked.kind != "join":
        raise errors.RequestMalformed(why="这是更换密钥的申请，请用 tongban trust approve")
    requests.require_fingerprint(request.fingerprint, fingerprint)
    request.require_proofs(asked.keys)
    request.require_fresh(at)
    before = listed.nodes.get(asked.code)
    if before is not None and before.status != "removed":
        raise errors.CodeTaken(node=before.code, name=before.name)
    _require_free(listed, asked.regions, carve=carve)
    ids = {key.id for key in asked.keys}
    old = tuple(key for key in before.keys if key.id not in ids) if before else ()
    node = TrustedNode(
        code=asked.code,
        name=asked.name,
        regions=asked.regions,
        address=asked.address,
        dial=asked.dial,
        status="active",
        roles=tuple(roles),
        keys=(*asked.keys, *old),
    )
    facts = {"node": node.code, "regions": list(node.regions), "fingerprint": request.fingerprint}
    return _with(listed, node, "trust.joined", facts)


def key_changed(
    listed: TrustList, request: Request, at: datetime, *, overlap: timedelta = OVERLAP, at_once: bool = False
) -> Changed:
    """A new key beside the old ones of its use, which end after the overlap; at once when one of them is lost."""
    asked = request.asked
    if asked.kind != "rotate":
        raise errors.RequestMalformed(why="这是接入申请，请用 tongban trust join")
    node, new = listed.node(asked.code), asked.keys[0]
    if any(key.id == new.id for key in node.keys):
        raise errors.KeyListed(key=new.id)
    request.require_fresh(at)
    request.require_proofs([new])
    _require_one_proof(request, node.keys_for("exchange", at))
    begins = _second(at if at_once else at + GRACE)
    ends = _second(at if at_once else at + GRACE + overlap)
    before = tuple(_ended(key, ends) if key.use == new.use else key for key in node.keys)
    changed = msgspec.structs.replace(node, keys=(*before, msgspec.structs.replace(new, not_before=begins)))
    facts = {"node": node.code, "use": new.use, "key": new.id, "from": str(begins), "old_until": str(ends)}
    return _with(listed, changed, "trust.key_changed", facts)


def suspended(listed: TrustList, code: str, reason: str) -> Changed:
    """Nobody believes the node until it is resumed; what waits for it waits on."""
    node = _other_than_hub(listed, code)
    if node.status == "suspended":
        raise errors.AlreadySuspended(node=code)
    changed = msgspec.structs.replace(node, status="suspended")
    return _with(listed, changed, "trust.suspended", {"node": code, "reason": reason})


def resumed(listed: TrustList, code: str) -> Changed:
    """As before it was suspended."""
    node = listed.node(code)
    if node.status != "suspended":
        raise errors.NotSuspended(node=code)
    return _with(listed, msgspec.structs.replace(node, status="active"), "trust.resumed", {"node": code})


def left(listed: TrustList, code: str, at: datetime) -> Changed:
    """Taken off: it speaks for nobody. Its keys stay listed, so that old papers and messages can be checked."""
    node = _other_than_hub(listed, code)
    keys = tuple(key if key.use == "document" else _ended(key, _second(at)) for key in node.keys)
    changed = msgspec.structs.replace(node, status="removed", regions=(), keys=keys)
    return _with(listed, changed, "trust.left", {"node": code, "regions": list(node.regions)})


def region_moved(listed: TrustList, region: str, code: str) -> Changed:
    """Another node speaks for a region from now on, or for a part that is taken out of a larger one."""
    _require_form(region, Prefix)
    taking = listed.node(code)
    if region in taking.regions:
        raise errors.RegionSpokenFor(region=region, node=code)
    giving = next((node for node in listed.standing() if region in node.regions), None)
    facts = {"region": region, "from": giving.code if giving else "", "to": code}
    changed = [msgspec.structs.replace(taking, regions=(*taking.regions, region))]
    if giving is not None:
        kept = tuple(each for each in giving.regions if each != region)
        changed.append(msgspec.structs.replace(giving, regions=kept))
    nodes = listed.nodes | {node.code: node for node in changed}
    return Changed(tuple(nodes.values()), listed.agreements, "trust.region_moved", facts)


def moved_house(listed: TrustList, code: str, *, address: str, dial: str) -> Changed:
    """The node is found elsewhere."""
    changed = msgspec.structs.replace(listed.node(code), address=address, dial=dial)
    return _with(listed, changed, "trust.address_changed", {"node": code, "address": address, "dial": dial})


def agreed(listed: TrustList, agreements: Sequence[Agreement]) -> Changed:
    """What these regions may send each other from now on; an earlier agreement between the same two is replaced."""
    for each in agreements:
        _require_form(each.sender, Prefix)
        _require_form(each.recipient, Prefix)
        for kind in each.kinds:
            _require_form(kind, Family)
    pairs = {(each.sender, each.recipient) for each in agreements}
    kept = tuple(each for each in listed.agreements if (each.sender, each.recipient) not in pairs)
    told = [{"from": each.sender, "to": each.recipient, "kinds": list(each.kinds)} for each in agreements]
    return Changed(tuple(listed.nodes.values()), (*kept, *agreements), "trust.agreed", {"agreements": told})


def agreement_ended(listed: TrustList, sender: str, recipient: str) -> Changed:
    """NoSuchAgreement when there is none. When the last one goes, everything is allowed again."""
    kept = tuple(each for each in listed.agreements if (each.sender, each.recipient) != (sender, recipient))
    if len(kept) == len(listed.agreements):
        raise errors.NoSuchAgreement(sender=sender, recipient=recipient)
    facts = {"from": sender, "to": recipient}
    return Changed(tuple(listed.nodes.values()), kept, "trust.agreement_ended", facts)


def _require_form(given: str, form: Any) -> None:
    """OddRegionOrKind for what no list may hold."""
    try:
        msgspec.convert(given, form)
    except msgspec.ValidationError as why:
        raise errors.OddRegionOrKind(given=given) from why


def _with(listed: TrustList, node: TrustedNode, verb: str, facts: dict[str, Any]) -> Changed:
    return Changed(tuple((listed.nodes | {node.code: node}).values()), listed.agreements, verb, facts)


def _other_than_hub(listed: TrustList, code: str) -> TrustedNode:
    if code == listed.hub:
        raise errors.HubStays(node=code)
    return listed.node(code)


def _require_free(listed: TrustList, regions: Iterable[str], *, carve: bool) -> None:
    for region in regions:
        for node in listed.standing():
            for held in node.regions:
                if region == held:
                    raise errors.RegionSpokenFor(region=region, node=node.code)
                if not carve and (region.startswith(held) or held.startswith(region)):
                    raise errors.RegionTaken(region=region, node=node.code, held=held)


def _require_one_proof(request: Request, keys: Iterable[Key]) -> None:
    """That the node itself asks: one of its exchange keys in force signed too."""
    known = [key for key in keys if key.id in request.proofs]
    if not known:
        raise errors.RequestNotProven(key=f"{request.asked.code} 现有的交换密钥")
    request.require_proofs(known)


def _ended(key: Key, at: datetime) -> Key:
    return msgspec.structs.replace(key, not_after=min(key.not_after, at))


def _second(at: datetime) -> datetime:
    """A key that ends with the list's own first second must have ended when the list is read."""
    return at.replace(microsecond=0)
