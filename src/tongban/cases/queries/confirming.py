# SPDX-License-Identifier: Apache-2.0
"""An application as somebody reads it who is to confirm it beside the applicant."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tongban.cases.queries.drafts import draft_digest, missing_content, opened, shared_content, signers_of
from tongban.cases.signing import ROLES, STANDINGS, asked, outline
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.scenario import guide
from tongban.standards.actor import Actor
from tongban.standards.refusal import NotFound


@dataclass(frozen=True)
class ConfirmationPage:
    """What is confirmed: the summary, and nothing of the others that is not needed for it."""

    id: UUID
    item: ItemVersion
    region_name: str
    by: str  # who applies
    role_name: str
    confirms: str  # what this role says yes to
    name: str  # as the applicant wrote it
    answered: tuple[tuple[str, str], ...]
    form: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, int], ...]  # material, how many files
    others: tuple[tuple[str, str], ...]  # role and how it stands, of the other people
    standing: str  # asked, confirmed, declined, void
    answered_at: datetime | None
    complete: bool  # whether everything but the confirmations is there
    digest: str
    submitted: str | None  # receipt number


def confirmation(draft_id: UUID, actor: Actor) -> ConfirmationPage:
    """The draft for one of those who confirm it. NotFound for anybody else, the applicant included."""
    row, version = shared_content(draft_id, actor)
    kept, signers = opened(row), signers_of(row)
    digest, guidance = draft_digest(row, kept, signers), guide(version.item, kept["answers"])
    mine = next(each for each in signers if each.index == bytes(actor.index))
    wanted = asked(version.item, kept["answers"])
    if wanted is None and not row.receipt_no:  # the situation was changed: nobody has to confirm any more
        raise NotFound(what="这份申请草稿")
    confirms: dict[str, str] = {role.code: role.confirms for role in wanted.roles} if wanted else {}
    given = [file["requirement"] for file in kept["files"]]
    return ConfirmationPage(
        id=row.id,
        item=version,
        region_name=row.region_name,
        by=kept.get("by", ""),
        role_name=ROLES.get(mine.role, mine.role),
        confirms=confirms.get(mine.role, ""),
        name=mine.name,
        answered=tuple((question.text, option.text) for question, option in guidance.chosen),
        form=outline(version.item, kept["answers"], kept["form"]),
        files=tuple((need.name, given.count(need.code)) for need in guidance.materials),
        others=tuple(
            (ROLES.get(each.role, each.role), STANDINGS[each.standing(digest)]) for each in signers if each is not mine
        ),
        standing=mine.standing(digest),
        answered_at=mine.answered_at,
        complete=guidance.question is None and guidance.ended is None and not missing_content(version, kept, guidance),
        digest=digest,
        submitted=row.receipt_no or None,
    )
