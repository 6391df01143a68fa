# SPDX-License-Identifier: Apache-2.0
"""Every change of licences: issuing them, making their files, how they stand, and the seals they are sealed with."""

from tongban.licences.actions.copies import give_copy
from tongban.licences.actions.erasing import erase_holders
from tongban.licences.actions.issuing import (
    Grant,
    adopt_file,
    adopt_paper,
    issue_paper,
    issue_rows,
    make_again,
    make_bulk_once,
    make_files_once,
    make_lost_again,
    take_serial,
    when_failed,
    when_ready,
)
from tongban.licences.actions.revising import answer_revision, revise
from tongban.licences.actions.seals import (
    answer_order,
    change_seal,
    entrust_seal,
    order_again,
    order_batch,
    register_seal,
)
from tongban.licences.actions.standing import change, decided_by_case, tell_once
from tongban.licences.actions.status import publish_status, publish_status_once

__all__ = [
    "Grant",
    "adopt_file",
    "adopt_paper",
    "answer_order",
    "answer_revision",
    "change",
    "change_seal",
    "decided_by_case",
    "entrust_seal",
    "erase_holders",
    "give_copy",
    "issue_paper",
    "issue_rows",
    "make_again",
    "make_bulk_once",
    "make_files_once",
    "make_lost_again",
    "order_again",
    "order_batch",
    "publish_status",
    "publish_status_once",
    "register_seal",
    "revise",
    "take_serial",
    "tell_once",
    "when_failed",
    "when_ready",
]
