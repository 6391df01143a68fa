# SPDX-License-Identifier: Apache-2.0
"""How often passwords may be tried and codes be sent. Guessing is slowed; nobody is kept out by others.

Three counts for one try. Of the login from this address: ordinary mistyping. Of the address: trying one
password on many logins. Of the login from anywhere: guessing from many addresses; this last one does not
stop an address from which the right password, or code, has come before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Limit:
    """So many tries within so long."""

    kind: str
    tries: int
    within: timedelta


@dataclass(frozen=True)
class Limits:
    """The three counts of one way to try."""

    here: Limit
    address: Limit
    login: Limit

    def __iter__(self) -> Iterator[Limit]:
        return iter((self.here, self.address, self.login))


HERE = Limit("login-address", 6, timedelta(minutes=5))
ADDRESS = Limit("address", 60, timedelta(minutes=15))  # a service hall is many people behind one address
LOGIN = Limit("login", 30, timedelta(minutes=30))
PASSWORD = Limits(HERE, ADDRESS, LOGIN)
FACTOR = Limits(  # a second factor of staff, after the right password
    Limit("factor-login-address", 8, timedelta(minutes=5)),
    Limit("factor-address", 60, timedelta(minutes=15)),
    Limit("factor-login", 30, timedelta(minutes=30)),
)
CODE = Limits(  # each may cost a text message, and reaches somebody's pocket
    Limit("code-login-address", 3, timedelta(minutes=10)),
    Limit("code-address", 40, timedelta(hours=1)),
    Limit("code-login", 6, timedelta(hours=1)),
)
PROGRESS = Limits(  # the last four digits of a stranger's ID number
    Limit("progress-number-address", 6, timedelta(minutes=10)),
    Limit("progress-address", 60, timedelta(minutes=15)),
    Limit("progress-number", 20, timedelta(hours=24)),
)


@dataclass(frozen=True)
class Counted:
    """One count, this try included."""

    limit: Limit
    count: int
    since: datetime
    known: bool = False  # the right password has come this way before


def wait(counts: list[Counted], at: datetime, limits: Limits = PASSWORD) -> timedelta | None:
    """How long this try must wait; None when it may go on."""
    known_here = any(counted.known for counted in counts if counted.limit is limits.here)
    over = [
        counted.since + counted.limit.within - at
        for counted in counts
        if counted.count > counted.limit.tries and not (counted.limit is limits.login and known_here)
    ]
    return max(over, default=None)


def minutes(left: timedelta) -> int:
    """Whole minutes to tell a person, at least one."""
    return max(1, -(-int(left.total_seconds()) // 60))
