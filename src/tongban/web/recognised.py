# SPDX-License-Identifier: Apache-2.0
"""The mutual recognition list in words, as the portal and the desk show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tongban.catalogue.queries import basic_items
from tongban.licences.recognition import EVERYWHERE, Accepted
from tongban.licences.types.queries import in_force
from tongban.regions.queries import region_names


@dataclass(frozen=True)
class Row:
    """One line in words."""

    line: Accepted
    type_name: str
    issuer: str
    item: str
    standing: str  # what its days say: 有效, 尚未生效, 已到期


def rows(lines: Sequence[Accepted], today: date) -> Sequence[Row]:
    """The lines of a list, as people read them."""
    types = in_force(today)
    places = {EVERYWHERE: "全国各地"} | region_names([each.issuer_region for each in lines])
    items = {"": "全部事项"} | {each.code: each.name for each in basic_items()}
    return [
        Row(
            line,
            types[line.type_code].content.name if line.type_code in types else line.type_code,
            places.get(line.issuer_region, line.issuer_region),
            items.get(line.item, line.item),
            _standing(line, today),
        )
        for line in lines
    ]


def _standing(line: Accepted, today: date) -> str:
    if today < line.since:
        return "尚未生效"
    return "已到期" if line.until and line.until < today else "有效"
