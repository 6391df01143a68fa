# SPDX-License-Identifier: Apache-2.0
"""Every read of a case, and who may see what."""

from tongban.cases.queries.charged import fee_of
from tongban.cases.queries.confirming import ConfirmationPage, confirmation
from tongban.cases.queries.drafts import DraftPage, DraftRow, draft, my_drafts, own_and_waiting, standing_in
from tongban.cases.queries.evidence import Evidence, evidence
from tongban.cases.queries.given import notice, notice_file
from tongban.cases.queries.lists import MOST_COUNTED, CaseRow, Narrowing, Worklist, my_cases, taken_in, worklist
from tongban.cases.queries.marked import marked_file
from tongban.cases.queries.own_licence import own_licence, require_handed_over
from tongban.cases.queries.pages import case_page, material_file
from tongban.cases.queries.unsigned import unsigned
from tongban.cases.queries.views import CasePage, FeeView, FileView, NoticeView

__all__ = [
    "MOST_COUNTED",
    "CasePage",
    "CaseRow",
    "ConfirmationPage",
    "DraftPage",
    "DraftRow",
    "Evidence",
    "FeeView",
    "FileView",
    "Narrowing",
    "NoticeView",
    "Worklist",
    "case_page",
    "confirmation",
    "draft",
    "evidence",
    "fee_of",
    "marked_file",
    "material_file",
    "my_cases",
    "my_drafts",
    "notice",
    "notice_file",
    "own_and_waiting",
    "own_licence",
    "require_handed_over",
    "standing_in",
    "taken_in",
    "unsigned",
    "worklist",
]
