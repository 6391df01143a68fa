# SPDX-License-Identifier: Apache-2.0
"""What each outcome of an identity verification means, what is safe, and what the clerk does next."""

from enum import StrEnum


class Trouble(StrEnum):
    """Why there is no answer."""

    SILENT = "silent"
    NO_SOURCE = "no_source"
    NOT_COVERED = "not_covered"
    TAKEN = "taken"  # it matches, but the number is that of somebody who is here and was not shown to be the same


MAY_GO_ON = frozenset({"match", "manual"})
SAFE = "已填写的内容都已保存。"
BY_HAND = "请核对证件原件，确认是本人后选择人工核验，并写明核对情况"

SENTENCES = {
    "waiting": f"正在向核验来源核对姓名和证件号码，通常几秒内有结果。{SAFE}请稍候，等待时可以先准备材料。",
    "match": "姓名与证件号码一致，身份核验通过。请确认来人与证件照片是同一人，然后继续收件。",
    "mismatch": (
        f"核验来源中这个证件号码登记的不是这个姓名，身份核验没有通过，不能继续收件。{SAFE}"
        "请对照证件原件核对姓名（留意生僻字和间隔号“·”）和号码，更正后重新核验；"
        "与原件完全一致的，请告知申请人先到户籍地公安机关核实登记信息。"
    ),
    "unknown": (
        f"核验来源中没有这个证件号码，身份核验没有通过，不能继续收件。{SAFE}"
        "请对照证件原件核对号码，更正后重新核验；"
        "与原件完全一致的，请告知申请人先到户籍地公安机关核实登记信息。"
    ),
    "manual": "核验来源没有给出结论，{clerk}已核对证件原件，并以人工核验确认身份。可以继续收件。",
}
DELAYED = (
    f"核验来源暂时没有回应，系统正在自动重试，{{limit}} 秒内会有结论。{SAFE}不需要重新填写，等待时可以先准备材料。"
)
UNAVAILABLE = {
    Trouble.SILENT: (
        f"核验来源在 {{limit}} 秒内没有回应，这次没有得出结论，不是申请人的问题。{SAFE}{BY_HAND}；也可以稍后重新核验。"
    ),
    Trouble.NO_SOURCE: f"本节点没有接入核验来源，不能联网核验，不是申请人的问题。{SAFE}{BY_HAND}。",
    Trouble.NOT_COVERED: f"核验来源不核验这类证件，不是申请人的问题。{SAFE}{BY_HAND}。",
}
OUTCOMES = {  # as the middle of a sentence
    "waiting": "还在进行，请等待结果",
    "match": "已经通过，可以直接继续收件",
    "mismatch": "的结论是姓名与证件号码不一致，请更正后重新核验",
    "unknown": "的结论是没有这个证件号码，请更正后重新核验",
    "manual": "已经由工作人员人工确认",
}


def sentence(state: str, *, trouble: str, tries: int, limit: int, clerk: str) -> str:
    """What the clerk reads; `limit` in seconds."""
    if state == "unavailable":
        said = UNAVAILABLE[Trouble(trouble or Trouble.SILENT)]
    elif state == "waiting" and tries:
        said = DELAYED
    else:
        said = SENTENCES[state]
    return said.format(limit=limit, clerk=clerk)
