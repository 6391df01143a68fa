# SPDX-License-Identifier: Apache-2.0
"""How much is done for an answer, counted in calls: the same on every machine, unlike the time it takes."""

import sys
from collections.abc import Callable
from typing import Any


def calls(done: Callable[..., object], *given: Any) -> int:
    """The functions that are entered, and the generators that are taken up again, until it is done."""
    found = 0

    def count(frame: object, event: str, arg: object) -> None:
        nonlocal found
        found += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        done(*given)
    finally:
        sys.setprofile(before)
    return found
