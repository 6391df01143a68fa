# SPDX-License-Identifier: Apache-2.0
"""Why a licence is not given to who asks for it."""

from tongban.standards.refusal import Refusal


class NotGranted(Refusal):
    """The organization may not call licences of this type."""

    code, status, says = "licence_use_not_granted", 403, "签发地没有授权{organization}调用“{name}”。"


class QuotaSpent(Refusal):
    """The organization has called as often today as it may."""

    code, status, says = "licence_use_quota_spent", 429, "今天调用“{name}”已达{daily}次的上限，明天可以再试。"


class FieldNotGranted(Refusal):
    """The organization may not have this of the licence."""

    code, status, says = "licence_field_not_granted", 403, "签发地没有授权提供“{name}”的{what}。"


class NotHeld(Refusal):
    """The holder has no such licence here."""

    code, status, says = "licence_not_held", 404, "签发地没有查到申请人的“{name}”。"


class DoesNotCount(Refusal):
    """The holder has one, and it may not be relied upon."""

    code, status, says = "licence_does_not_count", 409, "申请人的“{name}”现在是“{standing}”状态，不能使用。"


class CallReused(Refusal):
    """Somebody else's call has this identity."""

    code, status, says = "licence_call_reused", 409, "这次调用的编号已经用于另一次调用。"


class NotHandedOver(Refusal):
    """Its holder has yet to do something before they get it, and nobody gets it in their name before."""

    code, status, says = "licence_not_handed_over", 409, "申请人的“{name}”还没有交付，现在不能使用。"


class ConsentOver(Refusal):
    """What the holder agreed to is over."""

    code, status, says = "licence_consent_over", 403, "持证人同意的使用期限已过，请重新征得同意。"


class GrantStands(Refusal):
    """There is one in force for this organization and type."""

    code, status, says = "licence_use_grant_stands", 409, "对{organization}调用“{name}”已有一项有效的授权，请先终止。"
