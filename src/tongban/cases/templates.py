# SPDX-License-Identifier: Apache-2.0
"""The templates of notices (文书), each with its version, by the move that gives it. Pure; `notices` fills them in.

A paragraph is left out when a fact that it names is not there. `[fact]` in front of one says: only where this is so;
`[!fact]`: only where it is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tongban.cases.regimes import LAW

# 行政复议法（2023年修订）art. 20: sixty days; 行政诉讼法 art. 46: six months, unless a law says otherwise.
REMEDY = (
    "对这个决定不服的，可以在知道决定之日起六十日内依法申请行政复议，或者在六个月内依法提起行政诉讼"
    "（《中华人民共和国行政复议法》第二十条、《中华人民共和国行政诉讼法》第四十六条；法律另有规定的，依照其规定）。"
)
CONSEQUENCES = {  # of not correcting in time
    "withdrawn": "到期没有补正的，视为撤回申请，办理就此结束；以后需要时可以重新申请。",
    "not_accepted": "到期没有补正的，办理机关将作出不予受理的决定；以后材料齐全时可以重新申请。",
    "": "到期没有补正的，由办理机关依法处理。",
}


@dataclass(frozen=True)
class Template:
    """The words of one notice, with places for facts. Whoever changes a word raises the version."""

    name: str
    sign: str  # in its number: 受, 补, 准
    paragraphs: tuple[str, ...]
    rows: tuple[tuple[str, str], ...] = ()
    version: int = 1
    needs: tuple[str, ...] = ()  # the facts without which it would not be this notice in law
    to_applicant: bool = True

    @property
    def pattern(self) -> str:
        """Of its numbers; ours, an organization may have its own."""
        return f"{{region}}{self.sign}〔{{year}}〕{{serial:07d}}号"


_NUMBERS = (("收件编号", "{receipt_no}"), ("办件编号", "{project_no}"))
_CASE = (*_NUMBERS, ("申请人", "{applicant}"), ("申请事项", "{item}"))  # where the words name neither
_DECIDED = (*_NUMBERS, ("决定机关", "{organ}"), ("决定日期", "{day}"))
_LIMITS = (
    "承诺办结期限：{promised_limit}，到{promised_due}为止。",
    "法定办结期限：{decision_limit}，到{decision_due}为止。",
)
_LEFT_OUT = (
    "[licence]依法需要听证、招标、拍卖、检验、检测、检疫、鉴定和专家评审的，"
    f"所需时间不计算在内（{LAW}第四十五条），将另行书面告知。"
)
_TO_CORRECT = (
    "{what}",
    "需要更正的填写内容：{wrong_fields}。",
    "需要补正的材料：{wrong}。",
    "请在{correction_due}前补正，期限为{correction_limit}。",
    "[!correction_due]请尽快补正。",
    "{consequence_of_correction}",
    "[online]补正办法：登录提交申请的通办网站，在“我的办件”里提交。",
    "[proxy]补正办法：到{window}补交，由窗口代您送往办理机关。",
)
_GRANTED = (
    "{note}",
    "[net]结果为{result}，电子文件制作完成以后，请登录提交申请的通办网站，在“我的办件”里下载。",
    "[post]结果为{result}，将按您选择的方式寄给您。",
    "[at_window]结果为{result}，将在{window}交给您。",
    "交付期限：{delivery_limit}，到{delivery_due}为止。",
)
_ORIGINALS_BACK = Template(
    "原件退还凭证",
    "退",
    ("下列原件已经退还，保管责任自退还时终止。请核对后妥善保管。",),
    (
        *_CASE,
        ("退还机构", "{office}"),
        ("退还时间", "{moment}"),
        ("退还原件", "{papers}"),
        ("签收凭据", "{proof}"),
    ),
    needs=("applicant", "office", "moment", "papers", "proof"),
)
_SERVED = Template(
    "送达回证",
    "达",
    ("下列结果已经送达受送达人，送达时间以签收凭据为准。",),
    (
        *_CASE,
        ("送达文书", "{result} {licence_number}"),
        ("送达机构", "{office}"),
        ("送达方式", "{way}"),
        ("送达时间", "{moment}"),
        ("签收凭据", "{proof}"),
    ),
    needs=("applicant", "result", "licence_number", "office", "way", "moment", "proof"),
)
_PROMISE = Template(
    "承诺书",
    "诺",
    (
        "申请人{applicant}就“{item}”作出《{promise}》，内容如下：",
        "{promised_words}",
        "[!signed]以上内容由申请人登录后逐项阅读，于{moment}确认。",
        "[signed]以上内容由申请人于{moment}在窗口签署：{signed}。",
        "本机关据此办理。作出决定以前，申请人可以撤回承诺。",
    ),
    (*_NUMBERS, ("收存机关", "{organ}")),
    needs=("applicant", "promise", "promised_words", "moment", "organ"),
)

TEMPLATES: Mapping[str, Template] = {
    "collect": Template(
        "收件凭证",
        "收",
        (
            "您提交的申请材料已由本窗口核对身份、形式审查后收取，并转送办理机关。",
            "收件不等于受理。是否受理由办理机关依法决定，办理期限自办理机关受理之日起计算。",
        ),
        (
            ("收件编号", "{receipt_no}"),
            ("申请事项", "{item}"),
            ("办理机关", "{place} {organ}"),
            ("收件时间", "{moment}"),
            ("收取材料", "{materials}"),
            ("收取原件", "{originals}"),
        ),
        needs=("receipt_no", "item", "organ", "moment", "materials", "originals"),
    ),
    "send_originals": Template(
        "材料交接单",
        "交",
        (
            "下列纸质原件由{window}寄送{organ}。登记收到以前，遗失、损毁由寄出的窗口负责查找和处理；登记收到以后由贵机关保管。",
            "请在收到当日逐件核对。缺少、损坏或者与本单不符的，请当日登记问题。",
        ),
        (
            *_CASE,
            ("移交时间", "{moment}"),
            ("移交原件", "{papers}"),
            ("快递单号", "{parcel_no}"),
        ),
        needs=("window", "organ", "moment", "papers", "parcel_no"),
        to_applicant=False,
    ),
    "return_originals": _ORIGINALS_BACK,
    "hand_back_originals": _ORIGINALS_BACK,
    "request_correction": Template(
        "补正告知书",
        "补",
        (
            "您提出的“{item}”申请，经审查，申请材料不齐全或者不符合法定形式。{basis_of_acceptance}，现一次性告知需要补正的全部内容：",
            *_TO_CORRECT,
            "收到全部补正材料以后，重新计算受理期限。以上内容以外，不再要求补正。",
        ),
        _NUMBERS,
        version=2,
        needs=("applicant", "item", "basis_of_acceptance", "what", "consequence_of_correction"),
    ),
    "return_correction": Template(
        "补正告知书",
        "补",
        (
            "您对“{item}”申请的补正已经收到。{basis_of_acceptance}一次性告知过的内容中，下列部分仍未补正：",
            *_TO_CORRECT,
        ),
        _NUMBERS,
        version=2,
        needs=("applicant", "item", "basis_of_acceptance", "what", "consequence_of_correction"),
    ),
    "lapse_not_accepted": Template(
        "不予受理决定书",
        "不受",
        (
            "本机关已经一次性告知“{item}”申请需要补正的全部内容，到期没有补正。{basis_of_acceptance}，本机关决定不予受理。",
            "以后材料齐全时，可以重新申请。",
            REMEDY,
        ),
        _DECIDED,
        needs=("applicant", "item", "basis_of_acceptance", "organ", "day"),
    ),
    "accept": Template(
        "受理通知书",
        "受",
        (
            "您提出的“{item}”申请，材料齐全、符合法定形式。{basis_of_acceptance}，本机关决定予以受理。",
            *_LIMITS,
            _LEFT_OUT,
        ),
        (*_NUMBERS, ("受理机关", "{organ}"), ("受理日期", "{day}")),
        needs=("applicant", "item", "basis_of_acceptance", "project_no", "organ", "day"),
    ),
    "deem_accepted": Template(
        "受理通知书",
        "受",
        (
            "您提出的“{item}”申请，本机关没有在法定期限内一次性告知需要补正的内容。"
            "{basis_of_acceptance}，自收到申请材料之日（{received_on}）起即为受理。",
            *_LIMITS,
            _LEFT_OUT,
        ),
        (*_NUMBERS, ("受理机关", "{organ}"), ("受理日期", "{received_on}")),
        needs=("applicant", "item", "basis_of_acceptance", "project_no", "organ", "received_on"),
    ),
    "promise": _PROMISE,
    "take_promise": _PROMISE,
    "accept_lacking": Template(
        "容缺受理通知书",
        "容",
        (
            "您提出的“{item}”申请，主要材料齐全、符合法定形式。依您的书面承诺，本机关容缺受理。",
            "需要补齐的材料：{lacking}。",
            "补齐期限：{supplement_limit}，到{supplement_due}为止。",
            "{consequence_of_lacking}",
            *_LIMITS,
        ),
        (*_NUMBERS, ("受理机关", "{organ}"), ("受理日期", "{day}")),
        needs=("applicant", "item", "lacking", "supplement_due", "consequence_of_lacking", "project_no", "organ"),
    ),
    "not_require": Template(
        "不受理告知书",
        "告",
        (
            "您提出的“{item}”申请，经审查，依法不需要办理，本机关不受理。{basis_of_acceptance}，现予告知。",
            "理由：{reason}",
            "您认为应当办理的，可以向本机关咨询或者投诉。",
            "本机关电话：{phone}。",
        ),
        _NUMBERS,
        needs=("applicant", "item", "basis_of_acceptance", "reason"),
    ),
    "not_accept": Template(
        "不予受理决定书",
        "不受",
        (
            "您提出的“{item}”申请，经审查，依法不属于本机关职权范围。{basis_of_acceptance}，本机关决定不予受理。",
            "理由：{reason}",
            "请向下列机关申请：{where_to_go}",
            REMEDY,
        ),
        _DECIDED,
        needs=("applicant", "item", "basis_of_acceptance", "reason", "where_to_go", "organ", "day"),
    ),
    "offer_hearing": Template(
        "听证告知书",
        "听",
        (
            "本机关对您提出的“{item}”申请作出决定以前，您有要求听证的权利。",
            "理由：{reason}",
            "要求听证的，请在{hearing_request_due}前提出，期限为{hearing_request_limit}。",
            "听证不收费。到期没有提出的，本机关可以直接作出决定。",
        ),
        _NUMBERS,
        needs=("applicant", "item", "reason"),
    ),
    "start_special": Template(
        "特别程序告知书",
        "特",
        (
            "您提出的“{item}”申请需要进行{procedure}，自{day}启动。",
            "理由：{reason}",
            "依据{pause_by_law}，{procedure}所需时间不计算在办理期限内，结束以后接着计算。",
            "[!pause_by_law]{procedure}所需时间不计入承诺的办理期限，结束以后接着计算。",
        ),
        _NUMBERS,
        needs=("applicant", "item", "procedure", "reason", "day"),
    ),
    "extend": Template(
        "延期告知书",
        "延",
        (
            "您提出的“{item}”申请，不能在原定期限内作出决定。经批准，延长办理期限{extended_by}。",
            "理由：{why_longer}",
            "依据：{basis_of_extension}。",
            "{note}",
            "延长以后，承诺办结期限到{promised_due}为止。",
            "延长以后，法定办结期限到{decision_due}为止。",
        ),
        _NUMBERS,
        needs=("applicant", "item", "why_longer", "extended_by", "basis_of_extension"),
    ),
    "ask_fee": Template(
        "缴费通知书",
        "缴",
        (
            "您提出的“{item}”申请，依照规定应当缴纳下列费用。收费依据：{fee_basis}。",
            "请在{payment_due}前缴纳，期限为{payment_limit}。",
            "[!payment_due]请在收到本通知书以后缴纳。",
            "{consequence_of_nonpayment}",
            "依据{limits_stop_by}，等待缴费的时间不计算在办理期限内，确认缴费以后接着计算。",
            "缴费以后请取得财政电子票据。除上列费用以外，办理机关不收取其他费用。",
            "对收费有异议的，可以向办理机关提出。电话：{phone}。",
        ),
        (
            *_NUMBERS,
            ("收费项目", "{fees}"),
            ("应缴金额", "{amount}（{amount_in_capitals}）"),
            ("收款单位", "{payee}"),
            ("缴费方式", "{how_to_pay}"),
            ("通知机关", "{organ}"),
            ("通知日期", "{day}"),
        ),
        needs=(
            *("applicant", "item", "fee_basis", "fees", "amount", "amount_in_capitals", "payee", "how_to_pay"),
            *("consequence_of_nonpayment", "organ", "day"),
        ),
    ),
    "waive_fee": Template(
        "减免缴费通知书",
        "免",
        (
            "您提出的“{item}”申请，经审查，决定减免下列费用。",
            "理由：{reason}",
            "依据：{basis}",
            "[to_pay]减免以后应当缴纳 {amount}（{amount_in_capitals}），怎样缴纳、何时缴纳以缴费通知书为准。",
            "[nothing_to_pay]减免以后，您不需要再缴费。",
        ),
        (*_NUMBERS, ("减免项目", "{spared}"), ("决定机关", "{organ}"), ("决定日期", "{day}")),
        needs=("applicant", "item", "reason", "basis", "spared", "organ", "day"),
    ),
    "grant": Template(
        "准予决定书",
        "准",
        (
            "您提出的“{item}”申请，经审查，符合规定的条件。{basis_of_grant}，本机关决定准予办理。",
            *_GRANTED,
        ),
        _DECIDED,
        needs=("applicant", "item", "basis_of_grant", "result", "organ", "day"),
    ),
    "grant_on_promise": Template(
        "准予决定书",
        "准",
        (
            "您提出的“{item}”申请，依据您作出的告知承诺，本机关决定准予办理。",
            *_GRANTED,
            "本机关自作出决定之日起{verification_limit}内核查承诺是否属实。{consequence_of_untruth}",
        ),
        _DECIDED,
        needs=("applicant", "item", "verification_limit", "consequence_of_untruth", "result", "organ", "day"),
    ),
    "deny": Template(
        "不予决定书",
        "不准",
        (
            "您提出的“{item}”申请，经审查，不符合规定的条件，本机关决定不予办理。",
            "理由：{reason}",
            "依据：{basis}",
            "救济途径：{remedies}",
        ),
        _DECIDED,
        needs=("applicant", "item", "reason", "basis", "remedies", "organ", "day"),
    ),
    "hand_over": _SERVED,
    "confirm_post": _SERVED,
    "order_to_correct": Template(
        "责令改正通知书",
        "责改",
        (
            "本机关依据您的告知承诺，准予办理“{item}”。经核查，承诺有不实之处，责令改正：",
            "{what}",
            "依据：{basis}",
            "请在{put_right_due}前改正，期限为{put_right_limit}。{consequence_of_untruth}",
            REMEDY,
        ),
        _DECIDED,
        needs=("applicant", "item", "what", "basis", "put_right_due", "consequence_of_untruth", "organ", "day"),
    ),
    "revoke": Template(
        "撤销决定书",
        "撤",
        (
            "本机关决定撤销对“{item}”准予办理的决定。{result}（{licence_number}）自本决定作出之日起不再有效。",
            "理由：{reason}",
            "依据：{basis}",
            "救济途径：{remedies}",
        ),
        _DECIDED,
        needs=("applicant", "item", "reason", "basis", "remedies", "organ", "day"),
    ),
}
