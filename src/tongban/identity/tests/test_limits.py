# SPDX-License-Identifier: Apache-2.0
"""Guessing is slowed down; nobody keeps another out."""

from datetime import UTC, datetime, timedelta

from tongban.identity.limits import ADDRESS, HERE, LOGIN, Counted, minutes, wait

AT = datetime(2026, 5, 6, 9, 0, tzinfo=UTC)


def counts(here: int, address: int, login: int, *, known: bool = False) -> list[Counted]:
    return [
        Counted(HERE, here, AT, known),
        Counted(ADDRESS, address, AT),
        Counted(LOGIN, login, AT),
    ]


def test_a_few_mistypings_do_not_matter() -> None:
    assert wait(counts(HERE.tries, HERE.tries, HERE.tries), AT) is None


def test_one_more_waits_until_the_time_is_over() -> None:
    assert wait(counts(HERE.tries + 1, 7, 7), AT + timedelta(minutes=2)) == timedelta(minutes=3)


def test_trying_one_password_on_many_logins_is_seen_by_the_address() -> None:
    assert wait(counts(1, ADDRESS.tries + 1, 1), AT) == ADDRESS.within


def test_guessing_from_many_addresses_stops_strangers_but_not_the_owner() -> None:
    assert wait(counts(1, 1, LOGIN.tries + 1), AT) == LOGIN.within
    assert wait(counts(1, 1, LOGIN.tries + 1, known=True), AT) is None


def test_waiting_is_told_in_whole_minutes() -> None:
    assert [minutes(timedelta(seconds=seconds)) for seconds in (1, 60, 61, 300)] == [1, 1, 2, 5]
