# SPDX-License-Identifier: Apache-2.0
"""The words of the procedure: where a case stands, whose part it is, how the places work together. Pure."""

from enum import StrEnum


class State(StrEnum):
    """Where a case stands."""

    SUBMITTED = "submitted"
    COLLECTED = "collected"
    CORRECTION = "correction"
    ACCEPTED = "accepted"
    SPECIAL = "special"
    EXAMINED = "examined"
    GRANTED = "granted"
    DENIED = "denied"
    ISSUED = "issued"
    DELIVERED = "delivered"
    NOT_REQUIRED = "not_required"
    NOT_ACCEPTED = "not_accepted"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"
    REVOKED = "revoked"


NAMES = {
    State.SUBMITTED: "已提交",
    State.COLLECTED: "已收件",
    State.CORRECTION: "待补正",
    State.ACCEPTED: "已受理",
    State.SPECIAL: "特别程序中",
    State.EXAMINED: "已审查",
    State.GRANTED: "准予，制证中",
    State.DENIED: "不予办理",
    State.ISSUED: "已出证，待领取",
    State.DELIVERED: "已办结",
    State.NOT_REQUIRED: "不受理",
    State.NOT_ACCEPTED: "不予受理",
    State.WITHDRAWN: "已撤回",
    State.TERMINATED: "已终止",
    State.REVOKED: "已撤销",
}
ENDED = frozenset(
    {
        State.DENIED,
        State.DELIVERED,
        State.NOT_REQUIRED,
        State.NOT_ACCEPTED,
        State.WITHDRAWN,
        State.TERMINATED,
        State.REVOKED,
    }
)
SERVED = frozenset({State.DELIVERED})  # ended with what was applied for
GIVEN = frozenset({State.GRANTED, State.ISSUED})  # granted, and not in the applicant's hands yet
DECIDED = frozenset({State.DELIVERED, State.DENIED, State.REVOKED})  # ended by a decision on the matter


class Part(StrEnum):
    """An organization's part in a case; never a node, never a region."""

    INTAKE = "intake"  # 收件地
    HANDLING = "handling"  # 办理地
    LEAD = "lead"  # 牵头部门


class Mode(StrEnum):
    """How the two places work together."""

    ONLINE = "online"  # 全程网办
    PROXY = "proxy"  # 异地代收代办
    JOINT = "joint"  # 多地联办


class Delivery(StrEnum):
    """How the applicant gets the result, as chosen at intake."""

    NET = "net"  # 网上下载
    POST = "post"  # 邮寄
    WINDOW = "window"  # 窗口领取


class Custody(StrEnum):
    """What a move does with the duty to move the case."""

    KEEP = "keep"
    OFFER = "offer"
    TAKE = "take"


class Originals(StrEnum):
    """What a move does with the paper originals of a case; each word says from whom to whom."""

    STAY = "stay"
    LEAVE = "leave"  # from the window to the courier, who brings them to the organ; the number is stated
    ARRIVE = "arrive"  # the organ has them, those on their way to it before those at the window
    POST = "post"  # from the organ to the applicant, together with the result
    RECEIVED = "received"  # the applicant has what was posted
    SEND_BACK = "send_back"  # those named, from the organ to the window or the applicant
    TO_WINDOW = "to_window"  # those named are at the window
    TO_APPLICANT = "to_applicant"  # those named are the applicant's again
