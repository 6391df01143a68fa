# SPDX-License-Identifier: Apache-2.0
"""Named refusals of the personal space."""

from tongban.standards.refusal import Refusal


class NotReady(Refusal):
    """The file is still being made."""

    code, status, says = "export_not_ready", 409, "文件正在整理，通常一两分钟内完成，请稍后再下载。"


class CasesOpen(Refusal):
    """An account with something under way is not closed: nobody could be told how it ends."""

    code, status = "cases_open", 409
    says = "您还有 {count} 个办件没有办结，账号暂时不能注销。请等办结，或者撤回后再注销。"


class NotConfirmed(Refusal):
    """Closing is not done by one press."""

    code, status, says = "close_not_confirmed", 422, "请勾选确认后再注销。"


class NoAccountHere(Refusal):
    """Whoever signs in elsewhere closes their account there."""

    code, status, says = "no_account_here", 409, "您的账号不在本网站开立，请到开立账号的网站注销。"
