# SPDX-License-Identifier: Apache-2.0
"""The node's own keys change while it works: what was written opens, who is looked for is found, before and after."""

import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.apps import apps
from django.db import connection
from django.db.models import BinaryField

from tests import story
from tests.people import PASSWORD, WANG, ZHANG, ZHOU
from tests.world import World
from tongban.cases.actions import submit_draft
from tongban.cases.errors import AppliedBefore
from tongban.cases.queries import case_page, my_cases
from tongban.cli.keys import keys as keys_command
from tongban.config import rekeying
from tongban.identity import actions, queries, sealing
from tongban.identity.models import Person
from tongban.standards.actor import Actor
from tongban.vault import keys
from tongban.vault.actions import SETTLED
from tongban.vault.errors import RotationOpen
from tongban.vault.models import Rotation
from tongban.vault.places import Indexed, Personal, Wrapped

GANSU = "620000"
PLACES: tuple[Wrapped | Personal | Indexed, ...] = (*rekeying.SEALED, *rekeying.INDEXED)
NOT_OF_THE_NODE = {  # sealed columns that are left to their old key, which is kept, or sealed under another
    "identity_sms_code.sealed": "five minutes",
    "cases_case.sealed": "the case's key", "cases_event.sealed": "the case's key",
    "cases_request.sealed": "the case's key",
    "cases_signer.sealed": "the draft's key", "cases_draft.sealed": "the draft's key",
    "cases_attempt.sealed": "the draft's key", "cases_arrival.sealed": "the draft's key",
    "windows_intake.sealed": "the intake's key", "licences_licence.facts_sealed": "the case's key",
    "licences_revision.told_sealed": "the licence's key", "licences_stock_file.content_sealed": "the batch's key",
    "identity_sms_code.code": "five minutes", "identity_tries.key": "begins anew",
}  # fmt: skip


@pytest.fixture
def world(federation: World) -> Iterator[World]:
    """A federation in which 周敏 has filed a case at home; the keys that are made are taken away again."""
    folder = federation.nodes[GANSU].secrets
    before = set(folder.iterdir())
    yield federation
    for made in set(folder.iterdir()) - before:
        made.unlink()
    keys._moved.clear()


def filed(world: World) -> tuple[Actor, str]:
    zhou = story.visitor(world, ZHOU, GANSU)
    return zhou, story.submit(world, zhou, story.item_of(world, GANSU, "430100")).receipt_no


def zhou_again(world: World) -> Actor:
    """Who the same person is at the next sign-in."""
    found = queries.signed_in(
        actions.sign_in(ZHOU.id_number, PASSWORD, address="a", at=world.clock.now()), world.clock.now()
    )
    assert found
    return found.actor


def first_bytes(place: Wrapped | Personal | Indexed) -> set[int]:
    with connection.cursor() as cursor:
        column, table, only = place.column, place.table, getattr(place, "only", "true")
        cursor.execute(f"SELECT DISTINCT get_byte({column}, 0) FROM {table} WHERE {column} IS NOT NULL AND {only}")
        return {number for (number,) in cursor.fetchall()}


def test_a_new_data_key_opens_what_was_and_seals_what_comes(world: World) -> None:
    zhou, number = filed(world)
    with world.at(GANSU):
        rekeying.rotate("data", world.clock.now())
        assert case_page(number, zhou).id_masked and queries.person_details(zhou).id_number == ZHOU.id_number
        task = story.item_of(world, GANSU, "430100")
    later = story.submit(world, zhou, task).receipt_no
    with world.at(GANSU):
        assert 1 in first_bytes(rekeying.SEALED[0]) and 2 in first_bytes(rekeying.SEALED[0])
        while rekeying.seal_anew_once(world.clock.now()):
            assert case_page(number, zhou).id_masked and case_page(later, zhou).id_masked
        assert set().union(*(first_bytes(place) for place in PLACES[: len(rekeying.SEALED)])) == {2}
        assert queries.person_details(zhou).phone == ZHOU.phone
        assert not rekeying.seal_anew_once(world.clock.now())


def test_while_the_index_key_changes_everybody_is_found_in_every_batch(world: World) -> None:
    zhou, number = filed(world)
    story.visitor(world, ZHANG, GANSU)
    with world.at(GANSU):
        at = world.clock.now()
        rekeying.rotate("index", at)
        with pytest.raises(RotationOpen):
            rekeying.rotate("index", at)
        batches = 0
        while rekeying.move_indexes_once(at, most=1):
            batches += 1
            assert [row.receipt_no for row in my_cases(zhou_again(world))] == [number]
            known = actions.add_person(
                name=ZHOU.name, id_number=ZHOU.id_number, home_region=ZHOU.home_region, phone=ZHOU.phone, at=at
            )
            assert known == zhou.id  # nobody is known twice
            assert queries.signed_in(actions.sign_in(ZHOU.phone, PASSWORD, address="a", at=at), at)
        assert batches >= 3
        assert set().union(*(first_bytes(place) for place in rekeying.INDEXED)) == {2}
        assert not Rotation.objects.get().finished_at
        assert not rekeying.move_indexes_once(at + SETTLED) and Rotation.objects.get().finished_at
        assert sealing.id_index("resident_id", ZHOU.id_number) == bytes(Person.objects.get(id=zhou.id).id_index or b"")
        actions.add_person(name=WANG.name, id_number=WANG.id_number, home_region=WANG.home_region, at=at)
        assert rekeying.rotate("index", at + timedelta(days=1)) == 3
    again = story.visitor(world, ZHANG, GANSU)
    assert story.submit(world, again, story.item_of(world, GANSU, "430100")).receipt_no


def test_a_case_of_the_same_item_is_still_noticed_after_the_index_key_changed(world: World) -> None:
    filed(world)
    with world.at(GANSU):
        rekeying.rotate("index", world.clock.now())
        while rekeying.move_indexes_once(world.clock.now()):
            pass
        again, task = zhou_again(world), story.item_of(world, GANSU, "430100")
    made = story.draft(world, again, task)
    with world.at(GANSU), pytest.raises(AppliedBefore):
        submit_draft(made, actor=again, at=world.clock.now())


def test_the_command_changes_a_key_and_says_how_far_it_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["tongban.cli.keys"], "as_node", lambda folder: None)  # this process is the node's

    def told(*words: str) -> str:
        return CliRunner().invoke(keys_command, [words[0], "--home", "x", *words[1:]]).output

    with world.at(GANSU):
        assert "data  第 1 把" in told("status")
        assert "第 2 把密钥已启用" in told("rotate", "data") and "data  第 2 把" in told("status")
        told("rotate", "index")
        rekeying.move_indexes_once(world.clock.now())
        assert "改用第 2 把：正在改写" in told("status")
        assert "还没有完成" in told("rotate", "index")


def test_every_column_that_the_nodes_keys_made_is_gone_through() -> None:
    listed = {f"{place.table}.{place.column}" for place in PLACES}
    found = {
        f"{model._meta.db_table}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, BinaryField) and any(word in field.name for word in ("index", "sealed", "wrapped"))
    }
    assert found - listed - set(NOT_OF_THE_NODE) == set()
