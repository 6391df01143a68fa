# SPDX-License-Identifier: Apache-2.0
"""After a fault of the database every thread looks at its own connection once before it is used again.

Without this each thread of a server would meet its dead connection with somebody's request. Nothing is asked while
all is well.
"""

import threading

from django.db import connection

_seen = threading.local()
_faults = 0  # of this process, so far


def cast() -> None:
    """The database did not answer: no thread may trust its connection."""
    global _faults
    _faults += 1


def clear() -> None:
    """At the start of a request: drop this thread's connection when a fault has broken it.

    Never within a transaction: whoever holds one learns of the fault from its own next statement.
    """
    if getattr(_seen, "faults", 0) == _faults or connection.in_atomic_block:
        return
    _seen.faults = _faults
    connection.errors_occurred = True
    connection.close_if_unusable_or_obsolete()
