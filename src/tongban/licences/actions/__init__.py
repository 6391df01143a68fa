# SPDX-License-Identifier: Apache-2.0
"""Every change of licences: issuing them, making their files, and how they stand."""

from tongban.licences.actions.issuing import (
    Grant,
    adopt_paper,
    issue_paper,
    issue_rows,
    make_again,
    make_files_once,
    make_lost_again,
    take_serial,
    when_failed,
    when_ready,
)
from tongban.licences.actions.standing import change, decided_by_case, tell_once

__all__ = [
    "Grant",
    "adopt_paper",
    "change",
    "decided_by_case",
    "issue_paper",
    "issue_rows",
    "make_again",
    "make_files_once",
    "make_lost_again",
    "take_serial",
    "tell_once",
    "when_failed",
    "when_ready",
]
