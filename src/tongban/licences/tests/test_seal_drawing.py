# SPDX-License-Identifier: Apache-2.0
"""The drawn seal stays inside its ring, whatever the name."""

import re

import pytest

from tongban.licences.seal_drawing import MM, SIZE, Seal, draw


@pytest.mark.parametrize("name", ["张", "长沙市公安局", "兰州市社会保险事业服务中心", "湘" * 30, "ABC 公司·分部"])
def test_every_point_lies_inside_the_seal(name: str) -> None:
    drawn = draw(Seal(name, foot="演示")).decode()
    points = re.findall(r"(-?\d+\.\d\d) (-?\d+\.\d\d) (?=[mlc]\b|-?\d)", drawn.partition(" cm")[2])

    assert points
    assert max(max(abs(float(x)), abs(float(y))) for x, y in points) <= SIZE / 2 * MM


def test_a_seal_without_words_is_ring_and_star() -> None:
    assert draw(Seal("", purpose="")).count(b" h f") == 1
    assert draw(Seal("", purpose="")).count(b" B") == 0
