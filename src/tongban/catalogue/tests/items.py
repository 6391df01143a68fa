# SPDX-License-Identifier: Apache-2.0
"""A whole item for the tests of this noun, as plain values that a test may bend."""

from typing import Any

from tongban.standards.identifiers import make_credit_code

POLICE = make_credit_code("11", "994301", 1)
TASK = f"{POLICE}3002099001000"


def content(**changed: Any) -> dict[str, Any]:
    """An item that keeps every rule, with the words of a test put over it."""
    return _WORDS | {"materials": [material("id_card"), material("letter"), material("agent_id")]} | changed


def material(code: str, **changed: Any) -> dict[str, Any]:
    """A material requirement."""
    words = {"code": code, "name": f"材料{code}", "necessity": "required", "form": "electronic", "source": "applicant"}
    more = {"issuer": "", "accept_note": "清晰完整。", "max_bytes": 1_000_000, "types": ["application/pdf"]}
    return words | more | changed


def promised(days: int, unit: str = "working_day") -> dict[str, Any]:
    """A limit."""
    return {"days": days, "unit": unit, "law": "", "clause": "", "source": "假定"}


WHO = {
    "code": "who",
    "text": "由谁办理？",
    "options": [
        {"code": "self", "text": "本人"},
        {"code": "agent", "text": "委托他人", "materials": ["letter", "agent_id"]},
        {"code": "company", "text": "单位", "ends": True, "advice": "请单位直接咨询实施机关。"},
    ],
}
AGENT = {
    "code": "abroad",
    "text": "受托人是否在境外？",
    "only_if": ["who:agent"],
    "options": [{"code": "yes", "text": "是"}, {"code": "no", "text": "否"}],
}
NAME = {"name": "name", "label": "姓名", "type": "text", "required": True, "max": 50, "personal": "identity"}
_WORDS: dict[str, Any] = {
    "name": "开具无犯罪记录证明",
    "basic_code": "002099001000",
    "task_code": TASK,
    "item_type": "public_service",
    "mode": "online",
    "mode_basis": "测试",
    "publisher": {"code": POLICE, "name": "长沙市公安局（测试）", "region": "430100"},
    "served": ["natural"],
    "scope": "nation",
    "project_type": "promised",
    "apply_forms": ["online"],
    "summary": "证明没有犯罪记录。",
    "conditions": ["户籍在本辖区内。"],
    "questions": [WHO, AGENT],
    "form": [NAME | {"prefill": "person.name"}],
    "limits": {"statutory": None, "promised": promised(5)},
    "fee": {"charged": False},
    "visits": 0,
    "visit_reason": "",
    "window": {"address": "测试地址", "hours": "工作日"},
    "result": {"name": "无犯罪记录证明", "type": "other", "template": "no_criminal_record", "sample": "见样本"},
    "phone": "0731-00000001",
    "complaint_phone": "0731-00000002",
    "law": [],
    "steps": [{"name": "申请", "text": "网上申请。"}],
    "faq": [],
    "assumptions": [],
}
