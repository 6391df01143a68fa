# SPDX-License-Identifier: Apache-2.0
"""The published schemas, and a checker that also looks into signed text."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "protocol" / "schemas"


def _inside(validator: Any, schema: Any, text: Any, whole: Mapping[str, Any]) -> Iterator[ValidationError]:
    """JSON that is carried as text must be of its own schema; empty text carries nothing."""
    if not isinstance(text, str) or not text:
        return
    try:
        encoded = whole.get("contentEncoding") == "base64url"
        document = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)) if encoded else text)
    except ValueError as wrong:
        yield ValidationError(f"no JSON: {wrong}")
        return
    yield from validator.descend(document, schema)


Checker = extend(Draft202012Validator, {"contentSchema": _inside})


@cache
def published() -> dict[str, dict[str, Any]]:
    """Every schema by the name of its file."""
    return {file.name: json.loads(file.read_text(encoding="utf-8")) for file in sorted(SCHEMAS.glob("*.json"))}


@cache
def _registry() -> "Registry[Any]":
    pages = [(name, DRAFT202012.create_resource(words)) for name, words in published().items()]
    return Registry().with_resources(pages)


@cache
def checker(name: str) -> Validator:
    """What checks a document by this schema."""
    found: Validator = Checker(
        published()[f"{name}.schema.json"], registry=_registry(), format_checker=FormatChecker(["date"])
    )
    return found


def faults(name: str, document: Any) -> list[str]:
    """Where a document is not as the schema says."""
    return [f"{each.json_path}: {each.message[:200]}" for each in checker(name).iter_errors(document)]
