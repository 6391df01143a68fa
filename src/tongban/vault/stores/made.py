# SPDX-License-Identifier: Apache-2.0
"""A sealed file that is written but has no name yet."""

from typing import Protocol


class Made(Protocol):
    """Whoever writes a file shows a store this much of it."""

    passing: str  # the path under which it was written
    handle: int  # of the open file
    name: str  # that it is to bear: the digest of its content
    is_kept: bool  # the store took it over, and the path is free
