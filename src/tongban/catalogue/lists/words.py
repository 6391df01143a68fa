# SPDX-License-Identifier: Apache-2.0
"""The words of lists and agreements: scopes, how an entry and an agreement stand. Those of standing are ours."""

from tongban.standards.enums import Labelled


class ListScope(Labelled):
    """How far a list reaches."""

    CROSS_PROVINCE = "cross_province", "跨省通办"
    REGIONAL = "regional", "区域通办"
    PROVINCE = "province", "省内通办"
    CITY = "city", "全市通办"


class EntryStatus(Labelled):
    """How an entry of a list stands. No national list of such words was found: these are ours."""

    UNSAID = "unsaid", "未公布状态"  # nobody has said how it stands
    NOT_BEGUN = "not_begun", "未开始"
    UNDER_WAY = "under_way", "推进中"
    OPEN = "open", "已开通"
    ON_HOLD = "on_hold", "暂缓"
    TAKEN_OUT = "taken_out", "已调出"


class ListStanding(Labelled):
    """How a version of a list stands."""

    PUBLISHED = "published", "现行"
    SUPERSEDED = "superseded", "已有新版本"
    WITHDRAWN = "withdrawn", "已撤回"


class AgreementStanding(Labelled):
    """How an agreement stands; whether it is in force also depends on the day."""

    OFFERED = "offered", "待对方确认"
    CONFIRMED = "confirmed", "已确认"
    REFUSED = "refused", "对方未同意"
    RETRACTED = "retracted", "已收回"
    ENDED = "ended", "已终止"


SAYABLE = tuple(status for status in EntryStatus if status is not EntryStatus.UNSAID)
NEEDS_REASON = frozenset({EntryStatus.ON_HOLD, EntryStatus.TAKEN_OUT})
PUBLISHED, SUPERSEDED, WITHDRAWN = (standing.value for standing in ListStanding)
OFFERED, CONFIRMED, REFUSED, RETRACTED, ENDED = (standing.value for standing in AgreementStanding)
MOVES = {"accept": "受理", "request_correction": "一次性告知补正", "not_accept": "不予受理"}
