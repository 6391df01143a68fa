# SPDX-License-Identifier: Apache-2.0
"""After the stories: whole ledgers, nothing that waits, and logs that can be followed but name nobody."""

import json
import subprocess
from typing import Any

from tests.journeys.running import Demo
from tests.people import PASSWORD
from tongban.demo.people import PEOPLE, STAFF


def test_the_ledger_of_every_node_is_whole(demo: Demo, checked: subprocess.CompletedProcess[str]) -> None:
    demo.settle()
    said = {code: demo.tongban_at(code, "ledger", "verify") for code in ("620000", "430000", "220000")}
    assert {code: done.stdout + done.stderr for code, done in said.items() if done.returncode} == {}


def test_nothing_waits_anywhere(demo: Demo, checked: subprocess.CompletedProcess[str]) -> None:
    demo.settle()
    assert all(waits == {"to_send": 0, "to_apply": 0} for waits in demo.backlog().values())


def test_every_line_of_the_logs_of_a_node_can_be_read_by_a_program(demo: Demo, checked: object) -> None:
    lines = [line for log in demo.logs() for line in log.read_text(errors="replace").splitlines()]
    assert len([line for line in lines if line.startswith("{")]) > 100
    assert [event for event in events(demo) if event.get("level") == "error" and event["event"] == "unhandled"] == []


def test_the_logs_name_nobody(demo: Demo, checked: object) -> None:
    numbers = [row[0] for row in demo.rows("620000", "SELECT receipt_no FROM cases_case")]
    personal = {words for one in PEOPLE for words in (one.name, one.id_number, one.phone)}
    personal |= {one.name for one in STAFF} | {PASSWORD, "演示公司", "兰州市城关区演示路1号"} | set(numbers)
    personal |= {account["token"] for account in demo.accounts}

    logs = [*demo.logs(), demo.places.log, demo.server.log]
    found = [
        f"{log.parent.parent.name}/{log.name}: {line[:200]}"
        for log in logs
        if log != demo.places.log and log.exists()
        for line in log.read_text(errors="replace").splitlines()
        if any(words in line for words in personal)
    ]

    assert numbers
    assert found == []


def test_a_request_keeps_its_id_from_node_to_node(demo: Demo, checked: object) -> None:
    sent = {event["request"] for event in events(demo, "620000") if event["event"] == "delivered"}
    received = {e["request"] for e in events(demo, "430000") if e.get("view") == "exchange-batches"}

    assert sent
    assert len(sent & received) > 0


def events(demo: Demo, node: str = "*") -> list[dict[str, Any]]:
    """What the processes of a node have logged as structures."""
    lines = [line for log in demo.logs(f"{node}/logs/*") for line in log.read_text(errors="replace").splitlines()]
    return [json.loads(line) for line in lines if line.startswith("{")]
