# SPDX-License-Identifier: Apache-2.0
"""Shared data that stand in for a material: who gives them is declared here, and asked by the worker only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked for: which resource, about whom, for what."""

    resource: str  # its name in the item
    code: str
    provider: str  # 数源单位
    id_type: str
    id_number: str
    name: str
    item_code: str
    item_name: str
    case_id: UUID


@dataclass(frozen=True)
class Found:
    """A file that says it, as a PDF, and what may be told of it."""

    content: bytes
    number: str
    issuer: str
    told: Mapping[str, str]


class Resource(Protocol):
    """Answers from the source; a Refusal says why not, e.g. that the source is down."""

    def __call__(self, wanted: Wanted) -> Found: ...


RESOURCES: dict[str, Resource] = {}  # by the name of the resource; none until a noun that shares data is there
