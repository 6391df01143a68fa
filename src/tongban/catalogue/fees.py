# SPDX-License-Identifier: Apache-2.0
"""What an item says of its fee (收费): lines in fen with their basis, and how a case asks for it and waits for it."""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from tongban.catalogue.details import Terms
from tongban.catalogue.parts import Count, Length, Part, Problem, Text
from tongban.standards.enums import TimeUnit

MOST_FEN = 1_000_000_000_00  # of one line: more than anybody is asked for


class Charge(Part, frozen=True):
    """One line of a fee, in fen."""

    name: Text
    fen: Annotated[Count, msgspec.Meta(le=MOST_FEN)]
    basis: Text
    more: Terms | None = None


class Payment(Part, frozen=True):
    """缴费: what waits for the fee, to whom and how it is paid, until when, and what silence means.

    No law says it for all items: whoever publishes the item declares it, with a source.
    """

    before: Literal["decision", "result"]  # what is not given before: the decision, or what was granted
    payee: Text
    how: Text
    source: Text
    days: Length = 0  # 0: no term
    unit: TimeUnit = TimeUnit.WORKING_DAY
    consequence: Literal["", "withdrawn"] = ""  # of not paying in time; empty: the case waits
    law: str = ""
    clause: str = ""
    stops_by: str = ""  # law and article by which the organ's limits stand still meanwhile; empty: they run on


class Fee(Part, frozen=True):
    """Whether it costs anything, and why; without `payment` nobody is asked for it in a case."""

    charged: bool
    basis: str = ""
    lines: tuple[Charge, ...] = ()
    note: str = ""
    payment: Payment | None = None


def fee_problems(fee: Fee) -> Iterator[Problem]:
    """What contradicts itself in a fee. 行政许可法 art. 58, 59: none without a basis, and only as it is published."""
    if fee.charged and not (fee.basis and fee.lines):
        yield Problem("fee", "收费的，须写明收费依据和收费项目。")
    if not fee.charged and fee.lines:
        yield Problem("fee", "不收费的，不得列收费项目。")
    asked = fee.payment
    if asked is None:
        return
    if not fee.charged:
        yield Problem("fee", "不收费的，不得规定缴费。")
    elif not any(line.fen for line in fee.lines):
        yield Problem("fee", "规定缴费的，至少一个收费项目须写明金额。")
    if asked.consequence and not asked.days:
        yield Problem("fee", "规定逾期未缴费的后果的，须写明缴费期限。")
    if asked.consequence and asked.before == "result":
        yield Problem("fee", "已经准予的，不得因逾期未缴费视为撤回申请；可以在缴费以后再交付结果。")
