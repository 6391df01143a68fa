# SPDX-License-Identifier: Apache-2.0
"""What a home node is asked about somebody follows from the page they want: no more than its item needs."""

from tongban.catalogue import queries as catalogue
from tongban.identity import asking
from tongban.identity.asking import Wish
from tongban.identity.assurance import REAL_NAME, Level
from tongban.standards.refusal import Refusal

PHONE = "phone_number"
APPLY = "/apply/"
DRAFTS = "/drafts/"  # begun with what an item asked for; which one is not said in the address


def wish_for(next_path: str, *, afresh: bool = False) -> Wish:
    """For a page of an item its least level, and the phone where its form begins with it; else who it is."""
    with_phone, least = next_path.startswith(DRAFTS), Level.DECLARED
    if next_path.startswith(APPLY):
        try:
            item = catalogue.item(next_path.removeprefix(APPLY).partition("/")[0]).item
        except Refusal:
            return Wish(afresh=afresh)
        with_phone = any(field.prefill == "person.phone" for field in item.form)
        least = Level(item.assurance or REAL_NAME)
    return Wish((*asking.IDENTITY, PHONE) if with_phone else asking.IDENTITY, least, afresh=afresh)
