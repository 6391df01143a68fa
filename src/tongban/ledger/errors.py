# SPDX-License-Identifier: Apache-2.0
"""Named refusals of the ledger."""

from tongban.standards.refusal import Refusal


class LedgerBroken(Refusal):
    """A line, a leaf or a head is not what it must be if nobody has touched it."""

    code, status, says = "ledger_broken", 500, "存证账本校验不通过：{where}，{why}。"
