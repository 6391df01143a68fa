# SPDX-License-Identifier: Apache-2.0
"""Everything that is tried, in this order; what cannot be taken back comes last."""

from tongban.conformance.scenarios import asking, bare, filing, forged, form, last, listed, once, order, telling

ALL = tuple(
    scenario
    for book in (once, order, forged, listed, form, asking, telling, filing, bare, last)
    for scenario in book.BOOK.scenarios
)

__all__ = ["ALL"]
