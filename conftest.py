# SPDX-License-Identifier: Apache-2.0
"""Fixtures for every test of the house live in tests.ground; here is who runs what when several processes test."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["tests.ground"]


class Together(LoadScopeScheduling):
    """Journeys share one demo, so one process walks them all; every other test goes to whoever is free.

    xdist's own groups do not reach the test ids of pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "journeys" if nodeid.startswith("tests/journeys/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    """Asked by xdist in the process that hands out the tests."""
    return Together(config, log)
