# SPDX-License-Identifier: Apache-2.0
"""Every change of a case: one verb, one transaction, its ledger line, its messages."""

from tongban.cases.actions.drafting import (
    add_material,
    answer,
    applicant_of,
    fill,
    remove_material,
    start_draft,
    submit_draft,
)
from tongban.cases.actions.moving import ask, make_move, make_or_ask, withdraw
from tongban.cases.actions.results import fetch_result, tell_case
from tongban.cases.actions.submitting import Submitted, submit
from tongban.cases.application import Applicant, Application, GivenFile

__all__ = [
    "Applicant",
    "Application",
    "GivenFile",
    "Submitted",
    "add_material",
    "answer",
    "applicant_of",
    "ask",
    "fetch_result",
    "fill",
    "make_move",
    "make_or_ask",
    "remove_material",
    "start_draft",
    "submit",
    "submit_draft",
    "tell_case",
    "withdraw",
]
