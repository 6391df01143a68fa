# SPDX-License-Identifier: Apache-2.0
"""Tongban lists for programs: every publisher's, with the standing of each entry, and agreements in force."""

from ninja import Router

from tongban.catalogue.lists import queries
from tongban.catalogue.lists.queries import Line
from tongban.catalogue.models import ListVersion, RegionAgreement
from tongban.standards import clock
from tongban.web.api.schemas import (
    AgreementRow,
    Agreements,
    EntryAct,
    ListEntry,
    ListPlace,
    ListRow,
    Lists,
    WholeList,
)
from tongban.web.api.speech import Answer, Asked, declared, told

router = Router(tags=["lists"], auth=None)


@router.get("", summary="Tongban lists", openapi_extra=declared({200: Lists}))
def lists(request: Asked, publisher: str = "", scope: str = "") -> Answer:
    """The current version of every list that this node knows, its own and copies."""
    return told(Lists(lists=[_row(row) for row in queries.lists(publisher=publisher, scope=scope)]))


@router.get("/agreements", summary="Agreements in force", openapi_extra=declared({200: Agreements}))
def agreements(request: Asked) -> Answer:
    """What regions have agreed with each other that concerns this node, in force today."""
    return told(Agreements(agreements=[_agreement(row) for row in queries.public_agreements(clock.today())]))


@router.get("/{publisher}/{code}", summary="One list", openapi_extra=declared({200: WholeList}, 404))
def one(request: Asked, publisher: str, code: str) -> Answer:
    """A list as it was published; each entry with its standing, its history and some places that implement it."""
    row = queries.current(publisher, code)
    history: dict[str, list[EntryAct]] = {}
    for act in queries.acts(publisher, code):
        said = EntryAct(act.number, act.status, act.reason, act.on_day, act.at)
        history.setdefault(act.entry, []).append(said)
    lines = queries.implemented(queries.lines(row.content))
    entries = [_entry(line, history.get(line.entry.code, [])) for line in lines]
    return told(WholeList(head=_row(row), content=row.content, entries=entries))


def _row(row: ListVersion) -> ListRow:
    return ListRow(
        publisher=row.publisher,
        publisher_name=row.publisher_name,
        code=row.code,
        version=row.version,
        title=row.title,
        scope=row.scope,
        region_code=row.region_code,
        status=row.status,
        reason=row.status_reason,
        digest=row.digest,
        node=row.node_code,
        published_at=row.published_at,
        fresh_until=row.fresh_until,
    )


def _entry(line: Line, history: list[EntryAct]) -> ListEntry:
    places = [ListPlace(task_code=place.task_code, region_code=place.region) for place in line.places]
    return ListEntry(line.entry.code, str(line.status), history, places, line.more)


def _agreement(row: RegionAgreement) -> AgreementRow:
    return AgreementRow(id=row.id, digest=row.digest, content=row.agreement, ends_on=row.ends_on)
