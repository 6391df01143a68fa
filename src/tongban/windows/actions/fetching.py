# SPDX-License-Identifier: Apache-2.0
"""Having licences fetched at a window: the holder stands here, was verified, and says yes; the clerk answers for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.cases.actions.gathering import Holder, begin_fetching, give_up
from tongban.cases.application import GivenFile
from tongban.cases.folders import Folder
from tongban.cases.queries import attempts
from tongban.cases.queries.relying import AT_INTAKE, require_good
from tongban.catalogue.models import ItemVersion
from tongban.identity.queries import verification
from tongban.licences.models import Licence
from tongban.regions.queries import organization
from tongban.standards.actor import Actor
from tongban.standards.canonical import canonical
from tongban.standards.clock import local_date
from tongban.standards.refusal import BadInput
from tongban.vault import keys
from tongban.windows.errors import HolderAbsent, IntakeEnded, NotReady, NotVerified
from tongban.windows.models import Intake, Stage
from tongban.windows.queries import RESIDENT, content, context, item_of, opened, tried

AT_WINDOW = "（窗口办理，持证人在场同意）"


def agree_at_window(
    intake_id: UUID, requirement: str, node: str, *, consented: bool, actor: Actor, at: datetime
) -> None:
    """Have a licence of the verified applicant fetched from where it was issued, as they have just agreed.

    HolderAbsent where somebody else stands here for them: a consent is one's own. NotVerified; BadInput without the
    clerk's word that the holder has agreed, or without the region.
    """
    with transaction.atomic():
        row = content(intake_id, actor, lock=True)
        if row.state != Stage.OPEN:
            raise IntakeEnded()
        kept, version = opened(row), item_of(row)
        if version is None:
            raise NotReady(field="task_code", what="请先选择申请的事项。")
        view = verification(row.verification_id, actor) if row.verification_id else None
        if view is None or not view.may_go_on:
            raise NotVerified()
        if kept.get("agent"):
            raise HolderAbsent(field=requirement)
        if not consented:
            raise BadInput(requirement, "请先向申请人说明用途并征得同意，再勾选。")
        applicant, office = kept["applicant"], organization(actor.organization)
        begin_fetching(
            _of_intake(row, version),
            requirement,
            node,
            Holder(applicant.get("id_type", RESIDENT), applicant["id_number"], applicant["name"]),
            actor=actor,
            at=at,
            asker={"organization": office.code, "organization_name": office.name, "purpose": AT_WINDOW},
            evidence={"verification": str(view.id), "method": view.method},
        )


def let_go(row: Intake, kept: dict[str, Any], at: datetime, *, of_others: bool = False) -> None:
    """Take off what was fetched for another item, or (`of_others`) of another applicant, with licences of this node.

    What somebody agreed to is theirs, and for one item. Scans stay: the clerk looks at each. In a transaction that
    began with `gathering.hold`.
    """
    gone = give_up(row.id, keys.unwrap(row.wrapped), at)
    if of_others and kept["files"]:
        digests = [file["digest"] for file in kept["files"]]
        gone |= {*Licence.objects.filter(file_digest__in=digests).values_list("file_digest", flat=True)}
    kept["files"] = [file for file in kept["files"] if file["digest"] not in gone]


def find_intake(id: UUID) -> Folder | None:
    """The intake with this id for the worker, which stands at no window; locked."""
    row = Intake.objects.select_for_update().filter(id=id).first()
    version = item_of(row) if row else None
    return _of_intake(row, version) if row and version else None


def had(row: Intake, version: ItemVersion, files: Sequence[Mapping[str, Any]], at: datetime) -> list[dict[str, Any]]:
    """How the materials of an intake were had, for the first line of its case.

    LicenceGone, NotRecognised for a licence that may not be relied upon any more, until it is taken in.
    """
    ways = attempts.told(tried(row, version), {str(file["digest"]) for file in files})
    if row.state == Stage.OPEN:
        require_good(version, ways, local_date(at), at, AT_INTAKE)
    return ways


def _of_intake(row: Intake, version: ItemVersion) -> Folder:
    return Folder(
        id=row.id,
        name=f"intake:{row.id}",
        version=version,
        key=keys.unwrap(row.wrapped),
        is_over=row.state != Stage.OPEN,
        files=lambda: opened(row)["files"],
        keep=_keeper(row),
    )


def _keeper(row: Intake) -> Callable[[GivenFile, datetime], None]:
    def keep(given: GivenFile, at: datetime) -> None:
        kept = opened(row)
        kept["files"].append(asdict(given))
        row.sealed = keys.seal(keys.unwrap(row.wrapped), canonical(kept), context(row.id))
        row.changed_at, row.revision = at, row.revision + 1
        row.save(update_fields=["sealed", "changed_at", "revision"])

    return keep
