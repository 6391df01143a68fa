# SPDX-License-Identifier: Apache-2.0
"""Passwords: which are good enough, and what the answer to a wrong one gives away."""

from typing import Literal

import pytest
from argon2 import PasswordHasher, extract_parameters

from tongban.identity import passwords
from tongban.identity.passwords import HASHER, NOBODYS, hashed, is_right, weakness


def test_a_password_is_kept_as_salted_argon2id() -> None:
    kept = hashed("柳树下的第3只猫")

    assert kept.startswith("$argon2id$") and kept != hashed("柳树下的第3只猫")
    assert is_right(kept, "柳树下的第3只猫")
    assert not is_right(kept, "柳树下的第4只猫")


class Counting(PasswordHasher):
    """How often a password was compared; how long that takes tells nothing on a busy machine."""

    compared = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.compared += 1
        return super().verify(hash, password)


def test_an_unknown_login_costs_the_same_work_as_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    counting, kept = Counting(), hashed("whatever-1")
    with monkeypatch.context() as patched:
        patched.setattr(passwords, "HASHER", counting)
        assert not is_right(None, "whatever-1") and counting.compared == 1
        assert not is_right(kept, "whatever-2") and counting.compared == 2
    assert extract_parameters(NOBODYS) == extract_parameters(hashed("whatever-1"))
    assert extract_parameters(NOBODYS).memory_cost == HASHER.memory_cost


def test_a_broken_hash_lets_nobody_in() -> None:
    assert not is_right("", "x") and not is_right("plain", "plain")


def test_an_endless_password_is_not_even_hashed() -> None:
    assert not is_right(hashed("a" * passwords.LONGEST), "a" * 10_000)


def test_passwords_that_are_guessed_first_are_refused_in_words() -> None:
    for weak in ("short1", "1234567890", "aaaaaaaa", "Passw0rd", "x" * 200):
        assert weakness(weak)
    assert weakness("zhangwei-2026", "ZhangWei")
    assert weakness("tel-13800000001", "张伟", "13800000001")


def test_a_good_password_passes() -> None:
    assert weakness("湘江北去-橘子洲头", "张伟", "13800000001", "") is None
    assert weakness("correct horse battery") is None
