# SPDX-License-Identifier: Apache-2.0
"""Every change of regions, organizations, calendar and trust list."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from tongban.ledger import actions as ledger
from tongban.regions import errors, holidays, plans, queries, trustlist
from tongban.regions.membership import Changed
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
from tongban.regions.plans import Day, Days, Year
from tongban.regions.trustlist import Agreement, HubKey, TrustedNode, TrustList
from tongban.standards import identifiers
from tongban.standards.actor import Actor
from tongban.standards.node import here
from tongban.standards.opening import Opening, Spans
from tongban.standards.regions import NATION
from tongban.standards.signer import Signed, Signer, signed

REGIONS = Path(__file__).parent / "data" / "regions.csv"
COUNTRY = Region(code=NATION, name="全国", level=0, parent_code="", status="active")
LIFETIME = timedelta(days=30)  # of a trust list; the hub publishes the next one long before


@transaction.atomic
def load_regions() -> int:
    """Bring the table to what the data file says. How many regions there are; can be repeated."""
    rows = [COUNTRY, *_regions_of_file()]
    Region.objects.bulk_create(
        rows,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "level", "parent_code", "status", "since", "until", "successor"],
    )
    return len(rows)


@transaction.atomic
def load_calendar(years: Sequence[int]) -> int:
    """Seed these years where there is nothing yet; later plans are imported. How many days were written."""
    kept = set(CalendarYear.objects.values_list("year", flat=True))
    seeds = [holidays.year(number) for number in years if number not in kept]
    for seed in seeds:
        _keep_year(seed)
    queries.forget()
    return sum(len(seed.days) for seed in seeds)


@transaction.atomic
def import_calendar(plan: Year, *, actor: Actor, at: datetime) -> CalendarChange | None:
    """Take over a year's published plan and record what differs, so that dates can be moved. None when nothing does."""
    plans.require_sound(plan)
    before, until = queries.all_days(), queries.published_until()
    _keep_year(plan)
    return _record("", plan.source, before, plans.after(before, plan), until, actor, at)


@transaction.atomic
def set_days(
    organization: str, days: Sequence[Day], *, source: str, actor: Actor, at: datetime
) -> CalendarChange | None:
    """Days on which one organization differs from the country. None when they were entered already."""
    queries.organization(organization)
    before, until = queries.own_days(organization), queries.published_until()
    CalendarOverride.objects.bulk_create(
        [
            CalendarOverride(
                organization_code=organization, date=each.date, kind=each.kind, name=each.name, source=source
            )
            for each in days
        ],
        update_conflicts=True,
        unique_fields=["organization_code", "date"],
        update_fields=["kind", "name", "source"],
    )
    return _record(organization, source, before, queries.own_days(organization), until, actor, at)


@transaction.atomic
def set_opening_hours(organization: str, opening: Opening, *, source: str, actor: Actor, at: datetime) -> None:
    """The week of an organization's opening time, in place of the one before."""
    queries.organization(organization)
    entered = {
        "week": [plans.plain(spans) for spans in opening.week],
        "makeup": plans.plain(opening.makeup),
        "source": source,
    }
    OpeningHours.objects.bulk_create(
        [OpeningHours(organization_code=organization, **entered)],
        update_conflicts=True,
        unique_fields=["organization_code"],
        update_fields=["week", "makeup", "source"],
    )
    ledger.write(f"organization/{organization}", verb="organization.opens", actor=actor, at=at, facts=entered)
    queries.forget()


@transaction.atomic
def set_opening_on(organization: str, day: date, spans: Spans, *, reason: str, actor: Actor, at: datetime) -> None:
    """A day on which it opens otherwise; no spans close it."""
    queries.organization(organization)
    OpeningException.objects.bulk_create(
        [OpeningException(organization_code=organization, date=day, spans=plans.plain(spans), reason=reason)],
        update_conflicts=True,
        unique_fields=["organization_code", "date"],
        update_fields=["spans", "reason"],
    )
    facts = {"date": day.isoformat(), "spans": plans.plain(spans), "reason": reason}
    ledger.write(f"organization/{organization}", verb="organization.opens_on", actor=actor, at=at, facts=facts)
    queries.forget()


def _keep_year(plan: Year) -> None:
    """Its days in place of those that the table has for it."""
    CalendarDay.objects.filter(date__year=plan.year).delete()
    CalendarDay.objects.bulk_create(
        [
            CalendarDay(date=day.date, kind=day.kind, name=day.name, source=plan.source, provisional=plan.provisional)
            for day in plan.days
        ],
        update_conflicts=True,
        unique_fields=["date"],
        update_fields=["kind", "name", "source", "provisional"],
    )
    CalendarYear.objects.bulk_create(
        [CalendarYear(year=plan.year, provisional=plan.provisional, source=plan.source)],
        update_conflicts=True,
        unique_fields=["year"],
        update_fields=["provisional", "source"],
    )


def _record(
    organization: str, source: str, before: Days, after: Days, until: date, actor: Actor, at: datetime
) -> CalendarChange | None:
    """The change, in the table and the ledger. A notice that confirms all days still ends their being provisional."""
    queries.forget()
    days = {day.isoformat(): [_said(before, day), _said(after, day)] for day in plans.differences(before, after)}
    if not days and until == queries.published_until():
        return None
    change = CalendarChange.objects.create(
        at=at, organization_code=organization, source=source, days=days, published_before=until
    )
    facts = {"number": change.number, "source": source, "days": days}
    subject = f"organization/{organization}" if organization else "calendar"
    ledger.write(subject, verb="calendar.changed", actor=actor, at=at, facts=facts)
    return change


def _said(days: Days, day: date) -> list[str] | None:
    return list(days[day]) if day in days else None


@transaction.atomic
def add_organization(entered: Organization, *, actor: Actor, at: datetime) -> Organization:
    """Enter an organization, or what has changed about it. BadInput when the credit code is wrong."""
    identifiers.credit_code(entered.code, field="code")
    queries.region(entered.region_code)
    known = Organization.objects.filter(code=entered.code).first()
    if known is None or facts_of(known) != facts_of(entered):
        Organization.objects.bulk_create(
            [entered], update_conflicts=True, unique_fields=["code"], update_fields=[*facts_of(entered)]
        )
        ledger.write(
            f"organization/{entered.code}", verb="organization.entered", actor=actor, at=at, facts=facts_of(entered)
        )
    return entered


def facts_of(organization: Organization) -> dict[str, Any]:
    """What is known of it, without its code."""
    fields = [field.name for field in Organization._meta.concrete_fields if not field.primary_key]
    return {name: getattr(organization, name) for name in fields}


@transaction.atomic
def publish_trust_list(
    nodes: Sequence[TrustedNode],
    at: datetime,
    *,
    signer: Signer,
    actor: Actor,
    federation: str,
    agreements: Sequence[Agreement] = (),
    lifetime: timedelta = LIFETIME,
) -> TrustList:
    """The hub signs the next list. NotTheHub elsewhere, SignerNotListed when peers could not check it."""
    if here().code != here().hub:
        raise errors.NotTheHub(node=here().code)
    last = _newest()  # two at once collide on the serial
    at = at.replace(microsecond=0)
    if last is not None and signer.key_id not in _hub_key_ids(last, at):
        raise errors.SignerNotListed(serial=last.serial)
    listed = TrustList(
        federation=federation,
        hub=here().hub,
        serial=last.serial + 1 if last else 1,
        issued_at=at,
        expires_at=at + lifetime,
        nodes={node.code: node for node in nodes},
        agreements=tuple(agreements),
    )
    return _keep(signed(signer, trustlist.compose(listed)), at, actor)


@transaction.atomic
def found_federation(hub: TrustedNode, at: datetime, *, signer: Signer, actor: Actor, federation: str) -> TrustList:
    """The first list: the hub alone. AlreadyFounded when there is one."""
    last = _newest()
    if last is not None:
        raise errors.AlreadyFounded(federation=last.federation, serial=last.serial)
    return publish_trust_list([hub], at, signer=signer, actor=actor, federation=federation)


@transaction.atomic
def change_trust_list(
    change: Callable[[TrustList], Changed], at: datetime, *, signer: Signer, actor: Actor
) -> TrustList:
    """One act of the hub on the list in force, and the list that follows; what the change refuses changes nothing."""
    current = _newest()
    if current is None:
        raise errors.NoTrustList()
    changed = change(current)
    listed = publish_trust_list(
        changed.nodes,
        at,
        signer=signer,
        actor=actor,
        federation=current.federation,
        agreements=changed.agreements,
    )
    facts = changed.facts | {"serial": listed.serial}
    ledger.write("trust_list", verb=changed.verb, actor=actor, at=at, facts=facts)
    return listed


@transaction.atomic
def accept_trust_list(
    handed: Signed, at: datetime, *, actor: Actor, anchor: HubKey | None = None, passing: bool = False
) -> TrustList:
    """Take over a list that the hub has signed; the same one again changes nothing.

    The key to check it by is the hub's on the list in use; `anchor` is for a node that has none yet. `passing` is a
    list that leads to a newer one. Refuses by name a list that is forged, malformed, older or expired.
    """
    row = SignedTrustList.objects.order_by("-serial").first()
    current = trustlist.read(bytes(row.document)) if row else None
    keys = trustlist.hub_keys(current) if current else [anchor] if anchor else []
    serial = current.serial if current else 0
    listed = trustlist.check(handed.data, handed.signature, keys, at, serial, passing=passing)
    if current is not None and listed.issued_at < current.issued_at:
        raise errors.TrustListOlder(serial=listed.serial, current=current.serial)
    if row is not None and listed.serial == row.serial:
        _require_same(row, handed, listed)
        return listed
    return _keep(handed, at, actor)


@transaction.atomic
def follow_trust_lists(handed: Sequence[Signed], at: datetime, *, actor: Actor) -> TrustList:
    """Take over lists that follow one another, each checked by the one before; only the last must not have expired."""
    for each in handed[:-1]:
        accept_trust_list(each, at, actor=actor, passing=True)
    return accept_trust_list(handed[-1], at, actor=actor, passing=len(handed) == trustlist.CAP)


def _newest() -> TrustList | None:
    row = SignedTrustList.objects.order_by("-serial").first()
    return trustlist.read(bytes(row.document)) if row else None


def _hub_key_ids(listed: TrustList, at: datetime) -> set[str]:
    return {key.id for key in listed.node(listed.hub).keys_for("exchange", at)}


def _keep(handed: Signed, at: datetime, actor: Actor) -> TrustList:
    listed = trustlist.read(handed.data)
    SignedTrustList.objects.create(
        serial=listed.serial,
        document=handed.data,
        signature=handed.signature,
        algorithm=handed.suite,
        key_id=handed.key_id,
        issued_at=listed.issued_at,
        expires_at=listed.expires_at,
    )
    facts = {"serial": listed.serial, "key_id": handed.key_id}
    ledger.write("trust_list", verb="trust_list.kept", actor=actor, at=at, facts=facts)
    queries.forget()
    return listed


def _require_same(row: SignedTrustList, handed: Signed, listed: TrustList) -> None:
    """One serial, one document: a hub that signs two is not followed."""
    if bytes(row.document) != handed.data:
        raise errors.TrustListForged(why=f"第{listed.serial}号名单已有另一份内容")


def _regions_of_file() -> Iterator[Region]:
    with REGIONS.open(encoding="utf-8", newline="") as lines:
        yield from (_region(row) for row in csv.DictReader(lines))


def _region(row: Mapping[str, str]) -> Region:
    years = {name: int(row[name]) if row[name] else None for name in ("since", "until")}
    words = {name: row[name] for name in ("code", "name", "parent_code", "status", "successor")}
    return Region(level=int(row["level"]), **words, **years)
