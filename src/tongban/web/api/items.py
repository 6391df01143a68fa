# SPDX-License-Identifier: Apache-2.0
"""Items for programs: search, and one version with its content."""

from ninja import Router

from tongban.catalogue import queries
from tongban.catalogue.models import ItemVersion
from tongban.web.api.schemas import Item, ItemRow, Items
from tongban.web.api.speech import Answer, Asked, declared, told

router = Router(tags=["items"], auth=None)


@router.get("", summary="Search items", openapi_extra=declared({200: Items}, 422))
def items(request: Asked, q: str = "", region: str = "", limit: int = 20) -> Answer:
    """Published items whose name, publisher or region holds every word of `q`."""
    found = queries.search(q[:100], region or None, limit=max(1, min(limit, 100)))
    return told(Items(items=[_row(version) for version in found]))


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
