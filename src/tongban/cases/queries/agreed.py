# SPDX-License-Identifier: Apache-2.0
"""What an agreement between two regions lets a window do in the name of the organ that decides (异地受理)."""

from dataclasses import replace

from tongban.cases import custody, transitions
from tongban.cases.errors import NoAgreement
from tongban.cases.queries.held import Held, rules_cached
from tongban.cases.situation import Situation
from tongban.cases.states import Part
from tongban.cases.transitions import MOVES, Move
from tongban.catalogue.lists.queries import moves_agreed
from tongban.catalogue.queries import item_cached
from tongban.standards.actor import Actor, Role
from tongban.standards.clock import local_date

ENTRUSTABLE = tuple(move for move in MOVES.values() if move.entrusted)


def with_agreement(held: Held, case: Situation, actor: Actor, move: Move | None = None) -> Situation:
    """The case as this actor finds it: a window's clerk with what is agreed on this day, everybody else as it is.

    One statement, for clerks of the place that took it in alone, and only where such a move is looked for and open.
    NoAgreement when it is this one move that they want to make and nothing lets them.
    """
    wanted = ENTRUSTABLE if move is None else (move,)
    if actor.role is not Role.CLERK or not any(_is_open(each, case) for each in wanted):
        return case
    if Part.INTAKE not in held.relation(actor).parts:
        return case
    intake = custody.with_part(held.parties, Part.INTAKE).region
    item = item_cached(held.task_code, held.item_version)
    said = rules_cached(held.task_code, held.item_version).entrusted_to(intake)
    agreed = moves_agreed(item.item, intake, said, local_date(case.at))
    if move is not None and move.name not in agreed:
        raise NoAgreement(organ=item.publisher_name, move=move.label)
    return replace(case, entrusted=agreed)


def _is_open(move: Move, case: Situation) -> bool:
    return move.entrusted and transitions.is_open(move, case.state, case.mode, case.way)
