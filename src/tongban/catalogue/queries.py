# SPDX-License-Identifier: Apache-2.0
"""Reads of the catalogue: what is published, here and by other nodes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Q, QuerySet
from django.db.models.functions import Substr

from tongban.catalogue import basics, standing
from tongban.catalogue.basics import BasicContent, Inherited
from tongban.catalogue.content import Publisher
from tongban.catalogue.coverage import Coverage, coverage
from tongban.catalogue.details import Attachment
from tongban.catalogue.difference import to_be_checked
from tongban.catalogue.drift import Report, Said, report
from tongban.catalogue.models import BasicItem, BasicVersion, Claim, Draft, ItemFile, ItemVersion, KnownItem
from tongban.catalogue.stages import BASIC
from tongban.regions import queries as regions
from tongban.standards.actor import Actor, Role
from tongban.standards.enums import UseLevel
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed, NotFound
from tongban.standards.regions import NATION, ancestors, contains, level

MOST_DRAFTS = 200
WHICH = ("blank_file", "sample_file")  # of a material
KEPT = 500  # item versions in this process, all nodes together

_kept: dict[tuple[str, str, int], ItemVersion] = {}


def item(task_code: str, version: int | None = None) -> ItemVersion:
    """One version, or the published one. NotFound when there is none."""
    rows = ItemVersion.objects.filter(task_code=task_code)
    rows = rows.filter(status="published") if version is None else rows.filter(version=version)
    found = rows.first()
    if found is None:
        raise NotFound(what="这个事项")
    return found


def item_cached(task_code: str, version: int) -> ItemVersion:
    """A version from this process's memory; its content never changes, its status may have."""
    key = (here().code, task_code, version)
    if key not in _kept:
        if len(_kept) >= KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[key] = item(task_code, version)
    return _kept[key]


def versions(task_code: str) -> list[ItemVersion]:
    """Every version of an item, newest first."""
    return list(ItemVersion.objects.filter(task_code=task_code).order_by("-version"))


def item_file(task_code: str, digest: str) -> tuple[Attachment, ItemFile | None, str]:
    """A blank form or a sample of an item that was published, its bytes where they are kept here, and else its node.

    NotFound for a file that no version names: what is in a draft is nobody's to see.
    """
    for version in versions(task_code):
        for material in version.item.materials:
            more = material.more
            for file in (more.blank_file, more.sample_file) if more else ():
                if file is not None and file.digest == digest:
                    kept = ItemFile.objects.filter(digest=digest).first() if version.origin == "own" else None
                    return file, kept, version.node_code
    raise NotFound(what="这个文件")


def standings(task_code: str) -> list[ItemVersion]:
    """The same without their documents. NotFound when there are none."""
    found = list(ItemVersion.objects.filter(task_code=task_code).order_by("-version").defer("document"))
    if not found:
        raise NotFound(what="这个事项")
    return found


def to_show(rows: Sequence[ItemVersion]) -> ItemVersion:
    """Which of an item's versions a visitor should see: the one in use, else the one that was last, else what comes."""
    order = (standing.PUBLISHED, standing.SUSPENDED, standing.RETIRED, standing.SUPERSEDED, standing.SCHEDULED)
    return min(rows, key=lambda row: (order.index(row.status), -row.version))


def latest_of(organization: str) -> dict[str, ItemVersion]:
    """The newest version that stands of each item of an organization, by basic code; what waits for its day is not."""
    rows = ItemVersion.objects.filter(publisher=organization, origin="own").exclude(status=standing.SCHEDULED)
    return {row.task_code[19:31]: row for row in rows.order_by("version")}


def publishers_in(region: str) -> dict[str, list[str]]:
    """Which organizations of exactly this region have published something, by basic item."""
    found: dict[str, list[str]] = {}
    for task_code, name in published().filter(region_code=region).values_list("task_code", "publisher_name"):
        found.setdefault(task_code[19:31], []).append(name)
    return found


def published() -> QuerySet[ItemVersion]:
    """What can be asked for, wherever it was published."""
    return ItemVersion.objects.filter(status="published")


def in_region(region: str) -> Q:
    """Items of this region or of one inside it, by the prefix of its code (GB/T 2260; 12 digits below the county)."""
    if len(region) == 12 and region[6:] != "000000":
        return Q(region_code__startswith=region[:9] if region.endswith("000") else region)
    county = region[:6]
    prefix = county[:2] if county.endswith("0000") else county[:4] if county.endswith("00") else county
    return Q() if prefix == "00" else Q(region_code__startswith=prefix)


def in_force(version: ItemVersion, day: date) -> bool:
    """Whether an application of this day is handled under this version."""
    return standing.on(version.status, version.effective_from, version.effective_to, day)


def handled_under(task_code: str, day: date) -> ItemVersion:
    """The version under which an application of this day is handled. NotFound when there was none."""
    found = next((version for version in versions(task_code) if in_force(version, day)), None)
    if found is None:
        raise NotFound(what="当天在用的事项")
    return found


@dataclass(frozen=True)
class Superseded:
    """That a version was not in force when something was asked for under it."""

    current: int | None  # the version under which it is handled, if any was in force
    changed: tuple[str, ...]  # elements that have to be looked at again; empty: none that concerns an application


def superseded(task_code: str, asked: int, day: date) -> Superseded | None:
    """What has to be looked at again when something of this day was asked for under a version; None: it was in force.

    NotFound where this node does not know the version.
    """
    before = item(task_code, asked)
    if in_force(before, day):
        return None
    try:
        current = handled_under(task_code, day)
    except NotFound:
        return Superseded(None, ())
    changes = to_be_checked(before.content, current.content)
    return Superseded(current.version, tuple(dict.fromkeys(change.name for change in changes)))


def layers(basic_code: str, region: str) -> list[BasicContent]:
    """What the levels from the nation down to this region have laid down for a basic item, in force here."""
    rows = BasicVersion.objects.filter(code=basic_code, region_code__in=[region, *ancestors(region)])
    return [row.layer for row in rows.filter(status=standing.PUBLISHED)]


def layers_above(basic_code: str, region: str) -> list[BasicContent]:
    """The same without the region's own word."""
    return [layer for layer in layers(basic_code, region) if layer.region != region]


def layer(basic_code: str, region: str) -> BasicVersion | None:
    """What one region itself lays down."""
    return BasicVersion.objects.filter(code=basic_code, region_code=region, status=standing.PUBLISHED).first()


def inherited(basic_code: str, region: str) -> Inherited:
    """What an organization of this region inherits. NotFound where no level above has the item."""
    found = layers(basic_code, region)
    if not found:
        raise NotFound(what="这个基本目录事项")
    return basics.fold(found)


def shared_with(region: str) -> list[Inherited]:
    """The basic catalogue as a region inherits it, by code; in one statement."""
    rows = BasicVersion.objects.filter(region_code__in=[region, *ancestors(region)], status=standing.PUBLISHED)
    found: dict[str, list[BasicContent]] = {}
    for row in rows.order_by("code"):
        found.setdefault(row.code, []).append(row.layer)
    return [basics.fold(each) for each in found.values()]


def claim_of(organization: str, basic_code: str) -> Claim | None:
    """What an organization says of a basic item."""
    return Claim.objects.filter(organization=organization, basic_code=basic_code).first()


def claims(actor: Actor) -> dict[str, Claim]:
    """What the actor's organization says, by basic item. NotAllowed for anybody but its item managers."""
    return {row.basic_code: row for row in Claim.objects.filter(organization=_manages(actor))}


def drafts(actor: Actor) -> list[Draft]:
    """The drafts of the actor's own organization, newest first; of no other."""
    return list(Draft.objects.filter(organization=_manages(actor)).order_by("-changed_at")[:MOST_DRAFTS])


def draft(draft_id: UUID, actor: Actor) -> Draft:
    """One of them. NotFound for another organization's."""
    found = Draft.objects.filter(id=draft_id, organization=_manages(actor)).first()
    if found is None:
        raise NotFound(what="这份草稿")
    return found


def draft_files(of: Draft) -> list[tuple[str, str, Attachment]]:
    """The blank forms and samples that a draft names: of which material, `blank_file` or `sample_file`, which file."""
    found = []
    for material in of.words.get("materials") or ():
        more = material.get("more") or {}
        named = ((which, more.get(which)) for which in WHICH)
        found += [(material.get("name", ""), which, msgspec.convert(it, Attachment)) for which, it in named if it]
    return found


def draft_file(draft_id: UUID, digest: str, actor: Actor) -> tuple[Attachment, ItemFile]:
    """One of them with its bytes, for those who may read the draft. NotFound for everybody else."""
    named = next((file for _, _, file in draft_files(draft(draft_id, actor)) if file.digest == digest), None)
    kept = ItemFile.objects.filter(digest=digest).first()
    if named is None or kept is None:
        raise NotFound(what="这个文件")
    return named, kept


def composed(of: Draft) -> dict[str, Any]:
    """The whole content that a draft makes together with what it inherits; perhaps not complete yet."""
    office = regions.organization(of.organization)
    publisher = Publisher(office.code, office.name, office.region_code)
    if of.kind == BASIC:
        made = {"code": of.basic_code, "region": of.region_code, "publisher": msgspec.to_builtins(publisher)}
        return made | {"levels": of.levels, "elements": of.words}
    above = inherited(of.basic_code, of.region_code)
    return basics.compose(above, of.words, publisher, basics.LEVELS[level(of.region_code)])


def above(of: Draft) -> Inherited | None:
    """What stands above a draft; None for what begins a basic item."""
    found = (layers_above if of.kind == BASIC else layers)(of.basic_code, of.region_code)
    return basics.fold(found) if found else None


def implementations(basic_codes: Iterable[str], region: str = NATION) -> QuerySet[ItemVersion]:
    """Published implementations of basic items, own and copies, in a region and all it contains."""
    found = published().annotate(basic=Substr("task_code", 20, 12)).filter(basic__in=list(basic_codes))
    return found.filter(in_region(region)).order_by("basic", "region_code", "task_code")


def drift(basic_code: str, region: str = NATION) -> Report:
    """One basic item across the regions that implement it, measured by what this node knows to be laid down."""
    found = list(implementations([basic_code], region))
    names = regions.region_names([row.region_code for row in found])
    laid = layers(basic_code, region)
    fixed = basics.fold(laid).content if laid else {}
    return report(basic_code, (_said(row, names) for row in found), fixed)


def claim_rates(region: str = NATION) -> list[Coverage]:
    """Every region in this one that has an organization: what it is to claim and what has become of it.

    Claims of other nodes are not told; of theirs what is published counts, also while it is suspended.
    """
    inside = {one.region_code for one in regions.organizations() if contains(region, one.region_code)}
    in_use = ItemVersion.objects.filter(status__in=(standing.PUBLISHED, standing.SUSPENDED))
    rows = in_use.annotate(basic=Substr("task_code", 20, 12)).filter(region_code__in=inside)
    laid: dict[str, dict[str, Sequence[UseLevel]]] = {}
    for each in BasicVersion.objects.filter(status=standing.PUBLISHED):
        laid.setdefault(each.code, {})[each.region_code] = each.layer.levels
    asked = {region: _asked_of(region, laid) for region in inside}
    spoken = Claim.objects.values_list("basic_code", "region_code", "standing")
    return coverage(asked, rows.values_list("basic", "region_code"), spoken)


def known_items() -> list[KnownItem]:
    """The national lists as far as they are known, in our order."""
    return list(KnownItem.objects.order_by("number"))


def basic_items() -> list[BasicItem]:
    """The basic catalogue, by code."""
    return list(BasicItem.objects.order_by("code"))


def forget() -> None:
    """Drop what is kept in this process, between tests."""
    _kept.clear()


def _asked_of(region: str, laid: Mapping[str, Mapping[str, Sequence[UseLevel]]]) -> dict[str, Sequence[UseLevel]]:
    """Who is to claim each basic item that a region inherits: what the nearest level says."""
    nearest = [region, *ancestors(region)]
    found = ((code, next((said[at] for at in nearest if at in said), None)) for code, said in laid.items())
    return {code: levels for code, levels in found if levels is not None}


def _said(row: ItemVersion, names: Mapping[str, str]) -> Said:
    place = names.get(row.region_code, row.region_code)
    return Said(row.task_code[19:], row.region_code, place, row.publisher_name, row.task_code, row.version, row.content)


def _manages(actor: Actor) -> str:
    if actor.role is not Role.ITEM_MANAGER or not actor.organization:
        raise NotAllowed()
    return actor.organization
