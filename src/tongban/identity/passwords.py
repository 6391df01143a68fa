# SPDX-License-Identifier: Apache-2.0
"""Passwords: which are good enough, how they are kept, how they are compared."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# argon2id with the least parameters OWASP recommends: a node signs many people in on two cores.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

# Nobody's: compared with when the login is unknown, so that the answer takes as long as for a known one.
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$JHdtb8LrsUZ3YL7usHLPAQ$+kaMwridtAPwZta+RYUa2PNlUTCSWY5IvHKxCAGjlik"

SHORTEST, LONGEST = 8, 128  # characters

GUESSED_FIRST = frozenset(
    {"password", "passw0rd", "password1", "qwertyui", "qwerty123", "1q2w3e4r", "1qaz2wsx", "abcd1234"}
    | {"a1234567", "a12345678", "a123456789", "woaini1314", "woaini520", "admin123", "iloveyou", "q1w2e3r4"}
    | {"aa123456", "abc12345", "qq123456", "zxcvbnm1", "asd12345", "asdf1234", "qwer1234", "tongban123"}
)


def hashed(password: str) -> str:
    """What is kept of a password: salted argon2id."""
    return HASHER.hash(password)


def is_right(kept: str | None, password: str) -> bool:
    """Whether this is the password; as slow for a login that does not exist (kept is None)."""
    if len(password) > LONGEST:
        return False
    try:
        HASHER.verify(kept or NOBODYS, password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def weakness(password: str, *known: str) -> str | None:
    """Why a password is not good enough, in words; None when it is. `known`: login, name, numbers."""
    folded = password.casefold()
    if not SHORTEST <= len(password) <= LONGEST:
        return f"密码须为 {SHORTEST} 至 {LONGEST} 个字符。"
    if password.isdecimal():
        return "密码不能全是数字，生日和号码最容易被猜到。"
    if len(set(folded)) < 4 or folded in GUESSED_FIRST:
        return "这个密码太常见，请换一个。"
    if any(word and word.casefold() in folded for word in known):
        return "密码中不要包含姓名、登录名或号码。"
    return None
