# SPDX-License-Identifier: Apache-2.0
"""People of other nodes sign in here: away to their home node, back with a code, in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from uuid_utils.compat import uuid7

from tongban.identity import oidc, trust
from tongban.identity.actions.people import person_from_claims
from tongban.identity.actions.sessions import begin_session
from tongban.identity.assurance import Level
from tongban.identity.errors import (
    AttemptRefused,
    CodeRefused,
    Declined,
    HomeNodeSilent,
    IdTokenRefused,
    NotTrustedThere,
    WrongIssuer,
    WrongState,
)
from tongban.identity.models import Attempt
from tongban.identity.oidc import Claims, digest, fresh
from tongban.identity.transport import NoAnswer, Transport
from tongban.standards.node import here
from tongban.standards.refusal import Refusal

ATTEMPT_LIFE = timedelta(minutes=15)
BATCH = 20  # attempts looked at in one pass
CLAIMED = timedelta(seconds=20)  # longer than the transport's patience: nobody else tries meanwhile
SLOWEST = 15  # seconds between two tries

Status = Attempt.Status


@dataclass(frozen=True)
class Begun:
    """Where the browser goes, and the cookie it takes along."""

    url: str
    browser: str


def begin_sign_in(home: str, next_path: str, *, at: datetime) -> Begun:
    """Send a browser to its home node. UnknownNode when that node takes no part now."""
    node = trust.partner(home, at)
    state, browser, nonce, verifier = fresh(), fresh(), fresh(), fresh()
    Attempt.objects.create(
        id=uuid7(),
        state=digest(state),
        browser=digest(browser),
        issuer=home,
        nonce=nonce,
        verifier=verifier,
        redirect_uri=trust.return_to(),
        next=next_path,
        status=Status.WAITING,
        created_at=at,
        ends_at=at + ATTEMPT_LIFE,
    )
    url = oidc.authorize_url(
        trust.address(node), here().code, trust.return_to(), state=state, nonce=nonce, verifier=verifier
    )
    return Begun(url=url, browser=browser)


def come_back(browser: str, said: Mapping[str, str], *, at: datetime) -> None:
    """Keep the code the home node gave; the worker will use it. WrongState, WrongIssuer, Declined.

    The same page opened again changes nothing.
    """
    attempts = Attempt.objects.filter(browser=digest(browser), state=digest(said.get("state", "")))
    attempt = attempts.filter(ends_at__gt=at).first()
    if attempt is None:
        raise WrongState()
    if attempt.status != Status.WAITING:
        return
    home = trust.name_of(attempt.issuer)
    try:
        code = _code(said, trust.address(trust.partner(attempt.issuer, at)), home)
    except AttemptRefused as refusal:
        _refuse(attempt, refusal)
        raise
    attempts.filter(status=Status.WAITING).update(status=Status.CODE, code=code, try_at=at)


def finish_sign_ins(at: datetime, transport: Transport) -> int:
    """Ask home nodes who came with these codes. How many sign-ins ended, well or not.

    A node that does not answer is not asked again in this pass: the others' people need not wait for it.
    """
    silent: set[str] = set()
    ended = 0
    for attempt in _due(at):
        if attempt.issuer in silent:
            _delay(attempt, at)
        elif _finish(attempt, at, transport):
            ended += 1
        else:
            silent.add(attempt.issuer)
    return ended


def try_again(browser: str, *, at: datetime) -> None:
    """The person presses the button: ask the home node at once."""
    Attempt.objects.filter(browser=digest(browser), status=Status.CODE, ends_at__gt=at).update(try_at=at)


@transaction.atomic
def enter(browser: str, *, at: datetime, previous: str = "") -> tuple[str, str] | None:
    """The cookie of the session and the page to go on to, once; None when the home node has not answered yet."""
    attempts = Attempt.objects.filter(browser=digest(browser), status=Status.READY, ends_at__gt=at)
    attempt = attempts.select_for_update(of=("self",)).select_related("person").first()
    if attempt is None or attempt.person is None or attempt.level is None:
        return None
    Attempt.objects.filter(id=attempt.id).update(status=Status.DONE)
    level = Level(attempt.level)
    token = begin_session(attempt.person, issuer=attempt.issuer, level=level, at=at, previous=previous)
    return token, attempt.next


def _code(said: Mapping[str, str], issuer: str, home: str) -> str:
    """The code in the answer, when the node that was asked gives it."""
    if said.get("iss") != issuer:
        raise WrongIssuer(home=home)
    if said.get("error") or not said.get("code"):
        raise Declined(home=home)
    return said["code"]


@transaction.atomic
def _due(at: datetime) -> list[Attempt]:
    """Those to be tried now, fresh ones first; claimed for a while, so that a crash loses nothing."""
    due = Attempt.objects.filter(status=Status.CODE, try_at__lte=at).order_by("tries", "try_at")
    claimed = list(due.select_for_update(skip_locked=True)[:BATCH])
    Attempt.objects.filter(id__in=[attempt.id for attempt in claimed]).update(try_at=at + CLAIMED)
    return claimed


def _finish(attempt: Attempt, at: datetime, transport: Transport) -> bool:
    """Ask once. False when the home node did not answer and there is time to ask again."""
    try:
        claims = _ask(attempt, at, transport)
        _admit(attempt, claims, at)
    except HomeNodeSilent as silence:
        if at >= attempt.ends_at:
            _refuse(attempt, silence)
            return True
        _delay(attempt, at, silence.code)
        return False
    except Refusal as refusal:
        _refuse(attempt, refusal)
    return True


def _ask(attempt: Attempt, at: datetime, transport: Transport) -> Claims:
    """What the home node says of whoever came with this code."""
    node = trust.partner(attempt.issuer, at)
    form = oidc.token_form(
        client=here().code,
        issuer=trust.address(node),
        key=trust.own_key(),
        code=attempt.code,
        verifier=attempt.verifier,
        return_to=attempt.redirect_uri,
        at=at,
    )
    try:
        status, body = transport.post_form(node.code, oidc.TOKEN, form)
    except NoAnswer as silence:
        raise HomeNodeSilent(home=node.name) from silence
    return oidc.read_id_token(
        _id_token(status, body, node.name),
        issuer=trust.address(node),
        client=here().code,
        nonce=attempt.nonce,
        keys=trust.key_set(node, at),
        at=at,
        home=node.name,
    )


def _id_token(status: int, body: bytes, home: str) -> str:
    """The token in the answer, or the refusal that the answer means."""
    if status >= 500 or status == 429:
        raise HomeNodeSilent(home=home)
    try:
        answer = json.loads(body)
    except ValueError:
        answer = {}
    answer = answer if isinstance(answer, dict) else {}
    if status == 200 and "id_token" in answer:
        return str(answer["id_token"])
    if answer.get("error") == "invalid_client":
        raise NotTrustedThere(home=home)
    raise CodeRefused(home=home) if answer.get("error") == "invalid_grant" else IdTokenRefused(home=home)


@transaction.atomic
def _admit(attempt: Attempt, claims: Claims, at: datetime) -> None:
    person = person_from_claims(attempt.issuer, claims, at=at)
    _settle(attempt, status=Status.READY, person=person, level=claims.level, trouble="")


def _refuse(attempt: Attempt, refusal: Refusal) -> None:
    _settle(attempt, status=Status.REFUSED, trouble=refusal.code)


def _settle(attempt: Attempt, **outcome: object) -> None:
    """The code and its secrets have served."""
    Attempt.objects.filter(id=attempt.id).update(code="", verifier="", nonce="", try_at=None, **outcome)


def _delay(attempt: Attempt, at: datetime, trouble: str = HomeNodeSilent.code) -> None:
    """Later, a little later each time."""
    pause = timedelta(seconds=min(2**attempt.tries, SLOWEST))
    Attempt.objects.filter(id=attempt.id, status=Status.CODE).update(
        try_at=at + pause, tries=min(attempt.tries + 1, 10), trouble=trouble
    )
