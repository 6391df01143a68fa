# SPDX-License-Identifier: Apache-2.0
"""What a file, a trust list and a status list say together, without any node."""

from datetime import timedelta

import pytest

from tongban.licences.offline import EXITS, Answer, Outcome, Told, answer
from tongban.licences.standings import Standing
from tongban.licences.status_list import FRESH, STATES, StatusList, entry
from tongban.licences.tests.conftest import AT, Sealed
from tongban.licences.verify import check_pdf


def listed(sealed: Sealed, standing: Standing | None = None, **more: object) -> StatusList:
    digest = check_pdf(sealed.data, sealed.certificates).digest
    entries = frozenset({entry(digest, standing)} if standing else set())
    words = {"node": "430000", "issued_at": AT, "fresh_until": AT + FRESH, "entries": entries} | more
    return StatusList(**words)  # type: ignore[arg-type]


def asked(sealed: Sealed, told: Told, hours: float = 1) -> Answer:
    return answer(check_pdf(sealed.data, sealed.certificates), "湖南省节点", told, AT + timedelta(hours=hours))


def test_valid_as_of_when_by_whom(sealed: Sealed) -> None:
    found = asked(sealed, Told(listed(sealed)))

    assert (found.outcome, found.standing, found.node, found.as_of) == (Outcome.VALID, Standing.VALID, "430000", AT)
    assert found.sentences[-1] == "结论：有效。"


@pytest.mark.parametrize("standing", STATES)
def test_what_is_listed_is_not_to_be_relied_upon_however_old_the_list(sealed: Sealed, standing: Standing) -> None:
    for hours in (1, 1000):
        found = asked(sealed, Told(listed(sealed, standing)), hours)
        assert (found.outcome, found.standing) == (Outcome.NOT_VALID, standing)
        assert f"“{standing.label}”" in found.sentences[-2]


def test_by_an_old_list_it_is_valid_as_of_then_and_older_than_policy(sealed: Sealed) -> None:
    found = asked(sealed, Told(listed(sealed)), hours=24)

    assert found.outcome is Outcome.VALID_THEN
    assert found.sentences[-3].startswith("截至2026年5月3日 10:00，")
    assert found.sentences[-1] == "结论：当时有效，现在是否有效不清楚。"


def test_whatever_the_list_cannot_know_is_unknown(sealed: Sealed) -> None:
    silent = [
        Told(),
        Told(trouble="状态清单不完整，或者被改动过。"),
        Told(listed(sealed, node="620000")),
        Told(listed(sealed, issued_at=AT - timedelta(seconds=1))),
    ]
    for told in silent:
        found = asked(sealed, told)
        assert (found.outcome, found.standing) == (Outcome.UNKNOWN, None)


def test_a_changed_file_is_not_genuine_whatever_the_list_says(sealed: Sealed) -> None:
    verdict = check_pdf(sealed.data + b"\n", sealed.certificates)

    assert answer(verdict, "", Told(listed(sealed)), AT).outcome is Outcome.NOT_GENUINE


def test_each_outcome_has_an_exit_of_its_own() -> None:
    assert set(EXITS) == set(Outcome)
    assert len(set(EXITS.values())) == len(Outcome)
    assert 2 not in EXITS.values()
