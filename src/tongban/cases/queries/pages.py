# SPDX-License-Identifier: Apache-2.0
"""One case as a page shows it, to whoever may see it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tongban.cases import course, custody, fees, transitions
from tongban.cases.models import Material
from tongban.cases.queries.agreed import with_agreement
from tongban.cases.queries.changes import Word, changes
from tongban.cases.queries.charged import fee_view
from tongban.cases.queries.expected import expected
from tongban.cases.queries.fields import FieldView, field_views, section_views
from tongban.cases.queries.forms import hindrances, moves
from tongban.cases.queries.given import notice_views
from tongban.cases.queries.held import Held, read_with
from tongban.cases.queries.progress import (
    clock_views,
    correction,
    entry_numbered,
    extended,
    problem_views,
    special,
    step_views,
)
from tongban.cases.queries.promised import credit, later_view, promise_views, verification_view
from tongban.cases.queries.sentences import (
    AT_THE_WINDOW,
    AWAITS_ORIGINALS,
    NEWER,
    NEXT,
    PAPERS_BACK,
    PAY_FIRST,
    POSTED,
    REMEDIES,
    REVOKED,
    TO_PAY,
    UNPAID,
    VERIFIES,
    WAITS_FOR_LATER,
)
from tongban.cases.queries.sources import tried_views, trusts
from tongban.cases.queries.timeline import Line, last, lines_of, node_name, timeline, turned
from tongban.cases.queries.views import (
    BesideView,
    CasePage,
    ChangeView,
    CustodyView,
    FileView,
    JoinedView,
    LicenceView,
    MaterialView,
    MoveView,
    OriginalView,
    PartyView,
    RequestView,
    SupersededView,
)
from tongban.cases.queries.whole import Whole, whole
from tongban.cases.sealed import filename_context, open_envelope
from tongban.cases.signing import ROLES, outline
from tongban.cases.situation import APPLICANT, COURIER, TO_APPLICANT, TO_WINDOW, Situation
from tongban.cases.states import ENDED, GIVEN, NAMES, Part, State
from tongban.catalogue import filling
from tongban.catalogue.content import ItemContent
from tongban.catalogue.queries import item_cached
from tongban.catalogue.scenario import guide
from tongban.identity.assurance import LEVELS, Level
from tongban.identity.logins import CREDIT_CODE
from tongban.identity.queries import colleagues
from tongban.identity.queries.mandates import ROLES as MANDATES
from tongban.regions.queries import region_names
from tongban.standards import clock
from tongban.standards.actor import Actor, Role
from tongban.standards.identifiers import mask_id, mask_name, mask_phone
from tongban.standards.node import here
from tongban.standards.refusal import NotFound
from tongban.vault import files, keys

WITH_NO_PARTY = {  # who has an original that is at neither place
    COURIER: "快递途中，寄往办理地",
    TO_WINDOW: "快递途中，退回收件窗口",
    TO_APPLICANT: "快递途中，寄给申请人",
    APPLICANT: "已退还申请人",
}
PARTS = {Part.INTAKE: "收件地", Part.HANDLING: "办理地", Part.LEAD: "牵头部门"}


def visible(number_or_id: str, actor: Actor) -> Held:
    """A case that this actor may see. NotFound for all others: the one door to every page and file."""
    held, _ = read_with(number_or_id, ())
    held.require_visible(actor)
    return held


def case_page(number_or_id: str, actor: Actor, *, covers: bool = False) -> CasePage:
    """The whole page. NotFound when the case is not the actor's to see.

    `covers` what tells of the person, as screens of staff do until somebody asks to see it (actions.show_person).
    """
    found = whole(number_or_id, actor)
    held = found.held
    version = item_cached(held.task_code, held.item_version)
    kept = open_envelope(held)
    names = _names(held, actor)
    lines = lines_of(held, found.events)
    story = timeline(held, lines, actor, names)
    case = with_agreement(held, held.situation(clock.now(), held.state or State.SUBMITTED), actor)
    running = clock_views(case)
    due = course.due_on(case)
    waits = special(held, lines)
    handling = custody.with_part(held.parties, Part.HANDLING)
    relation = held.relation(actor)
    licence = _licence(found)
    if licence and fees.awaits(case, fees.RESULT) and Part.HANDLING not in relation.parts and case.state in GIVEN:
        licence = replace(licence, state="unpaid", sentence=UNPAID, size=None)
    is_joined = relation.joined and not (relation.applied or relation.parts)
    given = () if is_joined else _materials(found, version.item, lines)
    to_correct = () if is_joined else tuple(_told(case, version.item, kept, covers))
    word = filling.covered if covers else filling.masked
    return CasePage(
        id=held.id,
        receipt_no=held.receipt_no,
        project_no=held.project_no,
        item_name=held.item_name,
        item=version.item,
        mode=str(held.mode),
        state=held.state_word,
        state_name=NAMES[held.state] if held.state else held.state_word,
        ended=held.state in ENDED,
        applicant_name=_name(held.applicant_name, covers and kept["applicant"].get("id_type") != CREDIT_CODE),
        is_company=kept["applicant"]["id_type"] == CREDIT_CODE,
        acted_by=_acted_by(kept["applicant"], covers),
        level=_level(kept["applicant"]["level"]),
        id_masked=mask_id(kept["applicant"]["id_number"]),
        phone_masked=mask_phone(kept["applicant"]["phone"]),
        answers=tuple((q.text, option.text) for q, option in guide(version.item, kept["answers"]).chosen),
        form=(outline if is_joined else _covered if covers else _form)(version.item, kept["answers"], kept["form"]),
        materials=given,
        tried=() if is_joined else tried_views(version.item, lines[0].told.get("ways", ()), clock.now()),
        originals=_originals(found),
        delivery=str(held.delivery),
        parties=tuple(_party(party) for party in held.parties),
        timeline=story,
        clocks=running,
        forecast=likely.words if (likely := expected(held.task_code, case)) else "",
        steps=tuple(step_views(held, case, lines, names)),
        correction=correction(held, lines, running, case, to_correct),
        changes=() if is_joined else tuple(changes(lines, kept, version.item, given, word))[::-1],
        outcome=entry_numbered(story, turned(lines)) if held.state in REMEDIES else None,
        extended=extended(held, lines, story),
        remedy=REMEDIES.get(held.state, "") if held.state else "",
        special=waits,
        assignee=names.get(case.progress.assignee, ""),
        due_on=due,
        days_left=None if due is None else case.hours.calendar.count_workdays(clock.today(), due),
        moves=tuple(_about(version.item, kept, moves(held, case, actor, names))) if held.state else (),
        hindrances=tuple(dict.fromkeys(hindrances(held, case, actor))) if held.state else (),
        problems=tuple(problem_views(held, case, lines)),
        promises=tuple(promise_views(case, lines, actor)),
        later=later_view(case, lines, running),
        credit=credit(lines),
        fee=fee_view(case, lines, running),
        verification=verification_view(case, lines, running, handling.organization_name),
        requests=_requests(found),
        custody=_custody(held),
        licence=licence,
        notices=notice_views(found, lines),
        next_step=next_steps(held, case).format(handling=handling.organization_name, special=waits),
        submitted_at=found.events[0].occurred_at,
        moving=_is_moving(held, licence),
        waits_for=_waits_for(held),
        joined=tuple(_joined(kept, covers)),
        is_own=relation.applied,
        beside=tuple(_beside(found, lines, actor)),
        superseded=None if is_joined else _superseded(held, lines),
    )


def _told(case: Situation, item: ItemContent, kept: dict[str, Any], covers: bool) -> Iterator[FieldView]:
    """The fields of the form that are to be corrected; empty where whoever fills them in does not see the person."""
    for field in field_views(section_views(item, kept)) if case.progress.fields else ():
        if field.name in case.progress.fields:
            yield replace(field, value="", shown="", rows=()) if covers else field


def _about(item: ItemContent, kept: dict[str, Any], offered: Iterable[MoveView]) -> Iterator[MoveView]:
    """Forms that ask about fields ask about those that applied to this applicant."""
    for move in offered:
        if not any(need.kind == "reasons" for need in move.needs):
            yield move
            continue
        there = {field.name for field in filling.applicable(item, kept["answers"], kept["form"])}
        needs = (
            replace(need, options=tuple(each for each in need.options if each[0] in there))
            if need.kind == "reasons"
            else need
            for need in move.needs
        )
        yield replace(move, needs=tuple(needs))


def _name(name: str, covers: bool) -> str:
    return mask_name(name) if covers else name


def _acted_by(applicant: dict[str, Any], covers: bool) -> str:
    """王强（经办人）, as the intake node has seen the mandate."""
    agent = applicant.get("agent")
    return f"{_name(agent['name'], covers)}（{MANDATES.get(agent['role'], agent['role'])}）" if agent else ""


def _level(told: str) -> str:
    """A level in words; another node's word that we do not know is none."""
    return LEVELS[Level(int(told))] if told.isdecimal() and int(told) in set(Level) else ""


def _joined(kept: dict[str, Any], covers: bool) -> Iterator[JoinedView]:
    """Who confirmed beside the applicant."""
    for each in kept.get("signers", ()):
        at = datetime.fromisoformat(each["at"]) if each["at"] else None
        yield JoinedView(ROLES.get(each["role"], each["role"]), _name(each["name"], covers), at)


def _superseded(held: Held, lines: Sequence[Line]) -> SupersededView | None:
    """What the deciding node found when it took the case, until it is decided."""
    taken = last(lines, "take")
    told = taken.told.get("item_version_superseded") if taken and held.state not in ENDED else None
    return None if told is None else SupersededView(held.item_version, told["version"], tuple(told["changed"]))


def _beside(found: Whole, lines: Sequence[Line], actor: Actor) -> Iterator[BesideView]:
    """Other open cases of the same person and item: those here, and those that the office told of when it took it."""
    relation = found.held.relation(actor)
    if not (relation.applied or (actor.role is Role.APPROVER and Part.HANDLING in relation.parts)):
        return
    here_too = {each.receipt_no for each in found.beside}
    for each in found.beside:
        yield BesideView(each.receipt_no, f"{each.intake}，目前“{each.state_name}”")
    taken = last(lines, "take")
    for number in taken.told.get("beside", ()) if taken and found.held.state not in ENDED else ():
        if number not in here_too and relation.applied:
            yield BesideView(str(number), "")


def next_steps(held: Held, case: Situation) -> str:
    """The same, with the papers that outlive the case."""
    is_left = held.state in ENDED and bool(case.loose_papers)
    return _next_step(held, case) + (PAPERS_BACK if is_left else "")


def _next_step(held: Held, case: Situation) -> str:
    """What happens next, in words; how the result is handed over depends on what was chosen at intake."""
    if held.state is None:
        return NEWER
    if owed := _next_of_fee(held.state, case):
        return owed
    if transitions.is_open(transitions.MOVES["post"], held.state, held.mode, held.delivery):
        return POSTED
    if transitions.is_open(transitions.MOVES["hand_over"], held.state, held.mode, held.delivery):
        return AT_THE_WINDOW
    if promised := _next_of_promise(held.state, case):
        return promised
    is_early = case.awaits_originals and held.state in transitions.NEW
    return AWAITS_ORIGINALS if is_early else NEXT[held.state]


def _next_of_fee(state: State, case: Situation) -> str:
    """What a fee adds to what happens next; mostly nothing."""
    if case.progress.fee == fees.ASKED and state not in ENDED:
        return TO_PAY
    is_kept = state in transitions.MOVES["deliver"].sources and fees.awaits(case, fees.RESULT)
    return PAY_FIRST if is_kept else ""


def _next_of_promise(state: State, case: Situation) -> str:
    """What a promise adds to what happens next; often nothing."""
    if case.progress.awaited and state in transitions.MOVES["grant_on_promise"].sources:
        return WAITS_FOR_LATER
    return VERIFIES if state in ENDED and not case.is_over else ""


def _names(held: Held, actor: Actor) -> dict[str, str]:
    """The names of those at the office's own desk, by pseudonym; nobody else reads them."""
    is_theirs = actor.role is Role.APPROVER and Part.HANDLING in held.relation(actor).parts
    if is_theirs and held.state in transitions.UNDER_WAY:
        return dict(colleagues(actor.organization, actor.role))
    return {}


def _requests(found: Whole) -> tuple[RequestView, ...]:
    held = found.held
    holding = held.head.holding
    holder = custody.party(held.parties, holding.offered_to or holding.holder).organization_name
    says = {"submitted": f"已提交，待{holder}确认。", "accepted": f"{holder}已确认，已经生效。"}
    return tuple(
        RequestView(
            id=row.id,
            label=transitions.MOVES[row.move].told if row.move in transitions.MOVES else row.move,
            state=row.state,
            at=row.asked_at,
            sentence=says.get(row.state, f"对方没有同意：{row.answer}"),
        )
        for row in found.requests
    )


def _custody(held: Held) -> CustodyView:
    holding = held.head.holding
    holder = custody.party(held.parties, holding.holder)
    if holding.offered_to is None:
        is_over = held.state in ENDED
        sentence = f"由{holder.organization_name}办理完毕。" if is_over else f"目前由{holder.organization_name}负责。"
        return CustodyView(holder.organization_name, node_name(holder.node), "held", sentence)
    target = custody.party(held.parties, holding.offered_to)
    sentence = (
        f"已由{holder.organization_name}移交，等待{target.organization_name}接收。您的申请已安全保存，无需重复提交。"
    )
    return CustodyView(target.organization_name, node_name(target.node), "offered", sentence)


def _waits_for(held: Held) -> str | None:
    """The other node whose word is awaited: it holds the case, or it is to take it."""
    holding = held.head.holding
    holder = custody.party(held.parties, holding.offered_to or holding.holder)
    ended = held.state in ENDED
    return None if ended or holder.node == here().code else holder.node


def _is_moving(held: Held, licence: LicenceView | None) -> bool:
    making = licence is not None and licence.state in ("pending", "elsewhere")
    under_way = held.state is not None and transitions.is_system_next(held.state)
    return making or under_way or bool(held.asked) or held.head.holding.offered_to is not None


def _licence(found: Whole) -> LicenceView | None:
    held = found.held
    if held.state in transitions.MOVES["reinstate"].sources:
        return LicenceView(held.licence_number, held.item_name, "revoked", None, REVOKED)
    made = next((row for row in reversed(found.papers) if not row.is_notice), None)
    if made is not None:
        says = {
            "pending": made.failure_says or "证明文件正在生成，请稍候。",
            "ready": "证明文件已生成并签章。",
            "failed": made.failure_says,
        }
        sentence, has_ofd = says[str(made.state)], bool(made.ofd_digest)
        return LicenceView(made.number, made.name, str(made.state), made.file_size, sentence, has_ofd)
    if not held.licence_number:
        return None
    if files.has(held.subject, held.file_digest):
        return LicenceView(held.licence_number, held.item_name, "ready", None, "证明文件已经送到，可以下载。")
    return LicenceView(held.licence_number, held.item_name, "elsewhere", None, "证明文件正在从办理地传来，请稍候。")


def _materials(found: Whole, item: ItemContent, lines: Sequence[Line]) -> tuple[MaterialView, ...]:
    held = found.held
    trust = trusts(item, held.mode, lines, found.materials)
    at_hand = files.which(held.subject, [row.digest for row in found.materials])
    return tuple(
        MaterialView(
            number=row.number,
            name=row.name,
            filename=_filename(held, row),
            media_type=row.media_type,
            size=row.size,
            here=row.digest in at_hand,
            scanned=row.scanned,
            **vars(trust[row.number]),
        )
        for row in found.materials
    )


def _filename(held: Held, row: Material) -> str:
    return keys.unseal(held.key, row.filename, filename_context(row.number)).decode()


def _originals(found: Whole) -> tuple[OriginalView, ...]:
    """Every paper with who has it now."""
    names = WITH_NO_PARTY | {party.number: party.organization_name for party in found.held.parties}
    return tuple(
        OriginalView(
            number=row.number,
            name=row.name,
            holder_name=names[row.holder],
            parcel_no=row.parcel_no,
            since=row.changed_at,
        )
        for row in found.originals
    )


def _form(item: ItemContent, answers: Mapping[str, str], values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return _said(item, answers, values, filling.masked)


def _covered(item: ItemContent, answers: Mapping[str, str], values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return _said(item, answers, values, filling.covered)


def changes_written_out(found: Whole) -> tuple[ChangeView, ...]:
    """What was handed in since the application, nothing covered; for the same."""
    held = found.held
    item = item_cached(held.task_code, held.item_version).item
    lines = lines_of(held, found.events)
    return tuple(changes(lines, open_envelope(held), item, _materials(found, item, lines), filling.in_words))[::-1]


def written_out(
    item: ItemContent, answers: Mapping[str, str], values: Mapping[str, Any]
) -> tuple[tuple[str, str], ...]:
    """What was filled in, nothing covered; only for who leaves a line that they saw it."""
    return _said(item, answers, values, filling.in_words)


def _said(
    item: ItemContent, answers: Mapping[str, str], values: Mapping[str, Any], word: Word
) -> tuple[tuple[str, str], ...]:
    fields = filling.applicable(item, answers, values)
    codes = filling.places_in(fields, values)
    places = region_names(codes) if codes else {}
    told = ((field.label, word(field, str(values.get(field.name, "")), places)) for field in fields)
    return tuple((label, words or "未填写") for label, words in told)


def _party(party: custody.Party) -> PartyView:
    return PartyView(
        role=str(party.part),
        role_name=PARTS[party.part],
        organization_name=party.organization_name,
        region_name=party.region_name,
        node_name=node_name(party.node),
        phone=party.phone,
    )


def material_file(number_or_id: str, number: int, actor: Actor) -> FileView:
    """A material's file. NotFound when the case is not yours or has no such material; FileMissing in transit."""
    held = visible(number_or_id, actor)
    row = Material.objects.filter(case_id=held.id, number=number).first()
    if row is None:
        raise NotFound(what="这份材料")
    return handed_in(held, row, actor)


def handed_in(held: Held, row: Material, actor: Actor) -> FileView:
    """The file of a material, to the last byte as it was handed in. NotFound for who only confirmed beside others."""
    relation = held.relation(actor)
    if not (relation.applied or relation.parts):  # who joined sees nobody's papers
        raise NotFound(what="这份材料")
    return FileView(
        filename=_filename(held, row),
        media_type=row.media_type,
        size=row.size,
        chunks=files.read(held.subject, held.key, row.digest),
    )
