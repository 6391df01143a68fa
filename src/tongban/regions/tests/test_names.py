# SPDX-License-Identifier: Apache-2.0
"""A place that somebody writes out is found by its name, or not at all."""

import pytest

from tongban.regions import queries
from tongban.standards.node import Node


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("湖南省长沙市岳麓区", "430104"),
        ("长沙市岳麓区", "430104"),
        ("岳麓区", "430104"),
        ("湖南省", "430000"),
        ("甘肃省兰州市", "620100"),
        ("鼓楼区", ""),  # Nanjing, Fuzhou, Kaifeng and Xuzhou have one
        ("区", ""),
        ("火星市", ""),
        ("", ""),
        ("%", ""),
        ("_" * 50, ""),
    ],
)
def test_a_written_place_is_found_where_it_is_one(node: Node, written: str, code: str) -> None:
    assert queries.code_of(written) == code
