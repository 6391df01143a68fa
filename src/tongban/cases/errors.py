# SPDX-License-Identifier: Apache-2.0
"""Named refusals of the procedure."""

from tongban.standards.refusal import Refusal


class MoveUnknown(Refusal):
    code, status, says = "move_unknown", 404, "没有名为“{move}”的办理步骤。"


class NotNow(Refusal):
    code, status, says = "not_now", 409, "办件目前“{state}”，不能{move}。请刷新页面查看最新进度。"


class NotYours(Refusal):
    code, status, says = "not_yours", 403, "“{move}”不由您办理。"


class NoAgreement(NotYours):
    """A window acts in another organ's name only while an agreement of the two sides is in force."""

    code, status, says = (
        "no_agreement",
        403,
        "以{organ}的名义{move}，须有两地之间正在生效的点对点协议；请转由{organ}办理。",
    )


class FactMissing(Refusal):
    code, status, says = "fact_missing", 422, "请填写{label}。"


class FilesMissing(FactMissing):
    code, says = "files_missing", "请选择要交的文件：{label}。"


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


class AppliedBefore(Refusal):
    """The same person has another case of the same item; `again` is where a reason lets a second one in."""

    code, status, says = "applied_before", 409, "{who}已有一件同一事项的办件：{which}。没有重复收取，{way}。"


class ApplicationChanged(Refusal):
    code, status, says = "application_changed", 409, "申请内容刚刚在另一台设备上改过，还没有提交。请重新核对后再提交。"


class BothChanged(Refusal):
    """Two devices wrote different things into the same fields; theirs holds what the other one wrote."""

    code, status, says = "both_changed", 409, "{labels}刚刚在另一台设备上也改过，请选择保留哪一个。"

    def __init__(self, labels: dict[str, str], theirs: dict[str, str]) -> None:
        self.theirs = theirs
        super().__init__(field=next(iter(labels)), labels="、".join(f"“{label}”" for label in labels.values()))


class SignersMissing(Refusal):
    code, status, says = "signers_missing", 409, "还不能提交：{what}。"


class SignersElsewhere(Refusal):
    code, status, says = "signers_needed", 409, "该事项须由{roles}各自确认，请在网上填写申请，由各方登录后确认。"


class SignerRefused(Refusal):
    code, status, says = "signer_refused", 422, "{why}"


class NameDiffers(Refusal):
    code, status, says = "name_differs", 409, "申请人填写的姓名与您实名登录的姓名不一致，请申请人改正后再确认。"


class AlreadyAsked(Refusal):
    code, status, says = "already_asked", 409, "同样的请求已经提交，正在等待{holder}确认。"


class Repeated(Refusal):
    code, status, says = "form_repeated", 409, "这个表单刚才已经提交过，没有重复办理。"


class FieldsUnread(Refusal):
    """What should be JSON by names of fields is something else."""

    code, status, says = "fields_unread", 422, "“{label}”须是 JSON 对象：名称是填写项的名称，值是文字。"


class NothingChosen(Refusal):
    code, status, says = "nothing_chosen", 422, "请先勾选要指派的办件。"


class FormRefused(Refusal):
    """Several fields at once: errors holds a sentence for each."""

    code, status, says = "form_refused", 422, "有 {count} 处需要修改。"

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__(field=next(iter(errors)), count=len(errors))


class NotComplete(Refusal):
    code, status, says = "draft_incomplete", 422, "{what}"


class NotOpened(Refusal):
    """The office has named what is to be corrected, and this file is of something else."""

    code, status, says = "material_not_opened", 422, "这项材料不在这次补正的范围内，请只补交告知中指明的材料。"


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


class ToTheApplicant(GuardRefusal):
    code, says = "papers_to_the_applicant", "办件没有作出决定就已经结束，原件请退还申请人。"


class PapersAbout(GuardRefusal):
    code, says = (
        "papers_about",
        "还有原件没有归位：{names}。请先退还申请人，或者由办理地收存，再归档。",
    )


class ReviewedBefore(GuardRefusal):
    code, says = "reviewed_before", "已经预审过。"


class UrgedToday(GuardRefusal):
    code, says = "urged_today", "今天已经催办过，请明天再试。"


class Archived(GuardRefusal):
    code, says = "archived", "办件已经归档。"


class NoProblem(GuardRefusal):
    code, says = "no_problem", "没有可以这样处理的问题。"


class NoHearing(GuardRefusal):
    code, says = "no_hearing", "现在没有可以这样办理的听证。"


class TooLateToAsk(GuardRefusal):
    code, says = "too_late_to_ask", "申请听证的期限已经届满。"


class HearingAwaited(GuardRefusal):
    code, says = (
        "hearing_awaited",
        "申请人申请了听证，或者申请听证的期限还没有届满，不能作出决定。须举行听证的，请启动特别程序“听证”。",
    )


class ProblemsOpen(GuardRefusal):
    code, says = "problems_open", "还有没有了结的问题：{names}。了结以后再归档。"


class NoFee(GuardRefusal):
    code, says = "no_fee", "这个办件所依据的事项没有规定在办理中缴费，不得通知缴费。"


class FeeAsked(GuardRefusal):
    code, says = "fee_asked", "已经通知缴费，缴费通知书只给一次。金额需要减少的，请登记减免。"


class FeeSettled(GuardRefusal):
    code, says = "fee_settled", "这个办件的费用已经缴清或者免缴。"


class FeeNotAsked(GuardRefusal):
    code, says = "fee_not_asked", "还没有通知缴费，没有等待确认的缴费。"


class FeeNotNow(GuardRefusal):
    code, says = "fee_not_now", "该事项规定在{when}通知缴费，现在不能通知。"


class FeeUnpaid(GuardRefusal):
    code, says = "fee_unpaid", "已经通知缴费 {amount}，还没有确认到账。确认缴费或者登记减免以后，才能继续办理。"


class FeeToAsk(GuardRefusal):
    code, says = "fee_to_ask", "该事项规定缴费以后才能继续办理。请先由办理机关通知缴费，或者登记减免。"


class NotReducible(GuardRefusal):
    code, says = "fee_not_reducible", "没有可以减免的收费项目：该事项写明不允许减免，或者已经减免。"


class NotConfirmed(Refusal):
    code, status, says = "not_confirmed", 422, "请先阅读承诺书全文，再勾选确认。"


class ResultRevoked(Refusal):
    code, status, says = (
        "result_revoked",
        409,
        "准予的决定已被撤销，证明不再有效，不能下载。撤销的理由和救济途径见办理经过。",
    )


class NothingToPromise(GuardRefusal):
    code, says = "nothing_to_promise", "这个办件现在没有可以作出承诺的事项。"


class NothingPromised(GuardRefusal):
    code, says = "nothing_promised", "申请人还没有作出书面承诺。请先由申请人在网上确认，或者在窗口签署承诺书。"


class CreditUnknown(GuardRefusal):
    code, says = "credit_unknown", "请先查询并登记申请人的信用情况。"


class CreditKnown(GuardRefusal):
    code, says = "credit_known", "申请人的信用情况已经登记。"


class Discredited(GuardRefusal):
    code, status, says = (
        "discredited",
        403,
        ("申请人有尚未修复的严重失信记录，不适用容缺受理和告知承诺。请按一般程序提交材料；信用修复后可以重新登记。"),
    )


class NothingTolerated(GuardRefusal):
    code, says = "nothing_tolerated", "该事项没有可以后补的材料，或者可以后补的材料已经齐全，不适用容缺受理。"


class StillLacking(GuardRefusal):
    code, says = (
        "still_lacking",
        "还缺：{names}。补齐以前不能按材料齐全办理；申请人书面承诺、信用符合条件的，可以依承诺办理。",
    )


class NothingAwaited(GuardRefusal):
    code, says = "nothing_awaited", "没有等待补交的材料。"


class NothingSupplied(GuardRefusal):
    code, says = "nothing_supplied", "没有后补的材料可以退回。"


class ExaminedFirst(GuardRefusal):
    code, says = "examined_first", "该事项规定依承诺办理也须先完成审查，请先完成审查环节。"


class NothingToVerify(GuardRefusal):
    code, says = "nothing_to_verify", "没有等待核查的承诺。"


class NothingOrdered(GuardRefusal):
    code, says = "nothing_ordered", "没有责令改正的内容。"


class NotVerified(GuardRefusal):
    code, says = "not_verified", "告知承诺还没有核查完毕，核查完毕以后再归档。"


class NotRevocable(GuardRefusal):
    code, says = "not_revocable", "现在不能撤销：该事项规定先责令改正，到期没有改正或者改正后仍不符合的，才能撤销。"


class NotCovered(Refusal):
    """Whoever acts for somebody may do so in some items only."""

    code, status = "not_covered", 403
    says = "您可以代{whose}办理的事项里没有这一项。请对方重新授权，或者以您本人的身份办理。"


class LevelNeeded(Refusal):
    """The item asks to be surer of who applies than anybody is yet."""

    code, status = "level_needed", 403
    says = (
        "这个事项要求实名等级达到“{least}”，您目前是“{level}”，没有提交。"
        "请在“我的”里完成实名核验；还不够的，请携带证件原件到就近的窗口核验一次，或者直接在窗口办理。"
    )


class NotServed(Refusal):
    """An item for natural persons is not applied for by a company."""

    code, status, says = "not_served", 422, "这个事项只受理个人的申请，不能以{whose}的名义办理。请切换到本人身份。"


class ProgressUnknown(Refusal):
    """Number and end of the ID number do not belong together; whether there is such a number is nobody's to learn."""

    code, status, says = "progress_unknown", 404, "编号或者证件号码后四位不对，请核对后再试。"


class MaterialNotHad(Refusal):
    """The other node did not give it; its code is kept with the try."""

    code, status, says = "material_not_had", 409, "{why}"


class ResourceMissing(Refusal):
    """Nobody shares this here yet."""

    code, status, says = "resource_missing", 503, "本节点还没有接通共享数据“{name}”。"


class SourceBroke(Refusal):
    """Our own mistake, or the source's; the log knows more."""

    code, status, says = "source_broke", 500, "系统调取时出了问题，没有调取到。"


class LicenceGone(Refusal):
    """A licence that stands in for a material counts no longer."""

    code, status = "relied_licence_gone", 409
    says = "材料“{name}”所用的电子证照现在是“{standing}”状态，不能作为依据，{way_out}。"


class PartOutOfStep(Refusal):
    """This part of a file does not follow what is there, or is not of the size of a part."""

    code, status, says = "part_out_of_step", 409, "文件已收到前 {offset} 字节，请从这里继续上传。"


class PartAltered(Refusal):
    """A part is not what its digest says."""

    code, status, says = "part_altered", 422, "这一段内容与所报的摘要不符，没有保存，请重新发送这一段。"


class WholeAltered(Refusal):
    """All parts came, and together they are not what the digest of the whole says."""

    code, status, says = "file_altered", 422, "传完的文件与所报的摘要不符，可能中途改过，没有保存，请从头上传。"


class NotRecognised(Refusal):
    """The region that decides does not accept such licences of that region."""

    code, status, says = "licence_not_recognised", 409, "{why}"


class FileInfected(Refusal):
    """The scanner found something in the file."""

    code, status, says = "file_infected", 422, "文件中发现病毒（{name}），没有保存。请处理以后再上传，或者换一份文件。"


class NotArchived(Refusal):
    code, status, says = "not_archived", 409, "办件还没有归档，不能销毁。"


class KeptStill(Refusal):
    code, status, says = "kept_still", 409, "办件的保管期限到{until}为止，期满后才能销毁。"


class ResultCounts(Refusal):
    code, status, says = "result_counts", 409, "办件的办理结果（{number}）仍然有效，失效以后才能销毁。"
