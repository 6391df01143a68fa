# SPDX-License-Identifier: Apache-2.0
"""A node that knows nobody yet."""

import pytest

from tongban.identity.models import Person, Staff, Tries
from tongban.standards.node import Node


@pytest.fixture
def empty(hunan: Node) -> Node:
    """Hunan's node before anybody is known to it; undone with everything else afterwards."""
    for model in (Person, Staff, Tries):
        model._base_manager.all().delete()
    return hunan
