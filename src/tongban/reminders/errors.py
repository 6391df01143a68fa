# SPDX-License-Identifier: Apache-2.0
"""Named refusals of reminders."""

from tongban.standards.refusal import Refusal


class AddressWrong(Refusal):
    """What was typed is no address that mail can be sent to."""

    code, status, says = "mail_address_wrong", 422, "请填写正确的电子邮箱地址，例如 zhang@example.com。"
