# SPDX-License-Identifier: Apache-2.0
"""What is personal stands sealed under the case's key, and goes with it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from tests import story
from tests.federation.test_story_proxy import taken_in
from tests.people import CHEN, MA, SUN, ZHANG
from tests.world import World
from tongban.cases import actions, queries
from tongban.cases.actions import erase_case
from tongban.cases.actions.erasing import when_erased
from tongban.cases.errors import FactMissing, KeptStill, NotArchived, ResultCounts
from tongban.cases.models import Draft, Material
from tongban.config.own_signatures import verify
from tongban.exchange import keys
from tongban.ledger.actions import sequence_once
from tongban.ledger.queries import first_broken
from tongban.standards.actor import Actor
from tongban.standards.node import at
from tongban.standards.refusal import NotAllowed
from tongban.vault import files
from tongban.vault.actions import destroy_key
from tongban.vault.errors import KeyDestroyed
from tongban.windows.models import Intake

GANSU, HUNAN = "620000", "430000"
TABLES = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' "
    "AND table_name ~ '^(cases|exchange|licences|ledger|windows)_'"
)


def in_clear(word: str) -> list[str]:
    """The tables in which this word can be read, as text or as bytes."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            looks = [f"%{word}%", f"%{word.encode().hex()}%"]
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE ANY(%s)", [looks])
            found += [table] if cursor.fetchone()[0] else []
        return found


def test_destroying_the_key_of_a_case_erases_what_was_personal_and_leaves_a_ledger_that_verifies(
    federation: World,
) -> None:
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    given = story.submit(federation, zhang, story.item_of(federation, GANSU, "430100"))
    federation.settle()
    for node, who in ((GANSU, zhang), (HUNAN, chen)):
        with federation.at(node):
            for secret in (ZHANG.id_number, story.FORM["residence"], story.FORM["receiver"]):
                assert in_clear(secret) == []
            assert in_clear(given.receipt_no)
            destroy_key(f"case:{given.case_id}", at=federation.clock.now())
            for look in (
                lambda who=who: queries.case_page(given.receipt_no, who),
                lambda who=who: queries.material_file(given.receipt_no, 1, who),
            ):
                with pytest.raises(KeyDestroyed):
                    look()
            sequence_once(federation.clock.now(), keys.signer())
            assert first_broken(verify=verify) is None


def erase(
    world: World, number: str, by: tuple[Actor, Actor], reason: str = "保管期满，按档案规定销毁。", node: str = HUNAN
) -> None:
    """By two operators."""
    with world.at(node):
        erase_case(number, actor=by[0], second=by[1], reason=reason, at=world.clock.now())


def test_two_operators_erase_a_case_whose_time_is_over_and_its_name_goes_too(federation: World) -> None:
    zhang, chen, sun = (
        story.visitor(federation, ZHANG, GANSU),
        story.approver(federation, CHEN),
        story.officer(federation, SUN),
    )
    two = (sun, replace(sun, id=chen.id))
    federation.resting = set()
    given = story.submit(federation, zhang, story.item_of(federation, GANSU, "430100"))
    federation.settle()
    said = {"reason": "不属于本机关。", "where_to_go": "向户籍地申请。"}
    with federation.at(HUNAN):
        actions.make_move(given.case_id, "not_accept", actor=chen, at=federation.clock.now(), facts=said)
    federation.settle()
    with pytest.raises(NotArchived):
        erase(federation, given.receipt_no, two)
    with federation.at(HUNAN):
        actions.make_move(given.case_id, "archive", actor=chen, at=federation.clock.now())
    federation.settle()
    with pytest.raises(KeptStill, match="2036年11月23日"):
        erase(federation, given.receipt_no, two)

    with federation.at(HUNAN):
        assert in_clear(ZHANG.name)
    federation.clock.advance(timedelta(days=3653))
    with pytest.raises(NotAllowed):
        erase(federation, given.receipt_no, (sun, sun))
    with pytest.raises(NotAllowed):
        erase(federation, given.receipt_no, (sun, chen))
    with pytest.raises(FactMissing):
        erase(federation, given.receipt_no, two, reason=" ")
    erase(federation, given.receipt_no, two)
    with federation.at(GANSU):
        assert Draft.objects.filter(id=given.case_id).exists()  # it holds the key as well
    erase(federation, given.receipt_no, two, node=GANSU)

    with federation.at(GANSU):
        assert in_clear(ZHANG.name) == []
        assert not Draft.objects.filter(id=given.case_id).exists()
    with federation.at(HUNAN):
        assert in_clear(ZHANG.name) == []
        assert not any(files.has(f"case:{given.case_id}", row.digest) for row in Material.objects.all())
        with pytest.raises(KeyDestroyed):
            queries.case_page(given.receipt_no, chen)
        sequence_once(federation.clock.now(), keys.signer())
        assert first_broken(verify=verify) is None


def test_a_case_whose_result_still_counts_is_not_erased(federation: World) -> None:
    chen, sun = story.approver(federation, CHEN), story.officer(federation, SUN)
    zhang = story.visitor(federation, ZHANG, GANSU)
    given = story.submit(federation, zhang, story.item_of(federation, GANSU, "430100"))
    federation.settle()
    story.decide(federation, chen, given.case_id)
    federation.settle()
    with federation.at(GANSU):
        b"".join(actions.fetch_result(given.receipt_no, actor=zhang, at=federation.clock.now()).chunks)
    federation.settle()
    with federation.at(HUNAN), at(replace(federation.nodes[HUNAN], keep_years=0)):
        actions.make_move(given.case_id, "archive", actor=chen, at=federation.clock.now())
        with pytest.raises(ResultCounts):
            erase_case(
                given.receipt_no,
                actor=sun,
                second=replace(sun, id=chen.id),
                reason="销毁。",
                at=federation.clock.now(),
            )


def test_the_intake_that_became_a_case_goes_with_it(federation: World) -> None:
    number = taken_in(federation, story.officer(federation, MA))
    with federation.at(GANSU):
        intake = Intake.objects.get(receipt_no=number)
        for forget in when_erased:
            forget(intake.id)
        assert not Intake.objects.filter(id=intake.id).exists()
