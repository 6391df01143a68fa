# SPDX-License-Identifier: Apache-2.0
"""How a person's numbers are kept: sealed to be read back, blind to be found by."""

from collections.abc import Callable
from uuid import UUID

from tongban.standards.enums import IdType
from tongban.vault import keys
from tongban.vault.places import Indexed, Personal


def sealed(person: UUID, field: str, value: str) -> bytes:
    """A number under the node's key for persons; it opens for this person and field only."""
    return keys.seal_personal(value.encode(), _context(person, field))


def opened(person: UUID, field: str, kept: bytes | memoryview | None) -> str:
    """What was sealed; empty when nothing was."""
    if kept is None:
        return ""
    return keys.unseal_personal(kept, _context(person, field)).decode()


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


def context_of(field: str) -> Callable[[UUID], bytes]:
    """By a row's own id, what its sealed field says it belongs to."""
    return lambda owner: _context(owner, field)


SEALED = (
    Personal("identity_person", "id", "id_sealed", context_of("id_number")),
    Personal("identity_person", "id", "phone_sealed", context_of("phone")),
    Personal("identity_mandate", "id", "agent_sealed", context_of("id_number")),
    Personal("identity_verification", "id", "id_sealed", context_of("id_number")),
    Personal("identity_verification", "id", "beside", context_of("beside")),
    Personal("identity_factor", "id", "secret", context_of("totp"), only="kind = 'totp'"),
)
KINDS = tuple(kind.value for kind in IdType)
INDEXED = (
    *(Indexed("identity_person", "id_index", only=f"id_type = '{kind}'") for kind in KINDS),  # as its key begins
    Indexed("identity_person", "id_index", only=f"id_type NOT IN {KINDS}"),  # another node's word that we do not know
    Indexed("identity_login", "index"),
    Indexed("identity_mandate", "agent_index"),
    Indexed("identity_look", "subject_index"),
    Indexed("identity_verification", "id_index"),
    Indexed("identity_factor", "secret", only="kind = 'recovery'"),
)
