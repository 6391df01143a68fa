# SPDX-License-Identifier: Apache-2.0
"""The named refusals of this noun."""

from tongban.standards.refusal import Refusal


class ContentRefused(Refusal):
    """What was to be published breaks a rule of the item schema; the field says where."""

    code, status, says = "content_refused", 422, "{why}"

    def __init__(self, field: str, why: str) -> None:
        super().__init__(field=field, why=why)


class NotYourItem(Refusal):
    """An item is published by its own organization, at the node that speaks for it."""

    code, status, says = "not_your_item", 403, "您不能发布{organization}的事项。"


class NotThisStanding(Refusal):
    """Suspended already, in use already, retired already."""

    code, status, says = "not_this_standing", 409, "“{name}”已经是这个状态。"


class ReasonMissing(Refusal):
    """What concerns others is explained to them."""

    code, status, says = "reason_missing", 422, "请写明理由。"

    def __init__(self, field: str) -> None:
        super().__init__(field=field)


class ElementLocked(Refusal):
    """What a level above has fixed is inherited, not edited."""

    code, status, says = "element_locked", 409, "“{element}”由{keeper}统一，本级不能修改。"

    def __init__(self, field: str, element: str, keeper: str) -> None:
        super().__init__(field=field, element=element, keeper=keeper)


class ElementUnknown(Refusal):
    """A word that is no element of an item."""

    code, status, says = "element_unknown", 422, "事项没有“{element}”这个要素。"

    def __init__(self, element: str) -> None:
        super().__init__(field=element, element=element)


class NotForThisLevel(Refusal):
    """A basic item is claimed at the levels that its catalogue names."""

    code, status, says = "not_for_this_level", 409, "“{name}”不由{level}认领。"


class NotClaimed(Refusal):
    """An implementation begins with its claim."""

    code, status, says = "not_claimed", 409, "请先认领“{name}”，再编制实施清单。"


class DraftOpen(Refusal):
    """One draft of an item at a time."""

    code, status, says = "draft_open", 409, "“{name}”已有一份尚未发布的草稿，请在那一份上修改。"


class DraftChanged(Refusal):
    """Somebody else has written in the meantime."""

    code, status, says = "draft_changed", 409, "这份草稿已被他人修改，请刷新后再改，以免覆盖。"


class DraftNotOpen(Refusal):
    """Not at the stage at which this can be done."""

    code, status, says = "draft_not_open", 409, "这份草稿现在是“{stage}”，不能这样操作。"


class OwnReview(Refusal):
    """Nobody reviews what they have written themselves."""

    code, status, says = "own_review", 403, "编写过这份草稿的人不能审核，请由本机构的另一位事项管理员审核。"


class DraftFaulty(Refusal):
    """What stands against publishing; each fault names its rule and place."""

    code, status, says = "draft_faulty", 422, "草稿还有{count}处不合规则，第一处是：{first}。"

    def __init__(self, field: str, count: int, first: str) -> None:
        super().__init__(field=field, count=count, first=first.rstrip("。"))


class BasicVersionReused(Refusal):
    """The same version with other content: the first one stays."""

    code, status, says = "basic_version_reused", 409, "基本目录{basic}在{region}的第{version}版已有另一份内容。"


class ItemDigestWrong(Refusal):
    """A copy that is not what its publisher signed for."""

    code, status, says = "item_digest_wrong", 422, "事项{task_code}第{version}版的内容与其摘要不符，不予保存。"


class ItemNotFromPublisher(Refusal):
    """Only the node that speaks for an organization's region may publish in its name."""

    code, status, says = "item_not_from_publisher", 403, "节点{node}不能发布行政区划{region}的事项。"


class ItemVersionReused(Refusal):
    """The same version with other content: the first one stays."""

    code, status, says = "item_version_reused", 409, "事项{task_code}第{version}版已有另一份内容。"


class PaperRefused(Refusal):
    """A blank form or a sample that is none, or is too large."""

    code, status, says = "paper_refused", 422, "{why}"

    def __init__(self, why: str) -> None:
        super().__init__(field="file", why=why)


class AnswerUnknown(Refusal):
    """An answer that the question does not offer; the field is the question."""

    code, status, says = "answer_unknown", 422, "请在所列选项中选择。"

    def __init__(self, question: str) -> None:
        super().__init__(field=question)


class NotEligible(Refusal):
    """By these answers the item cannot be asked for here; the advice says what to do instead."""

    code, status, says = "not_eligible", 422, "{advice}"


class ImportNotOpen(Refusal):
    """Not at the stage at which this can be done."""

    code, status, says = "import_not_open", 409, "这次导入现在是“{stage}”，不能这样操作。"


class OwnConfirmation(Refusal):
    """Nobody confirms what they have handed in themselves."""

    code, status, says = "own_confirmation", 403, "上传或提交这份文件的人不能确认，请由本机构的另一位事项管理员确认。"


class ImportTooLarge(Refusal):
    """A file beyond what is read."""

    code, status, says = (
        "import_too_large",
        413,
        "文件超过{most} MB，请压缩成 ZIP、分成几份，或由运行人员用命令行导入。",
    )


class ImportMovedOn(Refusal):
    """Something was published, laid down or withdrawn since a file was judged."""

    code, status, says = "import_moved_on", 409, "核对之后目录或者事项有了变化，须重新核对。"
