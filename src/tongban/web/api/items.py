# SPDX-License-Identifier: Apache-2.0
"""Items for programs: search, and one version with its content."""

from ninja import Router

from tongban.catalogue import queries
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.search.queries import Wanted, search, suggest
from tongban.standards.refusal import BadInput
from tongban.standards.regions import is_region_code
from tongban.web.api.schemas import Item, ItemRow, Items, Suggestions
from tongban.web.api.speech import Answer, Asked, declared, told
from tongban.web.guides import Guide, guide

MOST = 100  # items of one answer

router = Router(tags=["items"], auth=None)
typing = Router(tags=["items"], auth=None)  # under an address of its own: /items/{task_code} takes every word


@router.get("", summary="Search items", openapi_extra=declared({200: Items}, 422))
def items(
    request: Asked,
    q: str = "",
    region: str = "",
    audience: str = "",
    department: str = "",
    mode: str = "",
    theme: str = "",
    limit: int = 20,
) -> Answer:
    """Published items that answer `q` best, the best name first, for each name the places that handle it.

    `q` may be common speech, pinyin or first letters, and may name a place; `region` takes in all that lies inside.
    """
    if region and not is_region_code(region):
        raise BadInput("region", "参数 region 不是行政区划代码。")
    wanted = Wanted(department=department, theme=theme, mode=mode, audience=audience)
    found = search(q, region, wanted, most=max(1, min(limit, MOST)), whole=False)
    return told(Items(items=[_row(version) for version in found.items]))


def _row(version: ItemVersion) -> ItemRow:
    return ItemRow(
        task_code=version.task_code,
        version=version.version,
        name=version.name,
        mode=version.mode,
        region_code=version.region_code,
        publisher=version.publisher,
        publisher_name=version.publisher_name,
        digest=version.digest,
    )


@router.get("/{task_code}", summary="One item", openapi_extra=declared({200: Item}, 404))
def item(request: Asked, task_code: str) -> Answer:
    """The published version with everything its guide says."""
    version = queries.item(task_code)
    told_item = Item(
        task_code=version.task_code,
        version=version.version,
        digest=version.digest,
        node=version.node_code,
        status=version.status,
        content=version.item,
    )
    return told(told_item)


@router.get("/{task_code}/guide", summary="The guide of an item", openapi_extra=declared({200: Guide}, 404, 422))
def item_guide(request: Asked, task_code: str, version: int = 0) -> Answer:
    """What the page `/items/{task_code}/` says, and nothing else; of one version, when its number is asked for.

    A version that is not in force says since when and why, and which one to look at instead.
    """
    return told(guide(task_code, version or None))


@typing.get("", summary="Names while somebody is typing", openapi_extra=declared({200: Suggestions}, 422))
def suggestions(request: Asked, q: str = "") -> Answer:
    """At most eight names of published items that `q` may become; as in search it may be pinyin or first letters."""
    return told(Suggestions(names=suggest(q)))
