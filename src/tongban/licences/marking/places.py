# SPDX-License-Identifier: Apache-2.0
"""Where a mark stands on a page, so that it can neither be cut off nor covered. Pure."""

from collections.abc import Iterator

APART = 0.4  # of the shorter side: from one line of marks to the next
MOST = 8  # in a row and in a column, however long a page is


class Unmarkable(Exception):
    """This file takes no mark."""


def places(width: float, height: float) -> Iterator[tuple[float, float]]:
    """The middles of the marks on a page of this size, each as wide as the shorter side. Unmarkable for no page."""
    side = min(width, height)
    if side <= 0:
        raise Unmarkable()
    across, down = _count(width / side), _count(height / side / APART)
    for row in range(down):
        for column in range(across):
            yield (column + 0.5) * width / across, (row + 0.5) * height / down


def _count(times: float) -> int:
    return max(1, min(MOST, round(times)))
