# SPDX-License-Identifier: Apache-2.0
"""One case as a page shows it, to whoever may see it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from tongban.cases import clocks, course, custody, transitions
from tongban.cases.guards import OUTCOMES, PROBLEMS, VERDICTS
from tongban.cases.models import Event, Material
from tongban.cases.queries.held import Held, read_with, rules_cached
from tongban.cases.queries.views import (
    CasePage,
    ClockView,
    CustodyView,
    FileView,
    LicenceView,
    MaterialView,
    MoveView,
    NeedView,
    NoticeView,
    OriginalView,
    PartyView,
    ProblemView,
    RequestView,
    TimelineEntry,
)
from tongban.cases.queries.whole import Whole, whole
from tongban.cases.reasons import explain
from tongban.cases.regimes import SPECIAL_PROCEDURES
from tongban.cases.sealed import event_context, filename_context, open_envelope, opened
from tongban.cases.situation import Situation
from tongban.cases.states import ENDED, NAMES, Part, State
from tongban.cases.transitions import Move, Need
from tongban.catalogue.content import ItemContent
from tongban.catalogue.queries import item_cached
from tongban.catalogue.scenario import guide
from tongban.identity.queries import colleagues
from tongban.licences.models import Licence
from tongban.licences.queries import file as licence_file
from tongban.regions.queries import trust_list
from tongban.standards import clock
from tongban.standards.actor import Actor, Role
from tongban.standards.identifiers import mask_id, mask_phone
from tongban.standards.node import here
from tongban.standards.refusal import NotFound
from tongban.vault import files, keys

PARTS = {Part.INTAKE: "收件地", Part.HANDLING: "办理地", Part.LEAD: "牵头部门"}
METHODS = {"card": "读卡", "typed": "录入证件号码", "manual": "窗口人工核对"}
RESULTS = {"match": "一致", "manual": "人证一致，由窗口人员负责"}
FORWARD = frozenset(  # moves that are the straight way on
    {
        *("correct_on_spot", "send_originals", "receive_originals", "pre_review", "accept", "correct", "hand_in"),
        *("sign_step", "end_special", "extend", "grant", "hand_over", "post", "confirm_post", "take_problem"),
    }
)
SHOWN = {
    "what": "需要补正的内容",
    "reason": "理由",
    "where_to_go": "应当向哪个机关申请",
    "basis": "依据",
    "remedies": "救济途径",
    "note": "说明",
    "parcel_no": "快递单号",
    "proof": "签收凭据",
    "organ": "作出决定的机关",
    "document": "文书",
}
CHOSEN = {  # choices in words, where the case itself is not needed to know them
    "verdict": ("预审结论", VERDICTS),
    "procedure": ("程序种类", {code: each.name for code, each in SPECIAL_PROCEDURES.items()}),
    "kind": ("问题种类", PROBLEMS),
    "outcome": ("处理结果", OUTCOMES),
}


NEXT = {
    State.SUBMITTED: "等待{handling}决定是否受理。",
    State.COLLECTED: "窗口已收件并核验身份，等待{handling}决定是否受理。收件不等于受理。",
    State.CORRECTION: "{handling}一次性告知了需要补正的内容，请补正后继续。补正期间受理时限停止计算。",
    State.ACCEPTED: "{handling}正在审查。",
    State.SPECIAL: "{handling}正在进行特别程序，所需时间不计入办理期限。",
    State.EXAMINED: "审查完毕，等待{handling}作出决定。",
    State.GRANTED: "{handling}正在制作并签章证明文件，一般几分钟内完成。",
    State.DENIED: "办理已结束。对决定不服的，可以依照决定书写明的途径申请复议或者提起诉讼。",
    State.ISSUED: "证明已出具，请在本页下载领取。",
    State.DELIVERED: "办理已结束，证明可以随时在本页再次下载。",
    State.NOT_REQUIRED: "这件事不需要办理，理由见办理进度。",
    State.TERMINATED: "{handling}终止了办理，理由和依据见办理进度。",
    State.NOT_ACCEPTED: "{handling}没有受理，理由和应当申请的机关见办理进度。",
    State.WITHDRAWN: "申请已撤回，办理已结束。需要时可以重新申请。",
}


NEWER = "{handling}使用了本节点尚不认识的步骤，进度以办理地为准。"


def visible(number_or_id: str, actor: Actor) -> Held:
    """A case that this actor may see. NotFound for all others: the one door to every page and file."""
    held, _ = read_with(number_or_id, ())
    held.require_visible(actor)
    return held


def case_page(number_or_id: str, actor: Actor) -> CasePage:
    """The whole page. NotFound when the case is not the actor's to see."""
    found = whole(number_or_id, actor)
    held = found.held
    version = item_cached(held.task_code, held.item_version)
    kept = open_envelope(held)
    timeline = _timeline(held, found.events, actor)
    case = held.situation(clock.now(), held.state or State.SUBMITTED)
    running = _clocks(case)
    due = course.due_on(case)
    handling = custody.with_part(held.parties, Part.HANDLING)
    licence = _licence(found)
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
        applicant_name=held.applicant_name,
        id_masked=mask_id(kept["applicant"]["id_number"]),
        phone_masked=mask_phone(kept["applicant"]["phone"]),
        answers=tuple((q.text, option.text) for q, option in guide(version.item, kept["answers"]).chosen),
        form=_form(version.item, kept["form"]),
        materials=_materials(found),
        originals=_originals(found),
        delivery=str(held.delivery),
        parties=tuple(_party(party) for party in held.parties),
        timeline=timeline,
        clocks=running,
        due_on=due,
        days_left=None if due is None else case.hours.calendar.count_workdays(clock.today(), due),
        moves=tuple(_moves(held, case, actor)) if held.state else (),
        problems=tuple(_problems(held, case)),
        requests=_requests(found),
        custody=_custody(held),
        licence=licence,
        notices=tuple(notice_view(row) for row in found.papers if row.is_notice),
        next_step=_next_step(held).format(handling=handling.organization_name),
        submitted_at=found.events[0].occurred_at,
        moving=_is_moving(held, licence),
        waits_for=_waits_for(held),
    )


def _next_step(held: Held) -> str:
    """What happens next, in words; how the result is handed over depends on what was chosen at intake."""
    if held.state is None:
        return NEWER
    if transitions.is_open(transitions.MOVES["post"], held.state, held.mode, held.delivery):
        return "证明已出具，由{handling}寄给您，寄出后可以看到快递单号。"
    if transitions.is_open(transitions.MOVES["hand_over"], held.state, held.mode, held.delivery):
        return "证明已出具，请到收件窗口领取。"
    return NEXT[held.state]


def _timeline(held: Held, events: list[Event], actor: Actor) -> tuple[TimelineEntry, ...]:
    entries, node = [], ""
    for event in events:
        entries.append(_entry(held, event, actor, hop=bool(node) and event.node != node))
        node = event.node
    return tuple(reversed(entries))


def _entry(held: Held, event: Event, actor: Actor, *, hop: bool) -> TimelineEntry:
    facts = opened(held.key, bytes(event.sealed), event_context(event.number))
    move = transitions.MOVES.get(event.move)
    stated = dict(facts["facts"].get("stated", {}))
    if actor.role is not Role.APPLICANT:
        stated |= facts.get("internal", {})
    details = [(SHOWN[name], value) for name, value in stated.items() if name in SHOWN]
    details += [
        (label, words.get(stated[name], stated[name])) for name, (label, words) in CHOSEN.items() if name in stated
    ]
    if "step" in stated:
        details.append(("审查环节", _step_name(held, stated["step"])))
    if "opinion" in stated:
        details.append(("审查意见（内部）", stated["opinion"]))
    if "project_no" in facts["facts"]:
        details.append(("办件编号", facts["facts"]["project_no"]))
    if event.move in transitions.ISSUING:
        details.append(("证明编号", stated["licence_number"]))
    if actor.role is not Role.APPLICANT:
        details += _found_at_the_window(facts["facts"])
    place = next((party for party in held.parties if party.node == event.node), None)
    return TimelineEntry(
        number=event.number,
        at=event.occurred_at,
        title=move.told if move else event.move,
        by=_by(event, held),
        place=place.region_name if place else "",
        node_name=_node_name(event.node),
        hop=hop,
        details=tuple(details),
        disputed=event.disputed,
    )


def _step_name(held: Held, code: str) -> str:
    steps = {step.code: step.name for step in rules_cached(held.task_code, held.item_version).steps}
    return steps.get(code, code)


def _found_at_the_window(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the window established, for the office that decides: identity, and each material's formal check."""
    verified = facts.get("verification")
    if verified:
        how, result = METHODS.get(verified["method"], verified["method"]), RESULTS.get(verified["result"], "")
        yield "身份核验", "，".join(filter(None, (how, verified["source"], result)))
    noted = [f"{check['requirement']}：{check['note']}" for check in facts.get("checks", ()) if check["note"]]
    if noted:
        yield "形式审查说明", "；".join(noted)


def _by(event: Event, held: Held) -> str:
    """Who did it, for everybody: the applicant, or the organization; never a member of staff by name."""
    if event.actor.startswith(f"{Role.APPLICANT}:"):
        return "申请人"
    return event.organization_name


def _node_name(code: str) -> str:
    node = trust_list().nodes.get(code)
    return node.name if node else code


def _clocks(case: Situation) -> tuple[ClockView, ...]:
    """Every clock of the case, those that run first and the most urgent of them in front."""
    views = []
    for running in sorted(case.clocks.values(), key=lambda each: _urgency(each, case)):
        due = clocks.due_on(running, case.hours)
        views.append(
            ClockView(
                name=running.regime.name,
                kind=running.regime.kind,
                standing=str(clocks.state(running, case.at, case.hours)),
                left=clocks.left(running, case.at, case.hours).words,
                due_on=due,
                ended_at=running.ended_at,
                lines=tuple(explain(running, case.hours, case.at)),
                law=running.regime.basis,
            )
        )
    return tuple(views)


def _urgency(running: clocks.Clock, case: Situation) -> tuple[bool, date]:
    due = clocks.due_on(running, case.hours)
    return running.ended_at is not None, due or date.max


def _moves(held: Held, case: Situation, actor: Actor) -> Iterator[MoveView]:
    """The moves this person may make or ask for here, now."""
    pending = {move for _, move in held.asked}
    for move in transitions.open_moves(case, actor, held.relation(actor)):
        is_here = _is_here(held, move)
        if (is_here or transitions.may_ask(move, case.entrusted)) and move.name not in pending:
            yield MoveView(
                name=move.name,
                label=move.label,
                needs=tuple(_need(need, case, actor) for need in move.needs),
                asked=not is_here,
                primary=move.name in FORWARD,
                files=move.files,
            )


def _need(need: Need, case: Situation, actor: Actor) -> NeedView:
    options = tuple(need.options(case, actor)) if need.options else ()
    if need.kind == "colleague":
        options = tuple(colleagues(actor.organization, actor.role))
    return NeedView(need.name, need.label, need.kind, need.most, need.internal, need.help, options)


def _problems(held: Held, case: Situation) -> Iterator[ProblemView]:
    for number, problem in enumerate(case.progress.problems, start=1):
        owner = custody.with_part(held.parties, problem.owner).organization_name
        state = "settled" if problem.settled else "offered" if problem.offered else "open"
        says = {
            "settled": f"已由{owner}处理完毕。",
            "offered": f"{owner}已请对方接手；对方接手之前仍由{owner}负责。",
            "open": f"由{owner}负责处理。",
        }
        yield ProblemView(number, PROBLEMS.get(problem.kind, problem.kind), owner, state, says[state])


def _is_here(held: Held, move: Move) -> bool:
    mover = custody.mover(held.head.holding, move, held.parties)
    return mover is not None and mover.node == here().code


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
        return CustodyView(holder.organization_name, _node_name(holder.node), "held", sentence)
    target = custody.party(held.parties, holding.offered_to)
    sentence = (
        f"已由{holder.organization_name}移交，等待{target.organization_name}接收。您的申请已安全保存，无需重复提交。"
    )
    return CustodyView(target.organization_name, _node_name(target.node), "offered", sentence)


def _waits_for(held: Held) -> str | None:
    """The other node whose word is awaited: it holds the case, or it is to take it."""
    holding = held.head.holding
    holder = custody.party(held.parties, holding.offered_to or holding.holder)
    ended = held.state in ENDED
    return None if ended or holder.node == here().code else holder.node


def notice_view(row: Licence) -> NoticeView:
    """A 文书 as pages show it."""
    says = {"pending": "正在生成，请稍候。", "ready": "已生成并签章。"}
    return NoticeView(row.id, row.number, row.name, str(row.state), says.get(str(row.state), row.failure_says))


def notice_pdf(row: Licence) -> FileView:
    """The sealed PDF of a 文书. FileNotReady while it is being made."""
    return FileView(f"{row.name}_{row.number}.pdf", "application/pdf", row.file_size, licence_file(row))


def notice_file(number_or_id: str, notice_id: UUID, actor: Actor) -> FileView:
    """The sealed PDF of a notice of this case. NotFound, or FileNotReady while it is being made."""
    held = visible(number_or_id, actor)
    row = Licence.objects.filter(id=notice_id, case_id=held.id, is_notice=True).first()
    if row is None:
        raise NotFound(what="这份文书")
    return notice_pdf(row)


def _is_moving(held: Held, licence: LicenceView | None) -> bool:
    making = licence is not None and licence.state in ("pending", "elsewhere")
    under_way = held.state is not None and transitions.is_system_next(held.state)
    return making or under_way or bool(held.asked) or held.head.holding.offered_to is not None


def _licence(found: Whole) -> LicenceView | None:
    held = found.held
    made = next((row for row in reversed(found.papers) if not row.is_notice), None)
    if made is not None:
        says = {
            "pending": "证明文件正在生成，请稍候。",
            "ready": "证明文件已生成并签章。",
            "failed": made.failure_says,
        }
        return LicenceView(made.number, made.name, str(made.state), made.file_size, says[str(made.state)])
    if not held.licence_number:
        return None
    if files.has(held.subject, held.file_digest):
        return LicenceView(held.licence_number, held.item_name, "ready", None, "证明文件已经送到，可以下载。")
    return LicenceView(held.licence_number, held.item_name, "elsewhere", None, "证明文件正在从办理地传来，请稍候。")


def _materials(found: Whole) -> tuple[MaterialView, ...]:
    held = found.held
    return tuple(
        MaterialView(
            number=row.number,
            name=row.name,
            filename=_filename(held, row),
            media_type=row.media_type,
            size=row.size,
            here=files.has(held.subject, row.digest),
        )
        for row in found.materials
    )


def _filename(held: Held, row: Material) -> str:
    return keys.unseal(held.key, row.filename, filename_context(row.number)).decode()


def _originals(found: Whole) -> tuple[OriginalView, ...]:
    """Every paper with who has it now."""
    names = {party.number: party.organization_name for party in found.held.parties}
    return tuple(
        OriginalView(
            number=row.number,
            name=row.name,
            holder_name=names.get(row.holder, "快递途中"),
            parcel_no=row.parcel_no,
            since=row.changed_at,
        )
        for row in found.originals
    )


def _form(item: ItemContent, values: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    shown = []
    for field in item.form:
        value = str(values.get(field.name, ""))
        chosen = {choice.code: choice.text for choice in field.choices}.get(value, value)
        if field.prefill == "person.id_number":
            chosen = mask_id(chosen)
        elif field.type == "phone":
            chosen = mask_phone(chosen)
        shown.append((field.label, chosen or "未填写"))
    return tuple(shown)


def _party(party: custody.Party) -> PartyView:
    return PartyView(
        role=str(party.part),
        role_name=PARTS[party.part],
        organization_name=party.organization_name,
        region_name=party.region_name,
        node_name=_node_name(party.node),
        phone=party.phone,
    )


def material_file(number_or_id: str, number: int, actor: Actor) -> FileView:
    """A material's file. NotFound when the case is not yours or has no such material; FileMissing in transit."""
    held = visible(number_or_id, actor)
    row = Material.objects.filter(case_id=held.id, number=number).first()
    if row is None:
        raise NotFound(what="这份材料")
    return FileView(
        filename=_filename(held, row),
        media_type=row.media_type,
        size=row.size,
        chunks=files.read(held.subject, held.key, row.digest),
    )
