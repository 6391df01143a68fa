# SPDX-License-Identifier: Apache-2.0
"""Named refusals of the procedure."""

from tongban.standards.refusal import Refusal


class MoveUnknown(Refusal):
    code, status, says = "move_unknown", 404, "没有名为“{move}”的办理步骤。"


class NotNow(Refusal):
    code, status, says = "not_now", 409, "办件目前“{state}”，不能{move}。请刷新页面查看最新进度。"


class NotYours(Refusal):
    code, status, says = "not_yours", 403, "“{move}”不由您办理。"


class FactMissing(Refusal):
    code, status, says = "fact_missing", 422, "请填写{label}。"


class NotOffered(Refusal):
    code, status, says = "option_not_offered", 422, "请从列出的选项中选择{label}。"


class NotHere(Refusal):
    code, status, says = "custody_elsewhere", 409, "办件现由{holder}办理，本地不能直接{move}。"


class InTransit(Refusal):
    code, status, says = "custody_offered", 409, "办件正在移交给{holder}，对方接收之前任何一方都不能办理。"


class Changed(Refusal):
    code, status, says = "case_changed", 409, "办件刚刚有了新的进展，请刷新页面后再办理。"


class KeyReused(Refusal):
    code, status, says = "idempotency_key_reused", 422, "同一个提交编号已用于另一份内容不同的申请。"


class AlreadyAsked(Refusal):
    code, status, says = "already_asked", 409, "同样的请求已经提交，正在等待{holder}确认。"


class Repeated(Refusal):
    code, status, says = "form_repeated", 409, "这个表单刚才已经提交过，没有重复办理。"


class FormRefused(Refusal):
    """Several fields at once: errors holds a sentence for each."""

    code, status, says = "form_refused", 422, "有 {count} 处需要修改。"

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__(field=next(iter(errors)), count=len(errors))


class NotComplete(Refusal):
    code, status, says = "draft_incomplete", 422, "{what}"


class FileRefused(Refusal):
    code, status, says = "file_refused", 422, "{why}"


class NoResult(Refusal):
    code, status, says = "no_result", 404, "办理结果还没有出具。"


class ResultElsewhere(Refusal):
    code, status, says = "result_on_its_way", 409, "办理结果正在从{holder}传来，请稍后再试。"


class ItemNotInForce(Refusal):
    code, status, says = "item_not_in_force", 409, "该事项的这一版本现在不能申请，请返回办事指南查看最新版本。"


class ModeNotOffered(Refusal):
    code, status, says = "mode_not_offered", 409, "该事项目前不能在网上申请，请到窗口办理。"


class NoPortal(Refusal):
    code, status, says = "no_intake_organization", 503, "本节点没有设置网上收件机构，暂不能收件，请联系运维人员。"


class ChainBroken(Refusal):
    code, status, says = "chain_broken", 409, "对方发来的办件记录与本地已有的记录不衔接。"


class ChainForged(Refusal):
    code, status, says = "chain_forged", 403, "对方发来的办件记录不是有权办理的一方所作。"


class CaseUnknown(Refusal):
    code, status, says = "case_unknown", 404, "本节点没有这个办件。"


class GuardRefusal(Refusal):
    """Something beside state, part and role stands against the move."""

    code, status, says = "not_allowed_now", 409, "现在不能办理这一步。"


class StepsOpen(GuardRefusal):
    code, says = "steps_open", "审查环节“{names}”还没有完成。"


class NoStepOpen(GuardRefusal):
    code, says = "no_step_open", "没有等待签署的审查环节。"


class AnotherPerson(GuardRefusal):
    code, status, says = "another_person", 403, "须由另一名工作人员{move}。"


class Assigned(GuardRefusal):
    code, status, says = "assigned", 403, "办件已指派给其他经办人。需要由您办理的，请先改派。"


class ToldBefore(GuardRefusal):
    code, says = "told_before", "需要补正的内容只能一次性告知，已经告知过。仍有没有补正的，请选择“退回继续补正”。"


class NotToldYet(GuardRefusal):
    code, says = "not_told_yet", "还没有告知过补正内容，请先一次性告知。"


class SilenceMeansNothing(GuardRefusal):
    code, says = "no_consequence", "该事项没有规定逾期的后果，须由工作人员作出处理。"


class NotDue(GuardRefusal):
    code, says = "not_due", "期限还没有届满。"


class NoExtension(GuardRefusal):
    code, says = "no_extension", "该事项没有可以延长期限的规定。"


class ExtendedBefore(GuardRefusal):
    code, says = "extended_before", "期限已经延长过一次，不能再延长。"


class TooLate(GuardRefusal):
    code, says = "too_late", "期限已经届满，不能再延长。"


class ProposedBefore(GuardRefusal):
    code, says = "proposed_before", "延长期限已经提出，正在等待另一名工作人员批准。"


class NothingProposed(GuardRefusal):
    code, says = "nothing_proposed", "还没有人提出延长期限。"


class NoPapers(GuardRefusal):
    code, says = "no_papers", "没有可以这样处理的纸质原件。"


class ReviewedBefore(GuardRefusal):
    code, says = "reviewed_before", "已经预审过。"


class UrgedToday(GuardRefusal):
    code, says = "urged_today", "今天已经催办过，请明天再试。"


class Archived(GuardRefusal):
    code, says = "archived", "办件已经归档。"


class NoProblem(GuardRefusal):
    code, says = "no_problem", "没有可以这样处理的问题。"
