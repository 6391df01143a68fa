# SPDX-License-Identifier: Apache-2.0
"""Licences that stand in for materials are looked at again when the case is taken in and when it is decided."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from tongban.cases.errors import LicenceGone, NotRecognised
from tongban.cases.models import Event
from tongban.cases.queries.held import Held
from tongban.cases.sealed import event_context, opened
from tongban.cases.ways import Way
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.queries import item_cached
from tongban.licences.recognition import HERE, THERE, fits_holder, recognised
from tongban.licences.standings import Standing
from tongban.licences.types.queries import accepted_by, defined_by
from tongban.licences.uses.queries import standings
from tongban.regions.queries import trust_list
from tongban.standards.clock import local_date
from tongban.standards.node import here

AT_INTAKE = "请删除这份证照，改用其他方式提交"
AT_DECISION = "请告知申请人补正，或者作出不予决定"


def relied_on(ways: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The licences among the ways that a first line tells of: the node that issued it, the digest of its file."""
    licences = (each for each in ways if each["way"] == Way.LICENCE and each.get("file"))
    return [(str(each["source"]), str(each["file"])) for each in licences]


def standings_of(ways: Sequence[Mapping[str, Any]], at: datetime) -> dict[str, Standing]:
    """How those licences stand now, by the digest of their file; nothing is asked when there is none."""
    files = relied_on(ways)
    return standings(files, local_date(at)) if files else {}


def require_good(
    version: ItemVersion, ways: Sequence[Mapping[str, Any]], day: date, at: datetime, way_out: str
) -> None:
    """LicenceGone for the first licence that counts no more, NotRecognised for one not accepted on that day."""
    stand = standings_of(ways, at)
    for each in ways:
        if str(each.get("file")) not in stand:
            continue
        require_recognised(version, str(each.get("name", "")), str(each.get("type", "")), str(each["source"]), day)
        if not (standing := stand[str(each["file"])]).counts:
            material = version.item.material(str(each["requirement"]))
            name = material.name if material else str(each["requirement"])
            raise LicenceGone(field=str(each["requirement"]), name=name, standing=standing.label, way_out=way_out)


def require_recognised(
    version: ItemVersion, name: str, type_code: str, node: str, day: date, *, id_type: str = ""
) -> None:
    """NotRecognised when the region that decides does not accept such licences of that node's region for the item.

    Whoever takes in for another region goes by the list and the types of which that one has told; where it has told of
    none, another way is open. `id_type` is that of the holder's document, where it is known. Two selects at most.
    """
    if not type_code:
        return
    decides = trust_list().node_for_region(version.region_code).code
    defined = defined_by(decides, type_code, day)
    name = defined.name if defined else name
    found = recognised(
        accepted_by(decides) if node[:2] != decides[:2] else (),
        type_code=type_code,
        type_name=name,
        issuer_region=node,
        here_region=version.region_code,
        item=version.item.basic_code,
        day=day,
        whose=HERE if decides == here().code else THERE,
    )
    if found.accepted and defined:
        found = fits_holder(defined.holders, name, id_type)
    if not found.accepted:
        raise NotRecognised(why=found.reason)


def require_decidable(held: Held, at: datetime) -> None:
    """The same before a grant; only items that let a licence stand in for a material pay for the look."""
    version = item_cached(held.task_code, held.item_version)
    if not any(each.more and each.more.licence for each in version.item.materials):
        return
    first = Event.objects.filter(case_id=held.id, number=1).first()
    facts = opened(held.key, bytes(first.sealed), event_context(1))["facts"] if first else {}
    if first is not None and facts.get("ways"):
        require_good(version, facts["ways"], local_date(first.occurred_at), at, AT_DECISION)
