# SPDX-License-Identifier: Apache-2.0
"""Having materials for a draft without asking the applicant for them: agreed to on a page, done by the worker.

Each way is a row that is tried once; when it brings nothing the next one that the item leaves open begins.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from uuid_utils.compat import uuid7

from tongban.cases.actions.drafting import Place, keep_draft
from tongban.cases.actions.submitting import portal_party
from tongban.cases.actions.uploading import keep_file
from tongban.cases.application import GivenFile
from tongban.cases.errors import MaterialNotHad, ResourceMissing, SourceBroke
from tongban.cases.folders import FINDERS, Folder, folder_of
from tongban.cases.models import Attempt, Draft
from tongban.cases.queries.attempts import GATHERING_DUE, MET, WITHDRAWN, context
from tongban.cases.queries.drafts import content, opened, unowned
from tongban.cases.queries.earlier import earlier_files
from tongban.cases.queries.held import subject
from tongban.cases.queries.relying import require_recognised
from tongban.cases.resources import RESOURCES, Wanted
from tongban.cases.ways import Way, fetched, ways
from tongban.catalogue.content import Material
from tongban.catalogue.models import ItemVersion
from tongban.database import reading
from tongban.exchange.actions import ask
from tongban.exchange.queries import answer_to
from tongban.identity.queries import person_details
from tongban.ledger import actions as ledger
from tongban.licences.uses import asking
from tongban.licences.uses.actions import Call, give
from tongban.regions.queries import trust_list
from tongban.standards.actor import Actor, system
from tongban.standards.canonical import canonical, parse
from tongban.standards.clock import local_date
from tongban.standards.node import here
from tongban.standards.refusal import BadInput, NotFound, Refusal
from tongban.vault import files, keys
from tongban.vault.queries import subject_key

log = structlog.get_logger()

LASTS = timedelta(days=30)  # so long the holder lets it be used
FIELDS = ("number", "issuer", "issued_on", "valid_until", "file")
NEXT = f"{GATHERING_DUE} ORDER BY a.begun_at LIMIT 1 FOR UPDATE OF a SKIP LOCKED".replace(
    "SELECT 1", "SELECT a.case_id, a.number", 1
)
SILENT = "签发地的系统暂时没有答复。"
WHY = {  # another node's code, in words
    "licence_use_not_granted": "签发地没有授权办理机关调用这种证照。",
    "licence_use_quota_spent": "签发地今天可以调用的次数已经用完。",
    "licence_field_not_granted": "签发地没有授权提供证照文件。",
    "licence_not_held": "签发地没有查到这份证照。",
    "licence_does_not_count": "这份证照现在不是有效状态，不能使用。",
    "licence_not_handed_over": "签发地还没有把这份证照交付给持证人。",
    "licence_consent_over": "同意使用的期限已过。",
    "question_expired": SILENT,
    "peer_unreachable": SILENT,
}


@dataclass(frozen=True)
class Brought:
    """A file that a way has brought, and what is told of it."""

    filename: str
    content: bytes
    told: Mapping[str, Any]


def agree(draft_id: UUID, requirement: str, node: str, *, actor: Actor, at: datetime) -> None:
    """The applicant lets the system have this material: whose, for what and until when is kept with the consent.

    `node` is where a licence was issued. Pressed twice it is one consent.
    """
    with transaction.atomic():
        folder = _of_draft(*content(draft_id, actor, lock=True))
        holder = person_details(actor)
        told = Holder(str(holder.id_type), holder.id_number, holder.name)
        begin_fetching(folder, requirement, node, told, actor=actor, at=at)


@dataclass(frozen=True)
class Holder:
    """Whose licence it is."""

    id_type: str
    id_number: str
    name: str


def begin_fetching(
    folder: Folder,
    requirement: str,
    node: str,
    holder: Holder,
    *,
    actor: Actor,
    at: datetime,
    asker: Mapping[str, str] = {},
    evidence: Mapping[str, str] = {},
) -> None:
    """Leave a row for the worker, with what the holder has agreed to; part of the caller's transaction.

    `asker` is who asks, where it is not whoever stands for the portal: `organization` (credit code),
    `organization_name`, `purpose`. `evidence` of the consent is kept with it, and its digest in the ledger. NotFound
    where the item opens no such way; what is being fetched, or was and is there, is not begun again.
    """
    wanted = _wanted(folder.version, requirement)
    open_ways = fetched(folder.version.item, wanted)
    if not open_ways:
        raise NotFound(what="这种提交方式")
    if folder.is_over or _is_open(folder.id, requirement) or _is_had(folder, requirement):
        return
    issuing = trust_list().nodes.get(node)
    if Way.LICENCE in open_ways and (issuing is None or "region" not in issuing.roles):
        raise BadInput(requirement, "请选择证照是在哪里签发的。")
    more = wanted.more
    assert more is not None
    consent: dict[str, Any] = {
        "name": more.licence_name or wanted.name,
        "type_code": more.licence_type,
        "fields": list(FIELDS),
        "agreed_at": at.isoformat(),
        "until": (local_date(at) + LASTS).isoformat(),
        "by": actor.pseudonym,
        "holder": asdict(holder),
        **asker,
        **evidence,
    }
    _begin(folder, requirement, open_ways[0], node, consent, at)
    facts = {"requirement": requirement, "item": folder.version.task_code, "node": node, "until": consent["until"]}
    ledger.write(folder.name, verb="material.agreed", actor=actor, at=at, facts={**facts, **evidence})


def reuse(draft_id: UUID, requirement: str, *, actor: Actor, at: datetime) -> None:
    """Hand in once more what the same person gave for a material of this name before. NotFound when there is none."""
    with transaction.atomic():
        draft, version = content(draft_id, actor, lock=True)
        wanted = _wanted(version, requirement)
        found = (
            earlier_files([wanted.name], actor).get(wanted.name) if Way.EARLIER in ways(version.item, wanted) else None
        )
        if found is None:
            raise NotFound(what="以前提交的这项材料")
        if draft.receipt_no or _is_open(draft_id, requirement):
            return
        told = {
            "digest": found.digest,
            "number": found.receipt_no,
            "issuer": found.item_name,
            "as_of": local_date(found.given_at).isoformat(),
        }
        _begin(_of_draft(draft, version), requirement, Way.EARLIER, str(found.case_id), told, at)


def _wanted(version: ItemVersion, requirement: str) -> Material:
    wanted = version.item.material(requirement)
    if wanted is None:
        raise NotFound(what="这项申请材料")
    return wanted


def _is_open(case_id: UUID, requirement: str) -> bool:
    return Attempt.objects.filter(case_id=case_id, requirement=requirement, ended_at=None).exists()


def _is_had(folder: Folder, requirement: str) -> bool:
    """Whether what was fetched for it is among the files."""
    digests = [str(file["digest"]) for file in folder.files() if file["requirement"] == requirement]
    had = Attempt.objects.filter(case_id=folder.id, requirement=requirement, outcome=MET, digest__in=digests)
    return bool(digests) and had.exists()


def hold(folder_id: UUID) -> None:
    """Keep the worker from what is being tried, before the application is locked: it takes the two in this order."""
    list(Attempt.objects.select_for_update().filter(case_id=folder_id, ended_at=None).values_list("number"))


def give_up(folder_id: UUID, key: bytes, at: datetime) -> frozenset[str]:
    """What was agreed to for an application holds no longer: whom it is of, or what it is for, has changed.

    Part of the caller's transaction, which began with `hold`. Returns the digests of the files that were fetched.
    """
    rows = list(Attempt.objects.filter(case_id=folder_id).exclude(outcome=WITHDRAWN))
    for row in rows:
        told = parse(keys.unseal(key, bytes(row.sealed), context(folder_id, row.number)))
        _end(row, key, WITHDRAWN, told, row.ended_at or at, digest=row.digest)
    return frozenset(row.digest for row in rows if row.outcome == MET)


def _of_draft(draft: Draft, version: ItemVersion) -> Folder:
    """A draft as what it is to whoever fetches."""

    def keep(given: GivenFile, at: datetime) -> None:
        kept = opened(draft)
        kept["files"].append(asdict(given))
        keep_draft(draft, kept, Place("materials", draft.device), at)

    return Folder(
        id=draft.id,
        name=f"draft:{draft.id}",
        version=version,
        key=keys.unwrap(draft.wrapped),
        is_over=bool(draft.receipt_no),
        files=lambda: opened(draft)["files"],
        keep=keep,
    )


def find_draft(id: UUID) -> Folder | None:
    """The draft with this id, for the worker."""
    found = unowned(id)
    return _of_draft(*found) if found else None


def _begin(folder: Folder, requirement: str, way: Way, source: str, told: Mapping[str, Any], at: datetime) -> None:
    """A row for the worker. The application is locked, so that numbers do not meet."""
    number = Attempt.objects.filter(case_id=folder.id).count() + 1
    Attempt.objects.create(
        case_id=folder.id,
        number=number,
        requirement=requirement,
        way=str(way),
        source=source,
        outcome="",
        question=None,
        digest="",
        sealed=_sealed(folder.key, folder.id, number, told),
        begun_at=at,
    )


def _sealed(key: bytes, case_id: UUID, number: int, told: Mapping[str, Any]) -> bytes:
    return keys.seal(key, canonical(dict(told)), context(case_id, number))


def gather_once(at: datetime) -> bool:
    """Try what has waited longest. False when nothing is due.

    Whatever goes wrong ends this way and opens the next; nobody's application waits for a source that is down.
    """
    with transaction.atomic():
        first = reading.row(NEXT, [])
        if first is None:
            return False
        row = Attempt.objects.get(case_id=first[0], number=first[1])
        folder = folder_of(row.case_id)
        over = "submitted" if folder is None or folder.is_over else ""
        if folder is None or over or folder.version.item.material(row.requirement) is None:
            told = {"outcome": over or WITHDRAWN, "ended_at": at}
            Attempt.objects.filter(case_id=row.case_id, number=row.number).update(**told)
            return True
        _try(row, folder, at)
    return True


def _try(row: Attempt, folder: Folder, at: datetime) -> None:
    told = parse(keys.unseal(folder.key, bytes(row.sealed), context(folder.id, row.number)))
    wanted = _wanted(folder.version, row.requirement)
    no: Refusal | None = None
    try:
        with transaction.atomic():
            try:
                brought = TRIES[Way(row.way)](row, folder.version, told, at)
                if brought is not None:
                    _met(row, folder, wanted, brought, told, at)
            except Refusal as why:  # what a refused call has left for its holder to read stays
                no = why
    except Exception:
        log.exception("material_not_had", way=row.way)
        no = SourceBroke()
    if no is not None:
        _failed(row, folder, told, no, at)


def _met(
    row: Attempt, folder: Folder, wanted: Material, brought: Brought, told: Mapping[str, Any], at: datetime
) -> None:
    """The file is among those of the application, unless it is there already."""
    files = folder.files()
    given = keep_file(subject(folder.id), folder.key, wanted, brought.filename, [brought.content], len(files))
    if not any((f["requirement"], f["digest"]) == (wanted.code, given.digest) for f in files):
        folder.keep(given, at)
    _end(row, folder.key, MET, {**told, **brought.told}, at, digest=given.digest)


def _failed(row: Attempt, folder: Folder, told: Mapping[str, Any], no: Refusal, at: datetime) -> None:
    """Say why, and go on with the next way that the same consent covers."""
    _end(row, folder.key, no.facts.get("code", no.code), {**told, "says": no.sentence}, at)
    open_ways = fetched(folder.version.item, _wanted(folder.version, row.requirement))
    if Way(row.way) in open_ways and (left := open_ways[open_ways.index(Way(row.way)) + 1 :]):
        _begin(folder, row.requirement, left[0], row.source, told, at)


def _end(row: Attempt, key: bytes, outcome: str, told: Mapping[str, Any], at: datetime, *, digest: str = "") -> None:
    """Whose number it was is needed no longer."""
    rest = {name: value for name, value in told.items() if name != "holder"}
    Attempt.objects.filter(case_id=row.case_id, number=row.number).update(
        outcome=outcome, digest=digest, ended_at=at, sealed=_sealed(key, row.case_id, row.number, rest)
    )


def _licence(row: Attempt, version: ItemVersion, told: Mapping[str, Any], at: datetime) -> Brought | None:
    """From here, or by a question to the node that issued it; None while that is silent."""
    id_type = told["holder"]["id_type"]
    require_recognised(version, told["name"], told["type_code"], row.source, local_date(at), id_type=id_type)
    call = _call(row, version, told)
    if row.source == here().code:
        given = give(call, at=at)
        return _licence_brought(call, given.licence.file_digest, given.fields, given.copy)
    if row.question is None:
        question = ask(
            asking.asking(call, row.source, subject(row.case_id)),
            actor=system(here().code),
            at=at,
            within=asking.WITHIN,
            fresh=timedelta(),
        )
        Attempt.objects.filter(case_id=row.case_id, number=row.number).update(question=question)
        return None
    answer = answer_to(row.question)
    if answer.state != "answered":
        why = WHY.get(answer.outcome, f"签发地没有提供（{answer.outcome}）。")
        raise MaterialNotHad(why=why, code=answer.outcome)
    got = asking.got(answer.body, row.source, subject(row.case_id), at)
    return _licence_brought(call, got.file, got.fields, got.copy)


def _call(row: Attempt, version: ItemVersion, told: Mapping[str, Any]) -> Call:
    """The organization that asks is this node's: the one that decides, or the one that takes in for another region."""
    holder = told["holder"]
    office, name = _asker(version, told)
    return Call(
        id=uuid7(),
        node=here().code,
        name=told["name"],
        type_code=told["type_code"],
        holder_type=holder["id_type"],
        holder_number=holder["id_number"],
        organization=office,
        organization_name=name,
        user=told["by"],
        item_name=version.name,
        item_code=version.task_code,
        business_code=str(row.case_id),
        purpose=f"{version.name}：核验{told['name']}{told.get('purpose', '')}"[:200],
        fields=tuple(told["fields"]),
        consented_at=datetime.fromisoformat(told["agreed_at"]),
        until=date.fromisoformat(told["until"]),
    )


def _asker(version: ItemVersion, told: Mapping[str, Any]) -> tuple[str, str]:
    if "organization" in told:
        return str(told["organization"]), str(told["organization_name"])
    if trust_list().node_for_region(version.region_code).code == here().code:
        return version.publisher, version.publisher_name
    party = portal_party()
    return party.organization, party.organization_name


def _licence_brought(call: Call, file: str, fields: Mapping[str, str], copy: bytes) -> Brought:
    told = {"file": file, "type": call.type_code}
    told |= {"number": fields.get("number", ""), "issuer": fields.get("issuer", "")}
    return Brought(f"{call.name}（{fields.get('number', '')}）.pdf", copy, told)


def _shared(row: Attempt, version: ItemVersion, told: Mapping[str, Any], at: datetime) -> Brought:
    """From whoever shares it; a resource that is connected to nothing is a source that is down."""
    more, holder = _wanted(version, row.requirement).more, told["holder"]
    assert more is not None
    source = RESOURCES.get(more.resource)
    if source is None:
        raise ResourceMissing(name=more.resource)
    found = source(
        Wanted(
            resource=more.resource,
            code=more.resource_code,
            provider=more.resource_from,
            id_type=holder["id_type"],
            id_number=holder["id_number"],
            name=holder["name"],
            item_code=version.task_code,
            item_name=version.name,
            case_id=row.case_id,
        )
    )
    issuer = found.issuer or more.resource_from
    return Brought(
        f"{more.resource}.pdf", found.content, {"name": more.resource, "number": found.number, "issuer": issuer}
    )


def _earlier(row: Attempt, version: ItemVersion, told: Mapping[str, Any], at: datetime) -> Brought:
    """The same bytes, under the key of this application."""
    name = subject(UUID(row.source))
    key = subject_key(name)
    if key is None:
        raise NotFound(what="以前提交的这项材料")
    content = b"".join(files.read(name, key, told["digest"]))
    return Brought(f"{_wanted(version, row.requirement).name}（以前提交）", content, {})


TRIES = {Way.LICENCE: _licence, Way.SHARED: _shared, Way.EARLIER: _earlier}
FINDERS.append(find_draft)
