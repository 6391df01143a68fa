# SPDX-License-Identifier: Apache-2.0
"""A richer form for the tests: sections, conditions on answers and on fields, every type and every kind of check."""

from typing import Any

from tongban.catalogue.tests.items import NAME, content, material


def field(name: str, type: str = "text", **more: Any) -> dict[str, Any]:
    """A field that keeps every rule, with the words of a test put over it."""
    said = {"name": name, "label": f"字段{name}", "type": type, "required": True, "max": 100, "personal": "plain"}
    return said | more


WHY = [{"code": "job", "text": "求职"}, {"code": "study", "text": "留学"}, {"code": "other_use", "text": "另有用途"}]
ANSWERS = {"who": "agent", "abroad": "no"}
FORM: list[dict[str, Any]] = [
    NAME | {"prefill": "person.name"},
    field("id_number", "id_number", label="身份证号码", personal="identity", prefill="person.id_number", max=18),
    field("home", "region", label="户籍地", personal="contact", prefill="person.home_region", locked=True, max=60),
    field("agent", label="受托人姓名", personal="identity", section="agent", max=50),
    field("agent_id", "id_number", label="受托人证件号码", personal="identity", section="agent", max=18),
    field(
        "agent_phone",
        "phone",
        label="受托人手机号码",
        personal="contact",
        section="agent",
        max=20,
    ),
    field("why", "choices", label="用途", choices=WHY, section="use", checks=[{"kind": "at_most", "than": "2"}]),
    field("which", label="用途说明", section="use", only_if=["why=other_use"], max=50),
    field("abroad", "yes_no", label="是否在境外使用", section="use"),
    field("from_day", "date", label="起日", section="use", max=10, checks=[{"kind": "at_most", "than": "today"}]),
    field(
        "until_day",
        "date",
        label="止日",
        section="use",
        max=10,
        checks=[{"kind": "at_least", "than": "from_day"}, {"kind": "at_most", "than": "today"}],
    ),
    field("copies", "integer", label="份数", section="use", max=2, checks=[{"kind": "at_least", "than": "1"}]),
    field("paid", "money", label="已缴金额", section="use", required=False, max=12),
    field("mail", "email", label="电子邮箱", personal="contact", section="use", required=False),
    field("company", "credit_code", label="单位代码", section="use", required=False, only_if=["why=job"], max=18),
    field(
        "code",
        label="校验码",
        section="use",
        required=False,
        checks=[{"kind": "pattern", "than": "[A-Z]{2}\\d{4}", "says": "校验码是两个大写字母和四位数字。"}],
    ),
    field(
        "stays",
        "rows",
        label="境外居住经历",
        section="use",
        only_if=["abroad=yes&!why=job"],
        max=5,
        columns=[
            {"name": "where", "label": "国家", "type": "text", "required": True, "max": 30},
            {"name": "since", "label": "起日", "type": "date", "required": True, "max": 10},
        ],
    ),
]
SECTIONS = [
    {"code": "agent", "title": "受托人", "only_if": ["who:agent"]},
    {"code": "use", "title": "用途和期间"},
]
AGENT_ID = "99010119900101001"  # of an invented person, without its check


def rich(**changed: Any) -> dict[str, Any]:
    """An item with that form."""
    papers = [material("id_card", more={"licence_name": "居民身份证"}), material("letter"), material("agent_id")]
    return content(**{"form": FORM, "sections": SECTIONS, "materials": papers} | changed)
