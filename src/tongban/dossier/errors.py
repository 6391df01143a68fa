# SPDX-License-Identifier: Apache-2.0
"""Named refusals of dossiers."""

from tongban.standards.refusal import Refusal


class ReasonNeeded(Refusal):
    """Nobody takes a whole case out of a node without saying why."""

    code, status, says = "dossier_reason_needed", 422, "请写明导出档案的理由，不超过 300 字。"


class OperatorNeeded(Refusal):
    """An export is an act of a named person in that duty."""

    code, status, says = "dossier_operator_needed", 403, "只有本节点的运维人员可以导出档案，请用 --by 写明工号。"


class DossierTooLarge(Refusal):
    """The container has 32-bit sizes on purpose: every tool reads it."""

    code, status, says = "dossier_too_large", 422, "档案超过 4 GB，请用 --without-materials 另行提供材料。"
