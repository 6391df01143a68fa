# SPDX-License-Identifier: Apache-2.0
"""What people are told at each step and before a limit runs out, in one sentence. Pure.

One phrase for each step and role serves site, mail and text message. A text message names neither the person nor the
matter: whoever sees the telephone lying there learns that there is an application, and no more.
"""

from collections.abc import Mapping
from datetime import date

from tongban.cases.clocks import NAMES
from tongban.cases.transitions import MOVES
from tongban.standards.actor import Role
from tongban.standards.workdays import long_day

TAIL = 6  # digits of the receipt number that a text message names

# To the applicant: what has happened and what is to be done, with dates where the step sets any. Of two phrases the
# second serves where the date of the first is not there.
APPLICANT: Mapping[str, tuple[str, ...]] = {
    "send_back_originals": ("的纸质原件，办理机关已寄回",),
    "receive_back": ("的纸质原件已退到收件窗口，可以领取",),
    "request_correction": ("需要补正，请在{correction}前提交", "需要补正，请尽快提交"),
    "return_correction": ("的补正仍有缺少，请在{correction}前补齐", "的补正仍有缺少，请尽快补齐"),
    "lapse_withdrawn": ("到期没有补正，视为撤回，办理已结束",),
    "lapse_not_accepted": ("到期没有补正，不予受理，理由和救济途径见文书",),
    "accept": ("已受理，承诺{promised}前办结", "已受理"),
    "deem_accepted": ("依法视为受理，承诺{promised}前办结", "依法视为受理"),
    "check_credit": ("已查询信用情况，结果见办理经过",),
    "accept_lacking": ("已容缺受理，请在{supplement}前补齐材料", "已容缺受理，请尽快补齐材料"),
    "return_supplement": ("后补的材料不合要求，请在{supplement}前重新补交", "后补的材料不合要求，请尽快重新补交"),
    "stall": ("后补的材料到期没有补齐，请在{grace}前补齐，否则办理将结束", "后补的材料到期没有补齐，请尽快补齐"),
    "lapse_lacking_withdrawn": ("后补的材料到期没有补齐，视为撤回，办理已结束",),
    "lapse_lacking_terminated": ("后补的材料到期没有补齐，已终止办理",),
    "not_require": ("经审查不需要办理，不受理，理由见文书",),
    "not_accept": ("不予受理，理由和救济途径见文书",),
    "offer_hearing": ("可以申请听证，请在{hearing_request}前提出", "可以申请听证，办法见文书"),
    "start_special": ("需要进行特别程序，办理期限的变化见文书",),
    "end_special": ("的特别程序已结束，继续办理",),
    "extend": ("的办理期限已延长到{promised}，理由见文书", "的办理期限已延长，理由见文书"),
    "ask_fee": ("需要缴费，请在{payment}前缴纳，金额和缴费方式见文书", "需要缴费，金额和缴费方式见文书"),
    "confirm_payment": ("的缴费已确认",),
    "waive_fee": ("的费用已减免，减免了哪些见文书",),
    "lapse_unpaid": ("到期没有缴费，视为撤回，办理已结束",),
    "grant": ("已准予办理，正在制作结果",),
    "grant_on_promise": ("已依承诺准予办理，正在制作结果",),
    "deny": ("不予办理，理由和救济途径见文书",),
    "issue": ("已办好，怎样领取结果见办件",),
    "remake": ("的结果文件已重新制作，可以再次下载",),
    "post": ("的结果已寄出，快递单号见办件",),
    "confirm_promise": ("的承诺经核查属实",),
    "order_to_correct": ("的承诺经核查不实，请在{put_right}前改正", "的承诺经核查不实，要求见文书"),
    "revoke": ("的准予决定已被撤销，理由和救济途径见文书",),
    "reinstate": ("的结果已恢复效力",),
    "terminate": ("已终止办理，理由和救济途径见办件",),
    "reopen_acceptance": ("将重新审查是否受理",),
    "reopen_decision": ("将重新办理",),
    "reckon": ("的期限因放假安排调整重新计算，到期日见办件",),
    "settle_problem": ("遇到的问题已处理，结果见办件",),
}
LIMITS: Mapping[str, str] = {  # before an applicant's limit runs out
    "correction": "的补正期限快到了，请在{correction}前提交",
    "supplement": "后补材料的期限快到了，请在{supplement}前补齐",
    "grace": "后补材料的宽限期快到了，请在{grace}前补齐，否则办理将结束",
    "payment": "的缴费期限快到了，请在{payment}前缴纳",
    "put_right": "的改正期限快到了，请在{put_right}前改正",
    "hearing_request": "的申请听证期限快到了，要求听证的请在{hearing_request}前提出",
}


def phrase(about: str, due: Mapping[str, date]) -> str:
    """What has happened, to the applicant."""
    said = (LIMITS[about],) if about in LIMITS else APPLICANT[about]
    days = {kind: long_day(day) for kind, day in due.items()}
    for each in said:
        try:
            return each.format_map(days)
        except KeyError:
            continue
    raise KeyError(about)


def title(about: str) -> str:
    """The heading of a message."""
    return f"{NAMES[about]}将满" if about in LIMITS else MOVES[about].told


def on_site(item: str, said: str, notice: str) -> str:
    """The words on the site and in a letter."""
    paper = f"文书：{notice}。" if notice else ""
    return f"您的“{item}”申请{said}。{paper}"


def by_sms(place: str, receipt_no: str, said: str) -> str:
    """The words of a text message."""
    return f"【{place}通办】您尾号{receipt_no[-TAIL:]}的申请{said}。请登录通办网站，在“我的办件”里查看。"


def to_desk(about: str, item: str, role: Role) -> str:
    """The words at a desk."""
    return f"“{item}”：{DESK.get((about, role)) or MOVES[about].told}。"


DESK = {  # where the name of the step does not say what it means for whoever reads
    ("take", Role.APPROVER): "收到新的办件，请在期限内决定是否受理",
    ("pre_review", Role.CLERK): "办理地已预审，结论见办件；可以寄出的，请寄出原件",
    ("send_originals", Role.APPROVER): "原件已寄出，收到后请登记",
    ("send_back_originals", Role.CLERK): "办理地已寄回原件，寄给窗口的收到后请登记",
    ("request_correction", Role.CLERK): "办理地要求补正，申请人可能来窗口补交",
    ("return_correction", Role.CLERK): "补正不齐，申请人可能再来窗口补交",
    ("deem_accepted", Role.APPROVER): "没有在期限内告知，已视为受理，请审查",
    ("correct", Role.APPROVER): "申请人提交了补正，请重新决定是否受理",
    ("hand_in", Role.APPROVER): "窗口代交了补正材料，请重新决定是否受理",
    ("request_hearing", Role.APPROVER): "申请人要求听证，请在期限内组织",
    ("ask_fee", Role.CLERK): "办理地通知申请人缴费，金额和期限见办件",
    ("urge", Role.APPROVER): "有人催办，说明见办理经过",
}
