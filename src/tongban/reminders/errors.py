# SPDX-License-Identifier: Apache-2.0
"""Named refusals of reminders."""

from tongban.standards.refusal import Refusal


class NotStuck(Refusal):
    """It was sent, or is about to be: nobody sends it a second time."""

    code, status, says = "reminder_not_stuck", 409, "这条提醒已经发出或者正在等待发送，不用重发。"


class AddressWrong(Refusal):
    """What was typed is no address that mail can be sent to."""

    code, status, says = "mail_address_wrong", 422, "请填写正确的电子邮箱地址，例如 zhang@example.com。"
