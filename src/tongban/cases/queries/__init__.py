# SPDX-License-Identifier: Apache-2.0
"""Every read of a case, and who may see what."""

from tongban.cases.queries.drafts import DraftPage, DraftRow, draft, my_drafts
from tongban.cases.queries.evidence import Evidence, evidence
from tongban.cases.queries.lists import MOST_COUNTED, CaseRow, Worklist, my_cases, taken_in, worklist
from tongban.cases.queries.pages import case_page, material_file, notice_file
from tongban.cases.queries.views import CasePage, FileView, NoticeView

__all__ = [
    "MOST_COUNTED",
    "CasePage",
    "CaseRow",
    "DraftPage",
    "DraftRow",
    "Evidence",
    "FileView",
    "NoticeView",
    "Worklist",
    "case_page",
    "draft",
    "evidence",
    "material_file",
    "my_cases",
    "my_drafts",
    "notice_file",
    "taken_in",
    "worklist",
]
