# SPDX-License-Identifier: Apache-2.0
"""The two signatures under an agreement: each is of its side's node over the same bytes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from tongban.catalogue.lists.agreement import Agreement
from tongban.catalogue.lists.content import plain
from tongban.catalogue.lists.errors import AgreementForged
from tongban.regions.queries import trust_list
from tongban.regions.trustlist import TrustedNode
from tongban.standards.crypto import suite
from tongban.standards.signer import Signed

Side = Literal["handling", "intake"]


class Signature(msgspec.Struct, frozen=True):
    """What one side has put under the document."""

    side: Side
    node: str
    person: str  # pseudonym of whoever acted for the organization
    at: datetime
    key_id: str
    suite: str
    signature: str  # hexadecimal


def put_under(given: Sequence[Mapping[str, Any]], own: Signature) -> list[dict[str, Any]]:
    """The signatures with one more; a side signs once."""
    rest = [dict(one) for one in given if one["side"] != own.side]
    return [*rest, plain(own)]


def made(signed: Signed, side: Side, node: str, person: str, at: datetime) -> Signature:
    """A signature of this node, as it is kept and told."""
    return Signature(side, node, person, at, signed.key_id, signed.suite, signed.signature.hex())


def node_of(agreement: Agreement, side: Side) -> TrustedNode:
    """The node that speaks for one side."""
    office = agreement.handling if side == "handling" else agreement.intake
    return trust_list().speaker_for(office.region)


def require_signed(document: bytes, signature: Signature, node: TrustedNode) -> None:
    """AgreementForged unless a key of that node, in force when it signed, made this signature."""
    own = (signature.key_id, signature.suite, signature.node)
    for key in node.keys_for("exchange", signature.at):
        if own == (key.id, key.suite, node.code):
            if suite(key.suite).verify(key.public_bytes, document, _bytes(signature.signature)):
                return
            break
    raise AgreementForged(node=node.code)


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
