# SPDX-License-Identifier: Apache-2.0
"""Reading who may call licences, who called one's own, and how those stand that a case relies on."""

from collections.abc import Collection, Mapping
from datetime import date

from tongban.licences.models import Licence, LicenceUse, ToldStanding, UseGrant
from tongban.licences.queries import stands
from tongban.licences.standings import Standing
from tongban.standards.actor import Actor, Role
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed

FIELDS: Mapping[str, str] = {
    "number": "证照编号",
    "issuer": "颁发机构",
    "issued_on": "颁发日期",
    "valid_until": "有效期",
    "file": "证照文件",
}
GIVEN = "given"
KEEPERS = (Role.DATA_STEWARD, Role.OPERATOR)  # who lets organizations call licences of this node
SHOWN = 200  # rows of a page


def grants(actor: Actor) -> list[UseGrant]:
    """Every grant, those in force first. NotAllowed but for who keeps them."""
    if actor.role not in KEEPERS:
        raise NotAllowed()
    return list(UseGrant.objects.order_by("-ended_at", "organization_name", "licence_name"))


def standing_grants() -> list[UseGrant]:
    """Those that nobody has ended."""
    return list(UseGrant.objects.filter(ended_at=None))


def uses_of(index: bytes) -> list[LicenceUse]:
    """Who called the licences of whoever has this index, latest first. One select."""
    return list(LicenceUse.objects.filter(holder_index=index).order_by("-at")[:SHOWN])


def standings(relied_on: Collection[tuple[str, str]], day: date) -> dict[str, Standing]:
    """How licences stand, by the digest of their file; told are the nodes that issued them. Who never had to tell of a
    change has a licence that is valid."""
    ours = [digest for node, digest in relied_on if node == here().code]
    found = {digest: Standing.VALID for _, digest in relied_on}
    found |= {row.file_digest: stands(row, day) for row in Licence.objects.filter(file_digest__in=ours)} if ours else {}
    theirs = {(node, digest) for node, digest in relied_on if node != here().code}
    rows = ToldStanding.objects.filter(file_digest__in=[digest for _, digest in theirs]) if theirs else ()
    told = (row for row in rows if (row.node_code, row.file_digest) in theirs)
    return found | {row.file_digest: Standing(row.standing) for row in told}
