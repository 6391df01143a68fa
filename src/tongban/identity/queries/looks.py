# SPDX-License-Identifier: Apache-2.0
"""谁看过我的信息: what members of staff have looked at, for what, in which case."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tongban.identity.models import Evidence, Look
from tongban.identity.queries import SignedIn

PURPOSES: Mapping[str, str] = {
    "case": "办理办件：查看申请内容",
    "file": "办理办件：查看申请材料",
    "verification": "窗口收件：核验身份",
    "intake": "窗口收件：打开同事填写的申请",
    "unmask": "查看完整姓名和号码",
    "evidence": "核对办件证据：读取节点间往来的报文",
    "dossier": "导出办件档案",
    "audit": "审计：查询有关的存证记录",
    "export": "报送办件数据：导出申请人信息",
}
SHOWN = 200  # rows of a page
KEPT = timedelta(days=3 * 366)  # 《个人信息保护法》第五十六条 keeps records of handling for three years at least


@dataclass(frozen=True)
class LookView:
    """Somebody looked."""

    staff_name: str
    organization: str  # credit code
    purpose: str
    matter: str
    first_at: datetime
    last_at: datetime
    times: int


def looks(index: bytes) -> list[LookView]:
    """Who looked at the data of whoever has this index, latest first. One select."""
    rows = Look.objects.filter(subject_index=index).order_by("-last_at")[:SHOWN]
    return [
        LookView(
            row.staff_name,
            row.organization,
            PURPOSES.get(row.purpose, row.purpose),
            row.matter,
            row.first_at,
            row.last_at,
            row.times,
        )
        for row in rows
    ]


def evidence(own: SignedIn) -> list[Evidence]:
    """Why a person stands at their level, latest first. One select."""
    return list(Evidence.objects.filter(person=own.person).order_by("-at"))
