# SPDX-License-Identifier: Apache-2.0
"""What is kept in the process is looked at again in time, and separately for each node."""

from pathlib import Path

from tongban.regions.fresh import Fresh
from tongban.standards.node import Node, at


def node(code: str) -> Node:
    return Node(code, code, "ed25519", "", "", Path(), "000000")


def test_a_value_is_made_again_only_when_its_stamp_has_changed() -> None:
    stamps, made = iter([1, 1, 2]), iter(["first", "second"])
    fresh = Fresh(lambda: next(stamps), lambda: next(made), seconds=0)

    with at(node("430000")):
        assert [fresh.get(), fresh.get(), fresh.get()] == ["first", "first", "second"]


def test_within_its_time_nobody_is_asked() -> None:
    asked: list[int] = []
    fresh = Fresh(lambda: asked.append(1), lambda: "value", seconds=3600)

    with at(node("430000")):
        fresh.get(), fresh.get()
        assert len(asked) == 1
        fresh.forget()
        fresh.get()
        assert len(asked) == 2


def test_every_node_has_its_own_value() -> None:
    made = iter(["hunan", "gansu"])
    fresh = Fresh(lambda: 1, lambda: next(made), seconds=3600)

    with at(node("430000")):
        assert fresh.get() == "hunan"
    with at(node("620000")):
        assert fresh.get() == "gansu"
    with at(node("430000")):
        assert fresh.get() == "hunan"
