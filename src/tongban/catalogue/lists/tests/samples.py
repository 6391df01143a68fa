# SPDX-License-Identifier: Apache-2.0
"""A list, an agreement and the people who keep them, for the tests of this folder."""

from typing import Any

from tongban.catalogue.lists import content
from tongban.catalogue.lists.content import TongbanList
from tongban.catalogue.tests.layers import GANSU

FIRST = {"code": "2020", "name": "第一批", "deadline": "2020-12-31", "announced": 58}
SECOND = {"code": "2021", "name": "第二批", "deadline": "2021-12-31"}


def entry(code: str = "a-1", name: str = "学历公证", **said: Any) -> dict[str, Any]:
    """One entry."""
    return {"code": code, "name": name, "batch": "2020", **said}


def plain(*entries: dict[str, Any], office: Any = GANSU, **said: Any) -> dict[str, Any]:
    """A list of an office as plain values."""
    publisher = {"code": office.code, "name": office.name, "region": office.region}
    head = {"code": "cross", "title": "跨省通办事项清单", "publisher": publisher, "scope": "cross_province"}
    return head | {"batches": [FIRST, SECOND], "entries": list(entries or (entry(),))} | said


def made(*entries: dict[str, Any], **said: Any) -> TongbanList:
    """The same, typed."""
    return content.convert(plain(*entries, **said))
