# SPDX-License-Identifier: Apache-2.0
"""A licence from the act that grants it to its sealed file."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from tests.world import START as AT
from tests.world import World
from tongban.database.statement import Statement
from tongban.exchange import key_store
from tongban.exchange import keys as node_keys
from tongban.ledger.models import Line
from tongban.licences import identifier, queries, sealing
from tongban.licences.actions import issuing as actions
from tongban.licences.actions import register_seal
from tongban.licences.actions.issuing import CLAIM, Grant, issue_rows, make_files_once
from tongban.licences.errors import FactsMissing, FileNotReady, NumberPatternOdd, PaperUnknown
from tongban.licences.models import Licence, LicenceNumber, Seal, State
from tongban.licences.seals.queries import seal_of
from tongban.licences.tests.conftest import FACTS
from tongban.licences.verify import check_pdf
from tongban.standards.actor import system
from tongban.standards.node import Node, here
from tongban.standards.refusal import NotFound
from tongban.vault import keys
from tongban.vault.actions import destroy_key, keep_key

CHEN = "approver:0196a1f2-7c3e-7d10-9c55-2b9a4a8f1c77"
GRANT = Grant(
    type_code="no_criminal_record",
    name="无犯罪记录证明",
    facts=FACTS,
    holder_name="张伟",
    holder_index=b"\x01" * 33,
    issuer="11994301000000035F",
    issuer_name="长沙市公安局（演示）",
    region="430100",
    task_code="11430100MB0X00001A4000109001000",
    case_id=None,
    subject="case:1",
)


def make_key(at: datetime) -> None:
    """The node's document key, as its set-up makes it."""
    key_store.keep("document.pem", sealing.make_private_key())
    key_store.keep("document.crt", sealing.certify(node_keys.private("document"), "甘肃", "620000", at=at))


@pytest.fixture
def told() -> Iterator[list[tuple[UUID, str]]]:
    """What cases would hear."""
    heard: list[tuple[UUID, str]] = []

    def hear(licence: Licence, at: datetime) -> None:
        heard.append((licence.id, licence.state))

    actions.when_ready.append(hear)
    actions.when_failed.append(hear)
    yield heard
    actions.when_ready.remove(hear)
    actions.when_failed.remove(hear)


def register(at: datetime = AT) -> Seal:
    """The seal of who issues, as the node's set-up enters it."""
    found = seal_of(GRANT.issuer)
    return found or register_seal(GRANT.issuer, GRANT.issuer_name, actor=system(here().code), at=at)


def issue(grant: Grant = GRANT, at: datetime = AT, *, sealed: bool = True) -> Licence:
    """Issue as a granting act does: one statement with the subject's key."""
    make_key(AT)
    if sealed:
        register()
    key, wrapped = keys.new_key()
    rows = issue_rows(grant, serial=actions.take_serial(), key=key, at=at, by=CHEN)
    write = Statement()
    write.guard("SELECT 1", [])
    keep_key(write, grant.subject, wrapped)
    for model, row in rows.items():
        write.insert(model, [row])
    assert write.run()
    return Licence.objects.get(id=rows[Licence]["id"])


def test_a_licence_is_issued_at_once_and_its_file_follows(node: Node, told: list[Any]) -> None:
    issued = issue()
    assert issued.state == State.PENDING
    assert queries.oldest_pending() == AT
    with pytest.raises(FileNotReady):
        queries.file(issued)

    assert make_files_once(AT)
    assert not make_files_once(AT)

    ready = queries.licence(issued.id)
    data = b"".join(queries.file(ready))
    verdict = check_pdf(data, {node.code: node_keys.certificate().decode()})
    assert (ready.state, ready.file_size, ready.sealed_at) == (State.READY, len(data), AT)
    assert verdict.intact
    assert (verdict.digest, verdict.certificate_id) == (ready.file_digest, ready.certificate_id)
    assert queries.licence_by_file(verdict.digest) == ready
    assert told == [(issued.id, "ready")]
    assert list(Line.objects.filter(subject=f"licence:{issued.id}").values_list("verb", flat=True)) == [
        "licence.sealed"
    ]


def test_the_number_is_unique_and_the_identifier_is_well_formed(node: Node) -> None:
    one, other = issue(), issue(replace(GRANT, subject="case:2"))

    assert one.number != other.number
    assert one.number.startswith("430100通证〔2026〕")
    assert LicenceNumber.objects.get(number=one.number).licence_id == one.id
    parsed = identifier.parse(one.identifier)
    assert parsed is not None
    assert parsed.issuer == GRANT.issuer


def test_facts_are_sealed_for_this_licence_only(node: Node) -> None:
    one, other = issue(), issue(replace(GRANT, subject="case:2"))
    assert b"990101199003070018" not in bytes(one.facts_sealed)

    Licence.objects.filter(id=other.id).update(facts_sealed=one.facts_sealed, subject=one.subject)
    make_files_once(AT)
    make_files_once(AT)

    assert queries.licence(one.id).state == State.READY
    assert queries.licence(other.id).failure == "seal_broken"


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"type_code": "diploma"}, PaperUnknown),
        ({"facts": {}}, FactsMissing),
        ({"number_pattern": "一号"}, NumberPatternOdd),
    ],
)
def test_what_no_worker_could_mend_is_refused_when_granting(node: Node, wrong: dict[str, Any], refusal: type) -> None:
    key, _ = keys.new_key()

    with pytest.raises(refusal):
        issue_rows(replace(GRANT, **wrong), serial=1, key=key, at=AT)


def test_a_name_the_fonts_lack_stops_the_file_by_name_and_can_be_made_again(node: Node, told: list[Any]) -> None:
    issued = issue(replace(GRANT, facts=FACTS | {"name": "张\U00020123"}))

    assert make_files_once(AT)

    failed = queries.licence(issued.id)
    assert (failed.state, failed.failure) == (State.FAILED, "glyph_missing")
    assert "U+20123" in failed.failure_says
    assert told == [(issued.id, "failed")]
    assert not make_files_once(AT + CLAIM)
    assert actions.make_again(issued.id)
    assert not actions.make_again(issued.id)
    assert queries.licence(issued.id).state == State.PENDING


def test_a_destroyed_key_stops_the_file(node: Node) -> None:
    issued = issue()
    destroy_key(GRANT.subject, at=AT)

    make_files_once(AT)

    assert queries.licence(issued.id).failure == "key_destroyed"


def test_a_licence_in_a_workers_hands_is_left_alone_until_its_claim_ends(node: Node) -> None:
    issue()
    crashed = actions._claim(AT)
    assert crashed is not None

    assert not make_files_once(AT + CLAIM - timedelta(seconds=1))
    assert make_files_once(AT + CLAIM)

    assert queries.licence(crashed.id).state == State.READY


def test_two_workers_share_the_work_and_do_nothing_twice(town: World, told: list[Any]) -> None:
    with town.running(), town.at("620000"), ThreadPoolExecutor(2) as workers:
        _make_all()  # what other stories of this town left
        told.clear()
        issued = {issue(replace(GRANT, subject=f"case:{number}")).id for number in range(8)}
        rounds = [workers.submit(copy_context().run, _work) for _ in range(2)]
        assert sum(one.result() for one in rounds) == len(issued)

    assert sorted(told) == sorted((licence_id, "ready") for licence_id in issued)


def _work() -> int:
    """A worker's life: until nothing waits. How many files it made."""
    try:
        return _make_all()
    finally:
        connection.close()


def _make_all() -> int:
    made = 0
    while make_files_once(AT):
        made += 1
    return made


def test_a_worker_that_was_thought_dead_does_not_finish_twice(node: Node, told: list[Any]) -> None:
    issue()
    late = actions._claim(AT)
    assert late is not None
    make_files_once(AT + CLAIM)
    digest = queries.licence(late.id).file_digest

    actions._finish(late, actions.make_files(late, at=AT), AT)

    assert queries.licence(late.id).file_digest == digest
    assert told == [(late.id, "ready")]


def test_a_licence_is_not_ready_when_its_case_could_not_be_told(node: Node) -> None:
    issued = issue()

    def stumble(licence: Licence, at: datetime) -> None:
        raise RuntimeError("the case is locked")

    actions.when_ready.append(stumble)
    with pytest.raises(RuntimeError):
        make_files_once(AT)
    actions.when_ready.remove(stumble)

    assert queries.licence(issued.id).state == State.PENDING
    assert make_files_once(AT + CLAIM)
    assert queries.licence(issued.id).state == State.READY


def test_a_file_that_breaks_down_again_and_again_is_given_to_an_operator(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = issue()
    monkeypatch.setattr(actions, "typeset", lambda paper, at: 1 / 0)

    for attempt in range(actions.ATTEMPTS):
        assert make_files_once(AT + attempt * CLAIM)

    assert queries.licence(issued.id).failure == "file_not_made"


def test_the_licences_of_a_case_are_found_and_others_do_not_exist(node: Node) -> None:
    case_id = uuid4()
    issued = issue(replace(GRANT, case_id=case_id))

    assert queries.licences_of_case(case_id) == [issued]
    assert queries.licences_of_case(uuid4()) == []
    with pytest.raises(NotFound):
        queries.licence(uuid4())


def test_the_document_key_is_made_once(node: Node) -> None:
    make_key(AT)
    first = node_keys.certificate()

    make_key(AT + timedelta(days=1))

    assert node_keys.certificate() == first
    assert (node.secrets / "keys" / "document.pem").stat().st_mode & 0o077 == 0
