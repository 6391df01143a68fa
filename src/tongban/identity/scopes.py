# SPDX-License-Identifier: Apache-2.0
"""What a token that may not do everything is issued for: an area of the API, to read or to write. Pure."""

AREAS = {
    "cases": "办件",
    "drafts": "草稿和申请",
    "messages": "消息和提醒",
    "licences": "证照",
    "intakes": "窗口收件",
    "payments": "缴费",
}
OF_STAFF = ("intakes", "payments")
ACTS = {"read": "查看", "write": "查看和办理"}


def offered(*, to_staff: bool) -> list[tuple[str, str]]:
    """Scopes with their words, for a member of staff or for a person."""
    areas = [(area, name) for area, name in AREAS.items() if to_staff or area not in OF_STAFF]
    return [(f"{area}:{act}", f"{words}{name}") for area, name in areas for act, words in ACTS.items()]


def words(scope: str) -> str:
    """A scope in words; one that this version does not know as it is written."""
    area, _, act = scope.partition(":")
    return f"{ACTS[act]}{AREAS[area]}" if area in AREAS and act in ACTS else scope
