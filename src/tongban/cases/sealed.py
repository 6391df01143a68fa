# SPDX-License-Identifier: Apache-2.0
"""Opening what a case keeps sealed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tongban.cases.queries.held import Held
from tongban.standards.canonical import parse
from tongban.vault import keys


def open_envelope(held: Held) -> dict[str, Any]:
    """Applicant, answers, form and file names of a case."""
    return opened(held.key, held.sealed, envelope_context(held.id))


def opened(key: bytes, sealed: bytes, context: bytes) -> dict[str, Any]:
    """JSON that was sealed under a case's key."""
    value: dict[str, Any] = parse(keys.unseal(key, sealed, context))
    return value


def envelope_context(case_id: UUID) -> bytes:
    """An envelope cannot be moved to another case unseen."""
    return b"case:" + case_id.bytes


def event_context(number: int) -> bytes:
    """Facts cannot be moved to another line unseen."""
    return b"event:%d" % number


def request_context(request_id: UUID) -> bytes:
    """Nor to another request."""
    return b"request:" + request_id.bytes


def filename_context(number: int) -> bytes:
    """Nor to another material."""
    return b"filename:%d" % number


def envelope(applicant: Mapping[str, Any], answers: Mapping[str, str], form: Mapping[str, str]) -> dict[str, Any]:
    """What is personal in a case: one envelope under its own key."""
    return {"applicant": dict(applicant), "answers": dict(answers), "form": dict(form)}
