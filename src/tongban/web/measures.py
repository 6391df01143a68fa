# SPDX-License-Identifier: Apache-2.0
"""Counters of this process, by the name of the view and never by path: a path may hold a case's number."""

from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()

REQUESTS = Counter("tongban_http_requests", "Requests answered", ("view", "method", "status"), registry=REGISTRY)
SECONDS = Histogram(
    "tongban_http_seconds",
    "Seconds from first byte in to response made",
    ("view",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)


def request_done(view: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    requests, lasted = _figures(view, method, status)
    requests.inc()
    lasted.observe(seconds)


@lru_cache(maxsize=4096)
def _figures(view: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """The figures of one kind of request; looking them up costs more than counting."""
    return REQUESTS.labels(view, method, str(status)), SECONDS.labels(view)
