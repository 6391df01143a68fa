# SPDX-License-Identifier: Apache-2.0
"""An application form as data: sections, fields with their types, what holds for them, when they appear."""

from typing import Annotated, Literal

import msgspec

from tongban.catalogue.parts import Condition, Part, Text, Word

FieldType = Literal[
    "text",
    "textarea",
    "date",
    "choice",
    "phone",
    "choices",
    "yes_no",
    "email",
    "id_number",
    "credit_code",
    "integer",
    "money",
    "region",
    "rows",
]
CellType = Literal["text", "date", "choice", "phone", "id_number", "integer", "money"]
Personal = Literal["identity", "contact", "sensitive", "plain"]
MOST_ROWS = 30
TODAY = "today"  # what a date may be held to, beside a day and another field
YES, NO = "yes", "no"


class Choice(Part, frozen=True):
    """One value that a field offers."""

    code: Word
    text: Text


class Check(Part, frozen=True):
    """What holds for a field beside its type.

    `at_least` and `at_most` are of the value where it is a number, a sum or a date, of the count where it is several
    choices or rows, otherwise of the characters. `than` is a number (a sum in fen), a day, "today", the name of an
    earlier field, or the pattern.
    """

    kind: Literal["at_least", "at_most", "pattern", "same_as", "differs_from"]
    than: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    plus: Annotated[int, msgspec.Meta(ge=-36500, le=36500)] = 0  # days, where a date is held to a date
    says: Annotated[str, msgspec.Meta(max_length=200)] = ""  # to the person; empty: a sentence of ours


class Column(Part, frozen=True):
    """One column of a table that is filled in row by row."""

    name: Word
    label: Text
    type: CellType
    required: bool
    max: Annotated[int, msgspec.Meta(gt=0, le=500)]  # characters
    help: str = ""
    choices: tuple[Choice, ...] = ()


class Section(Part, frozen=True):
    """A headed part of the form; its fields appear only where it does."""

    code: Word
    title: Text
    help: str = ""
    only_if: tuple[Condition, ...] = ()


class Field(Part, frozen=True):
    """One field of the application form; `personal` is its class of protection.

    Kept are: a date as 2026-05-03, several choices as their codes joined with commas, yes or no, a sum in fen, a region
    as its code, rows as JSON; all else as it was written.
    """

    name: Word
    label: Text
    type: FieldType
    required: bool
    max: Annotated[int, msgspec.Meta(gt=0, le=2000)]  # characters; of a table: rows
    personal: Personal
    help: str = ""
    choices: tuple[Choice, ...] = ()
    prefill: Literal[
        "",
        "person.name",
        "person.id_number",
        "person.phone",
        "person.home_region",
        "company.name",
        "company.code",
    ] = ""
    section: str = ""  # code of the section it stands in; empty: before all of them
    only_if: tuple[Condition, ...] = ()
    checks: tuple[Check, ...] = ()
    locked: bool = False  # what was prefilled may not be changed; what proves who applies never may
    columns: tuple[Column, ...] = ()

    @property
    def is_proved(self) -> bool:
        """Whether what the sign-in or the verification told stays as it is."""
        return bool(self.prefill) and (self.personal == "identity" or self.locked)
