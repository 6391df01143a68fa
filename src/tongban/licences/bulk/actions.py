# SPDX-License-Identifier: Apache-2.0
"""Ordering many licences to be sealed or renewed, and doing it: row by row, each with what is noted of it.

A worker that dies leaves rows that are done and rows that wait; the next one goes on with those.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import structlog
from django.db import OperationalError, transaction

from tongban.ledger import actions as ledger
from tongban.licences.actions.revising import renew_by_order
from tongban.licences.actions.seals import open_order
from tongban.licences.bulk.choosing import KINDS, MOST, RENEW, WITHOUT_FILE, Choice
from tongban.licences.errors import HasFile, PaperBroke, SealNotInUse
from tongban.licences.identifier import TYPE
from tongban.licences.models import Licence, OrderPaper, Seal, SealOrder, State
from tongban.licences.said import require_said
from tongban.licences.seals.signing import require_usable
from tongban.licences.seals.states import SealState
from tongban.licences.stock.queries import collects_for
from tongban.regions.queries import organization
from tongban.standards.actor import Actor, Role, system
from tongban.standards.clock import local_date
from tongban.standards.node import here
from tongban.standards.refusal import BadInput, Refusal

log = structlog.get_logger()

AT_ONCE = 50  # licences of one transaction
DONE = "done"


@transaction.atomic
def order_chosen(
    choice: Choice, *, reason: str, actor: Actor, at: datetime, basis: str = "", until: date | None = None
) -> SealOrder:
    """Ask for a chosen set to be sealed, or renewed until a day and sealed. Whoever keeps the seal lets it be.

    NotAllowed but for approvers of the organization; BadInput; SealNotInUse; OrderOpen; NothingToSeal.
    """
    office, today = organization(collects_for(actor)), local_date(at)
    if choice.kind not in KINDS:
        raise BadInput("kind", "请选择怎样办理。")
    if choice.definition and not TYPE.fullmatch(choice.definition):
        raise BadInput("definition", "请选择证照类型。")
    if choice.kind == RENEW:
        basis = require_said("basis", basis, "依据")
        if choice.ending_by is None or choice.ending_by < today:
            raise BadInput("ending_by", "请填写今天或者以后的日期：到这一天为止到期的证照都会列入。")
        if until is None or until <= choice.ending_by:
            raise BadInput("until", "新的有效期须晚于列入的最后到期日。")
    ids = list(choice.rows(office.code, today).values_list("id", flat=True)[: MOST + 1])
    if len(ids) > MOST:
        raise BadInput("definition", f"一次最多 {MOST:,} 份，请缩小范围，分几次申请。")
    more = {"chosen": choice.kind, "basis": basis, "renew_until": until if choice.kind == RENEW else None}
    order = open_order(office.code, office.name, len(ids), reason, actor=actor, at=at, **more)
    OrderPaper.objects.bulk_create(_papers(order.id, ids), batch_size=2_000)
    return order


def work_order_once(at: datetime) -> bool:
    """Deal with the next rows of an order that was allowed. False when there is none, or no seal of any may be used.

    An order rests while its seal is suspended, and keeps no other from going on; what a destroyed seal has left undone
    is ended by name: whoever keeps the seal after it has allowed nothing.
    """
    with transaction.atomic():
        going_on = SealOrder.objects.filter(answer="allowed", ended_at=None).exclude(chosen="")
        for order in going_on.select_for_update(skip_locked=True).order_by("asked_at"):
            seal = Seal.objects.get(id=order.seal_id)
            try:
                require_usable(seal, at)
            except SealNotInUse as no:
                if seal.state != SealState.DESTROYED:
                    continue
                OrderPaper.objects.filter(order_id=order.id, outcome="").update(outcome=no.code, says=no.sentence)
                _end(order, at)
            else:
                _deal_with_some(order, at)
            return True
    return False


def _deal_with_some(order: SealOrder, at: datetime) -> None:
    papers = list(OrderPaper.objects.filter(order_id=order.id, outcome="").order_by("number")[:AT_ONCE])
    for paper in papers:
        _deal(order, paper, at)
    if len(papers) < AT_ONCE:
        _end(order, at)


def _papers(order_id: UUID, ids: Sequence[UUID]) -> list[OrderPaper]:
    return [
        OrderPaper(order_id=order_id, number=number, licence_id=each, outcome="", says="")
        for number, each in enumerate(ids, 1)
    ]


def _deal(order: SealOrder, paper: OrderPaper, at: datetime) -> None:
    """One licence; why it cannot be done stays with its row, and the others go on.

    What nobody foresaw is noted like a refusal: it would come again for ever, and nothing behind it would be done. A
    database that is away or has made this worker give way is another matter: it is tried anew.
    """
    try:
        with transaction.atomic():
            paper.made_id = _renewed(order, paper, at) if order.chosen == RENEW else _released(paper.licence_id)
    except Refusal as no:
        _refuse(paper, no)
    except OperationalError:
        raise
    except Exception:
        log.exception("order_paper_broke", order=str(order.id), licence=str(paper.licence_id))
        _refuse(paper, PaperBroke())
    else:
        paper.outcome = DONE
    paper.save(update_fields=["made_id", "outcome", "says"])


def _refuse(paper: OrderPaper, no: Refusal) -> None:
    paper.made_id, paper.outcome, paper.says = None, no.code, no.sentence


def _released(licence_id: UUID) -> UUID:
    """From here on its file is made by the duty of its own that keeps nobody's result waiting."""
    fresh = {"state": State.QUEUED, "failure": "", "failure_says": "", "attempts": 0, "claimed_until": None}
    if not Licence.objects.filter(WITHOUT_FILE, id=licence_id, replaced_by=None).update(**fresh):
        raise HasFile()
    return licence_id


def _renewed(order: SealOrder, paper: OrderPaper, at: datetime) -> UUID | None:
    assert order.renew_until is not None
    made = renew_by_order(
        paper.licence_id,
        order.renew_until,
        reason=order.reason,
        basis=order.basis,
        asker=_actor(order, order.asked_by, order.asked_name),
        other=_actor(order, order.answered_by, order.answered_name),
        at=at,
    )
    return made.edition_id


def _actor(order: SealOrder, pseudonym: str, name: str) -> Actor:
    """Who asked for an order or allowed it, as whose act each of its licences is."""
    role, _, number = pseudonym.partition(":")
    office = organization(order.organization)
    role_there = Role.APPROVER if pseudonym == order.asked_by else Role(role)
    return Actor(UUID(number), role_there, name, here().code, office.region_code, order.organization)


def _end(order: SealOrder, at: datetime) -> None:
    order.ended_at = at
    order.save(update_fields=["ended_at"])
    done = OrderPaper.objects.filter(order_id=order.id, outcome=DONE).count()
    facts = {"order": str(order.id), "done": done, "refused": order.count - done}
    ledger.write(f"seal:{order.seal_id}", verb="seal.order_ended", actor=system(here().code), at=at, facts=facts)
