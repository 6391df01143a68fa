# SPDX-License-Identifier: Apache-2.0
"""This node vouches for its own people: request, consent, code, token."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from tongban.identity import asking, oidc, trust
from tongban.identity.asking import REQUEST_URI, AuthorizationRequest
from tongban.identity.assurance import Level
from tongban.identity.errors import RequestGone, RequestRefused, TokenRefused, WrongReturn
from tongban.identity.models import EVERYWHERE, AuthorizationCode, Consent, PushedRequest, Session
from tongban.identity.oidc import CLAIMS, TOLD, Given, digest, fresh
from tongban.identity.queries import SignedIn, claims_for
from tongban.identity.queries.mandates import vouched
from tongban.identity.queries.roaming import Pushed, consented, pushed
from tongban.identity.vouching import MANDATES
from tongban.ledger import actions as ledger
from tongban.regions.trustlist import TrustedNode
from tongban.standards.actor import Role, system
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed, Refusal

CODE_LIFE = timedelta(minutes=5)  # long enough for this node to restart in between
PUSHED_LIFE = timedelta(seconds=90)  # until the browser comes with it
ANSWER_WITHIN = timedelta(minutes=15)  # once it has come: somebody may have to find their password

USE = """
INSERT INTO identity_use (session_id, client, sid, subject, first_at, last_at)
VALUES (%(session)s, %(client)s, %(sid)s, %(subject)s, %(at)s, %(at)s)
ON CONFLICT (session_id, client) DO UPDATE SET last_at = %(at)s, subject = %(subject)s
RETURNING sid"""


# What is asked


def push(form: Mapping[str, str], *, at: datetime) -> dict[str, Any]:
    """Take in what another node asks; it gets a name for it. TokenRefused, RequestRefused."""
    node = authenticated(form, at=at)
    client = trust.client(node)
    asked = {name: word for name, word in form.items() if not name.startswith("client_assertion")}
    try:
        asking.check_return(asked, client)
    except WrongReturn as wrong:
        raise RequestRefused("invalid_request", "redirect_uri") from wrong
    asking.read_request(asked, client)
    word = fresh()
    PushedRequest.objects.create(
        digest=digest(word), client=client.code, asked=asked, created_at=at, ends_at=at + PUSHED_LIFE
    )
    return {"request_uri": REQUEST_URI + word, "expires_in": int(PUSHED_LIFE.total_seconds())}


def open_request(client: str, request_uri: str, *, at: datetime) -> Pushed:
    """The request that a browser comes with; from now on there is time to answer it. RequestGone."""
    found = pushed(client, request_uri, at)
    if found.ends_at - found.created_at <= PUSHED_LIFE:
        PushedRequest.objects.filter(digest=found.digest).update(ends_at=at + ANSWER_WITHIN)
    return found


# What the person says to it


@transaction.atomic
def agree(signed_in: SignedIn, client: str, claims: Iterable[str] = CLAIMS, *, at: datetime) -> None:
    """A person lets another node know this about them; said once, until more is asked."""
    _require_own_person(signed_in)
    person = signed_in.actor.id
    known = Consent.objects.filter(person_id=person, client=client).values_list("claims", flat=True).first()
    told = [name for name in TOLD if name in {*(known or ()), *claims}]
    if known is not None and set(told) == set(known):
        return
    Consent.objects.bulk_create(
        [Consent(person_id=person, client=client, subject=fresh(), claims=told, agreed_at=at)],
        update_conflicts=True,
        unique_fields=["person_id", "client"],
        update_fields=["claims", "agreed_at"],
    )
    facts = {"client": client, "claims": told}
    ledger.write(f"person/{person}", verb="identity.agreed", actor=signed_in.actor, at=at, facts=facts)


def agree_everywhere(signed_in: SignedIn, *, at: datetime) -> None:
    """A person lets whichever node they walk to know who they are."""
    agree(signed_in, EVERYWHERE, at=at)


@transaction.atomic
def withdraw_consent(signed_in: SignedIn, client: str, *, at: datetime) -> None:
    """From now on this node is told nothing more without asking; the name there is kept, so that it is not told twice
    under two."""
    _require_own_person(signed_in)
    person = signed_in.actor.id
    changed = Consent.objects.filter(person_id=person, client=client).exclude(claims=[]).update(claims=[], agreed_at=at)
    if changed:
        facts = {"client": client}
        ledger.write(f"person/{person}", verb="identity.consent_withdrawn", actor=signed_in.actor, at=at, facts=facts)


def note_agreed(found: Pushed, *, at: datetime) -> None:
    """The person has seen this very request and agreed: `prompt=consent` is served."""
    PushedRequest.objects.filter(digest=found.digest).update(agreed_at=at)


def answered(found: Pushed, *, at: datetime) -> None:
    """This request gets no second answer. RequestGone when it had one."""
    if PushedRequest.objects.filter(digest=found.digest, answered_at=None).update(answered_at=at) == 0:
        raise RequestGone()


@transaction.atomic
def give_code(asked: AuthorizationRequest, signed_in: SignedIn, *, at: datetime) -> str:
    """A code for the node that asks; it opens what the person agreed to, once. NotAllowed without consent."""
    _require_own_person(signed_in)
    person, client = signed_in.actor.id, asked.client.code
    if not consented(person, client, asked.claims):
        raise NotAllowed()
    consent = _own_consent(signed_in, client, at)
    code = fresh()
    AuthorizationCode.objects.create(
        digest=digest(code),
        client=client,
        redirect_uri=asked.client.redirect_uri,
        challenge=asked.challenge,
        nonce=asked.nonce,
        person_id=person,
        session_id=signed_in.session,
        sid=_use(signed_in.session, client, consent.subject, at),
        claims=list(asked.claims),
        subject=consent.subject,
        level=signed_in.level,
        signed_in_at=signed_in.began_at,
        created_at=at,
        ends_at=at + CODE_LIFE,
    )
    facts = {"client": client, "claims": list(asked.claims)}
    ledger.write(f"person/{person}", verb="identity.told", actor=signed_in.actor, at=at, facts=facts)
    return code


def _own_consent(signed_in: SignedIn, client: str, at: datetime) -> Consent:
    """What was agreed with this node; whoever agreed for everywhere gets a name there on their first walk."""
    person = signed_in.actor.id
    if not Consent.objects.filter(person_id=person, client=client).exists():
        made = Consent(person_id=person, client=client, subject=fresh(), claims=[], agreed_at=at)
        Consent.objects.bulk_create([made], ignore_conflicts=True)
    return Consent.objects.get(person_id=person, client=client)


def _use(session: bytes, client: str, subject: str, at: datetime) -> str:
    """The name that this session has at the other node, the same for as long as it lasts."""
    with connection.cursor() as cursor:
        cursor.execute(USE, {"session": session, "client": client, "sid": fresh(), "subject": subject, "at": at})
        return str(cursor.fetchone()[0])


# What the other node gets


def redeem(form: Mapping[str, str], *, at: datetime) -> dict[str, Any]:
    """The token endpoint's answer to another node. TokenRefused otherwise; any try uses the code up."""
    client = authenticated(form, at=at).code
    row = _use_up(form.get("code", ""), at)
    oidc.check_grant(form, Given(row.client, row.redirect_uri, row.challenge, row.ends_at), client, at)
    if not Session.objects.filter(digest=row.session_id, ended_at=None, ends_at__gt=at).exists():
        raise TokenRefused("invalid_grant", "the person has signed out")
    return _told(row, at)


def authenticated(form: Mapping[str, str], *, at: datetime) -> TrustedNode:
    """The node that posts this, proven by its key, with an assertion that never served before. TokenRefused."""
    client = oidc.named_client(form)
    try:
        node = trust.partner(client, at)
    except Refusal as unknown:
        raise TokenRefused("invalid_client", "the client is not on the trust list") from unknown
    jti = oidc.check_assertion(form, client, trust.key_set(node, at), trust.own_address(), at)
    if not first_time(f"assertion {client} {jti}", at):
        raise TokenRefused("invalid_client", "client_assertion was used before")
    return node


def first_time(word: str, at: datetime) -> bool:
    """Whether this signed word comes for the first time; it is remembered for longer than it is good."""
    longest = timedelta(seconds=oidc.LONGEST_LIFE + 2 * oidc.LEEWAY)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO identity_seen (digest, ends_at) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [digest(word), at + longest],
        )
        return bool(cursor.rowcount == 1)


def _told(row: AuthorizationCode, at: datetime) -> dict[str, Any]:
    access = fresh()  # RFC 6749 wants one; it opens nothing yet and is withdrawn with the code
    AuthorizationCode.objects.filter(digest=row.digest).update(access_digest=digest(access))
    acts_for = vouched(row.person, at) if MANDATES in row.claims else ()
    token = oidc.id_token(
        claims_for(row.person, row.subject, Level(row.level), row.sid, acts_for),
        only=row.claims,
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
