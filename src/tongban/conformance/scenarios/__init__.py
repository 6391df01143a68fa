# SPDX-License-Identifier: Apache-2.0
"""Everything that is tried, in this order; what cannot be taken back comes last."""

from tongban.conformance.scenarios import asking, bare, forged, form, last, once, order

ALL = tuple(scenario for book in (once, order, forged, form, asking, bare, last) for scenario in book.BOOK.scenarios)

__all__ = ["ALL"]
