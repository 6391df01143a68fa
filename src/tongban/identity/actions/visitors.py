# SPDX-License-Identifier: Apache-2.0
"""People of other nodes sign in here: the question goes ahead, they go home, come back with a code, and are in."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from uuid_utils.compat import uuid7

from tongban.identity import asking, oidc, trust
from tongban.identity.actions.people import person_from_claims
from tongban.identity.actions.sessions import begin_session
from tongban.identity.actions.vouching import keep_told
from tongban.identity.asking import REQUEST_URI, Wish
from tongban.identity.assurance import Level
from tongban.identity.errors import (
    AttemptRefused,
    CodeRefused,
    Declined,
    HomeNodeSilent,
    IdTokenRefused,
    LevelTooLow,
    NotTrustedThere,
    WrongIssuer,
    WrongState,
)
from tongban.identity.models import Attempt
from tongban.identity.oidc import Claims, digest, fresh
from tongban.identity.transport import NoAnswer, Transport
from tongban.identity.vouching import MANDATES
from tongban.regions.trustlist import TrustedNode
from tongban.standards.node import here
from tongban.standards.refusal import Refusal

ATTEMPT_LIFE = timedelta(minutes=15)
BATCH = 20  # attempts looked at in one pass
LOST = timedelta(seconds=5)  # nobody reads home's page and comes back in less
CLAIMED = timedelta(seconds=20)  # longer than the transport's patience: nobody else tries meanwhile
SLOWEST = 15  # seconds between two tries

Status = Attempt.Status
ASKING = (Status.PUSH, Status.CODE)  # the home node is to be asked something
USUAL = Wish()


def begin_sign_in(home: str, next_path: str, wish: Wish = USUAL, *, at: datetime) -> str:
    """Somebody wants to sign in at their home node: the worker asks it first. The cookie that ties this to one browser.

    UnknownNode when that node takes no part now.
    """
    trust.partner(home, at)
    browser = fresh()
    Attempt.objects.create(
        id=uuid7(),
        state=digest(fresh()),  # of nobody: the real one is drawn when the question is put
        browser=digest(browser),
        issuer=home,
        nonce="",
        verifier="",
        redirect_uri=trust.return_to(),
        next=next_path,
        claims=list(wish.claims),
        least=wish.level,
        silent=wish.silent,
        afresh=wish.afresh,
        status=Status.PUSH,
        try_at=at,
        created_at=at,
        ends_at=at + ATTEMPT_LIFE,
    )
    return browser


def go_home(browser: str, *, at: datetime) -> str:
    """Where the browser goes, once the home node has taken in the question; empty when it went before, or too early."""
    attempts = Attempt.objects.filter(browser=digest(browser), status=Status.WAITING, went_at=None, ends_at__gt=at)
    attempt = attempts.first()
    if attempt is None or attempts.update(went_at=at) == 0:
        return ""
    address = trust.address(trust.partner(attempt.issuer, at))
    return asking.authorize_url(address, here().code, attempt.request_uri)


def go_again(browser: str, *, at: datetime) -> bool:
    """Ask home anew for somebody who is here again right after being sent there: the word to go was lost on the way.

    Later they have come back by themselves, and are not pushed home a second time.
    """
    lost = Attempt.objects.filter(browser=digest(browser), status=Status.WAITING, silent=False, ends_at__gt=at)
    return bool(lost.filter(went_at__gt=at - LOST).update(status=Status.PUSH, went_at=None, try_at=at, tries=0))


def come_back(browser: str, said: Mapping[str, str], *, at: datetime) -> None:
    """Keep the code the home node gave; the worker will use it. WrongState, WrongIssuer, LevelTooLow, Declined.

    The same page opened again changes nothing.
    """
    attempts = Attempt.objects.filter(browser=digest(browser), state=digest(said.get("state", "")))
    attempt = attempts.filter(ends_at__gt=at).exclude(status=Status.PUSH).first()
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
    attempts.filter(status=Status.WAITING).update(status=Status.CODE, code=code, try_at=at, tries=0, trouble="")


def finish_sign_ins(home: str, at: datetime, transport: Transport) -> int:
    """Put to this home node what its people wait for. How many got further, well or not.

    A node that does not answer is not asked again in this pass.
    """
    settled = 0
    for attempt in (due := _due(home, at)):
        if _ask(attempt, at, transport):
            settled += 1
            continue
        for waiting in due[settled + 1 :]:
            _delay(waiting, at)
        break
    return settled


def try_again(browser: str, *, at: datetime) -> None:
    """The person presses the button: ask the home node at once."""
    Attempt.objects.filter(browser=digest(browser), status__in=ASKING, ends_at__gt=at).update(try_at=at)


@transaction.atomic
def enter(browser: str, *, at: datetime, previous: str = "") -> tuple[str, str, str] | None:
    """The cookie of the session, the page to go on to and the home node, once; None when it is not known yet who."""
    attempts = Attempt.objects.filter(browser=digest(browser), status=Status.READY, ends_at__gt=at)
    attempt = attempts.select_for_update(of=("self",)).select_related("person").first()
    if attempt is None or attempt.person is None or attempt.level is None:
        return None
    Attempt.objects.filter(id=attempt.id).update(status=Status.DONE)
    level = Level(attempt.level)
    token = begin_session(attempt.person, issuer=attempt.issuer, level=level, at=at, previous=previous, sid=attempt.sid)
    return token, attempt.next, attempt.issuer


def _code(said: Mapping[str, str], issuer: str, home: str) -> str:
    """The code in the answer, when the node that was asked gives it."""
    if said.get("iss") != issuer:
        raise WrongIssuer(home=home)
    if said.get("error") == "unmet_authentication_requirements":
        raise LevelTooLow(home=home)
    if said.get("error") or not said.get("code"):
        raise Declined(home=home)
    return said["code"]


@transaction.atomic
def _due(home: str, at: datetime) -> list[Attempt]:
    """Those to be tried now, fresh ones first; claimed for a while, so that a crash loses nothing."""
    due = Attempt.objects.filter(issuer=home, status__in=ASKING, try_at__lte=at).order_by("tries", "try_at")
    claimed = list(due.select_for_update(skip_locked=True)[:BATCH])
    Attempt.objects.filter(id__in=[attempt.id for attempt in claimed]).update(try_at=at + CLAIMED)
    return claimed


def _ask(attempt: Attempt, at: datetime, transport: Transport) -> bool:
    """Ask once. False when the home node did not answer and there is time to ask again."""
    step = _push if attempt.status == Status.PUSH else _redeem
    try:
        step(attempt, at, transport)
    except HomeNodeSilent as silence:
        if at >= attempt.ends_at:
            _refuse(attempt, silence)
            return True
        _delay(attempt, at, silence.code)
        return False
    except Refusal as refusal:
        _refuse(attempt, refusal)
    return True


def _push(attempt: Attempt, at: datetime, transport: Transport) -> None:
    """Tell the home node what we want to know; state, nonce and verifier are new each time, should this be a second."""
    node = trust.partner(attempt.issuer, at)
    state, nonce, verifier = fresh(), fresh(), fresh()
    wish = Wish(tuple(attempt.claims), Level(attempt.least), silent=attempt.silent, afresh=attempt.afresh)
    form = asking.asked_form(here().code, attempt.redirect_uri, wish, state=state, nonce=nonce, verifier=verifier)
    status, answer = _posted(node, oidc.PUSH, form, at, transport)
    request_uri = answer.get("request_uri")
    if status != 201 or not isinstance(request_uri, str) or not request_uri.startswith(REQUEST_URI):
        raise _refusal_in(answer, node.name)
    Attempt.objects.filter(id=attempt.id, status=Status.PUSH).update(
        status=Status.WAITING,
        state=digest(state),
        nonce=nonce,
        verifier=verifier,
        request_uri=request_uri[: oidc.LONGEST],
        try_at=None,
        tries=0,
        trouble="",
    )


def _redeem(attempt: Attempt, at: datetime, transport: Transport) -> None:
    """Ask who came with this code, and know them."""
    node = trust.partner(attempt.issuer, at)
    form = oidc.token_form(code=attempt.code, verifier=attempt.verifier, return_to=attempt.redirect_uri)
    status, answer = _posted(node, oidc.TOKEN, form, at, transport)
    if status != 200 or "id_token" not in answer:
        raise _refusal_in(answer, node.name)
    claims = oidc.read_id_token(
        str(answer["id_token"]),
        issuer=trust.address(node),
        client=here().code,
        nonce=attempt.nonce,
        keys=trust.key_set(node, at),
        at=at,
        home=node.name,
    )
    if claims.level < attempt.least:
        raise LevelTooLow(home=node.name)
    _admit(attempt, claims, at)


def _posted(
    node: TrustedNode, path: str, form: Mapping[str, str], at: datetime, transport: Transport
) -> tuple[int, dict[str, Any]]:
    """Status and JSON of the home node's answer to this form with our proof. HomeNodeSilent when there is none."""
    proof = oidc.proof(client=here().code, issuer=trust.address(node), key=trust.own_key(), at=at)
    try:
        status, body = transport.post_form(node.code, path, {**form, **proof})
    except NoAnswer as silence:
        raise HomeNodeSilent(home=node.name) from silence
    if status >= 500 or status == 429:
        raise HomeNodeSilent(home=node.name)
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = {}
    return status, answer if isinstance(answer, dict) else {}


def _refusal_in(answer: Mapping[str, Any], home: str) -> AttemptRefused:
    """What the error in an answer means to the person."""
    if answer.get("error") == "invalid_client":
        return NotTrustedThere(home=home)
    return CodeRefused(home=home) if answer.get("error") == "invalid_grant" else IdTokenRefused(home=home)


@transaction.atomic
def _admit(attempt: Attempt, claims: Claims, at: datetime) -> None:
    person = person_from_claims(attempt.issuer, claims, at=at)
    if MANDATES in attempt.claims:
        keep_told(attempt.issuer, person, claims, at=at)
    _settle(attempt, status=Status.READY, person=person, level=claims.level, sid=claims.sid, trouble="")


def _refuse(attempt: Attempt, refusal: Refusal) -> None:
    _settle(attempt, status=Status.REFUSED, trouble=refusal.code)


def _settle(attempt: Attempt, **outcome: object) -> None:
    """The code and its secrets have served."""
    Attempt.objects.filter(id=attempt.id).update(code="", verifier="", nonce="", try_at=None, **outcome)


def _delay(attempt: Attempt, at: datetime, trouble: str = HomeNodeSilent.code) -> None:
    """Later, a little later each time."""
    pause = timedelta(seconds=min(2**attempt.tries, SLOWEST))
    Attempt.objects.filter(id=attempt.id, status=attempt.status).update(
        try_at=at + pause, tries=min(attempt.tries + 1, 10), trouble=trouble
    )
