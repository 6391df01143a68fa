# SPDX-License-Identifier: Apache-2.0
"""Every change of the exchange: writing letters, carrying them, receiving, applying, fetching files."""

from tongban.exchange.actions.applying import apply_once, unpark
from tongban.exchange.actions.fetching import fetch_once, want_files
from tongban.exchange.actions.receiving import count_refusal, receive
from tongban.exchange.actions.sending import deliver, deliver_once
from tongban.exchange.actions.trusting import fetch_trust_list, renew_trust_list
from tongban.exchange.actions.writing import Letter, post, send

__all__ = [
    "Letter",
    "apply_once",
    "count_refusal",
    "deliver",
    "deliver_once",
    "fetch_once",
    "fetch_trust_list",
    "post",
    "receive",
    "renew_trust_list",
    "send",
    "unpark",
    "want_files",
]
