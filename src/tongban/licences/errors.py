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
