# SPDX-License-Identifier: Apache-2.0
"""A demo of real processes, the same for every cell of the matrix."""

from collections.abc import Iterator

import pytest

from tests.journeys.running import Demo, running


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """Five nodes that run."""
    with running() as made:
        yield made
