# SPDX-License-Identifier: Apache-2.0
"""Named refusals at the window."""

from tongban.standards.refusal import Refusal


class IntakeEnded(Refusal):
    code, status, says = "intake_ended", 409, "这次收件已经办结，不能再修改。需要时请重新开始一次收件。"


class NotVerified(Refusal):
    code, status, says = "identity_not_verified", 409, "申请人身份还没有核验通过，不能收件。"


class NotReady(Refusal):
    code, status, says = "intake_incomplete", 422, "{what}"


class ReasonNeeded(Refusal):
    code, status, says = "reason_needed", 422, "{what}"
