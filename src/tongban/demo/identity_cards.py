# SPDX-License-Identifier: Apache-2.0
"""Each invented person has an identity card as a licence of the police at home, so that it can be used elsewhere."""

from datetime import datetime
from uuid import UUID, uuid5

from tongban.demo.content import IDENTITY_CARD
from tongban.demo.people import ORGANIZATIONS, PEOPLE, DemoPerson
from tongban.identity.sealing import id_index
from tongban.licences.actions import Grant, issue_paper
from tongban.licences.models import Licence
from tongban.licences.types.content import Holder, facts, last_day
from tongban.licences.types.queries import in_force
from tongban.standards.actor import system
from tongban.standards.clock import local_date
from tongban.standards.enums import IdType
from tongban.standards.node import here
from tongban.standards.workdays import long_day
from tongban.vault import keys

RESIDENT = "resident_id"
POLICE = {one.node: one for key, one in ORGANIZATIONS.items() if key.endswith("-police")}
NAMES = UUID("7b0c4a54-9d3f-5c0e-8c5a-5f1f0d7d2f11")  # of the subjects under which the cards lie


def issue(node_code: str, at: datetime) -> None:
    """To whoever lives at this node and has none."""
    for one in PEOPLE:
        index = id_index(RESIDENT, one.id_number)
        held = Licence.objects.filter(holder_index=index, definition=IDENTITY_CARD)
        if one.node == node_code and not held.exists():
            key, wrapped = keys.new_key()
            issue_paper(_grant(one, index, at), key=key, wrapped=wrapped, at=at, by=system(here().code).pseudonym)


def _grant(one: DemoPerson, index: bytes, at: datetime) -> Grant:
    office, number, day = POLICE[one.node], one.id_number, local_date(at)
    told = in_force(day)[IDENTITY_CARD]
    said = {
        "sex": "男" if int(number[16]) % 2 else "女",
        "nation": "汉",
        "birth": f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
        "address": "演示地址（无此门牌）",
        "authority": office.name,
        "until": f"{day.year + 10}-12-31",
    }
    holder = Holder(one.name, IdType.RESIDENT_ID.label, number)
    return Grant(
        type_code=told.content.wording.style,
        name=told.content.name,
        facts=facts(told.content, holder, said, item="", day=long_day(day)),
        holder_name=one.name,
        holder_index=index,
        issuer=office.code,
        issuer_name=office.name,
        region=office.region,
        task_code="",
        case_id=None,
        subject=f"licence-of:{uuid5(NAMES, one.key)}",
        definition=told.content.code,
        definition_version=told.version,
        valid_until=last_day(told.content, day, said),
    )
