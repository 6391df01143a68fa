# SPDX-License-Identifier: Apache-2.0
"""What every piece of an item's content is made of: its base, its words, and a rule that is not kept."""

from typing import Annotated

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Length = Annotated[int, msgspec.Meta(ge=0, le=1200)]  # of a limit, in any unit; clocks go no further
Word = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]
# "question:option" or "field=value", several joined with & hold together, ! turns one round; see `conditions`
_TERM = "!?[a-z][a-z0-9_]{0,39}(:[a-z][a-z0-9_]{0,39}|=([a-z][a-z0-9_]{0,39}|\\*))"
Condition = Annotated[str, msgspec.Meta(pattern=f"^{_TERM}(&{_TERM}){{0,9}}$")]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece of an item: unknown words are refused, so that a misspelt one is not silently lost."""


class Problem(msgspec.Struct, frozen=True):
    """One rule that is not kept, and where."""

    field: str
    why: str
