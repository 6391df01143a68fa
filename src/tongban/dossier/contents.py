# SPDX-License-Identifier: Apache-2.0
"""What a dossier holds: the documents in it as values, each with one spelling. Pure.

docs/protocol/dossier.md says the same for people who write their own reader.
"""

from typing import Annotated, Any, Literal, TypeVar

import msgspec

from tongban.standards.canonical import canonical, parse

MOST = 20_000  # entries
LARGEST = 32_000_000  # bytes of one document that is read as a whole

Text = Annotated[str, msgspec.Meta(max_length=20_000_000)]
Word = Annotated[str, msgspec.Meta(max_length=500)]
Whole = Annotated[int, msgspec.Meta(ge=0)]
Hex = Annotated[str, msgspec.Meta(max_length=4000, pattern=r"^([0-9a-f]{2})*\Z")]
Step = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Digest = Annotated[str, msgspec.Meta(pattern=r"^(sha256|sm3):[0-9a-f]{64}\Z")]
FileDigest = Annotated[str, msgspec.Meta(pattern=r"^sha256:[0-9a-f]{64}\Z")]
Name = Annotated[
    str,
    msgspec.Meta(
        pattern=(
            "^((case|chain|ledger|papers|materials)\\.json|trust/[0-9]{6}\\.json|messages/[0-9]{4}\\.json|"
            "witnesses/[0-9]{6}\\.json|papers/[0-9]{4}\\.pdf|materials/[0-9]{4})\\Z"
        )
    ),
]


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document of which every member is known."""


class EntryOf(Strict, frozen=True):
    """One entry of the manifest."""

    name: Name
    size: Whole
    digest: FileDigest


class Manifest(Strict, frozen=True):
    """What the exporting node signs."""

    v: Literal[1]
    format: Literal["tongban-dossier"]
    node: Word
    case: Word
    subject: Word
    exported_at: Word
    by: Word  # pseudonym
    reason: Word
    with_materials: bool
    entries: Annotated[tuple[EntryOf, ...], msgspec.Meta(max_length=MOST)]


class SignedBy(Strict, frozen=True):
    """A signature that stands apart from what it covers."""

    signature: Hex
    key_id: Word
    suite: Word


class SignedText(Strict, frozen=True):
    """Signed bytes as text, with who signed."""

    document: Text
    signature: Hex
    key_id: Word
    suite: Word


class Letter(Strict, frozen=True):
    """A message with what proves its sender, and the receiver's acknowledgement where there is one."""

    envelope: Text
    index: Whole
    size: Whole
    path: tuple[Step, ...]
    head: Text
    signature: Hex
    acknowledgement: SignedText | None


class LineOf(Strict, frozen=True):
    """A line of the case's chain, with the facts that may be shown."""

    line: Text
    digest: Digest
    facts: dict[str, Any]
    salt: Hex


class Chain(Strict, frozen=True):
    lines: tuple[LineOf, ...]


class PartyOf(Strict, frozen=True):
    number: Whole
    part: Word
    organization: Word
    organization_name: Word
    region: Word
    region_name: Word
    node: Word
    phone: Word


class ItemOf(Strict, frozen=True):
    task_code: Word
    version: Whole
    digest: Digest
    name: Word


class Case(Strict, frozen=True):
    """The case as the exporting node has it."""

    case: Word
    receipt_no: Word
    project_no: Word | None
    item: ItemOf
    mode: Word
    delivery: Word
    state: Word
    parties: tuple[PartyOf, ...]
    applicant: dict[str, Any]
    answers: dict[str, Any]
    form: dict[str, Any]
    signers: tuple[dict[str, Any], ...] = ()  # who confirmed beside the applicant


class DiaryLine(Strict, frozen=True):
    """A line of the node's ledger; facts and salt only where they can be shown."""

    subject: Word
    number: Whole
    verb: Word
    at: Word
    actor: Word
    facts_digest: Digest
    previous: Word
    digest: Digest
    facts: dict[str, Any] | None
    salt: Hex
    position: Whole | None  # None: not in the tree when the dossier was made
    path: tuple[Step, ...]


class Continued(Strict, frozen=True):
    """The proof that the head goes on from one that a witness holds."""

    size: Whole
    path: tuple[Step, ...]


class Ledger(Strict, frozen=True):
    head: SignedText
    lines: tuple[DiaryLine, ...]
    continued: tuple[Continued, ...]


class Paper(Strict, frozen=True):
    """A licence or a notice; entry is empty where the file is not here."""

    entry: Word
    licence: Word  # its identifier in the ledger, empty for a paper of another node
    number: Word
    name: Word
    is_notice: bool
    issuer: Word
    digest: Word


class Papers(Strict, frozen=True):
    papers: tuple[Paper, ...]


class Material(Strict, frozen=True):
    entry: Word
    number: Whole
    requirement: Word
    name: Word
    filename: Word
    media_type: Word
    size: Whole
    digest: FileDigest


class Materials(Strict, frozen=True):
    materials: tuple[Material, ...]


class NotThat(ValueError):
    """These bytes are not the document they should be."""


Shape = TypeVar("Shape", bound=msgspec.Struct)


def read(data: bytes, shape: type[Shape]) -> Shape:
    """The document in these bytes. NotThat, for every other spelling of it too."""
    try:
        return msgspec.convert(parse(data, strict=True), shape)
    except (ValueError, RecursionError) as wrong:
        raise NotThat(str(wrong)[:200]) from wrong


def written(document: msgspec.Struct) -> bytes:
    """The one spelling of a document."""
    return canonical(msgspec.json.decode(msgspec.json.encode(document)))
