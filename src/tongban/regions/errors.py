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


class SignerNotListed(Refusal):
    """Peers check the next list by the keys on the one they hold: a list signed by any other would lock them out."""

    code, status = "signer_not_listed", 409
    says = "第{serial}号名单没有列出签名所用的枢纽密钥，其他节点不会采用。请先用旧密钥签发列出新密钥的名单。"


class AlreadyFounded(Refusal):
    """A second first list would split the federation."""

    code, status, says = "already_founded", 409, "联邦 {federation} 已经建立，正在使用第 {serial} 号信任名单。"


class RequestMalformed(Refusal):
    """Not a request to join or to change a key."""

    code, status, says = "request_malformed", 422, "这不是可用的申请文件：{why}。请对方重新生成。"


class RequestNotProven(Refusal):
    """Whoever asks has not shown that it holds the keys it names."""

    code, status, says = (
        "request_not_proven",
        403,
        "申请没有由密钥 {key} 有效签名，不能证明对方持有它。请对方重新生成。",
    )


class RequestStale(Refusal):
    """An old request may have been meant for another day."""

    code, status, says = "request_stale", 409, "申请的日期是 {at}，超出 30 天或在未来。请对方重新生成。"


class FingerprintDiffers(Refusal):
    """What was read over the telephone is not what is in the file."""

    code, status = "fingerprint_differs", 403
    says = "指纹与文件不符，文件可能被调换。请再次通过电话与对方核对，或请对方重新发送。"


class CodeTaken(Refusal):
    """Another node has this code, or this one has joined already."""

    code, status = "code_taken", 409
    says = "代码 {node} 已在名单上（{name}）。更换密钥请用 tongban trust rotate；重新接入须先 tongban trust leave。"


class RegionTaken(Refusal):
    """Two nodes cannot speak for one region."""

    code, status = "region_taken", 409
    says = "地区 {region} 已由节点 {node}（{held}）代表。确要从中划出或并入，请先与该节点商定，再加 --carve。"


class RegionSpokenFor(Refusal):
    """The very same prefix: moving it is an act of its own."""

    code, status = "region_spoken_for", 409
    says = "地区 {region} 已由节点 {node} 代表。划转请用 tongban trust move-region {region} --to 代码。"


class NotSuspended(Refusal):
    """Only a suspended node can be resumed."""

    code, status, says = "not_suspended", 409, "节点 {node} 没有被暂停。"


class AlreadySuspended(Refusal):
    """It is suspended already."""

    code, status, says = "already_suspended", 409, "节点 {node} 已经暂停。恢复请用 tongban trust resume {node}。"


class HubStays(Refusal):
    """A list without its hub could not be followed by another."""

    code, status, says = "hub_stays", 409, "枢纽 {node} 不能被暂停或移出名单。"


class KeyListed(Refusal):
    """The key is on the list already."""

    code, status, says = "key_listed", 409, "密钥 {key} 已在名单上，不需要再次登记。"


class OddRegionOrKind(Refusal):
    """What was typed could not stand on a list."""

    code, status = "odd_region_or_kind", 422
    says = "“{given}”写法不对。地区写行政区划代码前缀（如 62、6201），报文种类写 case.opened 或 case.*。"


class NoSuchAgreement(Refusal):
    """Nothing to end between these regions."""

    code, status, says = "no_such_agreement", 404, "名单上没有从 {sender} 到 {recipient} 的约定。"


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
