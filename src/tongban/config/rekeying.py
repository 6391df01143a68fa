# SPDX-License-Identifier: Apache-2.0
"""After a key of the node was changed, its worker goes through everything that the earlier one made."""

from datetime import datetime

from tongban.cases.actions.rotating import FOLLOWING
from tongban.identity import sealing as persons
from tongban.ledger import actions as ledger
from tongban.licences.seals import signing
from tongban.standards.actor import system
from tongban.standards.node import here
from tongban.vault import actions, keys
from tongban.vault.places import Indexed, Personal, Wrapped

SEALED = (
    Wrapped("vault_subject_key", "subject"),
    Wrapped("cases_draft", "id"),
    Wrapped("windows_intake", "id"),
    *persons.SEALED,
    Personal("reminders_choice", "person_id", "address_sealed", persons.context_of("mail")),
)
INDEXED = (
    *persons.INDEXED,
    Indexed("cases_case", "applicant_index"),
    Indexed("cases_signer", "person_index"),
    Indexed("licences_licence", "holder_index"),
    Indexed("licences_use", "holder_index"),
)
NAMES = {"data": keys.DATA, "index": keys.INDEX}
SEAL = "seal"  # SM2, for OFD: nothing that was sealed is sealed anew


def rotate(use: str, at: datetime) -> int:
    """Make a new data, index or seal key, in use from now on in every process of the node. Its number. RotationOpen."""
    number = signing.make_key() if use == SEAL else actions.make_key(NAMES[use])
    node = here().code
    ledger.write(f"node/{node}", verb="key.made", actor=system(node), at=at, facts={"use": use, "number": number})
    return number


def seal_anew_once(at: datetime) -> bool:
    """Some rows more under the newest data key. False when all are."""
    return actions.seal_anew_once(SEALED) > 0


def move_indexes_once(at: datetime, most: int = actions.VALUES) -> bool:
    """Some values more under the newest index key. False when all are."""
    return actions.move_indexes_once(INDEXED, FOLLOWING, at, most) > 0
