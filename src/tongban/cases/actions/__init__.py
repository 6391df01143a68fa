# SPDX-License-Identifier: Apache-2.0
"""Every change of a case: one verb, one transaction, its ledger line, its messages."""

from tongban.cases.actions.assigning import Assigned, assign_many
from tongban.cases.actions.charging import confirm_paid
from tongban.cases.actions.collecting import Collection, collect
from tongban.cases.actions.drafting import (
    add_material,
    answer,
    applicant_from,
    applicant_of,
    fill,
    forget_drafts,
    remove_material,
    start_draft,
    submit_draft,
    use_licence,
)
from tongban.cases.actions.erasing import erase_case
from tongban.cases.actions.looking import note_look
from tongban.cases.actions.moving import ask, make_move, make_or_ask, withdraw
from tongban.cases.actions.opening import Keyed, Submitted, new_keyed
from tongban.cases.actions.previewing import Preview, preview
from tongban.cases.actions.results import fetch_result, tell_case
from tongban.cases.actions.showing import Shown, show_person
from tongban.cases.actions.signing import add_signer, confirm, decline, remove_signer
from tongban.cases.actions.submitting import submit, submit_with_files
from tongban.cases.actions.uploading import Upload, take_file
from tongban.cases.application import Applicant, Application, GivenFile

__all__ = [
    "Applicant",
    "Application",
    "Assigned",
    "Collection",
    "GivenFile",
    "Keyed",
    "Preview",
    "Shown",
    "Submitted",
    "Upload",
    "add_material",
    "add_signer",
    "answer",
    "applicant_from",
    "applicant_of",
    "ask",
    "assign_many",
    "collect",
    "confirm",
    "confirm_paid",
    "decline",
    "erase_case",
    "fetch_result",
    "fill",
    "forget_drafts",
    "make_move",
    "make_or_ask",
    "new_keyed",
    "note_look",
    "preview",
    "remove_material",
    "remove_signer",
    "show_person",
    "start_draft",
    "submit",
    "submit_draft",
    "submit_with_files",
    "take_file",
    "tell_case",
    "use_licence",
    "withdraw",
]
