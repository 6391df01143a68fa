# SPDX-License-Identifier: Apache-2.0
"""Every change of lists and agreements: drafts and files, versions, how entries stand, what two regions agree."""

from tongban.catalogue.lists.actions.agreeing import confirm, end, offer, refuse, retract
from tongban.catalogue.lists.actions.drafting import (
    approve,
    discard_file,
    drop,
    edit_head,
    put_batch,
    put_entry,
    remove_batch,
    remove_entry,
    send_back,
    start_draft,
    start_list,
    submit,
)
from tongban.catalogue.lists.actions.importing import check_file, import_file, take_over, try_file
from tongban.catalogue.lists.actions.publishing import announce, publish, row_of, set_status, subject_of, withdraw

__all__ = [
    "announce",
    "approve",
    "check_file",
    "confirm",
    "discard_file",
    "drop",
    "edit_head",
    "end",
    "import_file",
    "offer",
    "publish",
    "put_batch",
    "put_entry",
    "refuse",
    "remove_batch",
    "remove_entry",
    "retract",
    "row_of",
    "send_back",
    "set_status",
    "start_draft",
    "start_list",
    "subject_of",
    "submit",
    "take_over",
    "try_file",
    "withdraw",
]
