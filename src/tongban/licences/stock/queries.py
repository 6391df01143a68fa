# SPDX-License-Identifier: Apache-2.0
"""Reading batches of existing certificates: an organization's approvers see its own, nobody else any."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from tongban.licences.models import Licence, LicenceNumber, SealOrder, State, StockBatch
from tongban.standards.actor import Actor, Role
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed, NotFound

MOST = 50  # batches of a page
FAILED_SHOWN = 50


@dataclass(frozen=True)
class BatchPage:
    """A batch with how far its licences are."""

    batch: StockBatch
    files: Mapping[str, int]  # licences by State
    failed: Sequence[Licence]
    order: SealOrder | None  # the newest


def batches(actor: Actor) -> list[StockBatch]:
    """What the actor's organization has handed over, newest first."""
    return list(StockBatch.objects.filter(organization=collects_for(actor)).order_by("-begun_at")[:MOST])


def batch(batch_id: UUID, actor: Actor) -> StockBatch:
    """One of them. NotFound for another organization's."""
    found = StockBatch.objects.filter(id=batch_id, organization=collects_for(actor)).first()
    if found is None:
        raise NotFound(what="这批存量证照")
    return found


def batch_page(batch_id: UUID, actor: Actor) -> BatchPage:
    """One of them with how far its files are."""
    found = batch(batch_id, actor)
    mine = Licence.objects.filter(stock_id=found.id, state__in=State.values)
    counted = dict(mine.values_list("state").annotate(Count("id")))
    failed = list(mine.filter(state=State.FAILED).order_by("number")[:FAILED_SHOWN]) if State.FAILED in counted else []
    order = SealOrder.objects.filter(stock_id=found.id).order_by("-asked_at").first() if counted else None
    return BatchPage(found, counted, failed, order)


def known(identifiers: Sequence[str]) -> set[str]:
    """Which of these were taken over before."""
    return set(LicenceNumber.objects.filter(number__in=identifiers).values_list("number", flat=True))


def collects_for(actor: Actor) -> str:
    """The organization whose certificates somebody takes over. NotAllowed but for approvers."""
    if actor.role is not Role.APPROVER or not actor.organization or actor.node != here().code:
        raise NotAllowed()
    return actor.organization
