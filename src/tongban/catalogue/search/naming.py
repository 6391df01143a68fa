# SPDX-License-Identifier: Apache-2.0
"""What a matter is called without what differs from office to office: its place, an office's own words in brackets."""

import re
from functools import cache

from tongban.catalogue.search import speech
from tongban.catalogue.search.places import Places

IN_BRACKETS = re.compile(r"[(（]([^()（）]*)[)）]\s*$")
TAIL = re.compile(r"(?<=.{4})(?:办理|服务|业务|事项)$")


def matter(name: str, places: Places) -> str:
    """The name that offices share. Brackets stay when they tell which matter it is, such as 新办 or 变更."""
    told = places.strip(name.strip())
    found = IN_BRACKETS.search(told)
    while found and len(told) - len(found[0]) >= 2 and not _tells(found[1]):
        told = told[: found.start()].strip()
        found = IN_BRACKETS.search(told)
    return TAIL.sub("", told) or told


@cache
def _telling() -> re.Pattern[str]:
    said = [saying.said for saying in speech.sayings().values() if saying.kind != "empty"]
    return re.compile("|".join(map(re.escape, sorted(said, key=len, reverse=True))))


@cache
def _tells(words: str) -> bool:
    return bool(_telling().search(speech.plain(words)))
