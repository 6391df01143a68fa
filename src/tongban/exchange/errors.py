# SPDX-License-Identifier: Apache-2.0
"""Named refusals of the exchange. Codes are part of the protocol; sentences are for operators."""

from tongban.standards.refusal import Refusal


class ExchangeRefusal(Refusal):
    """Anything a node answers to a message it will not take."""

    code, status, says = "exchange_refused", 400, "报文未被接收。"


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


class UnknownKind(ExchangeRefusal):
    code, status, says = "unknown_kind", 422, "本节点不认识这种报文：{kind}。"


class NotOffered(ExchangeRefusal):
    code, status, says = "not_offered", 404, "没有这个文件，或者没有向您的节点提供。"


class AnswerInvalid(ExchangeRefusal):
    code, status, says = "answer_invalid", 502, "对方节点的回执不能确认：{why}。"


class Unreachable(ExchangeRefusal):
    code, status, says = "unreachable", 503, "暂时联系不上对方节点：{why}。"
