# SPDX-License-Identifier: Apache-2.0
"""Every component in every state on one page, so that a change of the look is seen before it is shipped."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import segno
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from tongban.standards import clock
from tongban.web.visit import Visit, page


@dataclass(frozen=True)
class Sample:
    """Stands in for a row of any kind; a template asks by name and finds what it was given."""

    facts: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.facts[name]
        except KeyError:
            raise AttributeError(name) from None


def sample(**facts: Any) -> Sample:
    """A sample with these facts."""
    return Sample(facts)


def written(**facts: Any) -> Sample:
    """A field of a form; what stands in it is its own words."""
    return sample(**{"shown": facts["value"], "source": "", "when": "", "hangs": ""} | facts)


@require_safe
@page
def look(request: Visit) -> HttpResponse:
    """The page of components; nothing on it is real."""
    qr = segno.make("https://example.invalid/cases/430000", error="m", micro=False)
    drawn = qr.svg_inline(omitsize=True, border=1, svgclass=None, lineclass=None)
    told = {
        "qr": mark_safe(drawn.replace("<svg", '<svg role="img" aria-label="二维码示例"', 1)),  # noqa: S308
        "steps": [("须知", "past"), ("情形", "past"), ("填写", "now"), ("材料", "ahead"), ("提交", "ahead")],
        "fields": FIELDS,
        "faulty": FAULTY,
        "faults": FAULTS,
        "timeline": _timeline(),
        "ended": False,
        "clocks": _clocks(),
        "parties": PARTIES,
        "custody": sample(holder_name="长沙市公安局（演示）"),
        "asked": _requests(),
        "rows": _rows(),
        "peers": [sample(name="湖南省节点", failing=True, backlog=3, last_ok_at=clock.now(), next_try_at=None)],
        "states": STATES,
        "faces": FACES,
        "originals": _originals(),
        "examination": _examination(),
        "problems": _problems(),
        "values": None,
    }
    return render(request, "look.html", told)


STATES = [
    ("submitted", "已提交"),
    ("accepted", "已受理"),
    ("granted", "准予，制证中"),
    ("delivered", "已办结"),
    ("denied", "不予办理"),
    ("withdrawn", "已撤回"),
]

FACES = [
    ("waiting", "…", "正在核验身份"),
    ("match", "✓", "身份核验通过"),
    ("mismatch", "≠", "姓名与证件号码不一致"),
    ("unknown", "?", "查无此证件号码"),
    ("slow", "…", "核验来源回应较慢"),
    ("unavailable", "!", "核验来源没有回应"),
]

FIELDS = [
    written(name="name", label="姓名", type="text", required=True, help="与身份证一致，生僻字和间隔号“·”照写。",
            choices=(), value="王芳·买买提", shown="王芳·买买提",
            source="来自实名登录", prefilled=True, max=50),
    written(name="phone", label="手机号码", type="phone", required=True, help="用来通知办理进度。", choices=(),
            value="", prefilled=False, max=11),
    written(name="since", label="居住开始日期", type="date", required=False, help="", choices=(), value="2019-05-03",
            prefilled=False, max=10),
    written(name="use", label="用途", type="choice", required=True, help="证明上会写明用途。",
            choices=[("job", "求职、入职"), ("visa", "签证、移民"), ("else", "别的用途")], value="job",
            prefilled=False, max=10),
    written(name="more", label="补充说明", type="textarea", required=False, help="", choices=(), value="",
            prefilled=False, max=500),
]  # fmt: skip
FAULTY = [
    written(name="phone2", label="手机号码", type="phone", required=True, help="用来通知办理进度。", choices=(),
            value="1381234", prefilled=False, max=11),
    written(name="use2", label="用途", type="choice", required=True, help="",
            choices=[("job", "求职、入职"), ("visa", "签证、移民")], value="", prefilled=False, max=10),
]  # fmt: skip
FAULTS = {"phone2": "手机号码应为 11 位手机号码。", "use2": "请选择用途。"}

PARTIES = [
    sample(
        role_name="收件地",
        organization_name="兰州市政务服务中心通办专窗（演示）",
        region_name="甘肃省兰州市",
        phone="0931-0000000",
    ),
    sample(
        role_name="办理地",
        organization_name="长沙市公安局（演示）",
        region_name="湖南省长沙市",
        phone="0731-0000000",
    ),
]


def _timeline() -> list[Sample]:
    now = clock.now()
    told = [
        ("受理", "长沙市公安局（演示）", "湖南省长沙市", "湖南省节点", False, False, [("办件编号", "0001")]),
        ("审查完毕", "长沙市公安局（演示）", "湖南省长沙市", "湖南省节点", False, True, []),
        ("办理地已接收", "", "湖南省长沙市", "湖南省节点", True, False, []),
        ("提交申请", "申请人", "甘肃省兰州市", "甘肃省节点", False, False, [("说明", "用于求职、入职")]),
    ]
    return [
        sample(title=title, by=by, place=place, node_name=node, hop=hop, disputed=disputed, details=details,
               at=now - timedelta(hours=7 * number))
        for number, (title, by, place, node, hop, disputed, details) in enumerate(told)
    ]  # fmt: skip


def _clocks() -> list[Sample]:
    today = clock.today()
    lines = ["9月28日（周一）受理，从第二天起计算。", "10月1日至8日放假，不算。", "10月10日（周六）调休上班，要算。"]
    told = [
        ("送达时限", "statutory", "overdue", "已超期 2 个工作日", -2, ""),
        ("受理时限", "statutory", "due_soon", "今天到期", 0, ""),
        ("补正期限", "applicant", "running", "剩余 4 个工作日", 4, ""),
        ("承诺办结时限", "promised", "paused", "", None, "因专家评审暂停计时，依据《行政许可法》第四十五条。"),
        ("材料在途时限", "transit", "ended_in_time", "", 3, ""),
    ]
    return [
        sample(name=name, standing=standing, left=left, lines=lines, nature=nature, pause=pause,
               due_on=None if days is None else today + timedelta(days=days),
               ended_at=clock.now() if standing.startswith("ended") else None)
        for name, nature, standing, left, days, pause in told
    ]  # fmt: skip


def _requests() -> list[Sample]:
    told = [
        ("submitted", "已送往湖南省，对方确认后生效。"),
        ("accepted", "长沙市公安局（演示）已确认。"),
        ("refused", "办件已经作出决定，不能再撤回。"),
    ]
    return [sample(label="撤回申请", state=state, sentence=sentence, at=clock.now()) for state, sentence in told]


def _originals() -> list[Sample]:
    told = [("居民身份证", "快递途中，寄往办理地", "SF0000000001"), ("授权委托书", "兰州市政务服务中心（演示）", "")]
    return [sample(name=name, holder_name=who, parcel_no=parcel, since=clock.now()) for name, who, parcel in told]


def _examination() -> list[Sample]:
    told = [("书面审查", "signed", ()), ("现场勘验", "open", ()), ("复核", "waiting", ("现场勘验",))]
    return [
        sample(name=name, state=state, after=after, persons=1, standing="due_soon", left="今天到期",
               signed=[("陈静", clock.now())] if state == "signed" else [],
               due_on=clock.today() if state == "open" else None)
        for name, state, after in told
    ]  # fmt: skip


def _problems() -> list[Sample]:
    told = [
        ("材料在途中遗失", "open", "由兰州市政务服务中心（演示）负责处理。"),
        ("收到的材料有误", "offered", "长沙市公安局（演示）已请对方接手；对方接手之前仍由长沙市公安局（演示）负责。"),
        ("邮件被退回", "settled", "已由长沙市公安局（演示）处理完毕。"),
    ]
    return [
        sample(number=number, kind=kind, state=state, sentence=sentence, about="查不到记录。", raised_at=clock.now())
        for number, (kind, state, sentence) in enumerate(told, start=1)
    ]


def _rows() -> list[Sample]:
    told = [
        ("已受理", "accepted", -2),
        ("已提交", "submitted", 0),
        ("已受理", "accepted", 1),
        ("已审查", "examined", 6),
    ]
    return [
        sample(state=state, state_name=name, days_left=left, due_on=clock.today() + timedelta(days=left),
               item_name="开具无犯罪记录证明", receipt_no="620100202611220000018", project_no="",
               applicant_name="王芳·买买提", intake_name="甘肃省政务服务网（演示）", mode="online",
               submitted_at=clock.now(), waiting="", custody_name="长沙市公安局（演示）")
        for name, state, left in told
    ]  # fmt: skip
