# SPDX-License-Identifier: Apache-2.0
"""A peer's line is followed only when it continues our chain and its maker had the right to make it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.cases import chain, custody
from tongban.cases.chain import Head, Told
from tongban.cases.custody import Holding, Party
from tongban.cases.errors import ChainBroken, ChainForged
from tongban.cases.states import Part, State
from tongban.cases.transitions import MOVES
from tongban.standards.actor import system
from tongban.standards.canonical import canonical, parse
from tongban.standards.crypto import suite

GANSU, HUNAN, JILIN = "620000", "430000", "220000"
CASE = UUID(int=7)
AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PARTIES = tuple(
    Party(number, part, f"org{number}", f"机构{number}", node, "", node)
    for number, part, node in ((1, Part.INTAKE, GANSU), (2, Part.HANDLING, HUNAN))
)
EMPTY = Head(length=0, digest="", holding=Holding(holder=1))
SUITES = {GANSU: "ed25519", HUNAN: "sm2", JILIN: "ed25519"}


def made(head: Head, name: str, node: str, **changed: Any) -> Told:
    """The line by which a node makes a move."""
    move = MOVES[name]
    words: dict[str, Any] = {
        "case": CASE,
        "move": move,
        "state": move.target or State.SUBMITTED,
        "holding": custody.after(head.holding, move, PARTIES),
        "at": AT,
        "node": node,
        "actor": system(node),
        "facts": {"stated": {"note": "好"}},
        "internal": {"opinion": "内部"},
    }
    return chain.next_line(suite(SUITES[node]), head, **(words | changed))


def after(told: Told) -> Head:
    return Head(told.line.number, told.line.digest, Holding(told.line.holder, told.line.offered_to))


def follow(told: Told | Mapping[str, Any], head: Head, sender: str) -> Told:
    given = chain.plain(told) if isinstance(told, Told) else told
    return chain.follow(given, head, case=str(CASE), sender=sender, parties=PARTIES)


SUBMITTED = after(made(EMPTY, "submit", GANSU))
OFFERED = after(made(SUBMITTED, "offer", GANSU))
TAKEN = after(made(OFFERED, "take", HUNAN))


def test_an_honest_chain_across_two_suites_is_followed() -> None:
    head = EMPTY
    for name, node in (("submit", GANSU), ("offer", GANSU), ("take", HUNAN), ("accept", HUNAN), ("examine", HUNAN)):
        told = made(head, name, node)
        followed = follow(told, head, node)
        assert followed.line == told.line
        assert not chain.is_disputed(followed, None if name == "submit" else State.SUBMITTED) or name == "examine"
        head = after(followed)
    assert head.length == 5


def test_what_is_internal_is_covered_and_not_told() -> None:
    told = made(TAKEN, "examine", HUNAN)

    assert "内部" not in str(chain.plain(told))
    assert follow(told, TAKEN, HUNAN).internal == {}
    assert parse(told.line.data)["internal"].startswith("sm3:")


@pytest.mark.parametrize(
    "head",
    [
        replace(TAKEN, length=4),
        replace(TAKEN, length=2),
        replace(TAKEN, digest="sm3:00"),
        EMPTY,
    ],
)
def test_a_line_that_does_not_continue_our_chain_is_broken(head: Head) -> None:
    with pytest.raises(ChainBroken):
        follow(made(TAKEN, "accept", HUNAN), replace(head, holding=TAKEN.holding), HUNAN)


def test_a_line_of_another_case_is_broken() -> None:
    with pytest.raises(ChainBroken):
        follow(made(TAKEN, "accept", HUNAN, case=UUID(int=8)), TAKEN, HUNAN)


def test_altered_facts_salt_words_or_digest_are_forged() -> None:
    told = made(TAKEN, "accept", HUNAN)
    plain = chain.plain(told)
    words = parse(told.line.data)
    for changed in (
        {"facts": {"stated": {"note": "坏"}}},
        {"salt": "00" * 16},
        {"line": canonical(words | {"actor": "approver:1"}).decode()},
        {"digest": "sm3:" + "0" * 64},
        {"digest": "md5:" + "0" * 32},
        {"digest": "sha256:" + told.line.digest.partition(":")[2]},
        {"facts": {"n": 2**60}},
    ):
        with pytest.raises(ChainForged):
            follow(plain | changed, TAKEN, HUNAN)


@pytest.mark.parametrize(
    ("head", "name", "node"),
    [
        (TAKEN, "accept", GANSU),  # it gave custody away
        (TAKEN, "accept", JILIN),  # it has no part at all
        (OFFERED, "take", GANSU),  # it was offered to somebody else
        (OFFERED, "withdraw", GANSU),  # nobody moves what is between two hands
        (OFFERED, "accept", HUNAN),  # not even the one it is offered to, before it has taken it
        (SUBMITTED, "take", HUNAN),  # nobody offered it
        (SUBMITTED, "offer", HUNAN),
    ],
)
def test_a_line_by_a_node_that_had_no_right_to_it_is_forged(head: Head, name: str, node: str) -> None:
    with pytest.raises(ChainForged):
        follow(made(head, name, node), head, node)


def test_a_true_line_carried_by_another_node_is_forged() -> None:
    with pytest.raises(ChainForged):
        follow(made(TAKEN, "accept", HUNAN), TAKEN, GANSU)


@pytest.mark.parametrize("holding", [Holding(1), Holding(2, 1), Holding(9), Holding(2, 9)])
def test_a_line_that_gives_custody_where_the_table_does_not_is_forged(holding: Holding) -> None:
    with pytest.raises(ChainForged):
        follow(made(TAKEN, "accept", HUNAN, holding=holding), TAKEN, HUNAN)


def test_a_move_that_we_do_not_know_is_followed_and_flagged() -> None:
    newer = replace(MOVES["accept"], name="accept_in_part")
    followed = follow(made(TAKEN, "accept", HUNAN, move=newer), TAKEN, HUNAN)

    assert followed.line.move == "accept_in_part"
    assert chain.is_disputed(followed, State.SUBMITTED)


def test_a_move_that_our_table_forbids_here_is_followed_and_flagged() -> None:
    followed = follow(made(TAKEN, "issue", HUNAN), TAKEN, HUNAN)

    assert chain.is_disputed(followed, State.SUBMITTED)
    assert chain.is_disputed(followed, None) is False


def test_a_move_that_ends_elsewhere_than_our_table_says_is_flagged() -> None:
    followed = follow(made(TAKEN, "accept", HUNAN, state=State.GRANTED), TAKEN, HUNAN)

    assert chain.is_disputed(followed, State.SUBMITTED)


ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 2**53 - 1) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
ACCEPTING = chain.plain(made(TAKEN, "accept", HUNAN))
WORDS = parse(ACCEPTING["line"].encode())


@given(st.sampled_from(sorted(ACCEPTING)), ODD)
def test_whatever_a_peer_sends_instead_is_broken_or_forged(name: str, value: object) -> None:
    with pytest.raises((ChainBroken, ChainForged)):
        follow(ACCEPTING | {name: value}, TAKEN, HUNAN)


@given(st.sampled_from(sorted(WORDS)), ODD, st.booleans())
def test_whatever_stands_in_a_line_instead_is_followed_broken_or_forged(
    name: str, value: object, missing: bool
) -> None:
    words = {key: said for key, said in WORDS.items() if key != name} | ({} if missing else {name: value})
    data = canonical(words)
    try:
        follow(ACCEPTING | {"line": data.decode(), "digest": suite("sm2").digest(data)}, TAKEN, HUNAN)
    except (ChainBroken, ChainForged):
        return
