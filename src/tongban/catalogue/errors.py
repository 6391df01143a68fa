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


class ItemDigestWrong(Refusal):
    """A copy that is not what its publisher signed for."""

    code, status, says = "item_digest_wrong", 422, "事项{task_code}第{version}版的内容与其摘要不符，不予保存。"


class ItemNotFromPublisher(Refusal):
    """Only the node that speaks for an organization's region may publish in its name."""

    code, status, says = "item_not_from_publisher", 403, "节点{node}不能发布行政区划{region}的事项。"


class ItemVersionReused(Refusal):
    """The same version with other content: the first one stays."""

    code, status, says = "item_version_reused", 409, "事项{task_code}第{version}版已有另一份内容。"


class AnswerUnknown(Refusal):
    """An answer that the question does not offer; the field is the question."""

    code, status, says = "answer_unknown", 422, "请在所列选项中选择。"

    def __init__(self, question: str) -> None:
        super().__init__(field=question)


class NotEligible(Refusal):
    """By these answers the item cannot be asked for here; the advice says what to do instead."""

    code, status, says = "not_eligible", 422, "{advice}"
