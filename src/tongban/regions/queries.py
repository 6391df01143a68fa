# SPDX-License-Identifier: Apache-2.0
"""Reads of regions, organizations, calendar and trust list; the last two are kept in the process."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db.models import Case, F, Max, Min, Q, Value, When

from tongban.regions import errors, trustlist
from tongban.regions.fresh import Fresh
from tongban.regions.models import (
    CalendarChange,
    CalendarDay,
    CalendarOverride,
    CalendarYear,
    OpeningException,
    OpeningHours,
    Organization,
    Region,
    SignedTrustList,
)
from tongban.regions.plans import Days
from tongban.regions.trustlist import TrustList
from tongban.standards.identifiers import RegionStatus
from tongban.standards.node import here
from tongban.standards.opening import Hours, Opening, Spans
from tongban.standards.signer import Signed
from tongban.standards.workdays import Calendar

WINDOW = "通办专窗"  # in an organization's role: it takes in for others


def trust_list() -> TrustList:
    """The newest list this node has accepted, expired or not. NoTrustList before it has joined."""
    return _trust_list.get()


def trust_list_row(serial: int | None = None) -> SignedTrustList:
    """A list as it was signed, the newest without a serial; for handing on to others."""
    rows = SignedTrustList.objects.order_by("-serial")
    row = (rows if serial is None else rows.filter(serial=serial)).first()
    if row is None:
        raise errors.NoTrustList()
    return row


def trust_list_document() -> bytes:
    """The newest list with its signature, as one node hands it to another; `trustlist.unpacked` reads it."""
    row = trust_list_row()
    return trustlist.packed(Signed(bytes(row.document), bytes(row.signature), row.key_id, row.algorithm))


def trust_lists_after(serial: int) -> bytes:
    """The lists that follow this one, in order and as they are handed over; at most trustlist.CAP of them."""
    rows = SignedTrustList.objects.filter(serial__gt=serial).order_by("serial")[: trustlist.CAP]
    return trustlist.packed_lists(Signed(bytes(r.document), bytes(r.signature), r.key_id, r.algorithm) for r in rows)


def trust_list_named(serial: int, at: datetime) -> TrustList:
    """The list that a message names, while it is kept here and has not expired; otherwise the present one.

    Whoever wrote by an older list is understood by it; nobody can hold on to one for longer than it lasts.
    """
    present = trust_list()
    if serial == present.serial:
        return present
    kept = _named.setdefault(here().code, {})
    if serial not in kept:
        row = SignedTrustList.objects.filter(serial=serial).first()
        if row is None:
            return present
        kept[serial] = trustlist.read(bytes(row.document))
    return kept[serial] if at < kept[serial].expires_at else present


def region(code: str) -> Region:
    """A region, in force or abolished. UnknownRegion when there is none."""
    found = Region.objects.filter(code=code).first()
    if found is None:
        raise errors.UnknownRegion(region=code)
    return found


def region_status(code: str) -> RegionStatus:
    """Whether a code is in force, abolished or not in the table: for a warning beside a number, never a refusal."""
    found = Region.objects.filter(code=code).values_list("status", flat=True).first()
    return "unknown" if found is None else "active" if found == "active" else "abolished"


def region_now(code: str) -> Region:
    """The region in force that an abolished one came to; itself where it is in force or its successor is not known."""
    found = region(code)
    return region(found.successor) if found.successor else found


def regions_in(parent_code: str) -> list[Region]:
    """The regions in force directly inside this one, by code."""
    return list(Region.objects.filter(parent_code=parent_code, status="active").order_by("code"))


def region_path(code: str) -> list[Region]:
    """Province, city, county of a region, outermost first, in one read. UnknownRegion when there is none."""
    wanted = {code[:2] + "0000", code[:4] + "00", code}
    found = list(Region.objects.filter(code__in=wanted).order_by("level"))
    if code not in {r.code for r in found}:
        raise errors.UnknownRegion(region=code)
    return found


def region_names(codes: Sequence[str]) -> dict[str, str]:
    """Full names, province included, of several regions in one read; unknown codes are left out."""
    wanted = {part for code in codes for part in (code[:2] + "0000", code[:4] + "00", code)}
    names = dict(Region.objects.filter(code__in=wanted).values_list("code", "name"))
    return {code: _full_name(code, names) for code in codes if code in names}


def code_of(name: str) -> str:
    """The region in force that is written out so, with what contains it or without; empty where none or several.

    Two reads.
    """
    ends = Region.objects.filter(status="active").annotate(told=Value(name)).filter(told__endswith=F("name"))
    found = region_names(list(ends.values_list("code", flat=True)[:50]))
    whole = [code for code, full in found.items() if full == name]
    parts = whole or [code for code, full in found.items() if full.endswith(name)]
    return parts[0] if len(parts) == 1 else ""


def organization(code: str) -> Organization:
    """An organization by credit code. UnknownOrganization when there is none."""
    found = Organization.objects.filter(code=code).first()
    if found is None:
        raise errors.UnknownOrganization(organization=code)
    return found


def organizations(node_code: str | None = None) -> list[Organization]:
    """Every organization, or those of one node, by region and code."""
    rows = Organization.objects.order_by("region_code", "code")
    return list(rows if node_code is None else rows.filter(node_code=node_code))


def windows(most: int) -> list[Organization]:
    """Organizations with a 通办 window that this node knows of, its own first."""
    rows = Organization.objects.filter(role_note__contains=WINDOW)
    return list(rows.order_by(Case(When(node_code=here().code, then=0), default=1), "region_code", "code")[:most])


def calendar_for(organization_code: str) -> Calendar:
    """The working days of the organization that decides; changes are seen within a minute."""
    return hours_for(organization_code).calendar


def hours_for(organization_code: str) -> Hours:
    """The working days and opening hours of the organization that decides; changes are seen within a minute."""
    hours = _hours.get()
    return hours.get(organization_code, hours[""])


def opening_of(organization_code: str) -> Opening | None:
    """The opening hours that an organization has entered; None where it has entered none and the usual ones count."""
    hours = _hours.get()
    found = hours.get(organization_code, hours[""]).opening
    return None if found is hours[""].opening else found


def hours_before(change: CalendarChange, organization_code: str) -> Hours:
    """The same as they were before this change of days: it and all later ones undone, opening hours as they are."""
    country, overrides = all_days(), own_days(organization_code)
    for each in CalendarChange.objects.filter(number__gte=change.number).order_by("-number"):
        if each.organization_code in {"", organization_code}:
            _undo(each, overrides if each.organization_code else country)
    calendar = _calendar(country | overrides, change.published_before)
    return replace(hours_for(organization_code), calendar=calendar)


def calendar_changes(after: int = 0) -> list[CalendarChange]:
    """What was changed about days since the change of this number, oldest first.

    Whoever hears of a change sees it: the days kept in this process, perhaps from before it, are read again.
    """
    found = list(CalendarChange.objects.filter(number__gt=after).order_by("number"))
    if found:
        _hours.forget()
    return found


def all_days() -> Days:
    """Kind and name of the country's days that differ from their weekday."""
    days = CalendarDay.objects.order_by("date").values_list("date", "kind", "name")
    return {day: (kind, name) for day, kind, name in days}


def own_days(organization_code: str) -> Days:
    """The days on which this organization differs from the country."""
    return _overrides().get(organization_code, {})


def is_published(year: int) -> bool:
    """Whether the notice for this year is in."""
    return CalendarYear.objects.filter(year=year, provisional=False).exists()


def published_until() -> date:
    """The last day before which no year lacks its notice; the first day of all when there is none."""
    years = CalendarYear.objects.aggregate(
        lacks=Min("year", filter=Q(provisional=True)), last=Max("year", filter=Q(provisional=False))
    )
    if years["last"] is None:
        return date.min
    return date(years["lacks"] - 1 if years["lacks"] else years["last"], 12, 31)


def forget() -> None:
    """Drop what is kept for this node: after a change here, and between tests."""
    _trust_list.forget()
    _hours.forget()
    _named.pop(here().code, None)


def _full_name(code: str, names: dict[str, str]) -> str:
    parts = dict.fromkeys((code[:2] + "0000", code[:4] + "00", code))
    return "".join(names.get(part, "") for part in parts)


def _trust_list_stamp() -> Hashable:
    newest: int | None = SignedTrustList.objects.aggregate(serial=Max("serial"))["serial"]
    return newest


def _make_trust_list() -> TrustList:
    return trustlist.read(bytes(trust_list_row().document))


def _hours_stamp() -> Hashable:
    return object()  # small enough to be read again every minute


def _make_hours() -> dict[str, Hours]:
    """The country's under "", and those of each organization that differs."""
    days, until, overrides, opening = all_days(), published_until(), _overrides(), _opening()
    country = Hours(_calendar(days, until))
    own = overrides.keys() | opening.keys()
    calendars = {code: _calendar(days | overrides[code], until) for code in overrides}
    return {"": country} | {
        code: Hours(calendars.get(code, country.calendar), opening.get(code, country.opening)) for code in own
    }


def _overrides() -> dict[str, Days]:
    found: dict[str, Days] = {}
    for code, day, kind, name in CalendarOverride.objects.values_list("organization_code", "date", "kind", "name"):
        found.setdefault(code, {})[day] = (kind, name)
    return found


def _opening() -> dict[str, Opening]:
    exceptions: dict[str, dict[date, Spans]] = {}
    for code, day, spans in OpeningException.objects.values_list("organization_code", "date", "spans"):
        exceptions.setdefault(code, {})[day] = _spans(spans)
    found = {code: Opening(overrides=days) for code, days in exceptions.items()}
    for row in OpeningHours.objects.all():
        code, week = row.organization_code, tuple(_spans(spans) for spans in row.week)
        found[code] = Opening(week, _spans(row.makeup), exceptions.get(code, {}))
    return found


def _spans(stored: Sequence[Sequence[int]]) -> Spans:
    return tuple((opens, shuts) for opens, shuts in stored)


def _undo(change: CalendarChange, days: Days) -> None:
    for day, (before, _) in change.days.items():
        days.pop(date.fromisoformat(day), None)
        if before is not None:
            days[date.fromisoformat(day)] = (before[0], before[1])


def _calendar(days: Days, until: date) -> Calendar:
    return Calendar(
        holidays=frozenset(day for day, (kind, _) in days.items() if kind == "holiday"),
        makeup=frozenset(day for day, (kind, _) in days.items() if kind == "makeup"),
        published_until=until,
        names={day: name for day, (_, name) in days.items()},
    )


_named: dict[str, dict[int, TrustList]] = {}  # older lists that messages have named, by node and serial
_trust_list = Fresh(_trust_list_stamp, _make_trust_list, seconds=1.0)
_hours = Fresh(_hours_stamp, _make_hours, seconds=60.0)
