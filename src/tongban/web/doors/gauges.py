# SPDX-License-Identifier: Apache-2.0
"""Figures read when they are asked for: backlog, ledger, expiry. No figure names a person or a case."""

import os
from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from tongban.exchange import queries as exchange
from tongban.exchange import witnesses
from tongban.ledger import queries as ledger
from tongban.licences import queries as licences
from tongban.regions import queries as regions
from tongban.standards import clock
from tongban.standards.node import here
from tongban.standards.refusal import Refusal
from tongban.web import measures


def exposition(accept: str) -> tuple[bytes, str]:
    """Counters of this process (or of all, where they share a folder) and the figures of the node."""
    encode, kind = choose_encoder(accept)
    return encode(_counters()) + encode(_node()), kind


def _counters() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return measures.REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _node() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(NodeFigures())
    return registry


class NodeFigures(Collector):
    """What the node's own tables and trust list say at this moment."""

    def collect(self) -> Iterator[Metric]:
        """Each figure; what cannot be read is left out rather than guessed."""
        yield from _exchange_figures()
        yield from _ledger_figures()
        yield from _paper_figures()
        try:
            yield from _trust_figures()
        except Refusal:
            return

    def describe(self) -> list[Metric]:
        """Nothing is read at registration."""
        return []


def _exchange_figures() -> Iterator[Metric]:
    load = exchange.load()
    backlog = GaugeMetricFamily("tongban_outbox_waiting", "Messages that wait for a peer", labels=["peer"])
    for peer, count in load.outbox.items():
        backlog.add_metric([peer], count)
    yield backlog
    yield GaugeMetricFamily("tongban_inbox_waiting", "Messages received, not applied", value=load.inbox_waiting)
    yield GaugeMetricFamily("tongban_inbox_parked", "Messages that wait for an earlier one", value=load.inbox_parked)
    yield GaugeMetricFamily("tongban_files_wanted", "Attachments still to be fetched", value=load.files_wanted)
    refused = GaugeMetricFamily("tongban_messages_refused", "Messages refused, ever", labels=["sender", "code"])
    for (sender, code), count in load.refused.items():
        refused.add_metric([sender, code], count)
    yield refused


def _skew_figure() -> Metric:
    skew = GaugeMetricFamily(
        "tongban_peer_clock_skew_seconds", "A peer's clock less ours, the way included", labels=["peer"]
    )
    for peer in exchange.peers():
        if peer.skew_ms is not None:
            skew.add_metric([peer.code], peer.skew_ms / 1000)
    return skew


def _paper_figures() -> Iterator[Metric]:
    oldest = licences.oldest_pending()
    waited = 0.0 if oldest is None else (clock.now() - oldest).total_seconds()
    yield GaugeMetricFamily("tongban_paper_oldest_pending_seconds", "Since when the oldest paper waits", value=waited)


def _ledger_figures() -> Iterator[Metric]:
    yield GaugeMetricFamily("tongban_ledger_pending", "Lines not yet in the tree", value=ledger.waiting())
    conflicts = GaugeMetricFamily(
        "tongban_witness_conflicts", "Tree heads of a peer that contradict one another", labels=["peer"]
    )
    for peer, count in witnesses.conflict_counts().items():
        conflicts.add_metric([peer], count)
    yield conflicts


def _trust_figures() -> Iterator[Metric]:
    now, held = clock.now(), regions.trust_list()
    seconds = (held.expires_at - now).total_seconds()
    yield GaugeMetricFamily("tongban_trust_list_expiry_seconds", "Until the trust list expires", value=seconds)
    yield GaugeMetricFamily("tongban_trust_list_serial", "Serial of the trust list held", value=held.serial)
    expiry = GaugeMetricFamily("tongban_key_expiry_seconds", "Until a key of this node expires", labels=["use", "key"])
    for key in held.node(here().code).keys:
        expiry.add_metric([key.use, key.id], (key.not_after - now).total_seconds())
    yield expiry
    silence = GaugeMetricFamily("tongban_peer_silence_seconds", "Since a peer last answered", labels=["peer"])
    failing = GaugeMetricFamily("tongban_peer_failing", "1 when the last try failed", labels=["peer"])
    for peer in exchange.peers():
        failing.add_metric([peer.code], int(peer.failing))
        if peer.last_ok_at is not None:
            silence.add_metric([peer.code], (now - peer.last_ok_at).total_seconds())
    yield from (silence, failing, _skew_figure())
