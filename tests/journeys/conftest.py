# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the journeys. One process owns the demo: the scheduler keeps this folder together."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.journeys.running import Demo, running
from tests.journeys.screen import Screens, screens_of


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """Five nodes that run, the same for all journeys."""
    with running() as made:
        yield made


@pytest.fixture(scope="session")
def checked(demo: Demo) -> subprocess.CompletedProcess[str]:
    """What `tongban demo check` said: three stories have been walked by then."""
    return demo.tongban("demo", "check")


@pytest.fixture(scope="module")
def screens(demo: Demo) -> Iterator[Screens]:
    """A real browser; it ends with the module, because its loop must not run beside other tests."""
    with screens_of(demo) as made:
        yield made
