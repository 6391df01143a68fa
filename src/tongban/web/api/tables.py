# SPDX-License-Identifier: Apache-2.0
"""Published items for programs in the columns of the national exchange tables, a page at a time."""

from itertools import islice

from ninja import Router

from tongban.catalogue.tables import items as rows
from tongban.catalogue.tables import queries
from tongban.catalogue.tables.writing import as_record
from tongban.standards.refusal import BadInput
from tongban.standards.regions import is_region_code
from tongban.web.api.schemas import Tables
from tongban.web.api.speech import Answer, Asked, declared, told

MOST = 100  # items of one answer

router = Router(tags=["items"], auth=None)


@router.get("", summary="Items as exchange tables", openapi_extra=declared({200: Tables}, 422))
def tables(request: Asked, region: str = "", publisher: str = "", after: str = "", limit: int = 50) -> Answer:
    """Every item in use, with its rows in each table, as the file that the desk exports; ask on with `after=next`.

    Columns that begin with `tongban_` are ours. Drafts are never among them.
    """
    if region and not is_region_code(region):
        raise BadInput("region", "参数 region 不是行政区划代码。")
    task, _, version = after.partition(":")
    if after and not (version.isdigit() and len(version) < 9):
        raise BadInput("after", "参数 after 须是上一页的 next。")
    page = max(1, min(limit, MOST))
    last = (task, int(version)) if after else ("", 0)
    out = queries.going_out(None, own=False, region=region, publisher=publisher, after=last, page=page)
    found: list[rows.Out] = list(islice(out, page))
    next_one = f"{found[-1].task_code}:{found[-1].version}" if len(found) == page else ""
    names = queries.short_names()
    return told(Tables(items=[as_record(each, short_names=names) for each in found], next=next_one))
