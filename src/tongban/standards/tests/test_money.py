# SPDX-License-Identifier: Apache-2.0
"""Sums in figures and in characters."""

import pytest

from tongban.standards.money import LIMIT, capitals, yuan

# The first five are the rule's own examples; where it allows two ways, the one without the optional 零 or 整.
WRITTEN = {
    140_950: "人民币壹仟肆佰零玖元伍角",
    600_714: "人民币陆仟零柒元壹角肆分",
    168_032: "人民币壹仟陆佰捌拾元叁角贰分",
    1_640_902: "人民币壹万陆仟肆佰零玖元零贰分",
    32_504: "人民币叁佰贰拾伍元零肆分",
    0: "人民币零元整",
    5: "人民币伍分",
    50: "人民币伍角",
    4_000: "人民币肆拾元整",
    1_000_000: "人民币壹万元整",
    1_000_100: "人民币壹万零壹元整",
    10_000_000_00: "人民币壹仟万元整",
    1_0000_0000_00: "人民币壹亿元整",
    1_0000_0001_00: "人民币壹亿零壹元整",
    9999_0000_0010_00: "人民币玖仟玖佰玖拾玖亿零壹拾元整",
}


@pytest.mark.parametrize("fen", WRITTEN)
def test_a_sum_is_written_as_on_a_bill(fen: int) -> None:
    assert capitals(fen) == WRITTEN[fen]


@pytest.mark.parametrize("fen", [-1, LIMIT])
def test_what_is_no_sum_of_ours_is_refused(fen: int) -> None:
    with pytest.raises(ValueError, match="bill"):
        capitals(fen)


def test_no_two_sums_are_written_alike() -> None:
    sums = [*range(25_000), *(10**n + m for n in range(4, 14) for m in (0, 1, 10, 100, 1_0000))]
    assert len({capitals(fen) for fen in sums}) == len(set(sums))


def test_figures_show_both_places() -> None:
    assert [yuan(fen) for fen in (0, 5, 4_000, 123_456_789)] == ["0.00 元", "0.05 元", "40.00 元", "1,234,567.89 元"]
