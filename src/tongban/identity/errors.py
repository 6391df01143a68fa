# SPDX-License-Identifier: Apache-2.0
"""Named refusals of identity."""

from typing import Any

from tongban.standards.refusal import Refusal


class WrongPassword(Refusal):
    """The same answer for an unknown login and for a wrong password."""

    code, status, says = "wrong_password", 422, "登录名或密码不正确，请核对后重新输入。"


class TooManyTries(Refusal):
    """Guessing is slowed down; others are not kept out by it."""

    code, status = "too_many_tries", 429
    says = "尝试次数较多，为保护账号安全，请约 {minutes} 分钟后再试。其他人的登录不受影响。"


class WeakPassword(Refusal):
    """The password would be guessed."""

    code, status, says = "weak_password", 422, "{why}"


class LoginTaken(Refusal):
    """Another account already answers to this ID number or phone."""

    code, status, says = "login_taken", 409, "该证件号码或手机号已用于另一个账号。"


class WrongReturn(Refusal):
    """Never redirected to: an address that is not on the trust list would get the code."""

    code, status, says = "wrong_return", 400, "登录请求中的返回地址与可信名单不符，已停止。请回到原网站重新登录。"


class RequestRefused(Refusal):
    """A sign-in request of another node that we cannot serve; it is told by redirect."""

    code, status, says = "request_refused", 400, "登录请求不完整或不受支持（{why}）。请回到原网站重新登录。"

    def __init__(self, error: str, why: str) -> None:
        self.error = error  # the word of RFC 6749 §4.1.2.1
        super().__init__(why=why)


class RequestGone(Refusal):
    """The name of a pushed request that is unknown, too old, or was answered before."""

    code, status, says = "request_gone", 400, "这次登录请求已经用过或已过期。请回到原网站重新登录。"


class TokenRefused(Refusal):
    """A no to another node's program, in the words of RFC 6749 §5.2."""

    code, status, says = "token_refused", 400, "{why}"

    def __init__(self, error: str, why: str) -> None:
        self.error = error
        super().__init__(why=why)


class AttemptRefused(Refusal):
    """A sign-in at the home node that came to nothing; `home` is the node's name."""

    code, status, says = "sign_in_refused", 400, "本次登录没有完成。"

    def __init__(self, *, home: str = "户籍地", **facts: Any) -> None:
        super().__init__(home=home, **facts)


class WrongState(AttemptRefused):
    """The answer belongs to no sign-in begun in this browser."""

    code, says = "wrong_state", "这次登录不是从本浏览器的这个页面开始的，或已经过期。请重新登录。"


class WrongIssuer(AttemptRefused):
    """An answer by another node than the one that was asked (RFC 9207)."""

    code, says = "wrong_issuer", "返回登录结果的不是您选择的{home}登录服务，已停止。请重新登录。"


class Declined(AttemptRefused):
    """The person, or the home node, said no."""

    code, says = "sign_in_declined", "{home}登录服务没有完成登录。您可以重新登录，也可以选择其他登录方式。"


class LevelTooLow(AttemptRefused):
    """The home node knows the person, but not surely enough for what is asked."""

    code, status = "level_too_low", 403
    says = (
        "您在{home}的实名等级还不够办理这件事，没有登录。"
        "请携带证件原件到就近政务大厅核验一次身份，等级提高后再登录；不需要更高等级的事项不受影响。"
    )


class SignedOutMeanwhile(AttemptRefused):
    """The person signed out elsewhere before they were in here."""

    code, says = "signed_out_meanwhile", "您已在其他网站退出登录，本次登录没有完成。需要时请重新登录。"


class CodeRefused(AttemptRefused):
    """The home node no longer accepts the code: used, too old, or not ours."""

    code, says = "code_refused", "{home}登录服务给出的结果已过期或已用过。请重新登录，通常不需要再次输入密码。"


class NotTrustedThere(AttemptRefused):
    """The home node does not know our key: trust lists differ."""

    code = "not_trusted_there"
    says = "{home}登录服务暂时不能确认本网站的身份，无法完成登录。请稍后再试，或联系本网站。"


class IdTokenRefused(AttemptRefused):
    """What the home node says about the person does not hold."""

    code, says = "id_token_refused", "{home}登录服务返回的身份信息没有通过校验，已停止，未登录。请稍后重新登录。"


class NotItsRegion(AttemptRefused):
    """A node may only speak for the people of its own region."""

    code = "not_its_region"
    says = "{home}登录服务返回的户籍地不归它认证，已停止，未登录。户籍迁移后请到窗口核验一次身份。"


class SubjectChanged(AttemptRefused):
    """A node now uses one person's name for another."""

    code = "subject_changed"
    says = "{home}登录服务返回的身份与您此前登录的不是同一人，已停止，未登录。请联系本网站。"


class HomeNodeSilent(AttemptRefused):
    """The home node did not answer in time."""

    code, says = "home_node_silent", "{home}登录服务暂时没有回应。"


class NotByHand(Refusal):
    """A clerk may vouch only where the source gave no answer: never against its answer, never instead of it."""

    code, status = "verification_not_by_hand", 409
    says = "人工核验只用于核验来源没有给出结论的情形。这次核验{outcome}，没有改动。"


class NoteMissing(Refusal):
    """Whoever vouches says what they compared."""

    code, status = "verification_note_missing", 422
    says = "请写明核对了什么证件、如何确认是本人，例如：核对居民身份证原件，照片与本人一致。"


ENDINGS: dict[str, type[AttemptRefused]] = {
    refusal.code: refusal
    for refusal in (
        AttemptRefused,
        WrongState,
        WrongIssuer,
        Declined,
        LevelTooLow,
        SignedOutMeanwhile,
        CodeRefused,
        NotTrustedThere,
        IdTokenRefused,
        NotItsRegion,
        SubjectChanged,
        HomeNodeSilent,
    )
}


def ending(code: str, home: str) -> AttemptRefused:
    """The refusal that an attempt ended with, told for this home node."""
    return ENDINGS.get(code, AttemptRefused)(home=home)
