# SPDX-License-Identifier: Apache-2.0
"""Reads for import and export: what an organization has handed over, what a file is judged against, what goes out."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from tongban.catalogue import basics, standing
from tongban.catalogue.basics import BasicContent, Inherited
from tongban.catalogue.models import BasicVersion, Claim, ImportFile, ImportRow, ItemImport
from tongban.catalogue.tables.items import Out
from tongban.catalogue.tables.weighing import STATES, Last, Office
from tongban.regions import queries as regions
from tongban.standards.actor import Actor, Role
from tongban.standards.canonical import parse
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed, NotFound
from tongban.standards.regions import ancestors

MOST_LISTED = 50
BATCH = 500  # items of one page of an export
LAST = (
    "SELECT DISTINCT ON (task_code) task_code, version, digest, status, effective_from, "
    "CASE WHEN %s THEN document END FROM catalogue_item_version "
    "WHERE task_code = ANY(%s) ORDER BY task_code, version DESC"
)
PAGE = (
    "SELECT task_code, version, status, effective_from, published_at, document FROM catalogue_item_version "
    "WHERE (task_code, version) > (%s, %s) AND status IN ('published', 'suspended') {where} "
    "ORDER BY task_code, version LIMIT %s"
)


def imports(actor: Actor) -> list[ItemImport]:
    """What the actor's own organization has handed over, newest first; of no other."""
    return list(ItemImport.objects.filter(organization=_manages(actor)).order_by("-begun_at")[:MOST_LISTED])


def item_import(import_id: UUID, actor: Actor) -> ItemImport:
    """One of them. NotFound for another organization's."""
    if actor.role is Role.SYSTEM:
        found = ItemImport.objects.filter(id=import_id).first()
    else:
        found = ItemImport.objects.filter(id=import_id, organization=_manages(actor)).first()
    if found is None:
        raise NotFound(what="这次导入")
    return found


def file_of(import_id: UUID) -> bytes:
    """The bytes that were handed over."""
    found = ImportFile.objects.filter(id=import_id).first()
    if found is None:
        raise NotFound(what="这份文件")
    return bytes(found.content)


def first_rows(import_id: UUID, most: int = 20) -> list[ImportRow]:
    """The first of the items that are new or changed, without their documents."""
    return list(ImportRow.objects.filter(import_id=import_id).defer("document").order_by("number")[:most])


def offices_of(organization: str) -> dict[str, Office]:
    """Whose items a file may hold: the organization's own; for the node itself those of all its organizations."""
    mine = here().code
    listed = [regions.organization(organization)] if organization else regions.organizations()
    return {each.code: Office(each.code, each.name, each.region_code) for each in listed if each.node_code == mine}


def short_names() -> dict[str, str]:
    """The short names of all organizations that this node knows, by code."""
    return {each.code: each.short_name for each in regions.organizations()}


def last_versions(task_codes: Sequence[str], *, contents: bool) -> dict[str, Last]:
    """The newest version of each of these items; in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(LAST, [contents, list(task_codes)])
        return {
            task: Last(version, digest, status, parse(bytes(document)) if document is not None else None)
            for task, version, digest, status, _, document in cursor.fetchall()
        }


def inherited_many(asked: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Inherited]:
    """What organizations of these regions inherit of these basic items, by (code, region); in one statement."""
    pairs = set(asked)
    wanted = {region: [region, *ancestors(region)] for _, region in pairs}
    around = {above for each in wanted.values() for above in each}
    rows = BasicVersion.objects.filter(code__in={code for code, _ in pairs}, region_code__in=around)
    laid: dict[str, list[BasicContent]] = {}
    for (document,) in rows.filter(status=standing.PUBLISHED).values_list("document"):
        layer = msgspec.json.decode(bytes(document), type=BasicContent)  # looked at strictly when it was laid down
        laid.setdefault(layer.code, []).append(layer)
    found = {}
    for code, region in pairs:
        if layers := [layer for layer in laid.get(code, ()) if layer.region in wanted[region]]:
            found[code, region] = basics.fold(layers)
    return found


def claims_of(organizations: Iterable[str], basic_codes: Iterable[str]) -> dict[tuple[str, str], str]:
    """What these organizations say of these basic items."""
    rows = Claim.objects.filter(organization__in=list(organizations), basic_code__in=list(basic_codes))
    return {(office, code): said for office, code, said in rows.values_list("organization", "basic_code", "standing")}


def going_out(
    actor: Actor | None,
    *,
    own: bool,
    region: str = "",
    publisher: str = "",
    after: tuple[str, int] = ("", 0),
    page: int = BATCH,
) -> Iterator[Out]:
    """Item versions in use, page by page: one's own organization's, or all that everybody may see. Never a draft."""
    where, params = "", list[Any]()
    if own:
        where, params = "AND publisher = %s AND origin = 'own' ", [_manages(actor)]
    if publisher:
        where, params = where + "AND publisher = %s ", [*params, publisher]
    if region:
        where, params = where + "AND region_code LIKE %s ", [*params, _inside(region)]
    last = after
    while True:
        with connection.cursor() as cursor:
            cursor.execute(PAGE.format(where=where), [*last, *params, page])
            rows = cursor.fetchall()
        for task, version, status, begins, at, document in rows:
            yield Out(task, version, STATES[status], begins, at, parse(bytes(document)))
        if len(rows) < page:
            return
        last = rows[-1][:2]


def _inside(region: str) -> str:
    """The pattern of the codes of a region and all that lies in it."""
    code = region[:6] if region.endswith("000000") or len(region) == 6 else region
    for zeros in ("0000", "00"):
        if len(code) == 6 and code.endswith(zeros):
            code = code.removesuffix(zeros)
            break
    return ("" if code == "00" else code) + "%"


def _manages(actor: Actor | None) -> str:
    if actor is None or actor.role is not Role.ITEM_MANAGER or not actor.organization:
        raise NotAllowed()
    return actor.organization
