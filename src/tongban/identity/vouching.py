# SPDX-License-Identifier: Apache-2.0
"""What a home node says of those for whom one of its people may act: the claim `mandates` of an ID token."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

MANDATES = "mandates"  # the claim; asked for apart, and shown to the person each time
MOST = 20  # of one token
MOST_ITEMS = 40  # of one mandate; with more it is used at home only, as answers of nodes are short
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Code = Annotated[str, msgspec.Meta(pattern="^[0-9A-Z]{18}$")]
Place = Annotated[str, msgspec.Meta(pattern="^[0-9]{6,12}$")]

Role = Literal["representative", "agent", "helper", "guardian"]


class VouchedCompany(msgspec.Struct, frozen=True):
    """A legal person that is registered where the agent is at home."""

    code: Code
    name: Word


class VouchedPerson(msgspec.Struct, frozen=True):
    """A natural person for whom home speaks."""

    name: Word
    id_type: Word
    id_number: Word
    home_region: Place


class Vouched(msgspec.Struct, frozen=True, omit_defaults=True):
    """One mandate that stands at home now."""

    id: UUID
    role: Role
    company: VouchedCompany | None = None
    person: VouchedPerson | None = None
    items: Annotated[list[Word], msgspec.Meta(max_length=MOST_ITEMS)] = []
    basis: Annotated[str, msgspec.Meta(max_length=200)] = ""
    ends_on: date | None = None


def read(said: Any) -> tuple[Vouched, ...]:
    """The mandates of a claim. ValueError for anything else."""
    try:
        found = msgspec.convert(said, Annotated[list[Vouched], msgspec.Meta(max_length=MOST)])
    except msgspec.ValidationError as wrong:
        raise ValueError("the mandates cannot be read") from wrong
    if not all((each.company is None) != (each.person is None) and _can_be_shown(each) for each in found):
        raise ValueError("a mandate is of nobody, of two, or cannot be shown")
    return tuple(found)


def told(vouched: Sequence[Vouched]) -> list[Any]:
    """The claim, as JSON's values."""
    plain: list[Any] = msgspec.to_builtins(vouched)
    return plain


def _can_be_shown(each: Vouched) -> bool:
    words = [msgspec.structs.astuple(whose) for whose in (each.company, each.person) if whose is not None]
    return all(word.isprintable() for word in (*sum(words, ()), *each.items, each.basis))
