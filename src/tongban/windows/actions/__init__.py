# SPDX-License-Identifier: Apache-2.0
"""Every change of an intake: each step is kept at once."""

from tongban.windows.actions.fetching import agree_at_window, find_intake
from tongban.windows.actions.taking_in import (
    add_file,
    answer,
    check_material,
    choose_item,
    conclude,
    fill,
    forget_intake,
    note_opened,
    remove_file,
    set_applicant,
    set_delivery,
    set_signers,
    show_applicant,
    start_intake,
    use_licence,
    verify_by_hand,
)

__all__ = [
    "add_file",
    "agree_at_window",
    "answer",
    "check_material",
    "choose_item",
    "conclude",
    "fill",
    "find_intake",
    "forget_intake",
    "note_opened",
    "remove_file",
    "set_applicant",
    "set_delivery",
    "set_signers",
    "show_applicant",
    "start_intake",
    "use_licence",
    "verify_by_hand",
]
