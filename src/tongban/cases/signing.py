# SPDX-License-Identifier: Apache-2.0
"""Who confirms an application beside the applicant, and whether what they confirmed is what is there now. Pure."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongban.catalogue import filling
from tongban.catalogue.content import CoApplicants, ItemContent
from tongban.catalogue.forms import Field
from tongban.standards.canonical import canonical

ROLES = {
    "co_applicant": "共同申请人",
    "legal_representative": "法定代理人",
    "guardian": "监护人",
    "agent": "受托人",
}
ASKED, CONFIRMED, DECLINED, VOID = "asked", "confirmed", "declined", "void"
STANDINGS = {ASKED: "等待确认", CONFIRMED: "已确认", DECLINED: "不同意", VOID: "内容改过，须重新确认"}


@dataclass(frozen=True)
class Signer:
    """Somebody who confirms."""

    number: int
    role: str
    index: bytes  # blind, at this node
    name: str
    id_type: str
    id_number: str
    state: str
    digest: str
    actor: str  # pseudonym
    answered_at: datetime | None
    reason: str  # why they declined

    def standing(self, digest: str) -> str:
        """Where this person stands to the content as it is now."""
        return VOID if self.state == CONFIRMED and self.digest != digest else self.state

    def plain(self) -> dict[str, Any]:
        """As it is sealed and sent."""
        return {
            "number": self.number,
            "role": self.role,
            "name": self.name,
            "id_type": self.id_type,
            "id_number": self.id_number,
            "at": stamp(self.answered_at),
        }

    def told(self) -> dict[str, str]:
        """As the first line of the case says it: no name."""
        return {"role": self.role, "by": self.actor, "at": stamp(self.answered_at)}


def outline(item: ItemContent, answers: Mapping[str, str], values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What is filled in, for somebody else than who filled it in: no more of a person than that it is there."""
    fields = filling.applicable(item, answers, values)
    return tuple((field.label, _outlined(field, str(values.get(field.name, "")))) for field in fields)


def _outlined(field: Field, value: str) -> str:
    if not value:
        return "未填写"
    if field.personal == "plain" or field.prefill == "person.name":
        return filling.in_words(field, value)
    if field.prefill == "person.id_number" or field.type in ("phone", "id_number"):
        return filling.masked(field, value)
    return "已填写，只发给办理机关"


def asked(item: ItemContent, answers: Mapping[str, str]) -> CoApplicants | None:
    """Who must confirm in this situation; None when nobody."""
    wanted = item.co_applicants
    if wanted is None or not wanted.only_if:
        return wanted
    given = {f"{question}:{option}" for question, option in answers.items()}
    return wanted if given & set(wanted.only_if) else None


def digest_of(key: bytes, task_code: str, version: int, kept: Mapping[str, Any], signers: Sequence[Signer]) -> str:
    """What is confirmed and submitted, as one word that tells nothing: under the data key."""
    files = [[file["requirement"], file["digest"]] for file in kept["files"]]
    people = [[each.number, each.role, each.id_number] for each in signers]
    words = canonical([task_code, version, kept["answers"], kept["form"], files, people])
    return hmac.digest(key, words, "sha256").hex()


def lacking(wanted: CoApplicants | None, signers: Sequence[Signer], digest: str) -> list[str]:
    """A sentence for each thing that stands between these people and a submission."""
    if wanted is None:
        return []
    sentences = []
    if len(signers) < wanted.least:
        sentences.append(f"请至少填写 {wanted.least} 名{roles(wanted)}。")
    for each in signers:
        standing = each.standing(digest)
        if standing != CONFIRMED:
            sentences.append(f"{each.name}（{ROLES[each.role]}）{SAYS[standing]}")
    return sentences


SAYS = {
    ASKED: "还没有确认，请对方登录后在“我的办件”里确认。",
    DECLINED: "不同意，请与对方商量后修改，或者删除这个人。",
    VOID: "确认之后内容改过，须由对方重新确认。",
}


def roles(wanted: CoApplicants) -> str:
    """The roles in words."""
    return "或".join(ROLES[role.code] for role in wanted.roles)


def stamp(at: datetime | None) -> str:
    """An instant as it is told."""
    return "" if at is None else at.isoformat()
