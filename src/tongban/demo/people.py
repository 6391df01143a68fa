# SPDX-License-Identifier: Apache-2.0
"""The invented people and organizations of the demo, as written in data/; the tests know the same ones."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tongban.standards.actor import Role

DATA = Path(__file__).parent / "data"
PASSWORD = "Try-Tongban-2026"  # noqa: S105  for invented people of a demo only: see data/README.md


@dataclass(frozen=True)
class DemoOrganization:
    """One row of organizations.csv."""

    key: str
    code: str
    name: str
    short_name: str
    region: str
    node: str
    role_note: str
    phone: str
    address: str


@dataclass(frozen=True)
class DemoPerson:
    """One row of people.csv: somebody with an account at their home node."""

    key: str
    node: str
    name: str
    id_number: str
    home_region: str
    phone: str


@dataclass(frozen=True)
class DemoStaff:
    """One row of staff.csv: somebody who works at a node."""

    login: str
    node: str
    name: str
    organization: DemoOrganization
    roles: tuple[Role, ...]


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one data file."""
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _staff(row: dict[str, str]) -> DemoStaff:
    roles = tuple(Role(role) for role in row["roles"].split())
    return DemoStaff(row["login"], row["node"], row["name"], ORGANIZATIONS[row["organization"]], roles)


ORGANIZATIONS = {row["key"]: DemoOrganization(**row) for row in rows("organizations.csv")}
PEOPLE = tuple(DemoPerson(**row) for row in rows("people.csv"))
STAFF = tuple(_staff(row) for row in rows("staff.csv"))
