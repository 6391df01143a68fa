# SPDX-License-Identifier: Apache-2.0
"""WebAuthn by the library's hand: what a browser is asked, and whether what it brings holds."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tongban.identity.errors import PasskeyRefused
from tongban.standards.node import here

LONGEST = 20_000  # characters of what a browser brings
# The password is the first factor; a PIN for the device as well would be a third.
VERIFIES = UserVerificationRequirement.DISCOURAGED


@dataclass(frozen=True)
class Made:
    """A new passkey."""

    credential: bytes
    public: bytes
    count: int


def place() -> str:
    """The host that passkeys of this node are tied to: elsewhere they do not sign."""
    return urlsplit(here().address).hostname or ""


def to_make(who: bytes, login: str, name: str, challenge: bytes, known: Iterable[bytes]) -> str:
    """What navigator.credentials.create is asked, as JSON."""
    asked = generate_registration_options(
        rp_id=place(),
        rp_name=here().name,
        user_id=who,
        user_name=login,
        user_display_name=name,
        challenge=challenge,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=VERIFIES
        ),
    )
    return options_to_json(asked)


def made(answer: str, challenge: bytes) -> Made:
    """The passkey that the browser made. PasskeyRefused."""
    try:
        found = verify_registration_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=place(),
            expected_origin=here().address.rstrip("/"),
            require_user_verification=False,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as no:
        raise PasskeyRefused(field="passkey") from no
    return Made(found.credential_id, found.credential_public_key, found.sign_count)


def to_show(challenge: bytes, known: Iterable[bytes]) -> str:
    """What navigator.credentials.get is asked, as JSON."""
    asked = generate_authentication_options(
        rp_id=place(),
        challenge=challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
        user_verification=VERIFIES,
    )
    return options_to_json(asked)


def credential_in(answer: str) -> str:
    """Which passkey the browser says it used, in base64url. PasskeyRefused when it says none."""
    named = _read(answer).get("id")
    if not isinstance(named, str):
        raise PasskeyRefused(field="passkey")
    return named


def shown(answer: str, challenge: bytes, public: bytes, count: int) -> int:
    """How often the passkey says it signed by now. PasskeyRefused: another's, another challenge, or a copy of it."""
    try:
        found = verify_authentication_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=place(),
            expected_origin=here().address.rstrip("/"),
            credential_public_key=public,
            credential_current_sign_count=count,
            require_user_verification=False,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as no:
        raise PasskeyRefused(field="passkey") from no
    return int(found.new_sign_count)


def _read(answer: str) -> dict[str, object]:
    try:
        said = json.loads(answer) if len(answer) <= LONGEST else None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise PasskeyRefused(field="passkey")
    return said
