# SPDX-License-Identifier: Apache-2.0
"""Receiving a batch: check who sent what, then keep and acknowledge it. What it means is applied afterwards."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from tongban.exchange import batch, envelope, hop, trust
from tongban.exchange.actions.keeping import Arrival, Brought, keep
from tongban.exchange.envelope import Envelope
from tongban.exchange.errors import (
    ClockSkew,
    ExchangeRefusal,
    Malformed,
    NotAgreed,
    SequenceReused,
    SignatureInvalid,
    WrongRecipient,
    WrongSender,
)
from tongban.regions.queries import trust_list
from tongban.regions.trustlist import Key, TrustedNode, TrustList
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.standards.refusal import Refusal


def receive(request: hop.Hop, at: datetime) -> bytes:
    """Take a batch in. The signed acknowledgement to answer with, or an ExchangeRefusal and nothing kept."""
    (outcome,) = receive_together([(request, at)])
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def receive_together(requests: Sequence[tuple[hop.Hop, datetime]]) -> list[bytes | Refusal]:
    """Take in batches that arrived at the same time: each is checked by itself, all that hold share a commit."""
    outcomes: dict[int, bytes | Refusal] = {}
    proven: dict[int, Brought] = {}
    for place, (request, at) in enumerate(requests):
        try:
            proven[place] = _proven(request, at)
        except Refusal as no:
            outcomes[place] = no
    for (place, brought), outcome in zip(proven.items(), keep([*proven.values()]), strict=True):
        if isinstance(outcome, ExchangeRefusal):
            outcome.proven = brought.head.sender
        outcomes[place] = outcome
    return [outcomes[place] for place in range(len(requests))]


def _proven(request: hop.Hop, at: datetime) -> Brought:
    """What somebody sent who has proven to be a node."""
    packed = batch.unpack(request.body)
    node, key = _authenticate(request, packed, at)
    try:
        _require_whole(packed, key, at)
    except ExchangeRefusal as no:
        no.proven = node.code
        raise
    return _read(node, packed, key, at)


def _require_whole(packed: batch.Batch, key: Key, at: datetime) -> None:
    """Meant for this node, all there, and fresh."""
    if packed.head.recipient != here().code:
        raise WrongRecipient()
    batch.check_root(packed, suite(key.suite))
    if abs(packed.head.created_at - at) > hop.SKEW:
        raise ClockSkew()


def _authenticate(request: hop.Hop, packed: batch.Batch, at: datetime) -> tuple[TrustedNode, Key]:
    """Who sent it: the hop and the head must be signed by the same key of one active node."""
    head = packed.head
    node = trust.peer(head.sender, at)
    key = trust.exchange_key(node, head.key_id, at)
    if hop.key_id_of(request.headers) != key.id:
        raise SignatureInvalid()
    hop.check(request, suite_name=key.suite, public=key.public_bytes, at=at)
    if not suite(key.suite).verify(key.public_bytes, packed.head_bytes, packed.signature):
        raise SignatureInvalid()
    return node, key


def _read(node: TrustedNode, packed: batch.Batch, key: Key, at: datetime) -> Brought:
    """What there is to keep. An envelope that cannot be read is said only after what is wrong with the whole batch."""
    try:
        arrivals, refused = _read_all(node, packed, key)
    except Malformed as no:
        return Brought(packed, (), {}, no, at)
    return Brought(packed, arrivals, refused, None, at)


def _read_all(node: TrustedNode, packed: batch.Batch, key: Key) -> tuple[list[Arrival], dict[str, str]]:
    """The messages that can be kept, and the refusals of those that cannot, by message id."""
    arrivals: list[Arrival] = []
    refused: dict[str, str] = {}
    theirs, listed = suite(key.suite), trust_list()
    places: set[tuple[str, int]] = set()
    seen: dict[UUID, bytes] = {}
    for data, proof in zip(packed.messages, batch.proofs(packed, theirs), strict=True):
        message = envelope.read(data)
        if message.id in seen:
            if seen[message.id] != data:
                raise Malformed(why="同一批中两份报文用了同一编号")
            continue
        seen[message.id] = data
        try:
            _require_fitting(message, node, listed, places)
        except ExchangeRefusal as no:
            refused[str(message.id)] = no.code
            continue
        places.add((message.subject, message.sequence))
        arrivals.append(Arrival(envelope=message, data=data, digest=theirs.digest(data), proof=proof))
    return arrivals, refused


def _require_fitting(
    message: Envelope, node: TrustedNode, listed: TrustList, places: Collection[tuple[str, int]]
) -> None:
    if message.sender != node.code:
        raise WrongSender()
    if message.recipient != here().code:
        raise WrongRecipient()
    if not listed.may_send(node.code, here().code, message.kind):
        raise NotAgreed(recipient=here().code, kind=message.kind)
    if (message.subject, message.sequence) in places:
        raise SequenceReused()
