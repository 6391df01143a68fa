# SPDX-License-Identifier: Apache-2.0
"""Named refusals of licences: why a paper cannot be made, found or opened."""

from tongban.standards.refusal import Refusal


class GlyphMissing(Refusal):
    """The fonts lack a character; a box is never printed in its place."""

    code, status, says = (
        "glyph_missing",
        422,
        "字库缺少以下字符，文书不能生成：{characters}。请联系本节点运维人员。",
    )


class PaperUnknown(Refusal):
    """No template has this type code."""

    code, status, says = "paper_unknown", 422, "没有“{type_code}”这一类文书的样式。"


class FactsMissing(Refusal):
    """The template needs a fact that the case did not give."""

    code, status, says = "facts_missing", 422, "生成文书缺少必需的内容：{what}。"


class PaperTooLong(Refusal):
    """More words than any paper of ours has."""

    code, status, says = "paper_too_long", 422, "文书内容超过 {limit} 字，不能生成。"


class NumberPatternOdd(Refusal):
    """The pattern of numbers names something unknown, or would repeat a number."""

    code, status, says = "number_pattern_odd", 422, "文书编号格式“{pattern}”不可用：须含 {{year}} 和 {{serial}}。"


class FileNotMade(Refusal):
    """Making the file broke down too often; an operator has to look."""

    code, status, says = "file_not_made", 500, "文书文件多次生成失败，已转本节点运维人员处理。"


class FileNotReady(Refusal):
    """The licence is issued, its file is still being made."""

    code, status, says = "file_not_ready", 409, "文书正在生成，请稍后再试。"


class ChangeNotPossible(Refusal):
    """The licence does not stand so that this could be done with it."""

    code, status, says = "licence_change_not_possible", 409, "证照现在是“{standing}”状态，不能{wanted}。请刷新后再看。"


class ByCaseOnly(Refusal):
    """What a case has decided is changed by deciding about the case."""

    code, status, says = (
        "licence_by_case_only",
        409,
        "这份证照是办件的结果，{wanted}请在办件中作出决定，证照会随之变更。",
    )


class NoCopyOf(Refusal):
    """A copy says that the licence counts: one that does not, or is not made yet, has none."""

    code, status, says = "licence_no_copy", 409, "这份证照还没有生成文件，或者现在不是有效状态，不能出具副本。"


class SealNotInUse(Refusal):
    """The paper waits: the seal of its organization may not be used now."""

    code, status, says = "seal_not_in_use", 409, "{organization}的电子印章{why}，文书等印章可以使用时自动盖章。"


class SealChangeNotPossible(Refusal):
    """The seal does not stand so that this could be done with it."""

    code, status, says = "seal_change_not_possible", 409, "印章现在是“{state}”状态，不能{wanted}。请刷新后再看。"


class AnotherPersonNeeded(Refusal):
    """What one person began another one has to finish."""

    code, status, says = "another_person_needed", 403, "{what}须由另一个人办理，不能由同一人完成。"


class SealRegistered(Refusal):
    """The organization has a seal of this kind that is not destroyed."""

    code, status, says = "seal_registered", 409, "{organization}已经登记过这种印章，销毁后才能重新登记。"


class TypeOdd(Refusal):
    """What was written is no type of licence."""

    code, status, says = "licence_type_odd", 422, "{why}"


class TypeNotDraft(Refusal):
    """A version that was published stays as it is."""

    code, status, says = "licence_type_not_draft", 409, "这一版已经发布，不能再改；需要修改的，请新建下一版。"


class ListOdd(Refusal):
    """A line of a mutual recognition list cannot be read."""

    code, status, says = "recognition_list_odd", 422, "{why}"


class ToldDigestWrong(Refusal):
    """What another node has published has not the digest that it says."""

    code, status, says = "licence_told_digest_wrong", 422, "{what}的内容与其摘要不符，不予保存。"


class ToldVersionReused(Refusal):
    """Another node has published something else under the same version before."""

    code, status, says = "licence_told_version_reused", 409, "{what}第 {version} 版已经收到过，内容不同，不予覆盖。"


class StockNotOpen(Refusal):
    """The batch does not stand so that this could be done with it."""

    code, status, says = "stock_not_open", 409, "这批存量证照现在是“{stage}”，不能这样办理。请刷新后再看。"


class OrderOpen(Refusal):
    """One order at a time waits for the second person."""

    code, status, says = "seal_order_open", 409, "这枚印章已有一次批量盖章申请等待复核，请在复核之后再申请。"


class OrderAnswered(Refusal):
    """What waits for the second person is not the order that they looked at."""

    code, status, says = "seal_order_answered", 409, "您看到的那次申请已经复核过了。下面如有新的申请，请看清后再复核。"


class NothingToSeal(Refusal):
    """Every licence of the batch has its file, or will have it."""

    code, status, says = "nothing_to_seal", 409, "这批证照都已经生成文件，或者正在生成。"


class HasFile(Refusal):
    """Its file was made, or is being made, since it was chosen."""

    code, status, says = "licence_has_file", 409, "这份证照已经生成文件，或者正在生成，不用再办。"


class PaperBroke(Refusal):
    """Something nobody foresaw went wrong with one licence of an order; the log has it."""

    code, status, says = "order_paper_broke", 500, "系统办理这一份时出错，没有改动；请联系运维人员，之后再次申请。"


class RevisionOpen(Refusal):
    """One new edition at a time is asked for."""

    code, status, says = "licence_revision_open", 409, "这份证照已有一次“{kind}”等待另一人复核，请先办完。"
