# SPDX-License-Identifier: Apache-2.0
"""A material as people open it: with its level (可信等级) and what it is for across each page (国办函〔2016〕108号)."""

from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import PurePosixPath

from tongban.cases.queries.pages import handed_in
from tongban.cases.queries.sources import trusts
from tongban.cases.queries.timeline import lines_of
from tongban.cases.queries.views import FileView
from tongban.cases.queries.whole import whole
from tongban.catalogue.queries import item_cached
from tongban.licences import marking
from tongban.licences.documents import chinese_date
from tongban.standards.actor import Actor
from tongban.standards.clock import local_date
from tongban.standards.refusal import NotFound
from tongban.vault import files

MARKED = "（带标记）"  # in the name of a copy, so that it is not taken for the file


def marked_file(number_or_id: str, number: int, actor: Actor, at: datetime) -> FileView:
    """A copy of a material, marked with its level, its case and the day. NotFound, FileMissing as `material_file`.

    What takes no mark (see `marking.copy`) is given as it is, under its own name. What is kept does not change.
    """
    found = whole(number_or_id, actor)
    held = found.held
    row = next((each for each in found.materials if each.number == number), None)
    if row is None:
        raise NotFound(what="这份材料")
    as_it_is = handed_in(held, row, actor)
    item = item_cached(held.task_code, held.item_version).item
    trust = trusts(item, held.mode, lines_of(held, found.events), found.materials)[number]
    words = f"可信等级{trust.level}：{trust.mark}　仅用于办件{held.receipt_no}　{chinese_date(local_date(at))}"
    try:
        with files.opened(held.subject, held.key, row.digest) as source:
            made = marking.copy(row.media_type, source, row.size, words)
    except marking.Unmarkable:
        return as_it_is
    whole_name = PurePosixPath(as_it_is.filename)
    return replace(
        as_it_is,
        filename=f"{whole_name.stem}{MARKED}{whole_name.suffix}",
        size=len(made.data) + (row.size if made.follows else 0),
        chunks=chain(as_it_is.chunks if made.follows else (), [made.data]),
    )
