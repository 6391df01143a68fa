# SPDX-License-Identifier: Apache-2.0
"""Named refusals of the exchange. Codes are part of the protocol; sentences are for operators."""

from typing import Self

from tongban.standards.refusal import Refusal


class ExchangeRefusal(Refusal):
    """Anything a node answers to a message it will not take."""

    code, status, says = "exchange_refused", 400, "报文未被接收。"
    proven = ""  # the node that is refused, once its signature has held

    def said_to(self, code: str) -> Self:
        """This refusal, of a node that has proven who it is."""
        self.proven = code
        return self


class Malformed(ExchangeRefusal):
    code, status, says = "malformed", 400, "报文格式不符：{why}。"


class Oversize(ExchangeRefusal):
    code, status, says = "oversize", 413, "报文超过 {limit} 字节的上限。"


class UnknownSender(ExchangeRefusal):
    code, status, says = "unknown_sender", 403, "发送节点不在信任名单上。"


class SenderSuspended(ExchangeRefusal):
    code, status, says = "sender_suspended", 403, "发送节点已被暂停。"


class WrongRecipient(ExchangeRefusal):
    code, status, says = "wrong_recipient", 421, "报文的接收节点不是本节点。"


class WrongSender(ExchangeRefusal):
    code, status, says = "wrong_sender", 403, "报文写明的发送节点与签名节点不一致。"


class UnknownKey(ExchangeRefusal):
    code, status, says = "unknown_key", 403, "签名所用的密钥不在信任名单上，或不在有效期内。"


class SignatureInvalid(ExchangeRefusal):
    code, status, says = "signature_invalid", 403, "签名无效。"


class Tampered(ExchangeRefusal):
    code, status, says = "tampered", 403, "报文内容与签名的摘要不符。"


class Replayed(ExchangeRefusal):
    code, status, says = "replayed", 409, "这一批报文已经收到过，重复送达不再处理。"


class ClockSkew(ExchangeRefusal):
    code, status, says = "clock_skew", 409, "发送时间与本节点时钟相差超过 5 分钟。"


class EpochStale(ExchangeRefusal):
    code, status, says = "epoch_stale", 409, "报文来自发送节点恢复之前的纪元。"


class IdReused(ExchangeRefusal):
    code, status, says = "id_reused", 409, "同一报文编号已用于另一份内容。"


class SequenceReused(ExchangeRefusal):
    code, status, says = "sequence_reused", 409, "同一对象的同一序号已用于另一份报文。"


class Recovering(ExchangeRefusal):
    code, status, says = "recovering", 503, "本节点正在从备份恢复，完成以前暂不办理，也不接收报文。请稍后再试。"


class UnknownKind(ExchangeRefusal):
    code, status, says = "unknown_kind", 422, "本节点不认识这种报文：{kind}。"


class NotAgreed(ExchangeRefusal):
    code, status = "not_agreed", 403
    says = "按信任名单上的约定，不能向节点 {recipient} 传送这类报文（{kind}）。需要时请两地商定，由枢纽登记。"


class NotOffered(ExchangeRefusal):
    code, status, says = "not_offered", 404, "没有这个文件，或者没有向您的节点提供。"


class RangeNeeded(ExchangeRefusal):
    code, status, says = "range_needed", 400, "这个文件加密传送，须用 Range 逐段索取。"


class CannotSeal(ExchangeRefusal):
    code, status = "cannot_seal", 409
    says = (
        "这个文件须加密传送，但名单上您的节点的加密公钥（{key}）无法使用。"
        "请用 tongban trust rotate --use encryption 更换。"
    )


class SealedToOther(ExchangeRefusal):
    code, status = "sealed_to_other", 409
    says = (
        "收到的文件段是用本节点没有的密钥（{key}）加密的。请核对名单上本节点的加密密钥；"
        "密钥已丢失的，用 tongban trust rotate --use encryption 更换。"
    )


class SealingKeyOver(ExchangeRefusal):
    code, status = "sealing_key_over", 409
    says = "收到的文件段是用早已停用的密钥（{key}）加密的。对方节点的信任名单可能过旧，请联系对方。"


class SealedPartInvalid(ExchangeRefusal):
    code, status = "sealed_part_invalid", 403
    says = "收到的加密文件段打不开：内容被改动过，或者不是本节点要的那一段。"


class AnswerInvalid(ExchangeRefusal):
    code, status, says = "answer_invalid", 502, "对方节点的回执不能确认：{why}。"


class Unreachable(ExchangeRefusal):
    code, status, says = "unreachable", 503, "暂时联系不上对方节点：{why}。"


class QuestionExpired(ExchangeRefusal):
    code, status, says = "question_expired", 408, "查询没有在规定时间内得到答复。"


class QuestionKindUnknown(ExchangeRefusal):
    code, status, says = "unknown_question", 422, "对方节点不回答这种查询：{kind}。"


class NotDead(ExchangeRefusal):
    code, status, says = "not_refused", 409, "这份报文没有被拒收，或者已经处理过了，不需要再处理。请刷新页面查看现状。"


class NotParked(ExchangeRefusal):
    code, status, says = "not_parked", 409, "这份报文没有被搁置，或者已经重新处理了。请刷新页面查看现状。"


class HeadInvalid(ExchangeRefusal):
    code, status, says = "head_invalid", 422, "账本树头不能采信：{why}。"


class NotRecovering(ExchangeRefusal):
    code, status, says = "not_recovering", 409, "本节点没有在等待这个节点归还报文。"
