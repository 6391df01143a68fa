# SPDX-License-Identifier: Apache-2.0
"""Every change of the catalogue: lists, layers, claims, drafts, published versions and how they stand."""

from tongban.catalogue.actions.attaching import attach
from tongban.catalogue.actions.claiming import claim, decline
from tongban.catalogue.actions.drafting import approve, drop, edit, send_back, start_basic_draft, start_draft, submit
from tongban.catalogue.actions.laying import announce_basics, basic_row_of, list_basic, publish_basic
from tongban.catalogue.actions.loading import KNOWN_ITEMS, load_basic_items, load_known_items
from tongban.catalogue.actions.publishing import (
    FRESH,
    announce,
    begin_due,
    publish,
    resume,
    retire,
    row_of,
    subject_of,
    suspend,
)

__all__ = [
    "FRESH",
    "KNOWN_ITEMS",
    "announce",
    "announce_basics",
    "approve",
    "attach",
    "basic_row_of",
    "begin_due",
    "claim",
    "decline",
    "drop",
    "edit",
    "list_basic",
    "load_basic_items",
    "load_known_items",
    "publish",
    "publish_basic",
    "resume",
    "retire",
    "row_of",
    "send_back",
    "start_basic_draft",
    "start_draft",
    "subject_of",
    "submit",
    "suspend",
]
