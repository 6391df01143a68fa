# SPDX-License-Identifier: Apache-2.0
"""What a process of a node does with licences when the bench asks: takes over a file, issues papers and makes them."""

import csv
import io
from typing import Any
from uuid import uuid4

from tongban.demo.people import ORGANIZATIONS
from tongban.exchange import keys as node_keys
from tongban.licences.actions import Grant, change, issue_paper, make_files_once
from tongban.licences.models import Licence, State, StockBatch
from tongban.licences.stock import actions as stock
from tongban.licences.types.queries import type_of_name
from tongban.standards import clock
from tongban.standards.actor import Actor, Role, system
from tongban.standards.identifiers import make_resident_id
from tongban.standards.node import here
from tongban.vault import keys

OFFICE = ORGANIZATIONS["lanzhou-police"]
TYPE = "社会保障卡"


def take_stock(count: int) -> dict[str, Any]:
    """Take over so many existing certificates from a CSV; the same file once more brings nothing."""
    told = type_of_name(TYPE, clock.today())
    assert told is not None
    data, began = _file(count), clock.monotonic()
    one, other = (Actor(uuid4(), Role.APPROVER, "量", here().code, here().code, OFFICE.code) for _ in range(2))
    batch = stock.begin(data, "证照.csv", told.content.code, actor=one, at=clock.now())
    assert stock.work_once(clock.now())
    stock.confirm(batch.id, actor=other, at=clock.now())
    assert stock.work_once(clock.now())
    seconds = clock.monotonic() - began
    kept = StockBatch.objects.get(id=batch.id)
    assert (kept.stage, kept.new) == ("taken", count), (kept.stage, kept.report[:3])
    began = clock.monotonic()
    again = stock.begin(data, "证照.csv", told.content.code, actor=one, at=clock.now())
    assert stock.work_once(clock.now())
    assert StockBatch.objects.get(id=again.id).stage == "unchanged"
    return {"id": str(batch.id), "seconds": seconds, "again": clock.monotonic() - began, "bytes": len(data)}


def _file(count: int) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("持有人名称", "持有人证件号码", "证照编号", "签发日期", "卡号", "合作银行", "有效期截止"))
    born = clock.today().replace(year=1950, month=1, day=1).toordinal()
    for number in range(count):
        person = make_resident_id(type(clock.today()).fromordinal(born + number // 999), number % 999 + 1)
        writer.writerow(("张伟", person, person, "2020-01-02", f"A{number:08d}", "演示银行", "2040-01-02"))
    return out.getvalue().encode()


def issue_papers(count: int) -> int:
    """Issue so many licences whose files wait to be made. How many wait."""
    key, wrapped = keys.new_key()
    subject = f"bench:{uuid4()}"
    for _ in range(count):
        grant = Grant(
            type_code="certificate",
            name="证明",
            facts={"paragraphs": ["张伟（居民身份证号码：99430119900307001X）申请的事项，已准予办理。"]},
            holder_name="张伟",
            holder_index=None,
            issuer=OFFICE.code,
            issuer_name=OFFICE.name,
            region=OFFICE.region,
            task_code="",
            case_id=None,
            subject=subject,
        )
        issue_paper(grant, key=key, wrapped=wrapped, at=clock.now(), by=system(here().code).pseudonym)
    return Licence.objects.filter(state=State.PENDING).count()


def make_papers() -> dict[str, float]:
    """Make the files that wait, as the worker does, until none is left."""
    began, done = clock.monotonic(), 0
    while make_files_once(clock.now()):
        done += 1
    return {"done": done, "seconds": clock.monotonic() - began}


def withdraw_one() -> str:
    """Let one licence of the office stand otherwise, as somebody at the desk does. The digest of its file."""
    row = Licence.objects.filter(issuer_organization=OFFICE.code, state=State.READY, standing="valid").first()
    assert row is not None
    who = Actor(uuid4(), Role.APPROVER, "测量", here().code, OFFICE.region, OFFICE.code)
    change(row.id, "withdraw", reason="测量。", basis="测量", actor=who, at=clock.now())
    return row.file_digest


def bare_signatures(count: int) -> dict[str, float]:
    """Nothing but the signature of the document key, so many times."""
    key, began = node_keys.in_use("document"), clock.monotonic()
    for number in range(count):
        key.sign(number.to_bytes(32))
    return {"done": count, "seconds": clock.monotonic() - began}
