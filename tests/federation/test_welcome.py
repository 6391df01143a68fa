# SPDX-License-Identifier: Apache-2.0
"""A node that joins later hears of everything that was published before, once."""

from tests.newcomer import forget
from tests.world import World
from tongban.catalogue.models import BasicVersion, ItemVersion, ListVersion
from tongban.catalogue.welcoming import Welcome

HUNAN, GANSU = "430000", "620000"


def known(world: World) -> tuple[int, ...]:
    """How many copies Gansu has of what others published: items, basic items, lists."""
    with world.at(GANSU):
        return tuple(model.objects.filter(origin="copy").count() for model in (ItemVersion, BasicVersion, ListVersion))


def test_a_newcomer_is_told_all_and_nobody_is_told_twice(federation: World) -> None:
    federation.settle()
    before = known(federation)
    forget(federation, GANSU, "item/", "basic/", "list/")
    with federation.at(GANSU):
        for model in (ItemVersion, BasicVersion, ListVersion):
            model.objects.filter(origin="copy").delete()

    for code in sorted(federation.nodes.keys() - {GANSU}):
        with federation.at(code):
            welcome = Welcome()
            assert welcome.once(federation.clock.now())
            assert not welcome.once(federation.clock.now())  # the same list: there is nobody new
            assert not Welcome().once(federation.clock.now())  # a worker that starts again finds nothing untold
    federation.settle()

    assert known(federation) == before
    assert before[0] > 0
