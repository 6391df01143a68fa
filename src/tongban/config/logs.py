# SPDX-License-Identifier: Apache-2.0
"""Structured logs: one JSON object a line, with the request's id, and nothing personal."""

import logging
import os
import sys
import traceback
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

import msgspec
import structlog

LEVEL = os.environ.get("TONGBAN_LOG_LEVEL", "INFO")
STDERR = 2


class Lines:
    """Writes our own lines at once: every request has one, and the standard library's way costs as much as a query."""

    def msg(self, line: bytes) -> None:
        """One line in one write, so that threads need no lock; whom nobody reads is not stopped by it."""
        with suppress(OSError):
            os.write(STDERR, line + b"\n")

    debug = info = warning = error = critical = msg


def without_words(logger: Any, method: str, told: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception as its kind and where it came from: a database's message may quote what a person typed."""
    given = told.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-12:]
        told["error"] = type(error).__name__
        told["where"] = [f"{frame.filename.rpartition('/src/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return told


def as_json(logger: Any, method: str, told: MutableMapping[str, Any]) -> bytes:
    """The line; what JSON does not know is shown as Python shows it."""
    return _json.encode(dict(told))


_json = msgspec.json.Encoder(enc_hook=repr)

SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                without_words,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            "foreign_pre_chain": SHARED,
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": sys.stderr}},
    "root": {"handlers": ["stderr"], "level": LEVEL},
    "loggers": {
        "django": {"level": "WARNING", "handlers": ["stderr"], "propagate": False},
        # Paths of pages may hold numbers of cases; the access line is ours, in web.middleware.
        "django.request": {"level": "CRITICAL", "handlers": ["stderr"], "propagate": False},
    },
}

structlog.configure(
    processors=[*SHARED, without_words, as_json],
    logger_factory=lambda *_: Lines(),
    wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[LEVEL]),
    cache_logger_on_first_use=True,
)
