# SPDX-License-Identifier: Apache-2.0
"""The named refusals of this noun."""

from tongban.standards.refusal import Refusal


class NoTrustList(Refusal):
    """This node has not joined a federation yet."""

    code, status, says = "no_trust_list", 503, "本节点还没有信任名单，暂不能与其他节点往来。"


class TrustListForged(Refusal):
    """The signature is not that of a key we know as the hub's."""

    code, status, says = "trust_list_forged", 403, "信任名单的签名不是枢纽所签，不予采用：{why}。"


class TrustListMalformed(Refusal):
    """Signed, but not a document that this version reads."""

    code, status, says = "trust_list_malformed", 422, "信任名单的内容不合规定：{why}。"


class TrustListExpired(Refusal):
    """After this time nobody is trusted by it."""

    code, status, says = "trust_list_expired", 403, "第{serial}号信任名单已于{expired_at}到期。"


class TrustListOlder(Refusal):
    """An old list must not bring back a node or key that was taken off."""

    code, status, says = "trust_list_older", 409, "第{serial}号信任名单早于正在使用的第{current}号，不予采用。"


class NotTheHub(Refusal):
    """Only the hub makes trust lists."""

    code, status, says = "not_the_hub", 403, "只有枢纽节点可以发布信任名单，本节点是{node}。"


class UnknownNode(Refusal):
    """No such node on the trust list in force."""

    code, status, says = "unknown_node", 404, "信任名单上没有代码为{node}的节点。"


class NoKeyInForce(Refusal):
    """The node is known but has no key for this use at this time."""

    code, status, says = "no_key_in_force", 403, "节点{node}没有可用于{use}的有效密钥。"


class NoNodeForRegion(Refusal):
    """Nobody in the federation speaks for this region yet."""

    code, status, says = "no_node_for_region", 422, "行政区划{region}所在地区还没有接入的节点。"


class UnknownRegion(Refusal):
    """Not a code of GB/T 2260, in force or abolished."""

    code, status, says = "unknown_region", 422, "没有代码为{region}的行政区划。"


class UnknownOrganization(Refusal):
    """No organization with this credit code is known here."""

    code, status, says = "unknown_organization", 422, "没有找到统一社会信用代码为{organization}的机构。"
