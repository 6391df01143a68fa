# SPDX-License-Identifier: Apache-2.0
"""What each demo node has from the start: regions, organizations, people, items; loading again changes nothing."""

import json
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from tongban.catalogue import actions as catalogue
from tongban.catalogue import queries, standing
from tongban.catalogue.models import BasicItem
from tongban.demo import lists
from tongban.demo.accounts import FILE
from tongban.demo.people import DATA, ORGANIZATIONS, PASSWORD, PEOPLE, STAFF, DemoOrganization, rows
from tongban.identity import actions as identity
from tongban.licences.actions import register_seal
from tongban.licences.seals.queries import seal_of
from tongban.licences.types.actions import lay_down_type, publish_recognition
from tongban.licences.types.queries import recognition_lists
from tongban.licences.uses.actions import grant_use
from tongban.licences.uses.queries import FIELDS, standing_grants
from tongban.regions import actions as regions
from tongban.regions import plans
from tongban.regions.models import OpeningHours, Organization
from tongban.standards import clock, codes, enums
from tongban.standards.actor import NAMES, system
from tongban.standards.node import Node, here

YEARS = range(2025, 2029)  # of the calendar; the last ones are provisional
IDENTITY_CARD = "11990000000000019A001"  # code of its type
HOURS = "工作日 9:00—12:00、13:30—17:00（演示）"

Tell = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Account:
    """One demo person as they sign in: at which node, with what."""

    node: str
    address: str
    role: str
    name: str
    login: str
    password: str
    organization: str
    token: str  # for the API

    def sentence(self) -> str:
        """One line for people."""
        who = f"{self.name}（{NAMES[self.role]}{'，' + self.organization if self.organization else ''}）"
        return f"{self.address}  {who}  登录名 {self.login}  密码 {self.password}"


def load(node: Node, tell: Tell) -> None:
    """Load what this node has of its own. RuntimeError at a node that is not of a demo."""
    if not node.demo:
        raise RuntimeError("demo content is for demo nodes only")
    at = clock.now()
    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        ("行政区划", regions.load_regions),
        ("工作日历", lambda: regions.load_calendar(YEARS)),
        ("全国通办事项", catalogue.load_known_items),
        ("基本目录", lambda: catalogue.load_basic_items(basic_items())),
        ("机构", lambda: load_organizations(at)),
        ("基本目录的统一要素", lambda: lay_down(node.code, at)),
        ("人员", lambda: load_accounts(node, at)),
        ("电子印章", lambda: load_seals(node.code, at)),
        ("证照类型", lambda: load_types(node.code, at)),
        ("证照互认和调用授权", lambda: load_licence_uses(node.code, at)),
        ("办事指南", lambda: publish_items(node.code, at)),
        ("通办清单", lambda: lists.publish(node.code, at)),
    )
    for done, (what, step) in enumerate(steps):
        tell(done, len(steps), what)
        step()
    tell(len(steps), len(steps), "完成")


def load_organizations(at: datetime) -> None:
    """Every node knows the organizations of all: they decide each other's cases."""
    for one in ORGANIZATIONS.values():
        regions.add_organization(organization_row(one), actor=system(here().code), at=at)
    entered = {*OpeningHours.objects.values_list("organization_code", flat=True)}
    for row in rows("opening.csv"):
        office = ORGANIZATIONS[row["organization"]]
        if office.code not in entered:
            week = plans.opening(row["week"].split("|"), row["makeup"])
            regions.set_opening_hours(office.code, week, source=row["source"], actor=system(here().code), at=at)


def load_seals(node_code: str, at: datetime) -> None:
    """A seal for each organization of this node, in the hands of whom the demo names, and those lent by agreement."""
    told = {row["organization"]: row for row in rows("seals.csv")}
    for one in ORGANIZATIONS.values():
        row = told.get(one.key, {"custodian": "", "lent_to": ""})
        is_ours = one.node == node_code
        if (is_ours or row["lent_to"] == node_code) and seal_of(one.code) is None:
            keeper = row["custodian"] if is_ours else ""
            register_seal(one.code, one.name, custodian=keeper, actor=system(node_code), at=at)


def load_types(node_code: str, at: datetime) -> None:
    """The types of licences of the demo, the same at every node, so that one region knows what another issues."""
    for told in json.loads((DATA / "licence_types.json").read_text(encoding="utf-8")):
        lay_down_type(told, actor=system(node_code), at=at)


def load_licence_uses(node_code: str, at: datetime) -> None:
    """Identity cards of all regions are accepted everywhere, and who may call those of this node."""
    if not recognition_lists():
        publish_recognition(
            f"{IDENTITY_CARD},000000,,2026-01-01,", reason="演示：各地互认居民身份证。", actor=system(node_code), at=at
        )
    standing = {(each.organization, each.licence_name) for each in standing_grants()}
    for row in rows("licence_uses.csv"):
        office = ORGANIZATIONS[row["organization"]]
        if row["node"] == node_code and (office.code, row["licence"]) not in standing:
            grant_use(
                office.code,
                office.name,
                row["licence"],
                fields=list(FIELDS),
                daily=int(row["daily"]),
                until=date(2028, 12, 31),
                actor=system(node_code),
                at=at,
            )


def organization_row(one: DemoOrganization) -> Organization:
    """An organization of the demo as a row."""
    said = {name: value for name, value in asdict(one).items() if name not in ("key", "region", "node")}
    return Organization(**said, region_code=one.region, node_code=one.node, demonstration=True)


def load_accounts(node: Node, at: datetime) -> list[Account]:
    """The people and staff of this node, with tokens that stay the same from start to start."""
    known = {(a.role, a.login): a.token for a in _kept(node.home)}
    loaded = list(_load_people(node, known, at)) + list(_load_staff(node, known, at))
    _keep(node.home, loaded)
    return loaded


def publish_items(node_code: str, at: datetime) -> int:
    """The items of this node's organizations, and those of them suspended that the demo shows so. How many."""
    mine = [row for row in rows("implementations.csv") if ORGANIZATIONS[row["organization"]].node == node_code]
    for row in mine:
        content = _content(row)
        if row["suspended"] and _is_suspended(content["task_code"]):
            continue  # published anew it would be in use
        catalogue.publish(content, actor=system(node_code), at=at)
        if row["suspended"]:
            catalogue.suspend(content["task_code"], reason=row["suspended"], actor=system(node_code), at=at)
    return len(mine)


def _is_suspended(task_code: str) -> bool:
    return any(version.status == standing.SUSPENDED for version in queries.versions(task_code))


def lay_down(node_code: str, at: datetime) -> int:
    """What the whole country shares of each item, at the hub, which speaks for it. How many."""
    office = ORGANIZATIONS["hub"]
    told = layers(office) if office.node == node_code else []
    for layer in told:
        catalogue.publish_basic(layer, actor=system(node_code), at=at)
    return len(told)


def layers(office: DemoOrganization) -> list[dict[str, Any]]:
    """The basic items as the hub lays them down: name, basis and type are fixed, everything else is left to below."""
    publisher = {"code": office.code, "name": office.name, "region": office.region}
    used = sorted({(row["item"], row["use_level"]) for row in rows("implementations.csv")})
    return [
        {
            "code": told["basic_code"],
            "region": office.region,
            "publisher": publisher,
            "levels": [level],
            "elements": {name: told[name] for name in ("name", "item_type", "law")},
        }
        for item, level in used
        for told in [_template(item)]
    ]


def contents() -> Iterator[dict[str, Any]]:
    """The content of every item that the demo publishes, at any node."""
    return (_content(row) for row in rows("implementations.csv"))


def basic_items() -> list[BasicItem]:
    """The basic catalogue behind the demo's items; its numbers are ours."""
    return [
        BasicItem(
            code=told["basic_code"],
            name=told["name"],
            item_type=told["item_type"],
            demonstration=True,
            source="国家基本目录的编码未查得，此为演示编码",
        )
        for told in map(_template, sorted({row["item"] for row in rows("implementations.csv")}))
    ]


def accounts(data: Path) -> list[Account]:
    """Everybody that one can sign in as, from the folders of the nodes under `data`."""
    return [account for home in sorted((data / "nodes").glob("*")) for account in _kept(home)]


def _load_people(node: Node, known: dict[tuple[str, str], str], at: datetime) -> Iterator[Account]:
    for one in (person for person in PEOPLE if person.node == node.code):
        id = identity.add_person(
            name=one.name,
            id_number=one.id_number,
            home_region=one.home_region,
            phone=one.phone,
            password=PASSWORD,
            at=at,
        )
        token = _token(known.get(("applicant", one.phone), ""), at, person=id)
        yield Account(node.code, node.address, "applicant", one.name, one.phone, PASSWORD, "", token)


def _load_staff(node: Node, known: dict[tuple[str, str], str], at: datetime) -> Iterator[Account]:
    for one in (staff for staff in STAFF if staff.node == node.code):
        id = identity.add_staff(
            login=one.login,
            password=PASSWORD,
            name=one.name,
            organization=one.organization.code,
            region=one.organization.region,
            roles=one.roles,
            at=at,
        )
        role, office = str(one.roles[0]), one.organization.short_name
        token = _token(known.get((role, one.login), ""), at, staff=id)
        yield Account(node.code, node.address, role, one.name, one.login, PASSWORD, office, token)


def _token(known: str, at: datetime, *, person: UUID | None = None, staff: UUID | None = None) -> str:
    drawn = known or f"demo_{secrets.token_urlsafe(24)}"
    return identity.issue_token(name="演示", at=at, person=person, staff=staff, token=drawn)


def _kept(home: Path) -> list[Account]:
    file = home / FILE
    return [Account(**row) for row in json.loads(file.read_text("utf-8"))] if file.is_file() else []


def _keep(home: Path, loaded: list[Account]) -> None:
    """Replace the file whole, so that a reader never sees half of it."""
    new = home / f"{FILE}.new"
    words = json.dumps([asdict(account) for account in loaded], ensure_ascii=False, indent=1)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(words)
    new.replace(home / FILE)


def _content(row: dict[str, str]) -> dict[str, Any]:
    """The common content of an item with what one organization adds."""
    told, office = _template(row["item"]), ORGANIZATIONS[row["organization"]]
    level = enums.UseLevel(row["use_level"])
    local = {
        "publisher": {"code": office.code, "name": office.name, "region": office.region},
        "task_code": codes.task_code(office.code, level, told["basic_code"]),
        "limits": _limits(told["limits"], int(row["promised_days"])),
        "window": {"address": f"{office.name}，{office.address}", "hours": HOURS},
        "phone": office.phone,
        "complaint_phone": row["complaint_phone"],
    }
    return told | local | _difference(row["differs"])


def _difference(name: str) -> dict[str, Any]:
    """What one office says otherwise, on purpose; why it does stands in the file."""
    if not name:
        return {}
    told: dict[str, Any] = json.loads((DATA / "differences" / f"{name}.json").read_text("utf-8"))
    return {word: value for word, value in told.items() if word != "why"}


def _limits(told: dict[str, Any], days: int) -> dict[str, Any]:
    promised: dict[str, Any] = told["promised"]
    return told | {"promised": promised | {"days": days}}


def _template(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((DATA / "items" / f"{name}.json").read_text("utf-8"))
    return told
