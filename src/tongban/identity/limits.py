# SPDX-License-Identifier: Apache-2.0
"""How often passwords may be tried. Guessing is slowed; the owner of a login is not kept out by others.

Three counts for one try. Of the login from this address: ordinary mistyping. Of the address: trying one
password on many logins. Of the login from anywhere: guessing from many addresses; this last one does not
stop an address from which the right password has come before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Limit:
    """So many tries within so long."""

    kind: str
    tries: int
    within: timedelta


HERE = Limit("login-address", 6, timedelta(minutes=5))
ADDRESS = Limit("address", 60, timedelta(minutes=15))  # a service hall is many people behind one address
LOGIN = Limit("login", 30, timedelta(minutes=30))


@dataclass(frozen=True)
class Counted:
    """One count, this try included."""

    limit: Limit
    count: int
    since: datetime
    known: bool = False  # the right password has come this way before


def wait(counts: list[Counted], at: datetime) -> timedelta | None:
    """How long this try must wait; None when it may go on."""
    known_here = any(counted.known for counted in counts if counted.limit is HERE)
    over = [
        counted.since + counted.limit.within - at
        for counted in counts
        if counted.count > counted.limit.tries and not (counted.limit is LOGIN and known_here)
    ]
    return max(over, default=None)


def minutes(left: timedelta) -> int:
    """Whole minutes to tell a person, at least one."""
    return max(1, -(-int(left.total_seconds()) // 60))
