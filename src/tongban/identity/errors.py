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


class WrongCode(Refusal):
    """The same answer for a wrong code and for a telephone that nobody here has."""

    code, status = "wrong_code", 422
    says = "验证码不正确，请核对短信后重新输入。没有收到短信的，请核对填写的号码与登记的是否一致。"


class CodeOver(Refusal):
    """The code was used, is too old, or was guessed at too often."""

    code, status, says = "code_over", 422, "验证码已失效，请重新获取。验证码 5 分钟内有效，输错 5 次即失效。"


class NoTextMessages(Refusal):
    """This node has nobody who carries text messages."""

    code, status, says = "no_text_messages", 503, "本节点没有开通短信服务，请使用密码登录，或到就近政务大厅办理。"


class WrongFactor(Refusal):
    """The second factor is not theirs, or was used before."""

    code, status = "wrong_factor", 422
    says = "动态码或恢复码不正确，或者已经用过，请核对后重新输入；动态码每 30 秒换一个。"


class PasskeyRefused(Refusal):
    """What the device signed does not hold for this sign-in."""

    code, status, says = "passkey_refused", 422, "没有通过安全密钥的验证，请重试，或改用动态码、恢复码。"


class StepOver(Refusal):
    """The password was typed too long ago, or the second factor guessed at too often."""

    code, status, says = "step_over", 401, "这次登录已超时或者试错次数较多，请重新输入登录名和密码。"


class MoreNeeded(Refusal):
    """The password is right, and something else has to be shown; `step` is the cookie of the way there."""

    code, status, says = "more_needed", 401, "密码正确，还需要第二步验证，请在网页上登录。"

    def __init__(self, step: str) -> None:
        self.step = step
        super().__init__()


class FactorNeeded(Refusal):
    """A role whose holders must have a second factor."""

    code, status = "factor_needed", 409
    says = "您的岗位必须有第二步验证，最后一种不能删除。请先添加另一种，再删除这一种。"


class LoginInUse(Refusal):
    """Another member of staff signs in by this name."""

    code, status, says = "login_in_use", 409, "登录名 {login} 已有人使用，请换一个。"


class RolesApart(Refusal):
    """Duties that one person may not hold together: see separation."""

    code, status, says = "roles_apart", 409, "{one}与{other}不能由同一人担任，因为{why}。"


class NotOneself(Refusal):
    """Nobody gives themselves a post, or takes their own away."""

    code, status, says = "not_oneself", 403, "本人的岗位和状态须由其他管理人员办理。"


class NoSuchSubstitute(Refusal):
    """Who stands in works at the same organization in the same role, and is there."""

    code, status = "no_such_substitute", 409
    says = "代理人应是同一机构、同一岗位角色、该期间不请假的在职人员。请另选一人。"


class WeakPassword(Refusal):
    """The password would be guessed."""

    code, status, says = "weak_password", 422, "{why}"


class LoginTaken(Refusal):
    """Another account already answers to this ID number or phone."""

    code, status, says = "login_taken", 409, "该证件号码或手机号已用于另一个账号。"


class MandateOver(Refusal):
    """Whoever acted for somebody may no longer: nothing more in that name, nothing by mistake in one's own."""

    code, status = "mandate_over", 403
    says = "您代为办理的授权已经结束或到期，没有作任何改动。请在“我的”里选择以本人身份继续，或者请对方重新授权。"


class MandateRefused(Refusal):
    """This cannot be granted, accepted or ended so."""

    code, status, says = "mandate_refused", 422, "{why}"


class NotProven(Refusal):
    """Who acts for others, or lets others act, is known by more than their own word."""

    code, status = "not_proven", 403
    says = "您的实名还没有核验通过，暂时不能授权、代办或登记单位。请先完成实名核验，或者携带证件原件到窗口核验。"


class AlreadyProven(Refusal):
    """There is nothing to ask."""

    code, status, says = "already_proven", 409, "您的实名已经核验通过，不用再次核验。"


class OwnNumber(Refusal):
    """One does not act for oneself by a mandate."""

    code, status, says = "own_number", 422, "这是您本人的证件号码，请填写对方的号码。"


class NotAMinor(Refusal):
    """《民法典》第十七条: who is eighteen acts for themselves."""

    code, status, says = "not_a_minor", 422, "对方已满十八周岁，由本人办理；需要您帮忙的，请对方登录后授权您帮办代办。"


class PaperNotEnough(Refusal):
    """《民法典》第二十七、二十八条: parents are guardians of children; of adults it takes more than kinship."""

    code, status = "paper_not_enough", 422
    says = "申请人已满十八周岁，户口簿和出生医学证明不能证明监护关系，须有人民法院或者指定监护的文书。"


class CertificateRefused(Refusal):
    """A digital certificate that does not prove who this is."""

    code, status, says = "certificate_refused", 422, "数字证书没有通过核验：{why}。"

    def __init__(self, *, why: str) -> None:
        super().__init__(field="signature", why=why)


class ChallengeOver(Refusal):
    """What was to be signed is too old, or has served."""

    code, status, says = "challenge_over", 409, "要签名的文件已超过 30 分钟或者已经用过，请重新下载后签名。"


class NoCertificates(Refusal):
    """This node names no authority whose certificates it takes."""

    code, status, says = "no_certificates", 503, "本网站没有接入数字证书，可以携带证件原件到窗口核验身份。"


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


class TokenNameMissing(Refusal):
    """A token says what it is for."""

    code, status, says = "token_name_missing", 422, "请写明这个程序令牌的用途。"


class TokenScopesMissing(Refusal):
    """A token may do something, and no more than that."""

    code, status, says = "token_scopes_missing", 422, "请选择程序可以做什么和有效期。"


class TokenRoleMissing(Refusal):
    """Somebody with several roles has not said in which of them the program acts, or has it no longer."""

    code, status, says = "token_role_missing", 422, "请选择程序以您的哪个岗位办事。"


class TooManyTokens(Refusal):
    """One loses sight of more."""

    code, status, says = "too_many_tokens", 409, "程序令牌最多同时有 {most} 个，请先停用不再使用的。"
