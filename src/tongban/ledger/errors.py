# SPDX-License-Identifier: Apache-2.0
"""Named refusals of the ledger."""

from tongban.standards.refusal import Refusal


class LedgerBroken(Refusal):
    """A line, a leaf or a head is not what it must be if nobody has touched it."""

    code, status, says = "ledger_broken", 500, "存证账本校验不通过：{where}，{why}。"


class EpochNotNew(Refusal):
    """A node that comes back must go on in an epoch that it never had."""

    code, status, says = "epoch_not_new", 409, "账本的新纪元 {epoch} 必须大于现在的纪元 {present}。"


class NotInTree(Refusal):
    """The line does not exist, or waits for the tree."""

    code, status, says = "not_in_tree", 404, "{subject} 第 {number} 行不存在，或者尚未进入账本树。"


class NoSuchHead(Refusal):
    """The tree was never of this size, or is not yet."""

    code, status, says = "no_such_head", 404, "账本树没有长度为 {size} 的树头。"
