# SPDX-License-Identifier: Apache-2.0
"""The drawn seal stays inside its ring, whatever the name."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tongban.licences.seal_drawing import MM, SIZE, Seal, _font, _outline, draw


@pytest.mark.parametrize("name", ["张", "长沙市公安局", "兰州市社会保险事业服务中心", "湘" * 30, "ABC 公司·分部"])
def test_every_point_lies_inside_the_seal(name: str) -> None:
    drawn = draw(Seal(name, foot="演示")).decode()
    points = re.findall(r"(-?\d+\.\d\d) (-?\d+\.\d\d) (?=[mlc]\b|-?\d)", drawn.partition(" cm")[2])

    assert points
    assert max(max(abs(float(x)), abs(float(y))) for x, y in points) <= SIZE / 2 * MM


def test_a_seal_without_words_is_ring_and_star() -> None:
    assert draw(Seal("", purpose="")).count(b" h f") == 1
    assert draw(Seal("", purpose="")).count(b" B") == 0


def test_two_threads_draw_what_one_draws() -> None:
    names = [
        "长沙市公安局",
        "兰州市政务服务中心",
        "长春市公安局",
        "廊坊市公安局",
        "甘肃省卫生健康委员会",
        "吉林省民政厅",
    ]
    one = {name: draw(Seal(name)) for name in names}
    for each in (_font, _outline):
        each.cache_clear()
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda name: draw(Seal(name)), names * 4)) == [one[name] for name in names * 4]
