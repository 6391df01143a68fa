# SPDX-License-Identifier: Apache-2.0
"""This node vouches for its own people: consent, code, token."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tongban.identity import oidc, trust
from tongban.identity.assurance import Level
from tongban.identity.errors import TokenRefused
from tongban.identity.models import AuthorizationCode, Consent
from tongban.identity.oidc import CLAIMS, AuthorizationRequest, Given, digest, fresh
from tongban.identity.queries import SignedIn, claims_for, has_agreed
from tongban.ledger import actions as ledger
from tongban.standards.actor import Role, system
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed, Refusal

CODE_LIFE = timedelta(minutes=5)  # long enough for this node to restart in between


@transaction.atomic
def agree(signed_in: SignedIn, client: str, *, at: datetime) -> None:
    """A person lets another node know who they are; said once for each node, until what is told changes."""
    _require_own_person(signed_in)
    person = signed_in.actor.id
    if has_agreed(person, client):
        return
    Consent.objects.bulk_create(
        [Consent(person_id=person, client=client, subject=fresh(), claims=list(CLAIMS), agreed_at=at)],
        update_conflicts=True,
        unique_fields=["person_id", "client"],
        update_fields=["claims", "agreed_at"],
    )
    facts = {"client": client, "claims": list(CLAIMS)}
    ledger.write(f"person/{person}", verb="identity.agreed", actor=signed_in.actor, at=at, facts=facts)


@transaction.atomic
def give_code(asked: AuthorizationRequest, signed_in: SignedIn, *, at: datetime) -> str:
    """A code for the node that asks; it opens what the person agreed to, once. NotAllowed without consent."""
    _require_own_person(signed_in)
    person = signed_in.actor.id
    consent = Consent.objects.filter(person_id=person, client=asked.client.code).first()
    if consent is None:
        raise NotAllowed()
    code = fresh()
    AuthorizationCode.objects.create(
        digest=digest(code),
        client=asked.client.code,
        redirect_uri=asked.client.redirect_uri,
        challenge=asked.challenge,
        nonce=asked.nonce,
        person_id=person,
        subject=consent.subject,
        level=signed_in.level,
        signed_in_at=signed_in.began_at,
        created_at=at,
        ends_at=at + CODE_LIFE,
    )
    facts = {"client": asked.client.code, "claims": consent.claims}
    ledger.write(f"person/{person}", verb="identity.told", actor=signed_in.actor, at=at, facts=facts)
    return code


def redeem(form: Mapping[str, str], *, at: datetime) -> dict[str, Any]:
    """The token endpoint's answer to another node. TokenRefused otherwise; any try uses the code up."""
    client = oidc.named_client(form)
    try:
        keys = trust.key_set(trust.partner(client, at), at)
    except Refusal as unknown:
        raise TokenRefused("invalid_client", "the client is not on the trust list") from unknown
    oidc.check_assertion(form, client, keys, trust.own_address(), at)
    row = _use_up(form.get("code", ""), at)
    oidc.check_grant(form, Given(row.client, row.redirect_uri, row.challenge, row.ends_at), client, at)
    return _told(row, at)


def _told(row: AuthorizationCode, at: datetime) -> dict[str, Any]:
    access = fresh()  # RFC 6749 wants one; it opens nothing yet and is withdrawn with the code
    AuthorizationCode.objects.filter(digest=row.digest).update(access_digest=digest(access))
    token = oidc.id_token(
        claims_for(row.person, row.subject, Level(row.level)),
        issuer=trust.own_address(),
        client=row.client,
        nonce=row.nonce,
        signed_in_at=row.signed_in_at,
        key=trust.own_key(),
        at=at,
    )
    life = int(oidc.ID_TOKEN_LIFE.total_seconds())
    return {"access_token": access, "token_type": "Bearer", "expires_in": life, "id_token": token}


def _use_up(code: str, at: datetime) -> AuthorizationCode:
    """Take the code for good, whatever is wrong with the rest of the request; twice withdraws what it gave."""
    codes = AuthorizationCode.objects.filter(digest=digest(code))
    if codes.filter(used_at=None).update(used_at=at) == 0:
        _revoke(digest(code), at)
        raise TokenRefused("invalid_grant", "the code is unknown or was used before")
    return codes.select_related("person").get()


@transaction.atomic
def _revoke(code: bytes, at: datetime) -> None:
    """A code shown twice was perhaps stolen: what it gave is withdrawn, once, and written down."""
    row = AuthorizationCode.objects.select_for_update().filter(digest=code, revoked_at=None).first()
    if row is None:
        return
    AuthorizationCode.objects.filter(digest=code).update(revoked_at=at)
    ledger.write(
        f"person/{row.person_id}",
        verb="identity.code_replayed",
        actor=system(here().code),
        at=at,
        facts={"client": row.client},
    )


def _require_own_person(signed_in: SignedIn) -> None:
    """A visitor whom another node vouched for is not ours to vouch for."""
    if signed_in.actor.role is not Role.APPLICANT or not signed_in.is_own or signed_in.scopes:
        raise NotAllowed()
