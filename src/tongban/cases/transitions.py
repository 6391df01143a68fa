# SPDX-License-Identifier: Apache-2.0
"""The table of moves: the procedure itself. Buttons, API guards, message checks, docs and tests read it. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from tongban.cases import fees, said
from tongban.cases import guards as must
from tongban.cases.errors import (
    FactMissing,
    FieldsUnread,
    FilesMissing,
    GuardRefusal,
    MoveUnknown,
    NotConfirmed,
    NotNow,
    NotOffered,
    NotYours,
)
from tongban.cases.guards import Guard, Option
from tongban.cases.situation import Situation
from tongban.cases.states import ENDED, GIVEN, NAMES, Custody, Delivery, Mode, Originals, Part, State
from tongban.standards.actor import Actor, Role

VERSION = 6  # of the table; events name it, so that an upgrade never splits the federation


@dataclass(frozen=True)
class Need:
    """A fact the move must state. Told facts cross the border; internal ones stay where they were written."""

    name: str
    label: str
    kind: str = "textarea"  # text, textarea, or one of these:
    # choice, several (codes with commas between), picked (the same, none ticked beforehand), confirm;
    # handed: the requirements of the files that come with it;
    # colleague: somebody who works at the acting desk; reasons, fields: something said of several fields of the
    # form, JSON by their names
    most: int = 1000  # characters
    internal: bool = False
    help: str = ""
    options: Callable[[Situation, Actor], Iterator[Option]] | None = None  # of a choice, at this moment
    optional: bool = False


@dataclass(frozen=True)
class Move:
    """One permitted change of a case."""

    name: str
    label: str  # on a button
    told: str  # on the timeline
    sources: frozenset[State]
    target: State | None  # None: the state stays
    by: frozenset[Role]
    parts: frozenset[Part]
    modes: frozenset[Mode]
    needs: tuple[Need, ...] = ()
    guards: tuple[Guard, ...] = ()
    # Clocks that begin, and that end. "steps" are those of the steps of examination, "problem" that of each problem.
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()  # reaching an end ends all but those of what outlives the case
    pauses: tuple[str, ...] = ()
    resumes: tuple[str, ...] = ()
    extends: tuple[str, ...] = ()
    reckons: bool = False  # tells the dates of all running clocks anew
    since: str = ""  # what begins is counted from the start of this clock
    custody: Custody = Custody.KEEP
    asked: bool = False  # may be asked for where custody is elsewhere; real when the custodian's event returns
    entrusted: bool = False  # an agreement may let the window do it in the handling organ's name (异地受理)
    ways: frozenset[Delivery] = frozenset(Delivery)  # open only for cases whose result is delivered so
    joint: bool = False  # also for those who confirmed the application beside the applicant
    files: bool = False  # hands in materials
    originals: Originals = Originals.STAY
    notice: str = ""  # 文书 that this step gives
    tells: frozenset[Role] = frozenset()  # who is reminded beside the timeline that all parties see

    def leads_to(self, state: State) -> State:
        """The state after it."""
        return state if self.target is None else self.target


MANY = ("several", "picked", "handed")  # kinds of need whose value is several codes
OF_FIELDS = ("reasons", "fields")  # kinds of need whose value says something of several fields of the form

S, R, P = State, Role, Part
ALL = frozenset(Mode)
NEW = frozenset({S.SUBMITTED, S.COLLECTED})
EXAMINING = frozenset({S.ACCEPTED, S.SPECIAL, S.EXAMINED})
UNDER_WAY = NEW | EXAMINING | {S.CORRECTION}
OPEN = UNDER_WAY | GIVEN
ANY = OPEN | ENDED
OUT = frozenset({S.ISSUED, S.DELIVERED})
REMOTE = frozenset({Mode.ONLINE, Mode.JOINT})
PROXY = frozenset({Mode.PROXY})
NET, POST, WINDOW = (frozenset({way}) for way in (Delivery.NET, Delivery.POST, Delivery.WINDOW))
CLERK, APPLICANT, APPROVER, SYSTEM = (frozenset({r}) for r in (R.CLERK, R.APPLICANT, R.APPROVER, R.SYSTEM))
STAFF = CLERK | APPROVER
DECIDE = APPROVER | {R.SECOND_APPROVER}
INTAKE, HANDLING = frozenset({P.INTAKE}), frozenset({P.HANDLING})
BOTH = INTAKE | HANDLING
DECIDERS = frozenset(Part) - INTAKE
DECIDING = ("decision", "promised")
WAITING = (*DECIDING, "steps", "delivery")  # limits that stand still for a fee, where a clause says so

STEP = Need("step", "审查环节", kind="choice", options=must.steps_for)
BACK_TO = Need("step", "退回到哪个环节", kind="choice", options=must.steps_done)
OPINION = Need("opinion", "审查意见", internal=True, help="内部意见，不发送给申请人和收件地。")
WHY_BACK = Need("opinion", "退回理由", internal=True, help="内部意见，不发送给申请人和收件地。")
DECISION = Need("note", "给申请人的说明", most=500, help="申请人在办件进度中可以看到。")
REASON = Need("reason", "理由")
WHERE = Need("where_to_go", "应当向哪个机关申请", help="写明机关名称和联系方式。")
BASIS = Need("basis", "依据", help="写明法律、法规、规章的名称和条款。")
REMEDIES = Need("remedies", "救济途径", help="写明申请行政复议、提起行政诉讼的机关和期限。")
WITHDRAWAL = Need("reason", "撤回理由", most=500)
WHAT = Need("what", "需要补正的全部内容", help="一次性告知：逐项写明缺什么、怎样补。告知之后不得再提新的要求。")
LACKING = Need("what", "告知过的内容中仍未补正的部分", help="只能是已经告知过的内容，不得提新的要求。")
WRONG = Need(
    "wrong",
    "需要补正的材料",
    kind="several",
    options=must.materials_asked,
    optional=True,
    help="只勾选有问题的：申请人补正时只能补交这几项。填写内容和材料都没有指明的，哪一项都可以补交。",
)
WRONG_FIELDS = Need(
    "fields",
    "需要更正的填写内容",
    kind="reasons",
    most=4000,
    options=must.fields_filled,
    optional=True,
    help="只在有问题的一栏写明哪里不对：申请人补正时只能改这几栏，其余保持不变。",
)
CORRECTED = Need("corrected", "更正的填写内容", kind="fields", most=20_000, options=must.fields_told, optional=True)
HANDED_IN = Need("note", "补正说明", most=500, help="写明这次补交了什么。")
PUT_RIGHT = Need("note", "当场更正的内容", most=500, help="写明申请人当场更正了哪一处。")
VERDICT = Need("verdict", "预审结论", kind="choice", options=must.verdicts)
PROCEDURE = Need("procedure", "程序种类", kind="choice", options=must.procedures)
WHY_SPECIAL = Need("reason", "启动理由", help="申请人可以看到。行政许可的期限依法暂停，其他事项只暂停承诺的期限。")
FOUND = Need("note", "结果", help="申请人可以看到。")
WHY_HEARING = Need("reason", "为什么可以申请听证", help="申请人可以看到。写明决定涉及的重大利益，和在哪里申请。")
HEARING = Need("note", "要求听证的理由", most=500)
WHY_LONGER = Need("reason", "延长期限的理由", help="批准后告知申请人。")
NEW_DATES = Need("reason", "期限变动的原因")
CHARGES = Need(
    "charges",
    "收费项目",
    kind="picked",
    options=fees.charges,
    help="只勾选申请人应当缴的；只能是本事项公布的项目和标准。",
)
SUM = Need("paid", "到账金额", kind="choice", options=fees.sums)
BILL = Need("bill", "缴款码或者财政电子票据号码", kind="text", most=50)
PROVED_BY = Need("proved", "怎样核对的", kind="choice", options=fees.proofs)
SPARED = Need("spared", "减免哪些项目", kind="picked", options=fees.waivable)
WHY_SPARED = Need("reason", "减免理由", most=500, help="申请人可以看到。")
ORGAN = Need("organ", "作出决定的机关", kind="text", most=100)
DOCUMENT = Need("document", "文书名称和文号", kind="text", most=100)
WHY_URGED = Need("note", "催办说明", most=300)
ASSIGNEE = Need("assignee", "经办人", kind="colleague", most=80, internal=True)
WHY_ASSIGNED = Need("opinion", "指派理由", most=300, internal=True, help="例如休假代班。")
KIND = Need("kind", "问题种类", kind="choice", options=must.problem_kinds)
TROUBLE = Need("note", "情况说明", most=500)
MINE = Need("problem", "哪个问题", kind="choice", options=must.problems_mine)
OFFERED = Need("problem", "哪个问题", kind="choice", options=must.problems_offered)
KEPT = Need("problem", "哪个问题", kind="choice", options=must.problems_kept)
OUTCOME = Need("outcome", "处理结果", kind="choice", options=must.outcomes)
PROMISE = Need("promise", "承诺事项", kind="choice", options=must.promises_open)
TAKEN_BACK = Need("promise", "撤回哪一项承诺", kind="choice", options=must.promises_made)
CONFIRMED = Need("confirmed", "确认", kind="confirm", options=must.confirmations)
SIGNED = Need("signed", "承诺书的签署日期和存放处", kind="text", most=200, help="申请人签字的纸质承诺书由本窗口收存。")
CREDIT = Need("credit", "查询结果", kind="choice", options=must.findings_of_credit)
REGISTER = Need("register", "在哪里查询", kind="choice", options=must.registers_of_credit)
LATER = Need(
    "lacking", "同意后补的材料", kind="several", options=must.materials_lacking, help="期限和后果随通知书告知。"
)
HANDED = Need("handed", "补交的材料", kind="handed", options=must.materials_to_come)
RETURNED = Need("returned", "退回哪些材料", kind="several", options=must.materials_supplied)
WHY_RETURNED = Need("note", "不合要求之处", most=500, help="申请人可以看到，并在新的期限内重新补交。")
FOUND_TRUE = Need("note", "核查情况", most=500, help="申请人可以看到。")
TO_PUT_RIGHT = Need("what", "不实之处和改正要求", help="写明哪一项承诺不属实、应当怎样改正。")
PUT_IN_ORDER = Need("note", "改正情况", most=500, help="写明怎样改正的，可以附上材料。")
GIVEN_BACK = Need("papers", "退还哪些原件", kind="several", options=must.papers_in_the_window)
FROM_ORGAN = Need("papers", "退还哪些原件", kind="several", options=must.papers_of_the_organ)
COME_BACK = Need("papers", "收到哪些原件", kind="several", options=must.papers_travelling)
GIVEN_AGAIN = Need("papers", "收取哪些原件", kind="several", options=must.papers_given_back)
TO_WHOM = Need("to", "寄给谁", kind="choice", options=must.ways_back)
SIGNED_FOR = Need("proof", "签收凭据", kind="text", most=200, help="写明签收人、签收时间；寄回的，写明快递签收记录。")
PARCEL = Need("parcel_no", "快递单号", kind="text", most=50)
PROOF = Need("proof", "签收凭据", kind="text", most=200, help="写明签收人、签收时间，或者快递签收记录。")
LICENCE = (
    Need("licence_number", "证明编号", kind="text"),
    Need("licence_name", "证明名称", kind="text"),
    Need("file_digest", "文件摘要", kind="text"),
    Need("file_size", "文件大小", kind="text"),
)

# fmt: off
MOVES: Mapping[str, Move] = {move.name: move for move in (
    # Beginning: an application comes in, and the duty to move it goes to the organ that decides.
    #    name                   label                told                  from                       to              who        part      modes
    Move("submit",              "提交申请",          "提交申请",           frozenset(),               S.SUBMITTED,    APPLICANT, INTAKE,   REMOTE),
    Move("collect",             "收件",              "窗口收件",           frozenset(),               S.COLLECTED,    CLERK,     INTAKE,   PROXY, notice="收件凭证"),
    Move("offer",               "移交办理地",        "移交办理地",         NEW,                       None,           SYSTEM,    INTAKE,   ALL, custody=Custody.OFFER),
    Move("take",                "接收",              "办理地已接收",       NEW,                       None,           SYSTEM,    HANDLING, ALL, custody=Custody.TAKE, starts=("acceptance", "transit"), tells=APPROVER),
    # Originals: reviewed before they travel, sent, received. The organ's time begins when it has what it asks for on paper.
    Move("pre_review",          "预审",              "办理地已预审",       frozenset({S.COLLECTED}),  None,           APPROVER,  HANDLING, PROXY, (VERDICT, DECISION), (must.papers_unsent,), tells=CLERK),
    Move("send_originals",      "寄出原件",          "窗口已寄出原件",     ANY,                       None,           CLERK,     INTAKE,   PROXY, (PARCEL,), (must.papers_for_the_organ,), starts=("transit",), asked=True, originals=Originals.LEAVE, notice="材料交接单", tells=APPROVER),
    Move("receive_originals",   "收到原件",          "办理地收到原件",     ANY,                       None,           APPROVER,  HANDLING, PROXY, (), (must.papers_elsewhere,), starts=("acceptance",), stops=("transit",), originals=Originals.ARRIVE),
    # And back to whoever gave them: by hand, by post, through the window; whatever becomes of the case, and after its end.
    Move("return_originals",    "退还原件",          "窗口已把原件退还申请人", ANY,                     None,           CLERK,     INTAKE,   PROXY, (GIVEN_BACK, PROOF), (must.papers_at_the_window,), asked=True, originals=Originals.TO_APPLICANT, notice="原件退还凭证", tells=APPROVER),
    Move("take_originals",      "再次收取原件",      "窗口再次收取原件",   UNDER_WAY,                 None,           CLERK,     INTAKE,   PROXY, (GIVEN_AGAIN,), (must.papers_with_the_applicant,), asked=True, originals=Originals.TO_WINDOW, tells=APPROVER),
    Move("send_back_originals", "寄回原件",          "办理地已寄回原件",   ANY,                       None,           APPROVER,  HANDLING, PROXY, (FROM_ORGAN, TO_WHOM, PARCEL), (must.papers_at_the_organ,), starts=("transit",), originals=Originals.SEND_BACK, tells=APPLICANT | CLERK),
    Move("receive_back",        "收到退回的原件",    "窗口收到退回的原件", ANY,                       None,           CLERK,     INTAKE,   PROXY, (COME_BACK,), (must.papers_on_their_way,), stops=("transit",), asked=True, originals=Originals.TO_WINDOW, tells=APPLICANT),
    Move("hand_back_originals", "登记已退还原件",    "原件已退还申请人",   ANY,                       None,           APPROVER,  HANDLING, PROXY, (FROM_ORGAN, SIGNED_FOR), (must.papers_at_the_organ,), stops=("transit",), originals=Originals.TO_APPLICANT, notice="原件退还凭证", tells=CLERK),
    # Acceptance 受理: errors put right on the spot, one complete notice of what is lacking, then yes, or no in writing.
    Move("correct_on_spot",     "当场更正",          "申请人当场更正",     NEW,                       None,           CLERK,     INTAKE,   PROXY, (PUT_RIGHT,), asked=True, files=True),
    Move("request_correction",  "一次性告知补正",    "一次性告知补正",     NEW,                       S.CORRECTION,   APPROVER,  HANDLING, ALL, (WHAT, WRONG_FIELDS, WRONG), (must.not_told_before,), starts=("correction",), stops=("acceptance",), entrusted=True, notice="补正告知书", tells=APPLICANT | CLERK),
    Move("return_correction",   "退回继续补正",      "补正不齐，退回",     NEW,                       S.CORRECTION,   APPROVER,  HANDLING, ALL, (LACKING, WRONG_FIELDS, WRONG), (must.told_before,), starts=("correction",), stops=("acceptance",), notice="补正告知书", tells=APPLICANT | CLERK),
    Move("correct",             "提交补正",          "申请人提交补正",     frozenset({S.CORRECTION}), S.SUBMITTED,    APPLICANT, INTAKE,   REMOTE, (HANDED_IN, CORRECTED), starts=("acceptance",), stops=("correction",), asked=True, files=True, tells=APPROVER),
    Move("hand_in",             "代交补正材料",      "窗口代交补正材料",   frozenset({S.CORRECTION}), S.COLLECTED,    CLERK,     INTAKE,   PROXY, (HANDED_IN, CORRECTED), starts=("acceptance",), stops=("correction",), asked=True, files=True, tells=APPROVER),
    Move("lapse_withdrawn",     "逾期未补正",        "逾期未补正，视为撤回", frozenset({S.CORRECTION}), S.WITHDRAWN,  SYSTEM,    HANDLING, ALL, (), (must.correction_overdue_withdrawn,), tells=APPLICANT),
    Move("lapse_not_accepted",  "逾期未补正",        "逾期未补正，不予受理", frozenset({S.CORRECTION}), S.NOT_ACCEPTED, SYSTEM,  HANDLING, ALL, (), (must.correction_overdue_refused,), notice="不予受理决定书", tells=APPLICANT),
    Move("accept",              "受理",              "受理",               NEW,                       S.ACCEPTED,     APPROVER,  HANDLING, ALL, (), (must.nothing_lacks,), starts=(*DECIDING, "steps"), stops=("acceptance", "transit"), entrusted=True, notice="受理通知书", tells=APPLICANT),
    Move("deem_accepted",       "视为受理",          "逾期未告知，视为受理", NEW,                     S.ACCEPTED,     SYSTEM,    HANDLING, ALL, (), (must.silent_too_long,), starts=(*DECIDING, "steps"), stops=("acceptance", "transit"), since="acceptance", notice="受理通知书", tells=APPLICANT | APPROVER),
    # 容缺受理: against a written promise of somebody in good credit, what may come later is handed in after acceptance.
    Move("promise",             "作出书面承诺",      "申请人作出书面承诺", UNDER_WAY,                 None,           APPLICANT, INTAKE,   ALL, (PROMISE, CONFIRMED), (must.can_promise,), asked=True, notice="承诺书", tells=APPROVER),
    Move("take_promise",        "代收书面承诺",      "申请人在窗口签署承诺书", UNDER_WAY,             None,           CLERK,     INTAKE,   PROXY, (PROMISE, SIGNED, CONFIRMED), (must.can_promise,), asked=True, notice="承诺书", tells=APPROVER),
    Move("withdraw_promise",    "撤回承诺",          "申请人撤回承诺",     UNDER_WAY,                 None,           APPLICANT | CLERK, INTAKE, ALL, (TAKEN_BACK,), (must.promised,), asked=True, tells=APPROVER),
    Move("check_credit",        "登记信用情况",      "已查询信用情况",     UNDER_WAY,                 None,           APPROVER,  HANDLING, ALL, (CREDIT, REGISTER), (must.credit_matters,), tells=APPLICANT),
    Move("accept_lacking",      "容缺受理",          "容缺受理",           NEW,                       S.ACCEPTED,     APPROVER,  HANDLING, ALL, (LATER,), (must.lacks_what_may_lack, must.promised_to_supplement, must.creditworthy), starts=(*DECIDING, "steps", "supplement"), stops=("acceptance", "transit"), notice="容缺受理通知书", tells=APPLICANT | CLERK),
    Move("supplement",          "补交后补的材料",    "申请人补交后补的材料", NEW | EXAMINING,         None,           APPLICANT | CLERK, INTAKE, ALL, (HANDED,), (must.something_is_to_come,), stops=("supplement", "grace"), resumes=(*DECIDING, "steps"), asked=True, files=True, tells=APPROVER),
    Move("return_supplement",   "退回后补的材料",    "后补的材料不合要求，退回", EXAMINING,           None,           APPROVER,  HANDLING, ALL, (RETURNED, WHY_RETURNED), (must.something_came_later, must.assigned_to_you), starts=("supplement",), tells=APPLICANT | CLERK),
    Move("stall",               "逾期未补齐",        "逾期未补齐，承诺期限暂停", EXAMINING,           None,           SYSTEM,    HANDLING, ALL, (), (must.stalls_the_limit,), starts=("grace",), stops=("supplement",), pauses=(*DECIDING, "steps"), tells=APPLICANT | CLERK),
    Move("lapse_lacking_withdrawn", "逾期未补齐",    "逾期未补齐，视为撤回", EXAMINING,               S.WITHDRAWN,    SYSTEM,    HANDLING, ALL, (), (must.lacking_overdue_withdrawn,), tells=APPLICANT | CLERK),
    Move("lapse_lacking_terminated", "逾期未补齐",   "逾期未补齐，终止办理、退回申请", EXAMINING,     S.TERMINATED,   SYSTEM,    HANDLING, ALL, (), (must.lacking_overdue_terminated,), tells=APPLICANT | CLERK),
    Move("not_require",         "不受理",            "不受理：无需办理",   NEW,                       S.NOT_REQUIRED, APPROVER,  HANDLING, ALL, (REASON,), notice="不受理告知书", tells=APPLICANT),
    Move("not_accept",          "不予受理",          "不予受理",           NEW,                       S.NOT_ACCEPTED, APPROVER,  HANDLING, ALL, (REASON, WHERE), entrusted=True, notice="不予受理决定书", tells=APPLICANT),
    # Examination 审查: the item's steps, in order or side by side; special procedures stop the clocks, a second person extends them.
    Move("sign_step",           "签署审查环节",      "完成审查环节",       frozenset({S.ACCEPTED}),   None,           APPROVER,  HANDLING, ALL, (STEP, OPINION), (must.a_step_is_open, must.assigned_to_you), starts=("steps",)),
    Move("examine",             "审查完毕",          "审查完毕",           frozenset({S.ACCEPTED}),   S.EXAMINED,     SYSTEM,    HANDLING, ALL, (), (must.steps_signed,)),
    Move("send_back",           "退回审查",          "退回审查",           frozenset({S.EXAMINED}),   S.ACCEPTED,     APPROVER,  HANDLING, ALL, (BACK_TO, WHY_BACK), (must.assigned_to_you,), starts=("steps",)),
    Move("offer_hearing",       "告知听证权利",      "告知可以申请听证",   frozenset({S.ACCEPTED, S.EXAMINED}), None, APPROVER,  HANDLING, ALL, (WHY_HEARING,), (must.hearing_to_offer, must.assigned_to_you), starts=("hearing_request",), notice="听证告知书", tells=APPLICANT),
    Move("request_hearing",     "申请听证",          "申请人申请听证",     frozenset({S.ACCEPTED, S.EXAMINED}), None, APPLICANT | CLERK, INTAKE, ALL, (HEARING,), (must.hearing_offered,), starts=("hearing",), stops=("hearing_request",), asked=True, tells=APPROVER),
    Move("start_special",       "启动特别程序",      "启动特别程序",       frozenset({S.ACCEPTED}),   S.SPECIAL,      APPROVER,  HANDLING, ALL, (PROCEDURE, WHY_SPECIAL), (must.assigned_to_you,), stops=("hearing",), pauses=(*DECIDING, "steps"), notice="特别程序告知书", tells=APPLICANT),
    Move("end_special",         "结束特别程序",      "特别程序结束",       frozenset({S.SPECIAL}),    S.ACCEPTED,     APPROVER,  HANDLING, ALL, (FOUND,), resumes=(*DECIDING, "steps"), tells=APPLICANT),
    Move("propose_extension",   "提出延长期限",      "提出延长期限",       frozenset({S.ACCEPTED, S.EXAMINED}), None, APPROVER,  HANDLING, ALL, (WHY_LONGER,), (must.extendable, must.no_proposal)),
    Move("extend",              "批准延长期限",      "延长办理期限",       frozenset({S.ACCEPTED, S.EXAMINED}), None, DECIDE,    HANDLING, ALL, (DECISION,), (must.extendable, must.proposed_by_another), extends=DECIDING, notice="延期告知书", tells=APPLICANT),
    Move("assign",              "指派经办人",        "指派经办人",         UNDER_WAY,                 None,           APPROVER,  HANDLING, ALL, (ASSIGNEE, WHY_ASSIGNED)),
    # Fees 缴费: what the item declares, no more; the decision or the result waits for it, as the item has it.
    Move("ask_fee",             "通知缴费",          "通知缴费",           EXAMINING | GIVEN,         None,           APPROVER,  HANDLING, ALL, (CHARGES,), (fees.fee_may_be_asked, must.assigned_to_you), starts=("payment",), pauses=WAITING, notice="缴费通知书", tells=APPLICANT | CLERK),
    Move("confirm_payment",     "登记缴费",          "缴费已确认",         EXAMINING | GIVEN,         None,           APPROVER,  HANDLING, ALL, (SUM, BILL, PROVED_BY), (fees.fee_is_awaited,), stops=("payment",), resumes=WAITING, tells=APPLICANT | CLERK),
    Move("waive_fee",           "减免缴费",          "减免缴费",           EXAMINING | GIVEN,         None,           APPROVER,  HANDLING, ALL, (SPARED, WHY_SPARED, BASIS), (fees.fee_can_be_waived, must.assigned_to_you), stops=("payment",), resumes=WAITING, notice="减免缴费通知书", tells=APPLICANT | CLERK),
    Move("lapse_unpaid",        "逾期未缴费",        "逾期未缴费，视为撤回", EXAMINING,               S.WITHDRAWN,    SYSTEM,    HANDLING, ALL, (), (fees.unpaid_too_long,), tells=APPLICANT | CLERK),
    # Decision and result.
    Move("grant",               "准予办理",          "准予办理",           frozenset({S.EXAMINED}),   S.GRANTED,      DECIDE,    HANDLING, ALL, (DECISION,), (must.all_is_there, fees.paid_before_decision, must.no_hearing_awaited, must.nobody_examined_alone, must.assigned_to_you), starts=("delivery",), stops=(*DECIDING, "hearing_request"), notice="准予决定书", tells=APPLICANT),
    Move("grant_on_promise",    "依承诺准予",        "依告知承诺准予办理", frozenset({S.ACCEPTED, S.EXAMINED}), S.GRANTED, APPROVER,  HANDLING, ALL, (DECISION,), (must.stands_on_a_promise, must.creditworthy, fees.paid_before_decision, must.no_hearing_awaited, must.nobody_examined_alone, must.assigned_to_you), starts=("delivery", "verification"), stops=(*DECIDING, "steps", "hearing_request"), notice="准予决定书", tells=APPLICANT),
    Move("deny",                "不予办理",          "不予办理",           frozenset({S.EXAMINED}),   S.DENIED,       DECIDE,    HANDLING, ALL, (REASON, BASIS, REMEDIES), (must.no_hearing_awaited, must.nobody_examined_alone, must.assigned_to_you), notice="不予决定书", tells=APPLICANT),
    Move("issue",               "出具证明",          "已出具证明",         frozenset({S.GRANTED}),    S.ISSUED,       SYSTEM,    HANDLING, ALL, LICENCE, tells=APPLICANT),
    Move("remake",              "重新制作证明",      "证明文件已重新制作", frozenset({S.ISSUED, S.DELIVERED}), None,           SYSTEM,    HANDLING, ALL, LICENCE, tells=APPLICANT),
    Move("deliver",             "领取",              "申请人已领取",       frozenset({S.ISSUED}),     S.DELIVERED,    APPLICANT, INTAKE,   ALL, (), (fees.paid_before_result,), asked=True, ways=NET),
    Move("hand_over",           "窗口交付",          "窗口已交付申请人",   frozenset({S.ISSUED}),     S.DELIVERED,    CLERK,     INTAKE,   PROXY, (PROOF,), (fees.paid_before_result,), asked=True, ways=WINDOW, notice="送达回证"),
    Move("post",                "寄出结果",          "结果已寄出",         frozenset({S.ISSUED}),     None,           APPROVER,  HANDLING, ALL, (PARCEL,), (fees.paid_before_result,), ways=POST, originals=Originals.POST, tells=APPLICANT),
    Move("confirm_post",        "确认签收",          "申请人已签收",       frozenset({S.ISSUED}),     S.DELIVERED,    APPROVER,  HANDLING, ALL, (PROOF,), (fees.paid_before_result,), ways=POST, originals=Originals.RECEIVED, notice="送达回证"),
    # 告知承诺 afterwards: what was decided on a promise is verified; what is untrue is put right, or the decision revoked.
    Move("confirm_promise",     "核查属实",          "承诺经核查属实",     OUT,                       None,           APPROVER,  HANDLING, ALL, (FOUND_TRUE,), (must.to_verify,), stops=("verification",), tells=APPLICANT),
    Move("order_to_correct",    "责令改正",          "承诺不实，责令改正", OUT,                       None,           APPROVER,  HANDLING, ALL, (TO_PUT_RIGHT, BASIS), (must.to_put_right,), starts=("put_right",), stops=("verification",), notice="责令改正通知书", tells=APPLICANT | CLERK),
    Move("report_correction",   "提交改正情况",      "申请人提交改正情况", OUT,                       None,           APPLICANT | CLERK, INTAKE, ALL, (PUT_IN_ORDER,), (must.ordered,), starts=("verification",), stops=("put_right",), asked=True, files=True, tells=APPROVER),
    Move("revoke",              "撤销决定",          "撤销准予的决定",     OUT,                       S.REVOKED,      APPROVER,  HANDLING, ALL, (REASON, BASIS, REMEDIES), (must.revocable,), notice="撤销决定书", tells=APPLICANT | CLERK),
    Move("reinstate",           "恢复效力",          "依上级决定恢复效力", frozenset({S.REVOKED}),    S.ISSUED,       APPROVER,  HANDLING, ALL, (ORGAN, DOCUMENT), tells=APPLICANT),
    # Leaving early, and coming back by the decision of a superior organ or a court.
    Move("withdraw",            "撤回申请",          "撤回申请",           UNDER_WAY,                 S.WITHDRAWN,    APPLICANT, INTAKE,   ALL, (WITHDRAWAL,), asked=True, tells=APPROVER),
    Move("terminate",           "终止办理",          "终止办理",           EXAMINING | {S.CORRECTION}, S.TERMINATED,  APPROVER,  HANDLING, ALL, (REASON, BASIS), tells=APPLICANT),
    Move("reopen_acceptance",   "重新审查是否受理",  "依上级决定重新审查是否受理", frozenset({S.NOT_REQUIRED, S.NOT_ACCEPTED}), S.SUBMITTED, APPROVER, HANDLING, ALL, (ORGAN, DOCUMENT), starts=("acceptance", "transit"), tells=APPLICANT),
    Move("reopen_decision",     "重新办理",          "依上级决定重新办理", frozenset({S.DENIED, S.TERMINATED}), S.ACCEPTED, APPROVER, HANDLING, ALL, (ORGAN, DOCUMENT), starts=(*DECIDING, "steps", "supplement"), tells=APPLICANT),
    Move("archive",             "归档",              "归档",               ENDED,                     None,           APPROVER,  HANDLING, ALL, (), (must.not_archived, must.verified, must.problems_settled, must.papers_at_rest)),
    Move("reckon",              "重新计算期限",      "放假安排调整，期限重新计算", OPEN | OUT,        None,           SYSTEM,    HANDLING, ALL, (NEW_DATES,), reckons=True, tells=APPLICANT),
    # Problems 问题处理 and reminders.
    Move("urge",                "催办",              "催办",               UNDER_WAY,                 None,           APPLICANT | CLERK, INTAKE, ALL, (WHY_URGED,), (must.not_urged_today,), joint=True, asked=True, tells=APPROVER),
    Move("raise_problem",       "登记问题",          "登记问题",           ANY,                       None,           STAFF,     BOTH,     ALL, (KIND, TROUBLE), (must.not_archived,), starts=("problem",), asked=True),
    Move("offer_problem",       "移交问题",          "请对方接手问题",     ANY,                       None,           STAFF,     BOTH,     ALL, (MINE, TROUBLE), (must.problem_is_mine,), asked=True, tells=STAFF),
    Move("take_problem",        "接手问题",          "已接手问题",         ANY,                       None,           STAFF,     BOTH,     ALL, (OFFERED,), (must.problem_is_offered,), asked=True),
    Move("settle_problem",      "了结问题",          "问题已处理",         ANY,                       None,           STAFF,     BOTH,     ALL, (KEPT, OUTCOME, TROUBLE), (must.problem_is_kept,), stops=("problem",), asked=True, tells=APPLICANT),
)}
# fmt: on
AWAIT_FILES = frozenset(  # states in which the applicant's files are awaited
    state for move in MOVES.values() if move.files and move.target is not None for state in move.sources
)
STANDING = ("revoke", "reinstate")  # of the result
GRANTING = ("grant", "grant_on_promise")
ISSUING = frozenset({"issue", "remake"})  # moves that tell the file of the result
# What the node itself does at once after another move, when its guards allow it.
FOLLOWED_BY: Mapping[str, str] = {"sign_step": "examine"}
# What the node itself does when a limit has run out.
WHEN_DUE: Mapping[str, tuple[str, ...]] = {
    "acceptance": ("deem_accepted",),
    "correction": ("lapse_withdrawn", "lapse_not_accepted"),
    "supplement": ("stall", "lapse_lacking_withdrawn", "lapse_lacking_terminated"),
    "payment": ("lapse_unpaid",),
    "grace": ("lapse_lacking_withdrawn", "lapse_lacking_terminated"),
}


@dataclass(frozen=True)
class Relation:
    """How an actor stands to one case: the parts of their organization, and whether they applied for it or joined."""

    parts: frozenset[Part]
    applied: bool
    joined: bool = False  # confirmed the application beside whoever applied


def move_named(name: str) -> Move:
    """The move of that name. MoveUnknown when the table has none."""
    if name not in MOVES:
        raise MoveUnknown(move=name)
    return MOVES[name]


def known(state: str) -> State | None:
    """The state of that name; None for one that only a newer table knows."""
    return State(state) if state in State.__members__.values() else None


def is_system_next(state: State) -> bool:
    """Whether the node itself makes the next move without waiting for a limit, so that a page may wait for it."""
    moving = (m for m in MOVES.values() if m.by == SYSTEM and m.custody is Custody.KEEP and not m.guards)
    return any(state in m.sources and m.target is not None for m in moving)


def is_open(move: Move, state: State, mode: Mode, way: Delivery = Delivery.NET) -> bool:
    """Whether the procedure has this move here."""
    return state in move.sources and mode in move.modes and way in move.ways


def is_yours(move: Move, actor: Actor, relation: Relation, entrusted: frozenset[str] = frozenset()) -> bool:
    """Whether this actor is the one who makes it; `entrusted` are moves that the window makes by agreement."""
    if move.entrusted and move.name in entrusted and actor.role is Role.CLERK:
        return Part.INTAKE in relation.parts
    if actor.role not in move.by:
        return False
    if actor.role is Role.APPLICANT:
        return relation.applied or (relation.joined and move.joint)
    if actor.role is Role.SYSTEM:
        return True
    return bool(move.parts & relation.parts & _sides(actor))


def _sides(actor: Actor) -> frozenset[Part]:
    """A clerk acts for the place that took the case in, even where the same organization decides."""
    return INTAKE if actor.role is Role.CLERK else DECIDERS


def may_ask(move: Move, actor: Actor) -> bool:
    """Whether a move that is this actor's may be asked for where another node holds the case."""
    return move.asked or (move.entrusted and actor.role is Role.CLERK)


def open_moves(case: Situation, actor: Actor, relation: Relation) -> Iterator[Move]:
    """The moves that this person has here and now; a desk shows one form for each."""
    for name in _open_names(case.state, case.mode, case.way):
        move = MOVES[name]
        if is_yours(move, actor, relation, case.entrusted) and refused(move, case, actor) is None:
            yield move


@cache
def _open_names(state: State, mode: Mode, way: Delivery) -> tuple[str, ...]:
    """The moves that the procedure has here, in the order of the table."""
    return tuple(name for name, move in MOVES.items() if is_open(move, state, mode, way))


def refused(move: Move, case: Situation, actor: Actor) -> GuardRefusal | None:
    """What stands against the move beside state, part and role; the first of its guards that objects."""
    return next((no for guard in move.guards if (no := guard(case, actor)) is not None), None)


def check(move: Move, case: Situation, actor: Actor, relation: Relation, facts: Mapping[str, str]) -> dict[str, str]:
    """The move's facts, tidied. NotYours, NotNow, a guard's refusal or FactMissing says why it cannot be made."""
    if not is_yours(move, actor, relation, case.entrusted):
        raise NotYours(move=move.label)
    if not is_open(move, case.state, case.mode, case.way):
        raise NotNow(move=move.label, state=NAMES[case.state])
    no = refused(move, case, actor)
    if no is not None:
        raise no
    told = stated(move, facts)
    for need in move.needs:
        if need.options is None or need.name not in told:
            continue
        if not _chosen(need, told[need.name]) <= set(dict(need.options(case, actor))):
            raise NotOffered(field=need.name, label=need.label)
    return told


def _chosen(need: Need, value: str) -> set[str]:
    if need.kind in OF_FIELDS:
        try:
            return set(said.by_field(value))
        except ValueError:
            raise FieldsUnread(field=need.name, label=need.label) from None
    return set(value.split(",")) if need.kind in MANY else {value}


def handed(move: Move, requirements: Iterable[str]) -> dict[str, str]:
    """Which materials these files are, for a move that states it."""
    given = ",".join(dict.fromkeys(requirements))
    return {need.name: given for need in move.needs if need.kind == "handed"}


def stated(move: Move, facts: Mapping[str, str]) -> dict[str, str]:
    """Exactly the facts the move needs, each present and not too long."""
    told = {}
    for need in move.needs:
        value = str(facts.get(need.name, "")).strip()
        if not value and need.optional:
            continue
        if not value and need.kind == "confirm":
            raise NotConfirmed(field=need.name)
        if not value and need.kind == "handed":
            raise FilesMissing(field=need.name, label=need.label)
        if not value:
            raise FactMissing(field=need.name, label=need.label)
        if len(value) > need.most:
            raise FactMissing(field=need.name, label=f"{need.label}（不超过 {need.most} 字）")
        told[need.name] = value
    return told


def split(move: Move, facts: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What is told to everyone in the case, and what stays inside the organization."""
    internal = {need.name for need in move.needs if need.internal}
    told = {name: value for name, value in facts.items() if name not in internal}
    return told, {name: value for name, value in facts.items() if name in internal}
