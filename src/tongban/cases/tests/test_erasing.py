# SPDX-License-Identifier: Apache-2.0
"""What is personal stands sealed under the case's key, and goes with it."""

import pytest
from django.db import connection

from tests import story
from tests.people import CHEN, ZHANG
from tests.world import World
from tongban.cases import queries
from tongban.config.own_signatures import verify
from tongban.exchange import keys
from tongban.ledger.actions import sequence_once
from tongban.ledger.queries import first_broken
from tongban.vault.actions import destroy_key
from tongban.vault.errors import KeyDestroyed

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
