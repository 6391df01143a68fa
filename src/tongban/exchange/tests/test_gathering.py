# SPDX-License-Identifier: Apache-2.0
"""Work done for several at once: each gets its own, nobody waits for company, and one who fails fails alone."""

import threading
from collections.abc import Sequence

import pytest

from tongban.exchange.gathering import Gathering


class Counter:
    """Doubles numbers, a round at a time; the first round waits until it is let go."""

    def __init__(self) -> None:
        self.rounds: list[list[int]] = []
        self.began, self.go = threading.Event(), threading.Event()

    def serve(self, items: Sequence[int]) -> list[int]:
        self.rounds.append(list(items))
        if len(self.rounds) == 1:
            self.began.set()
            self.go.wait(10)
        if 13 in items:
            raise ValueError("13")
        return [2 * item for item in items]


def test_who_comes_alone_is_served_alone() -> None:
    counter = Counter()
    counter.go.set()
    gathering = Gathering(counter.serve, most=9)

    assert [gathering.do(item) for item in (1, 2)] == [2, 4]
    assert counter.rounds == [[1], [2]]


@pytest.mark.parametrize(("most", "rounds"), [(9, 2), (3, 3)])
def test_who_comes_during_a_round_makes_the_next_together(most: int, rounds: int) -> None:
    counter, made = Counter(), dict[int, int]()
    gathering = Gathering(counter.serve, most=most)

    together(gathering, counter, made, [1, 2, 3, 4, 5])

    assert made == {item: 2 * item for item in (1, 2, 3, 4, 5)}
    assert [len(items) for items in counter.rounds] == ([1, 4] if rounds == 2 else [1, 3, 1])


def test_one_who_fails_fails_alone() -> None:
    counter, made = Counter(), dict[int, int]()
    gathering = Gathering(counter.serve, most=9)

    together(gathering, counter, made, [1, 2, 13, 4])

    assert made == {1: 2, 2: 4, 4: 8}
    with pytest.raises(ValueError, match="13"):
        gathering.do(13)
    assert gathering.do(5) == 10


def together(gathering: "Gathering[int, int]", counter: Counter, made: dict[int, int], items: Sequence[int]) -> None:
    """The first item begins a round; the others come before it is over."""

    def do(item: int) -> None:
        try:
            made[item] = gathering.do(item)
        except ValueError:
            return

    threads = [threading.Thread(target=do, args=(item,)) for item in items]
    threads[0].start()
    counter.began.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(gathering._waiting) < len(items) - 1:
        threads[0].join(0.001)
    counter.go.set()
    for thread in threads:
        thread.join(10)
