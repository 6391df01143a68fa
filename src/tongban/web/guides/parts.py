# SPDX-License-Identifier: Apache-2.0
"""What a guide is made of. The page is drawn from this and nothing else, and programs get the same."""

from datetime import date, datetime
from typing import Literal

import msgspec


class Fact(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that has a name; `notes` say what it rests on. `link` leads on: an address, tel: or a page here."""

    name: str
    text: str
    notes: tuple[str, ...] = ()
    link: str = ""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of several of a kind: a material, a window, a question."""

    name: str
    tags: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()


class Section(msgspec.Struct, frozen=True, omit_defaults=True):
    """One heading of the guide with all that stands below it; one that says nothing is not there.

    What is `folded` is looked up rather than read: a page may show it on demand.
    """

    code: str
    title: str
    look: Literal["checks", "entries", "questions", "steps", "rows", "lines", "links"]
    folded: bool = False
    lines: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    entries: tuple[Entry, ...] = ()


class FlowStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step of the flow; `after` are the codes of those it waits for, `text` is the whole of it as a sentence."""

    code: str
    name: str
    text: str
    lines: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    beside: tuple[Fact, ...] = ()


class Standing(msgspec.Struct, frozen=True, omit_defaults=True):
    """How this version stands, since when and why; `current` is the version to look at instead, when there is one."""

    status: str
    label: str
    sentence: str = ""  # empty: in force
    reason: str = ""
    since: date | None = None
    current: int | None = None


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whose word the guide is, and how fresh."""

    node: str
    node_name: str
    copy: bool
    stale: bool
    published_at: datetime
    effective_from: date
    effective_to: date | None = None
    fresh_until: datetime | None = None


class Begin(msgspec.Struct, frozen=True, omit_defaults=True):
    """The one button: where it leads, what it says; beside it what to know, or what to do instead."""

    label: str
    address: str
    advice: str


class OtherVersion(msgspec.Struct, frozen=True):
    """Another version of the same item."""

    version: int
    label: str
    effective_from: date


class Changed(msgspec.Struct, frozen=True, omit_defaults=True):
    """One element that is different in the version in force; its two texts where they can be read as such."""

    name: str
    before: str = ""
    after: str = ""


class Elsewhere(msgspec.Struct, frozen=True):
    """The same matter at another organization."""

    task_code: str
    name: str
    region: str
    region_name: str
    publisher_name: str


class Guide(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything that is told of one version of an item."""

    task_code: str
    version: int
    digest: str
    name: str
    mode: str
    mode_name: str
    region: str
    region_name: str
    publisher: str
    publisher_name: str
    summary: str
    standing: Standing
    origin: Origin
    tags: tuple[str, ...]
    highlights: tuple[Fact, ...]
    sections: tuple[Section, ...]
    flow: tuple[FlowStep, ...]
    versions: tuple[OtherVersion, ...]
    begin: Begin | None = None
    changed: tuple[Changed, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
