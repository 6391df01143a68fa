# SPDX-License-Identifier: Apache-2.0
"""Every change of the exchange: writing letters, carrying them, receiving, applying, fetching files, coming back."""

from tongban.exchange.actions.applying import apply_once, unpark_known
from tongban.exchange.actions.desk import (
    hand_letter,
    hand_parked,
    send_refused_again,
    try_parked_again,
    write_anew,
)
from tongban.exchange.actions.echoing import echo
from tongban.exchange.actions.fetching import fetch_once, unwant_file, want_files
from tongban.exchange.actions.mending import mend_gaps_once, send_again
from tongban.exchange.actions.querying import Asking, answer, ask, put_question_once
from tongban.exchange.actions.receiving import receive, receive_together
from tongban.exchange.actions.recovering import begin_recovery, give_back, go_on_without, recover_once
from tongban.exchange.actions.refusing import note_refusal, note_stranger
from tongban.exchange.actions.sending import deliver, deliver_once
from tongban.exchange.actions.trusting import change_at_hub, fetch_trust_list, note_key_made, renew_trust_list
from tongban.exchange.actions.writing import Letter, News, Priority, post, send, send_many

__all__ = [
    "Asking",
    "Letter",
    "News",
    "Priority",
    "answer",
    "apply_once",
    "ask",
    "begin_recovery",
    "change_at_hub",
    "deliver",
    "deliver_once",
    "echo",
    "fetch_once",
    "fetch_trust_list",
    "give_back",
    "go_on_without",
    "hand_letter",
    "hand_parked",
    "mend_gaps_once",
    "note_key_made",
    "note_refusal",
    "note_stranger",
    "post",
    "put_question_once",
    "receive",
    "receive_together",
    "recover_once",
    "renew_trust_list",
    "send",
    "send_again",
    "send_many",
    "send_refused_again",
    "try_parked_again",
    "unpark_known",
    "unwant_file",
    "want_files",
    "write_anew",
]
