# SPDX-License-Identifier: Apache-2.0
"""The table of how licences stand: what may follow what."""

import pytest

from tongban.licences.standings import ALIVE, CHANGES, OVER, Standing, possible


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("of_case", [True, False])
def test_only_what_the_table_names_is_offered_and_nothing_leads_where_it_began(
    standing: Standing, of_case: bool
) -> None:
    offered = possible(standing, of_case=of_case)

    assert offered
    assert all(standing in each.origins and each.to is not standing for each in offered)
    assert not (of_case and any(each.by_case for each in offered))
    missing = {each.name for each in CHANGES.values() if standing in each.origins} - {each.name for each in offered}
    assert missing <= ({"revoke", "reinstate", "restore"} if of_case else set())


def test_what_a_case_has_revoked_only_the_case_puts_back() -> None:
    assert [each.name for each in possible(Standing.REVOKED, of_case=True)] == ["cancel"]
    assert {each.name for each in possible(Standing.REVOKED, of_case=False)} == {"reinstate", "restore", "cancel"}


def test_every_standing_is_alive_over_or_cancelled_and_only_one_counts() -> None:
    assert ALIVE | OVER | {Standing.CANCELLED} == set(Standing)
    assert [each for each in Standing if each.counts] == [Standing.VALID]
    assert len({each.label for each in Standing}) == len(Standing)
