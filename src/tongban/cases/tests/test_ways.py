# SPDX-License-Identifier: Apache-2.0
"""Which ways an item leaves open for a material, in which order, and how far a file of each can be trusted."""

import pytest

from tongban.cases.ways import Level, Way, fetched, level, ways
from tongban.catalogue.content import ItemContent, Material, convert
from tongban.catalogue.tests.items import content, material


def asked(**changed: object) -> tuple[ItemContent, Material]:
    item = convert(content(materials=[material("card", **changed)], questions=[]))
    return item, item.materials[0]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "earlier upload"),
        ({"form": "paper"}, ""),
        ({"more": {"kind": "form"}}, "upload"),
        ({"more": {"licence_name": "居民身份证"}}, "licence earlier upload"),
        ({"more": {"resource": "人口基础信息", "resource_from": "公安"}}, "shared earlier upload"),
        ({"more": {"licence_type": "1", "resource": "a", "resource_from": "b"}}, "licence shared earlier upload"),
    ],
)
def test_the_ways_follow_from_what_the_item_declares(changed: dict[str, object], expected: str) -> None:
    item, paper = asked(**changed)
    beside = {Way.WINDOW, Way.POST}
    assert [way for way in ways(item, paper) if way not in beside] == expected.split()
    assert set(fetched(item, paper)) == set(expected.split()) & {"licence", "shared"}


def test_what_its_issuer_gives_counts_most_and_what_anybody_made_least() -> None:
    government, own = asked(source="government")[1], asked(source="applicant")[1]
    told = [(Way.LICENCE, own, True), (Way.UPLOAD, own, True), (Way.UPLOAD, government, False), ("", own, False)]
    assert [level(way, paper, at_window=window) for way, paper, window in told] == [*Level]
