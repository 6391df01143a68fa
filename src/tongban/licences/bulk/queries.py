# SPDX-License-Identifier: Apache-2.0
"""Reading the orders of an organization: how far each is, and what could not be done and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from tongban.licences.bulk.actions import DONE
from tongban.licences.bulk.choosing import KINDS
from tongban.licences.models import Licence, OrderPaper, SealOrder, State
from tongban.licences.stock.queries import collects_for
from tongban.licences.types.queries import in_force
from tongban.standards.actor import Actor

SHOWN, FAULTS_SHOWN = 10, 50
ORDERS_DUE = (  # for the worker's look-out
    "SELECT 1 FROM licences_seal_order WHERE answer = 'allowed' AND ended_at IS NULL AND NOT (chosen = '')"
)


@dataclass(frozen=True)
class OrderView:
    """An order with how far it is."""

    order: SealOrder
    label: str
    dealt: int  # rows that a worker has dealt with
    refused: int  # of them those that could not be done
    sealed: int  # files that are made
    faults: Sequence[tuple[str, str]]  # number of the licence, why not


@dataclass(frozen=True)
class Wanted:
    """What an order is for, as whoever keeps the seal must know it before they let it be."""

    label: str
    papers: Sequence[tuple[str, int]]  # name of the licences, how many


def wanted(order: SealOrder) -> Wanted | None:
    """None for papers that merely waited for their seal, which were granted one by one."""
    if not order.chosen:
        return None
    rows = Licence.objects.filter(id__in=OrderPaper.objects.filter(order_id=order.id).values("licence_id"))
    counted = rows.values_list("name").annotate(papers=Count("id")).order_by("-papers", "name")
    return Wanted(KINDS[order.chosen], list(counted))


def orders(actor: Actor) -> list[OrderView]:
    """The orders about chosen sets of the actor's organization, newest first. NotAllowed but for approvers."""
    mine = SealOrder.objects.filter(organization=collects_for(actor)).exclude(chosen="")
    return [_view(each) for each in mine.order_by("-asked_at")[:SHOWN]]


def types_of(actor: Actor, day: date) -> list[tuple[str, str]]:
    """Code and name of the types of which the actor's organization has given licences."""
    office = collects_for(actor)
    given = Licence.objects.filter(issuer_organization=office).exclude(definition="")
    names = {code: each.content.name for code, each in in_force(day).items()}
    return [(code, names.get(code, code)) for code in sorted(set(given.values_list("definition", flat=True)))]


def _view(order: SealOrder) -> OrderView:
    papers = OrderPaper.objects.filter(order_id=order.id)
    counted: Mapping[str, int] = dict(papers.values_list("outcome").annotate(Count("id")))
    dealt = sum(count for outcome, count in counted.items() if outcome)
    made = papers.filter(outcome=DONE).values("made_id")
    odd = list(papers.exclude(outcome__in=("", DONE)).order_by("number")[:FAULTS_SHOWN])
    numbers = dict(Licence.objects.filter(id__in=[each.licence_id for each in odd]).values_list("id", "number"))
    return OrderView(
        order=order,
        label=KINDS[order.chosen],
        dealt=dealt,
        refused=dealt - counted.get(DONE, 0),
        sealed=Licence.objects.filter(id__in=made, state=State.READY).count(),
        faults=[(numbers.get(each.licence_id, ""), each.says) for each in odd],
    )
