# SPDX-License-Identifier: Apache-2.0
"""Named refusals at the window."""

from tongban.standards.refusal import Refusal


class IntakeEnded(Refusal):
    code, status, says = "intake_ended", 409, "这次收件已经办结，不能再修改。需要时请重新开始一次收件。"


class NotVerified(Refusal):
    code, status, says = "identity_not_verified", 409, "申请人身份还没有核验通过，不能收件。"


class NotReady(Refusal):
    code, status, says = "intake_incomplete", 422, "{what}"


class HolderAbsent(Refusal):
    """Somebody stands here for the holder of a licence, who alone can agree to have it fetched."""

    code, status, says = (
        "licence_holder_absent",
        409,
        "调取电子证照须持证人本人在场同意。由他人代办的，请提交原件或者复印件，或者请本人在网上授权。",
    )


class ReasonNeeded(Refusal):
    code, status, says = "reason_needed", 422, "{what}"
