# SPDX-License-Identifier: Apache-2.0
"""The named refusals of lists and agreements."""

from tongban.standards.refusal import Refusal


class ListRefused(Refusal):
    """What was to be a list or an agreement is none; the field says where."""

    code, status, says = "list_refused", 422, "{why}"

    def __init__(self, field: str, why: str) -> None:
        super().__init__(field=field, why=why)


class NotYourList(Refusal):
    """A list is kept by its publisher, at the node that speaks for its region."""

    code, status, says = "not_your_list", 403, "清单由发布机构自己编制，您不能修改{organization}的清单。"


class ListNotFromPublisher(Refusal):
    """Only the node that speaks for a publisher's region may tell of its lists."""

    code, status, says = "list_not_from_publisher", 403, "节点{node}不能发布行政区划{region}的清单。"


class ListDigestWrong(Refusal):
    """A copy that is not what its publisher signed for."""

    code, status, says = "list_digest_wrong", 422, "{what}的内容与其摘要不符，不予保存。"


class ListVersionReused(Refusal):
    """The same version with other content: the first one stays."""

    code, status, says = "list_version_reused", 409, "清单“{title}”第{version}版已有另一份内容。"


class ListDraftOpen(Refusal):
    """One draft of a list at a time."""

    code, status, says = "list_draft_open", 409, "“{title}”已有一份尚未发布的草稿，请在那一份上修改。"


class ListCodeTaken(Refusal):
    """A list of the same code is there already."""

    code, status, says = "list_code_taken", 409, "本机构已有代码为“{list_code}”的清单，请打开它编制下一版。"

    def __init__(self, list_code: str) -> None:
        super().__init__(field="code", list_code=list_code)


class ListDraftChanged(Refusal):
    """Somebody else has written in the meantime."""

    code, status, says = "list_draft_changed", 409, "这份草稿已被他人修改，请刷新后再改，以免覆盖。"


class ListDraftNotOpen(Refusal):
    """Not at the stage at which this can be done."""

    code, status, says = "list_draft_not_open", 409, "这份草稿现在是“{stage}”，不能这样操作。"


class ListUnchanged(Refusal):
    """Publishing what is in force already would be no new version."""

    code, status, says = "list_unchanged", 409, "草稿与现行版本相同，没有需要发布的内容。"


class OwnListReview(Refusal):
    """Nobody reviews what they have written themselves."""

    code, status, says = "own_list_review", 403, "编写过这份清单的人不能审核，请由本机构的另一位事项管理员审核。"


class ListFileFaulty(Refusal):
    """A file with faults is not taken over, not even in part."""

    code, status, says = "list_file_faulty", 422, "文件有{count}处问题，没有导入任何内容。第一处：{first}。"

    def __init__(self, count: int, first: str) -> None:
        super().__init__(field="file", count=count, first=first.rstrip("。"))


class NothingToImport(Refusal):
    """There is no checked file behind this draft."""

    code, status, says = "nothing_to_import", 409, "没有已检查的文件，请先选择文件并检查。"


class EntryStands(Refusal):
    """The entry stands like this already."""

    code, status, says = "entry_stands", 409, "“{name}”已经是“{status_name}”。"


class StatusReasonMissing(Refusal):
    """Putting off and taking out are explained."""

    code, status, says = "status_reason_missing", 422, "请写明理由，会向其他地区和申请人公开。"

    def __init__(self) -> None:
        super().__init__(field="reason")


class AgreementNotYours(Refusal):
    """An agreement is offered, confirmed and ended by the two organizations that it names."""

    code, status, says = "agreement_not_yours", 403, "这份协议由签署的两家机构办理，您不能这样操作。"


class AgreementStands(Refusal):
    """Answered, withdrawn or ended already."""

    code, status, says = "agreement_stands", 409, "这份协议现在是“{standing}”，不能这样操作。"


class AgreementForged(Refusal):
    """A side's signature is not that of its node."""

    code, status, says = "agreement_forged", 422, "协议上节点{node}的签名不对，不予保存。"


class NoticeTooShort(Refusal):
    """An agreement ends no sooner than its notice allows."""

    code, status, says = "notice_too_short", 422, "终止须提前 {days} 天通知，最早到 {earliest} 止。"

    def __init__(self, days: int, earliest: str) -> None:
        super().__init__(field="ends_on", days=days, earliest=earliest)
