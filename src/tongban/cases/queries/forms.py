# SPDX-License-Identifier: Apache-2.0
"""The moves of a case as forms: the straight way on first, the others under headings."""

from collections.abc import Iterator, Mapping

from tongban.cases import custody, transitions
from tongban.cases.errors import (
    AnotherPerson,
    Assigned,
    Discredited,
    FeeToAsk,
    FeeUnpaid,
    HearingAwaited,
    StillLacking,
)
from tongban.cases.notices import TEMPLATES
from tongban.cases.queries.held import Held
from tongban.cases.queries.views import MoveView, NeedView
from tongban.cases.situation import Situation
from tongban.cases.states import ENDED
from tongban.cases.transitions import Move, Need
from tongban.standards.actor import Actor
from tongban.standards.node import here

# The straight way on, the most urgent first: somebody else waits for the first two.
FORWARD = (
    *("take_problem", "extend", "receive_originals", "pre_review", "send_originals", "correct", "hand_in"),
    *("supplement", "take_promise", "check_credit", "accept", "accept_lacking", "end_special", "grant_on_promise"),
    *("sign_step", "ask_fee", "confirm_payment", "grant", "hand_over", "post", "confirm_post"),
    *("confirm_promise", "report_correction"),
)
TOLD = (AnotherPerson, Assigned, Discredited, HearingAwaited, FeeToAsk, FeeUnpaid)  # of what closes the way
ON_TRUST = ("accept_lacking", "grant_on_promise")  # the ways on where something lacks
GROUPS = {
    "原件": ("return_originals", "take_originals", "receive_back", "send_back_originals", "hand_back_originals"),
    "补正与不予受理": ("correct_on_spot", "request_correction", "return_correction", "not_require", "not_accept"),
    "决定与退回": ("deny", "send_back"),
    "容缺与承诺": ("return_supplement", "withdraw_promise", "order_to_correct", "revoke"),
    "缴费": ("waive_fee",),
    "期限与特别程序": ("propose_extension", "offer_hearing", "request_hearing", "start_special"),
    "问题与催办": ("settle_problem", "offer_problem", "raise_problem", "urge"),
    "其他": ("assign", "terminate", "reopen_acceptance", "reopen_decision", "reinstate", "archive"),
}
AFTERWARDS = (
    *("take_problem", "settle_problem", "receive_originals", "receive_back", "return_originals"),
    *("confirm_promise", "report_correction"),
)
HEADINGS = {name: heading for heading, names in GROUPS.items() for name in names}
PLACES = {name: place for place, name in enumerate((*FORWARD, *HEADINGS))}
HEADED_AFTERWARDS = {"send_originals": "原件"}  # once a case has ended


def moves(held: Held, case: Situation, actor: Actor, names: Mapping[str, str]) -> Iterator[MoveView]:
    """The moves this person may make or ask for here, now, in the order of a page."""
    pending = {move for _, move in held.asked}
    possible = transitions.open_moves(case, actor, held.relation(actor))
    for move in sorted(possible, key=lambda each: PLACES.get(each.name, len(PLACES))):
        is_here = _is_here(held, move)
        if (is_here or transitions.may_ask(move, actor)) and move.name not in pending:
            yield MoveView(
                name=move.name,
                label=move.label,
                needs=tuple(_need(need, case, actor, names) for need in move.needs),
                asked=not is_here,
                primary=_is_straight(move, case),
                group=HEADINGS.get(move.name) or HEADED_AFTERWARDS.get(move.name, ""),
                against=move.target in ENDED and move.name not in FORWARD,
                files=move.files,
                notice=TEMPLATES[move.name].name if move.name in TEMPLATES else "",
            )


def _is_straight(move: Move, case: Situation) -> bool:
    """After the end, what is left of the straight way is to settle problems and to give the papers back."""
    if case.state in ENDED:
        return move.name in AFTERWARDS
    return move.name in FORWARD


def hindrances(held: Held, case: Situation, actor: Actor) -> Iterator[str]:
    """Why the straight way on is closed: it is another's of the same office, or something lacks."""
    relation = held.relation(actor)
    trusts = any(transitions.refused(transitions.MOVES[name], case, actor) is None for name in ON_TRUST)
    for name in FORWARD:
        move = transitions.MOVES[name]
        is_theirs = transitions.is_yours(move, actor, relation, case.entrusted)
        if is_theirs and transitions.is_open(move, case.state, case.mode, case.way):
            no = transitions.refused(move, case, actor)
            if isinstance(no, TOLD) or (isinstance(no, StillLacking) and not trusts):
                yield no.sentence


def _need(need: Need, case: Situation, actor: Actor, names: Mapping[str, str]) -> NeedView:
    options = tuple(need.options(case, actor)) if need.options else ()
    if need.kind == "colleague":
        options = tuple(names.items())
    return NeedView(need.name, need.label, need.kind, need.most, need.internal, need.help, options, need.optional)


def _is_here(held: Held, move: Move) -> bool:
    mover = custody.mover(held.head.holding, move, held.parties)
    return mover is not None and mover.node == here().code
