# SPDX-License-Identifier: Apache-2.0
"""Filling in an application: kept on the server at every step, resumed on any device, submitted once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.cases.actions.opening import Keyed, Submitted, new_keyed
from tongban.cases.actions.submitting import require_covered, require_level, require_served, submit
from tongban.cases.actions.uploading import keep_file, require_room
from tongban.cases.application import Applicant, Application, GivenFile, check_form, merged, prefilled, proved, tidied
from tongban.cases.errors import (
    ApplicationChanged,
    BothChanged,
    ItemNotInForce,
    ModeNotOffered,
    Repeated,
    SignersMissing,
)
from tongban.cases.models import Arrival, Attempt, Draft
from tongban.cases.models import Signer as SignerRow
from tongban.cases.once import spend
from tongban.cases.queries.attempts import told
from tongban.cases.queries.drafts import (
    attempts_of,
    content,
    context,
    draft_digest,
    opened,
    signers_of,
    standing_in,
)
from tongban.cases.queries.drafts import draft as draft_page
from tongban.cases.queries.held import subject
from tongban.cases.queries.own_licence import require_handed_over
from tongban.cases.queries.relying import AT_INTAKE, require_good
from tongban.cases.signing import CONFIRMED, VOID, Signer, asked, lacking
from tongban.cases.states import Mode
from tongban.catalogue import filling
from tongban.catalogue.filling import Day
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.queries import in_force, item
from tongban.catalogue.scenario import guide
from tongban.identity.logins import CREDIT_CODE
from tongban.identity.queries import PersonDetails, person_details
from tongban.licences.queries import file as licence_file
from tongban.regions.queries import region_names
from tongban.standards.actor import Actor, Role
from tongban.standards.canonical import canonical
from tongban.standards.clock import local_date
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed, NotFound
from tongban.vault import files, keys


def start_draft(task_code: str, *, actor: Actor, at: datetime, device: str = "") -> UUID:
    """A draft of the published version, the one already begun if there is one."""
    if actor.role is not Role.APPLICANT:
        raise NotAllowed()
    require_covered(task_code, actor)
    version = item(task_code)
    if not in_force(version, local_date(at)):
        raise ItemNotInForce()
    if version.mode != Mode.ONLINE:
        raise ModeNotOffered()
    begun = Draft.objects.filter(
        person_id=actor.owner, task_code=task_code, item_version=version.version, receipt_no=""
    ).first()
    return begun.id if begun else _begin(version, actor, at, device)


def _begin(version: ItemVersion, actor: Actor, at: datetime, device: str) -> UUID:
    keyed, details = new_keyed(), person_details(actor)
    require_served(version.item, actor)
    require_level(version.item, details.level)
    form, fixed = prefilled(version.item, _known(details))
    kept = {"answers": {}, "form": form, "proved": fixed, "files": [], "by": details.name}
    names = region_names([version.region_code])
    Draft.objects.create(
        id=keyed.case_id,
        person_id=actor.owner,
        task_code=version.task_code,
        item_version=version.version,
        item_name=version.name,
        region_name=names.get(version.region_code, ""),
        wrapped=keyed.wrapped,
        sealed=keys.seal(keyed.key, canonical(kept), context(keyed.case_id)),
        started_at=at,
        changed_at=at,
        device=device,
    )
    return keyed.case_id


def _known(details: PersonDetails) -> dict[str, str]:
    """What the sign-in already proved is not asked again; for a company the person is whoever acts for it."""
    person, company = details, {}
    if details.agent is not None and details.id_type == CREDIT_CODE:
        person = replace(details, name=details.agent.name, id_number=details.agent.id_number)
        company = {"company.name": details.name, "company.code": details.id_number}
    return company | {
        "person.name": person.name,
        "person.id_number": person.id_number,
        "person.phone": details.phone,
        "person.home_region": details.home_region,
    }


def answer(draft_id: UUID, question: str, option: str, *, actor: Actor, at: datetime, device: str = "") -> None:
    """Answer one scenario question. An option that is not offered is refused and nothing changes."""

    def change(kept: dict[str, Any], version: ItemVersion) -> None:
        answers = {**kept["answers"], question: option}
        guide(version.item, answers)
        kept["answers"] = answers

    change_draft(draft_id, Place("questions", device), actor, at, change)


def fill(
    draft_id: UUID,
    values: Mapping[str, str],
    *,
    actor: Actor,
    at: datetime,
    device: str = "",
    seen: Mapping[str, str] | None = None,
) -> None:
    """Keep what was typed, then refuse what is wrong with it: nothing typed is lost.

    `seen` is what stood in the form before. BothChanged where another device has changed the same field since.
    """
    version: list[ItemVersion] = []
    theirs: dict[str, str] = {}

    def change(kept: dict[str, Any], found: ItemVersion) -> None:
        typed = tidied(found.item, {**values, **proved(found.item, kept)})
        whole, clashes = merged(found.item, kept["form"], typed, seen or {})
        kept["form"] = filling.kept(found.item, kept["answers"], whole)
        theirs.update((name, value) for name, value in clashes.items() if name in kept["form"])
        version.append(found)

    kept = change_draft(draft_id, Place("form", device), actor, at, change)
    if theirs:
        raise BothChanged({f.name: f.label for f in version[0].item.form if f.name in theirs}, theirs)
    if version:
        check_form(version[0].item, kept["answers"], kept["form"], Day(local_date(at), here().demo))


def add_material(
    draft_id: UUID,
    requirement: str,
    filename: str,
    chunks: Iterable[bytes],
    *,
    actor: Actor,
    at: datetime,
    once: str = "",
    device: str = "",
) -> None:
    """Keep a file for a requirement. FileRefused for a wrong type, an empty, a too large or one file too many.

    Repeated when this form came before, or this very file is there: nothing is added twice.
    """
    draft, version = content(draft_id, actor)
    wanted = version.item.material(requirement)
    if wanted is None:
        raise NotFound(what="这项申请材料")
    given = keep_file(
        subject(draft_id), keys.unwrap(draft.wrapped), wanted, filename, chunks, len(opened(draft)["files"])
    )

    def change(kept: dict[str, Any], _: ItemVersion) -> None:
        spend(kept, once)
        if any((f["requirement"], f["digest"]) == (requirement, given.digest) for f in kept["files"]):
            raise Repeated()
        require_room(requirement, len(kept["files"]))  # again: other files may have come meanwhile
        kept["files"].append(asdict(given))

    change_draft(draft_id, Place("materials", device), actor, at, change)


def use_licence(
    draft_id: UUID, requirement: str, licence_id: UUID, *, actor: Actor, at: datetime, device: str = ""
) -> None:
    """Hand in one's own licence, issued here, for a material that it stands in for. NotFound for any other.

    Refused as its own file is while the fee for it is not settled: what is handed in can be read.
    """
    page = draft_page(draft_id, actor)
    mine = next(
        (each for each in standing_in(page.requirements, actor.index).get(requirement, ()) if each.id == licence_id),
        None,
    )
    if mine is None:
        raise NotFound(what="这份电子证照")
    require_handed_over(mine, actor)
    name = f"{mine.name}（{mine.number}）.pdf"
    add_material(draft_id, requirement, name, licence_file(mine), actor=actor, at=at, device=device)


def remove_material(
    draft_id: UUID, requirement: str, digest: str, *, actor: Actor, at: datetime, device: str = ""
) -> None:
    """Take a file off the draft. One that is gone already is no error."""

    def change(kept: dict[str, Any], _: ItemVersion) -> None:
        kept["files"] = [f for f in kept["files"] if (f["requirement"], f["digest"]) != (requirement, digest)]

    change_draft(draft_id, Place("materials", device), actor, at, change)


def submit_draft(draft_id: UUID, *, actor: Actor, at: datetime, again: str = "", seen: str = "") -> Submitted:
    """Submit it; again and again it is the same case.

    `seen` is the digest of the content as it was checked. ApplicationChanged when another device has changed it since,
    SignersMissing while somebody who must confirm has not. Nobody changes the draft in between.
    """
    with transaction.atomic():
        draft, version = content(draft_id, actor, lock=True)
        kept, signers = opened(draft), signers_of(draft)
        had = told(attempts_of(draft), {file["digest"] for file in kept["files"]})
        if not draft.receipt_no:
            _require_as_seen(draft, version, kept, signers, seen)
            require_good(version, had, local_date(at), at, AT_INTAKE)
        application = Application(
            task_code=draft.task_code,
            version=draft.item_version,
            answers=kept["answers"],
            form={**kept["form"], **proved(version.item, kept)},
            materials=[GivenFile(**file) for file in kept["files"]],
        )
        given = submit(
            application,
            applicant=applicant_of(actor),
            actor=actor,
            at=at,
            key=f"draft:{draft.id}",
            keyed=Keyed(case_id=draft.id, key=keys.unwrap(draft.wrapped), wrapped=bytes(draft.wrapped)),
            again=again,
            signers=signers if asked(version.item, kept["answers"]) else (),
            ways=had,
        )
        Draft.objects.filter(id=draft.id).update(receipt_no=given.receipt_no)
    return given


def _require_as_seen(
    draft: Draft, version: ItemVersion, kept: dict[str, Any], signers: Sequence[Signer], seen: str
) -> None:
    digest = draft_digest(draft, kept, signers)
    if seen and seen != digest:
        raise ApplicationChanged(field="form")
    if sentences := lacking(asked(version.item, kept["answers"]), signers, digest):
        raise SignersMissing(field="signers", what="".join(sentences).removesuffix("。"))


def forget_drafts(actor: Actor) -> None:
    """Remove what a person has begun and not submitted, with its files."""
    for draft_id in list(Draft.objects.filter(person_id=actor.owner, receipt_no="").values_list("id", flat=True)):
        for belongings in (SignerRow, Attempt, Arrival):
            belongings.objects.filter(case_id=draft_id).delete()
        Draft.objects.filter(id=draft_id, receipt_no="").delete()
        files.forget(subject(draft_id))


def applicant_of(actor: Actor) -> Applicant:
    """Who applies, from what their sign-in proved."""
    return applicant_from(person_details(actor))


def applicant_from(details: PersonDetails) -> Applicant:
    """The same, when the details are known already."""
    return Applicant(
        name=details.name,
        id_type=str(details.id_type),
        id_number=details.id_number,
        phone=details.phone,
        home_region=details.home_region,
        level=str(int(details.level)),
        agent=asdict(details.agent) if details.agent else None,
    )


@dataclass(frozen=True)
class Place:
    """Where a change of a draft is made: the step, and the kind of the device."""

    step: str
    device: str = ""


def change_draft(
    draft_id: UUID, place: Place, actor: Actor, at: datetime, change: Callable[[dict[str, Any], ItemVersion], None]
) -> dict[str, Any]:
    """Change what a draft holds; two devices take turns instead of losing one another's words."""
    with transaction.atomic():
        draft, version = content(draft_id, actor, lock=True)
        kept = opened(draft)
        if draft.receipt_no:
            return kept
        change(kept, version)
        keep_draft(draft, kept, place, at)
        return kept


def keep_draft(draft: Draft, kept: dict[str, Any], place: Place, at: datetime) -> None:
    """Write a locked draft back. What somebody confirmed before, and is no longer there, is not confirmed any more."""
    draft.sealed = keys.seal(keys.unwrap(draft.wrapped), canonical(kept), context(draft.id))
    draft.changed_at, draft.revision = at, draft.revision + 1
    draft.step, draft.device = place.step, place.device
    draft.save(update_fields=["sealed", "changed_at", "revision", "step", "device"])
    signers = signers_of(draft)
    if signers:
        digest = draft_digest(draft, kept, signers)
        confirmed = SignerRow.objects.filter(case_id=draft.id, state=CONFIRMED)
        confirmed.exclude(digest=digest).update(state=VOID)
