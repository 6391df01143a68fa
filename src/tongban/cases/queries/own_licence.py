# SPDX-License-Identifier: Apache-2.0
"""What a case has yielded, for whoever applied for it."""

from tongban.cases.queries.pages import visible
from tongban.licences.models import Licence
from tongban.standards.actor import Actor
from tongban.standards.refusal import NotFound


def own_licence(number_or_id: str, actor: Actor) -> Licence:
    """The newest result of a case of one's own that this node issued. NotFound for everybody else."""
    held = visible(number_or_id, actor)
    row = Licence.objects.filter(case_id=held.id, is_notice=False).order_by("issued_at", "id").last()
    if row is None or not held.relation(actor).applied:
        raise NotFound(what="本节点签发给您的证照")
    return row
