# SPDX-License-Identifier: Apache-2.0
"""What must be so: at any instant, and once the line is whole again and everybody has finished."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from tests.federation.simulation.people import Matter, Outcome, People
from tests.federation.simulation.stage import Stage
from tests.federation.simulation.story import name
from tongban.cases import states, transitions
from tongban.cases.custody import Holding
from tongban.cases.models import Case, Clock, Event, Material, Original, Request
from tongban.cases.queries import case_page
from tongban.cases.queries.held import read
from tongban.cases.sealed import event_context
from tongban.config.own_signatures import verify
from tongban.exchange.models import Inbox, Outbox, Wanted
from tongban.ledger.models import Line, Pending
from tongban.ledger.queries import first_broken
from tongban.standards.actor import Role
from tongban.standards.canonical import parse
from tongban.standards.refusal import Refusal
from tongban.vault import files, keys
from tongban.web.verbs import VERBS

PEOPLES = {move.name for move in transitions.MOVES.values() if move.sources and Role.SYSTEM not in move.by} - {
    "deliver"
}
Holdings = dict[str, dict[UUID, Holding]]  # by node


def at_any_instant(stage: Stage, matters: Iterable[Matter], seen: Holdings) -> None:
    """At most one node could move a case. `seen` is what was there before; only who wrote since is looked at."""
    for code in sorted(stage.crashes.wrote):
        seen[code] = _holdings(stage, code)
    stage.crashes.wrote.clear()
    for each in matters:
        movers = [code for code in each.nodes if _could_move(seen.get(code, {}).get(each.case_id), code, each)]
        if len(movers) > 1:
            stage.story.breaks(f"{' and '.join(map(name, movers))} could both move case {each.alias}")


def _holdings(stage: Stage, code: str) -> dict[UUID, Holding]:
    with stage.world.at(code), connection.cursor() as cursor:
        cursor.execute("SELECT id, holder, offered_to FROM cases_case")
        return {row[0]: Holding(row[1], row[2]) for row in cursor.fetchall()}


def _could_move(holding: Holding | None, code: str, matter: Matter) -> bool:
    if holding is None:
        return False
    return holding.offered_to is None and {1: matter.intake, 2: matter.handling}[holding.holder] == code


def at_the_end(stage: Stage, people: People) -> None:
    """Nothing lost, nothing doubled, everything equal, everything provable."""
    for code in stage.plan.nodes:
        with stage.world.at(code):
            _nothing_waits(stage, code)
            _only_what_was_asked_for(stage, people, code)
            if (broken := first_broken(verify=verify)) is not None:
                stage.story.breaks(f"the ledger of {name(code)} is broken: {broken}")
            if wordless := set(Line.objects.values_list("verb", flat=True).distinct()) - VERBS.keys():
                stage.story.breaks(f"nobody can read in the ledger of {name(code)}: {sorted(wordless)}")
    for matter in people.matters:
        _both_sides_agree(stage, matter)
        _files_are_there(stage, matter)
        _everybody_sees_their_part(stage, matter)
        _what_was_told_is_so(stage, people, matter)


def _nothing_waits(stage: Stage, code: str) -> None:
    """No row is open, no message set aside, no file wanted, no line untaken."""
    unanswered = Outbox.objects.filter(answered_at=None, recipient__in=stage.plan.nodes)
    waiting: list[tuple[str, Any]] = [
        ("messages to", unanswered.values_list("recipient", "kind")),
        ("messages from", Inbox.objects.exclude(state="applied").values_list("sender", "kind", "state", "reason")),
        ("files from", Wanted.objects.filter(fetched_at=None).values_list("sender", "failure")),
        ("lines of", Pending.objects.values_list("subject")),
    ]
    for what, rows in waiting:
        if found := list(rows[:3]):
            stage.story.breaks(f"at {name(code)} there wait {what} {found}")


def _only_what_was_asked_for(stage: Stage, people: People, code: str) -> None:
    """Each application is one case, at every node that has a part in it, and no other case is anywhere."""
    wanted = {each.case_id for each in people.matters if code in each.nodes}
    found = set(Case.objects.values_list("id", flat=True))
    named = {each.case_id: each.alias for each in people.matters}
    for case_id in found ^ wanted:
        state = "is there and nobody has applied for it" if case_id in found else "is not there"
        stage.story.breaks(f"at {name(code)} case {named.get(case_id, case_id)} {state}")


def _both_sides_agree(stage: Stage, matter: Matter) -> None:
    """Both nodes hold the same lines, and make of them the same case."""
    seen = {}
    for code in matter.nodes:
        with stage.world.at(code):
            seen[code] = _as_kept(matter.case_id)
    first = seen[matter.intake]
    for code, other in seen.items():
        for part in first:
            if first[part] != other[part]:
                pair = f"{name(matter.intake)} has {first[part]}, {name(code)} has {other[part]}"
                stage.story.breaks(f"case {matter.alias} differs in its {part}: {pair}")
        numbers = [line[0] for line in other["lines"]]
        if numbers != list(range(1, len(numbers) + 1)):
            stage.story.breaks(f"the chain of case {matter.alias} at {name(code)} has gaps: {numbers}")


def _as_kept(case_id: UUID) -> dict[str, Any]:
    """What must be equal wherever it is kept; times of arrival and what is internal are each node's own."""
    case = Case.objects.get(id=case_id)
    mine = {"case_id": case_id}
    clocks = Clock.objects.filter(**mine).order_by("kind")
    return {
        "lines": [
            (*row[:2], bytes(row[2]).hex()[:40], row[3])
            for row in Event.objects.filter(**mine).order_by("number").values_list("number", "move", "line", "digest")
        ],
        "state": (case.state, case.ended, case.chain_length, case.chain_digest, case.project_no, case.due_on),
        "custody": (case.holder, case.offered_to, case.holder_organization),
        "result": (case.licence_number, case.file_digest, case.file_size),
        "dispute": case.disputed,
        "progress": {name: value for name, value in case.progress.items() if name != "assignee"},
        "clocks": [(each.kind, each.words, each.due_at, each.ended_at) for each in clocks],
        "materials": list(
            Material.objects.filter(**mine).order_by("number").values_list("number", "requirement", "digest", "size")
        ),
        "originals": list(
            Original.objects.filter(**mine).order_by("number").values_list("number", "name", "holder", "parcel_no")
        ),
        "requests": list(Request.objects.filter(**mine).order_by("id").values_list("id", "move", "state")),
    }


def _files_are_there(stage: Stage, matter: Matter) -> None:
    """Every file that the case names can be opened at both nodes, and is what its name says."""
    for code in matter.nodes:
        with stage.world.at(code):
            held = read(matter.case_id)
            digests = list(Material.objects.filter(case_id=matter.case_id).values_list("digest", flat=True))
            for digest in [*digests, *([held.file_digest] if held.file_digest else [])]:
                try:
                    content = b"".join(files.read(held.subject, held.key, digest))
                except Refusal as no:
                    stage.story.breaks(f"a file of case {matter.alias} is not at {name(code)}: {no.code}")
                    continue
                if files.digest_of(content) != digest:
                    stage.story.breaks(f"a file of case {matter.alias} at {name(code)} is another")


def _everybody_sees_their_part(stage: Stage, matter: Matter) -> None:
    """A mirror holds what it was told and nothing else; a page can be made for everybody in the case."""
    for code in matter.nodes:
        with stage.world.at(code):
            held = read(matter.case_id)
            for event in Event.objects.filter(case_id=matter.case_id):
                kept = parse(keys.unseal(held.key, event.sealed, event_context(event.number)))
                internal = [need.name for need in transitions.move_named(event.move).needs if need.internal]
                if event.node != code and (kept["internal"] or set(internal) & set(kept["facts"]["stated"])):
                    stage.story.breaks(f"{name(code)} knows what is internal to {name(event.node)}: {event.move}")
    for who in matter.cast:
        with stage.world.at(who.node):
            page = case_page(str(matter.case_id), who)
            state = Case.objects.get(id=matter.case_id).state
            if page.state_name != states.NAMES[states.State(state)]:
                stage.story.breaks(f"{who.name} sees case {matter.alias} as {page.state_name}, it is {state}")


def _what_was_told_is_so(stage: Stage, people: People, matter: Matter) -> None:
    """Every act that somebody was told is done is a line, once; every wish has its answer."""
    with stage.world.at(matter.handling):
        made = Counter(Event.objects.filter(case_id=matter.case_id).values_list("move", flat=True))
        asked = Counter(Request.objects.filter(case_id=matter.case_id).values_list("move", "state"))
    mine = [each for each in people.wishes if each.matter is matter]
    for move in sorted({each.what for each in mine} & PEOPLES - {"deliver"}):
        done = sum(each.outcome is Outcome.DONE for each in mine if each.what == move)
        wished = sum(each.outcome is Outcome.ASKED for each in mine if each.what == move)
        granted, refused = asked[move, "accepted"], asked[move, "refused"]
        _count(stage, f"'{move}' of case {matter.alias} was wished", wished, granted + refused)
        _count(stage, f"'{move}' of case {matter.alias} was done", done + granted, made[move])
    if matter in people.fetched and matter.by_net and not made["deliver"]:
        stage.story.breaks(f"the result of case {matter.alias} was downloaded and is not delivered")
    for once in ("submit", "collect", "offer", "take", "deliver", "issue", "accept"):
        if made[once] > 1:
            stage.story.breaks(f"case {matter.alias} has '{once}' {made[once]} times")
    if open_wishes := {key: n for key, n in asked.items() if key[1] not in ("accepted", "refused")}:
        stage.story.breaks(f"case {matter.alias} has wishes without an answer: {open_wishes}")


def _count(stage: Stage, what: str, told: int, found: int) -> None:
    if told != found:
        stage.story.breaks(f"{what} {told} times as people were told, and {found} times in the end")
