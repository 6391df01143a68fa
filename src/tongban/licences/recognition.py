# SPDX-License-Identifier: Apache-2.0
"""The mutual recognition list (互认清单): whose licences a region accepts for what, from when until when. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tongban.standards.enums import IdType
from tongban.standards.regions import contains

EVERYWHERE = "000000"
WAY_OUT = "请改用其他方式提交材料。"
HERE, THERE = "本地", "办理地"  # whose list it is, for whoever reads the reason


@dataclass(frozen=True)
class Accepted:
    """One line: licences of this type, issued in this region, are accepted for this item."""

    type_code: str  # 21 characters
    issuer_region: str  # with all that lies in it; 000000: wherever it was issued
    item: str  # 基本编码; empty: for every item
    since: date
    until: date | None = None  # the last day; None: until it is taken back


@dataclass(frozen=True)
class Recognition:
    """Whether a licence of elsewhere is accepted, and why not."""

    accepted: bool
    reason: str = ""  # a sentence; empty when it is accepted


def recognised(
    listed: Sequence[Accepted] | None,
    *,
    type_code: str,
    type_name: str,
    issuer_region: str,
    here_region: str,
    item: str,
    day: date,
    whose: str = HERE,
) -> Recognition:
    """Whether the region of `here_region` accepts a licence of this type from `issuer_region` for an item on a day.

    What was issued in the same province needs no list. `listed` are the lines that this region has published
    (types.queries.accepted_by), None where they are not known; the reason names the first thing that stands in the way.
    """
    if issuer_region[:2] == here_region[:2]:
        return Recognition(accepted=True)
    if listed is None:
        return _no(f"{whose}还没有公布互认清单，不知道是否采信外省签发的“{type_name}”")
    of_type = [each for each in listed if each.type_code == type_code]
    from_there = [
        each for each in of_type if each.issuer_region == EVERYWHERE or contains(each.issuer_region, issuer_region)
    ]
    for_item = [each for each in from_there if each.item in ("", item)]
    if any(each.since <= day and (each.until is None or day <= each.until) for each in for_item):
        return Recognition(accepted=True)
    if for_item:
        return _no(_not_now(for_item, type_name, day, whose))
    if from_there:
        return _no(f"{whose}互认清单没有把“{type_name}”用于这个事项")
    from_where = "该地区签发的" if of_type else ""
    return _no(f"{whose}互认清单没有列入{from_where}“{type_name}”")


def fits_holder(holders: Sequence[str], type_name: str, id_type: str) -> Recognition:
    """Whether licences of a type are given to such a holder at all: `holders` as the type is defined where it counts.

    An empty `id_type` is one that nobody knows any more; it is judged by nobody.
    """
    if not id_type or ("company" if id_type == IdType.CREDIT_CODE else "person") in holders:
        return Recognition(accepted=True)
    return _no(f"“{type_name}”不发给{'法人和其他组织' if id_type == IdType.CREDIT_CODE else '个人'}")


def _not_now(lines: Sequence[Accepted], type_name: str, day: date, whose: str) -> str:
    if begins := min((each.since for each in lines if each.since > day), default=None):
        return f"{_at(whose)}对“{type_name}”的互认自{_day(begins)}起才生效"
    ended = max(each.until for each in lines if each.until is not None)
    return f"{_at(whose)}对“{type_name}”的互认已于{_day(ended)}到期"


def _at(whose: str) -> str:
    return "" if whose == HERE else whose


def _no(why: str) -> Recognition:
    return Recognition(accepted=False, reason=f"{why}，{WAY_OUT}")


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
