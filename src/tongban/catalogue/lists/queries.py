# SPDX-License-Identifier: Apache-2.0
"""Reads of lists and agreements: what is published is everybody's, drafts are their organization's alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from tongban.catalogue import queries as catalogue
from tongban.catalogue.content import ItemContent
from tongban.catalogue.lists import agreement as agreements
from tongban.catalogue.lists import content as contents
from tongban.catalogue.lists.agreement import Agreement, Share, Word
from tongban.catalogue.lists.content import Entry, TongbanList
from tongban.catalogue.lists.words import CONFIRMED, ENDED, PUBLISHED, SAYABLE, WITHDRAWN, EntryStatus
from tongban.catalogue.models import ListAct, ListDraft, ListVersion, RegionAgreement
from tongban.database import reading
from tongban.regions import queries as regions
from tongban.standards.actor import Actor, Role
from tongban.standards.refusal import NotAllowed, NotFound
from tongban.standards.regions import NATION, contains

MOST_DRAFTS = 200
MOST_AGREEMENTS = 500
MOST_PLACES = 40  # implementations told of one entry; where there are more, the search tells them
PAGE = 50  # entries of one page
CURRENT = (PUBLISHED, WITHDRAWN)

# A few places of each matter, however many there are: by basic code, and by name where the code is not known.
BY_CODE = """
SELECT asked.word, found.task_code, found.region_code FROM unnest(%s::text[]) AS asked(word), LATERAL (
  SELECT i.task_code, i.region_code FROM catalogue_item_version i
  WHERE substring(i.task_code, 20, 12) = asked.word AND i.status = 'published' LIMIT %s) found
"""
BY_NAME = """
SELECT asked.word, found.task_code, found.region_code FROM unnest(%s::text[]) AS asked(word), LATERAL (
  SELECT p.task_code, p.region_code FROM catalogue_search_name n JOIN catalogue_search_place p ON p.name_id = n.id
  WHERE n.name = asked.word LIMIT %s) found
"""


@dataclass(frozen=True)
class Place:
    """One implementation of an entry's matter."""

    task_code: str
    region: str
    region_name: str


@dataclass(frozen=True)
class Line:
    """An entry with how it stands and where it can be asked for."""

    entry: Entry
    status: EntryStatus
    last: ListAct | None
    places: tuple[Place, ...] = ()
    more: bool = False  # than are told here

    @property
    def regions(self) -> tuple[str, ...]:
        """The provinces that implement it, each once."""
        return tuple(dict.fromkeys(f"{place.region[:2]}0000" for place in self.places))


@dataclass(frozen=True)
class Lent:
    """What an agreement lets the windows of the intake side do for one item."""

    by: Agreement
    moves: tuple[Word, ...]  # in the organ's name
    shares: tuple[Share, ...]  # parts of steps


@dataclass(frozen=True)
class Wanted:
    """How the entries of a list are narrowed."""

    batch: str = ""
    mode: str = ""
    status: str = ""
    words: str = ""

    def fits(self, entry: Entry, status: EntryStatus) -> bool:
        """Whether this entry is wanted."""
        return (
            (not self.batch or entry.batch == self.batch)
            and (not self.mode or entry.mode == self.mode)
            and (not self.status or status == self.status)
            and (not self.words or self.words in entry.name)
        )


def lists(*, publisher: str = "", scope: str = "") -> list[ListVersion]:
    """The current version of every list, of every publisher; the nation's first."""
    rows = ListVersion.objects.filter(status=PUBLISHED).order_by("region_code", "publisher", "code")
    rows = rows.filter(publisher=publisher) if publisher else rows
    return list(rows.filter(scope=scope) if scope else rows)


def current(publisher: str, code: str) -> ListVersion:
    """The version of a list that holds, or that was withdrawn last. NotFound when there is none."""
    rows = ListVersion.objects.filter(publisher=publisher, code=code, status__in=CURRENT)
    found = rows.order_by("-version").first()
    if found is None:
        raise NotFound(what="这份清单")
    return found


def version(publisher: str, code: str, number: int) -> ListVersion:
    """One version of a list, also an old one. NotFound when there is none."""
    found = ListVersion.objects.filter(publisher=publisher, code=code, version=number).first()
    if found is None:
        raise NotFound(what="清单的这个版本")
    return found


def versions(publisher: str, code: str) -> list[ListVersion]:
    """Every version of a list, newest first."""
    return list(ListVersion.objects.filter(publisher=publisher, code=code).order_by("-version"))


def acts(publisher: str, code: str, entry: str = "") -> list[ListAct]:
    """What was done to the standing of a list's entries, oldest first; of one entry only where it is named."""
    rows = ListAct.objects.filter(publisher=publisher, code=code).order_by("number")
    return list(rows.filter(entry=entry) if entry else rows)


def standing(publisher: str, code: str) -> dict[str, ListAct]:
    """The last act on each entry; of an entry without one nothing was said."""
    rows = ListAct.objects.filter(publisher=publisher, code=code).order_by("entry", "-number").distinct("entry")
    return {act.entry: act for act in rows}


def lines(of: TongbanList, wanted: Wanted = Wanted()) -> list[Line]:
    """The entries that are wanted, with how each stands; where they are implemented is asked for a page of them."""
    last = standing(of.publisher.code, of.code)
    found = (Line(entry, status_of(last.get(entry.code)), last.get(entry.code)) for entry in of.entries)
    return [line for line in found if wanted.fits(line.entry, line.status)]


def implemented(found: Sequence[Line]) -> list[Line]:
    """The same lines, each with the implementations of its matter that this node knows. Three statements."""
    codes = sorted({line.entry.basic_code for line in found if line.entry.basic_code})
    names = sorted({line.entry.name for line in found if not line.entry.basic_code})
    rows = _places(BY_CODE, codes) | _places(BY_NAME, names)
    told = regions.region_names(sorted({region for each in rows.values() for _, region in each}))
    return [_with_places(line, rows.get(line.entry.basic_code or line.entry.name, ()), told) for line in found]


def _places(sql: str, asked: list[str]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for word, task_code, region in reading.rows(sql, [asked, MOST_PLACES + 1]) if asked else ():
        found.setdefault(word, []).append((task_code, region))
    return found


def _with_places(line: Line, rows: Iterable[tuple[str, str]], names: Mapping[str, str]) -> Line:
    ordered = sorted(rows, key=lambda row: (row[1], row[0]))
    places = tuple(Place(task, region, names.get(region, region)) for task, region in ordered[:MOST_PLACES])
    return Line(line.entry, line.status, line.last, places, len(ordered) > MOST_PLACES)


def status_of(act: ListAct | None) -> EntryStatus:
    """How an entry stands by its last act; a word that only a newer node knows says nothing here."""
    return EntryStatus(act.status) if act and act.status in SAYABLE else EntryStatus.UNSAID


def drafts(actor: Actor) -> list[ListDraft]:
    """The drafts of the actor's own organization, newest first; of no other."""
    return list(ListDraft.objects.filter(organization=manages(actor)).order_by("-changed_at")[:MOST_DRAFTS])


def draft(draft_id: UUID, actor: Actor) -> ListDraft:
    """One of them. NotFound for another organization's."""
    found = ListDraft.objects.filter(id=draft_id, organization=manages(actor)).first()
    if found is None:
        raise NotFound(what="这份草稿")
    return found


def is_waiting(of: ListDraft) -> bool:
    """Whether a file was checked that may be taken over."""
    return "words" in (of.pending or {})


def file_report(of: ListDraft) -> list[list[str]]:
    """What was found in the file that was checked last, header first. NotFound when there was nothing to find."""
    rows: list[list[str]] = (of.pending or {}).get("report", [])
    if len(rows) < 2:
        raise NotFound(what="这份检查结果")
    return rows


def drafted(of: ListDraft) -> TongbanList:
    """What a draft says."""
    return contents.convert(of.words)


def manages(actor: Actor) -> str:
    """The organization whose lists the actor keeps. NotAllowed for anybody but its item managers."""
    if actor.role is not Role.ITEM_MANAGER or not actor.organization:
        raise NotAllowed()
    return actor.organization


def agreements_of(actor: Actor) -> list[RegionAgreement]:
    """The agreements that concern an actor: of item managers their organization's; of other staff what binds them."""
    rows = RegionAgreement.objects.order_by("-changed_at")
    if actor.role is Role.ITEM_MANAGER:
        return list(rows.filter(_signed_by(manages(actor)))[:MOST_AGREEMENTS])
    bound = rows.filter(standing__in=(CONFIRMED, ENDED))[:MOST_AGREEMENTS]
    return [row for row in bound if _binds(row, actor)]


def agreement(agreement_id: UUID, actor: Actor) -> RegionAgreement:
    """One of them. NotFound for what does not concern the actor."""
    row = RegionAgreement.objects.filter(id=agreement_id).first()
    if row is None or not _concerns(row, actor):
        raise NotFound(what="这份协议")
    return row


def public_agreements(day: date) -> list[RegionAgreement]:
    """What is in force on this day, for everybody to see."""
    rows = RegionAgreement.objects.filter(standing__in=(CONFIRMED, ENDED)).order_by("handling_region", "intake_region")
    return [row for row in rows[:MOST_AGREEMENTS] if is_in_force(row, day)]


def is_in_force(row: RegionAgreement, day: date) -> bool:
    """Whether an agreement holds on this day."""
    return agreements.in_force(row.standing, row.begins, row.until, row.ends_on, day)


def moves_agreed(item: ItemContent, intake_region: str, said: frozenset[str], day: date) -> frozenset[str]:
    """What a window of this region may do in the name of the organ whose item it is, on this day. One statement.

    An organ that signed itself has said all there is to say. Where somebody else signed for its region, its item must
    name the moves too: these are `said`.
    """
    organ, region = item.publisher.code, item.publisher.region
    found: set[str] = set()
    for of in _of_organ(organ, region, day):
        if of.lets(organ, region, item.basic_code, intake_region):
            found |= set(of.moves) if of.is_signed_by(organ) else said & set(of.moves)
    return frozenset(found)


def lent(item: ItemContent, day: date) -> list[Lent]:
    """What windows of other regions do for this item on this day by agreements in force. One statement.

    For people to read; what is judged is asked of `moves_agreed`. As there, whoever signed for a whole region binds an
    organ of it only where its item says so too.
    """
    organ, region = item.publisher.code, item.publisher.region
    found: list[Lent] = []
    for of in _of_organ(organ, region, day):
        said = {move for each in item.entrusted if contains(each.region, of.intake.region) for move in each.moves}
        moves = tuple(move for move in of.moves if of.is_signed_by(organ) or move in said)
        shares = of.shares if of.is_signed_by(organ) or said else ()
        if (moves or shares) and of.lets(organ, region, item.basic_code, of.intake.region):
            found.append(Lent(of, moves, shares))
    return found


def shared(item: ItemContent, intake_region: str, day: date) -> list[Lent]:
    """The same, of windows of this region only, where they do parts of steps."""
    return [each for each in lent(item, day) if each.shares and contains(each.by.intake.region, intake_region)]


def _of_organ(organ: str, region: str, day: date) -> list[Agreement]:
    """What was signed by an organ or for a region that it lies in, and is in force on this day."""
    above = {region[:2] + "0000", region[:4] + "00", region[:6], region, NATION}
    rows = RegionAgreement.objects.filter(
        Q(handling=organ) | Q(handling_region__in=above), standing__in=(CONFIRMED, ENDED), begins__lte=day
    )
    return [row.agreement for row in rows if is_in_force(row, day)]


def _signed_by(organization: str) -> Q:
    return Q(handling=organization) | Q(intake=organization)


def _concerns(row: RegionAgreement, actor: Actor) -> bool:
    if actor.role is Role.ITEM_MANAGER:
        return manages(actor) in (row.handling, row.intake)
    return row.standing in (CONFIRMED, ENDED) and _binds(row, actor)


def _binds(row: RegionAgreement, actor: Actor) -> bool:
    """Whether this member of staff works in one of the two regions."""
    return bool(actor.region) and any(contains(side, actor.region) for side in (row.handling_region, row.intake_region))


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """What basic items are called here, by code; unknown ones are left out."""
    return {item.code: item.name for item in catalogue.basic_items() if item.code in set(codes)}


def is_stale(row: ListVersion, at: datetime) -> bool:
    """Whether a copy has not been renewed for so long that it needs a warning."""
    return row.fresh_until is not None and row.fresh_until < at
