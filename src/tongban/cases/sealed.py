# SPDX-License-Identifier: Apache-2.0
"""Opening what a case keeps sealed."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from tongban.standards.canonical import parse
from tongban.vault import keys


class Enveloped(Protocol):
    """A case with its key and its envelope."""

    @property
    def id(self) -> UUID: ...
    @property
    def key(self) -> bytes: ...
    @property
    def sealed(self) -> bytes: ...


def open_envelope(held: Enveloped) -> dict[str, Any]:
    """Applicant, answers, form and file names of a case."""
    return opened(held.key, held.sealed, envelope_context(held.id))


def opened(key: bytes, sealed: bytes, context: bytes) -> dict[str, Any]:
    """JSON that was sealed under a case's key."""
    value: dict[str, Any] = parse(keys.unseal(key, sealed, context))
    return value


def as_applied(kept: Mapping[str, Any]) -> dict[str, Any]:
    """The form as it was handed in, before whatever was corrected since."""
    form = dict(kept["form"])
    for before in reversed(kept.get("corrected", ())):
        form |= before
    return {name: value for name, value in form.items() if value is not None}


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


def signer_context(case_id: UUID, number: int) -> bytes:
    """Nor to another person, or another case."""
    return b"signer:" + case_id.bytes + b":%d" % number


def envelope(
    applicant: Mapping[str, Any],
    answers: Mapping[str, str],
    form: Mapping[str, str],
    signers: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """What is personal in a case: one envelope under its own key."""
    kept = {"applicant": dict(applicant), "answers": dict(answers), "form": dict(form)}
    return kept | ({"signers": [dict(each) for each in signers]} if signers else {})
