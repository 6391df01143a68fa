# SPDX-License-Identifier: Apache-2.0
"""What a case page says in whole sentences: what comes next, what silence means, what to do against a decision."""

from tongban.cases.notices import REMEDY
from tongban.cases.states import State

NEXT = {
    State.SUBMITTED: "材料已经提交，等待{handling}决定是否受理。",
    State.COLLECTED: "窗口已收件并核验身份，等待{handling}决定是否受理。收件不等于受理。",
    State.CORRECTION: "{handling}已经一次性告知需要补正的内容。收到补正材料以后，重新计算受理期限。",
    State.ACCEPTED: "{handling}正在审查。",
    State.SPECIAL: "{handling}需要先进行{special}，这段时间不计入承诺的办理期限，结束以后接着计算。",
    State.EXAMINED: "审查完毕，等待{handling}作出决定。",
    State.GRANTED: "{handling}已经同意，正在制作并签章证明文件，一般几分钟内完成。",
    State.DENIED: "{handling}决定不予办理，办理已结束。",
    State.ISSUED: "证明已出具，请在本页下载领取。",
    State.DELIVERED: "办理已结束，证明可以随时在本页再次下载。",
    State.NOT_REQUIRED: "{handling}告知：这件事不需要办理，所以不受理。",
    State.TERMINATED: "{handling}终止了办理，办理已结束。",
    State.REVOKED: "{handling}撤销了准予的决定，证明不再有效。",
    State.NOT_ACCEPTED: "{handling}决定不予受理，办理已结束。",
    State.WITHDRAWN: "申请已撤回，办理已结束。需要时可以重新申请。",
}
NEWER = "{handling}使用了本节点尚不认识的步骤，进度以办理地为准。"
AWAITS_ORIGINALS = "窗口已收件。这件事须核对纸质原件，{handling}收到原件后开始计算受理期限。原件在谁手里见“纸质原件”。"
REVOKED = "准予的决定已被撤销，证明不再有效，不能下载。"
WAITS_FOR_LATER = "{handling}已经容缺受理，正在审查。后补的材料补齐以前，不作出准予的决定。"
VERIFIES = "办理已结束，证明可以随时在本页再次下载。{handling}依您的承诺作出了决定，还要核查承诺是否属实。"
PAPERS_BACK = "纸质原件还没有全部退还，在谁手里见“纸质原件”。"
POSTED = "证明已出具，由{handling}寄给您，寄出后可以看到快递单号。"
AT_THE_WINDOW = "证明已出具，请到收件窗口领取。"

TO_PAY = "{handling}已经通知缴费，缴多少、缴给谁、什么时候以前缴，见“缴费”。"
PAY_FIRST = "证明已出具。这件事规定缴费以后交付结果，请等待{handling}通知缴费。"
UNPAID = "证明文件已经出具。这件事规定缴费以后交付，缴费确认以后可以领取。"

# Where a state needs its reason beside it, and what can be done against it.
REMEDIES = {
    State.SPECIAL: "",
    State.WITHDRAWN: "",
    State.DENIED: "不服这个决定的，可以按照上面写明的救济途径和期限提出。",
    State.NOT_REQUIRED: "您认为应当办理的，可以向办理机关咨询或者投诉，电话见办事指南。",
    State.NOT_ACCEPTED: REMEDY,
    State.TERMINATED: REMEDY,
    State.REVOKED: "不服这个决定的，可以按照上面写明的救济途径和期限提出。",
}
