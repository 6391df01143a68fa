# SPDX-License-Identifier: Apache-2.0
"""How a person's numbers are kept: sealed to be read back, blind to be found by."""

from uuid import UUID

from tongban.vault import keys


def sealed(person: UUID, field: str, value: str) -> bytes:
    """A number under the node's key for persons; it opens for this person and field only."""
    return keys.seal(keys.personal_key(), value.encode(), _context(person, field))


def opened(person: UUID, field: str, kept: bytes | memoryview | None) -> str:
    """What was sealed; empty when nothing was."""
    if kept is None:
        return ""
    return keys.unseal(keys.personal_key(), bytes(kept), _context(person, field)).decode()


def id_index(id_type: str, number: str) -> bytes:
    """Finds a person by a whole ID number."""
    return keys.blind(f"id:{id_type}", number)


def index_of(person: UUID, kept: bytes | memoryview | None) -> bytes:
    """What ties a person to their cases; without a proven number it is theirs alone, never an empty one."""
    return id_index("person", str(person)) if kept is None else bytes(kept)


def phone_index(phone: str) -> bytes:
    """Finds an account by a whole phone number."""
    return keys.blind("phone", phone)


def _context(person: UUID, field: str) -> bytes:
    return f"person:{person}:{field}".encode()
