# SPDX-License-Identifier: Apache-2.0
"""A sign-in ends everywhere: the home node tells the nodes it served at, and they tell the home node.

What has to be told is a row; a worker brings it, so that nobody who signs out waits for another node, and a node that
is down hears of it when it is back.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from uuid_utils.compat import uuid7

from tongban.identity import ending, oidc, trust
from tongban.identity.actions.provider import first_time
from tongban.identity.ending import Ended
from tongban.identity.errors import SignedOutMeanwhile, TokenRefused
from tongban.identity.models import Attempt, AuthorizationCode, Mandate, Session, SignIn, SignOut, Use
from tongban.identity.queries import person_actor, staff_actor
from tongban.identity.transport import NoAnswer, Transport
from tongban.identity.vouching import MANDATES
from tongban.ledger import actions as ledger
from tongban.regions.trustlist import TrustedNode
from tongban.standards.actor import Actor, system
from tongban.standards.node import here
from tongban.standards.refusal import Refusal

LONGEST_SESSION = timedelta(hours=24)  # no node keeps a visitor signed in for longer
BATCH = 20
CLAIMED = timedelta(seconds=20)  # longer than the transport's patience
SLOWEST = 15  # seconds between two tries while the node may be back at any moment


def end(row: Session, *, at: datetime, by: str = "", by_whom: Actor | None = None) -> UUID | None:
    """End this session here, and have everybody told whom it concerns but `by`, the node that told us.

    `by_whom` is who ended it, where it was not its owner.

    Part of the caller's transaction. What the rows have in common that tell of it; None when it had ended before.
    """
    if Session.objects.filter(digest=row.digest, ended_at=None).update(ended_at=at) == 0:
        return None
    _write_down(row, at, by, by_whom)
    return tell(row, at=at, but=by)


def tell(row: Session, *, at: datetime, but: str = "") -> UUID:
    """Leave a row for each node to be told that this session is over. What the rows have in common."""
    ended = uuid7()
    if row.issuer == here().code:
        uses = Use.objects.filter(session_id=row.digest).exclude(client=but)
        whom = [(use.client, use.sid, use.subject) for use in uses]
    else:
        whom = [(row.issuer, row.sid, "")] if row.sid and row.issuer != but else []
    SignOut.objects.bulk_create(
        SignOut(ended=ended, node=node, sid=sid, subject=sub, created_at=at, ends_at=at + LONGEST_SESSION, try_at=at)
        for node, sid, sub in whom
    )
    return ended


def _write_down(row: Session, at: datetime, by: str, by_whom: Actor | None) -> None:
    facts = {"issuer": row.issuer} | ({"by": by} if by else {})
    if row.person is not None:
        subject, actor = f"person/{row.person.id}", person_actor(row.person)
    else:
        assert row.staff is not None
        subject, actor = f"staff/{row.staff.id}", staff_actor(row.staff)
    ledger.write(subject, verb="signed_out", actor=system(by) if by else by_whom or actor, at=at, facts=facts)


def end_mandates(rows: QuerySet[Mandate], *, by: Actor, at: datetime) -> None:
    """End these, here at once and elsewhere by ending the sign-ins in which other nodes were told of them.

    Part of the caller's transaction. Whoever walks there again is told what stands then.
    """
    agents = list(rows.filter(issuer="").values_list("agent_index", flat=True).distinct())
    rows.update(ended_at=at, ended_by=by.pseudonym)
    telling = AuthorizationCode.objects.filter(person__id_index__in=agents, claims__contains=[MANDATES])
    for use in Use.objects.filter(sid__in=telling.values("sid"), session__ended_at=None):
        SignOut.objects.create(
            ended=uuid7(),
            node=use.client,
            sid=use.sid,
            subject=use.subject,
            created_at=at,
            ends_at=at + LONGEST_SESSION,
            try_at=at,
        )
        anew = oidc.fresh()  # the session here goes on, and has another name there from now on
        AuthorizationCode.objects.filter(sid=use.sid, used_at=None).update(sid=anew)
        Use.objects.filter(sid=use.sid).update(sid=anew)


# Being told


def hear(token: str, *, at: datetime) -> None:
    """Another node says that a sign-in is over. TokenRefused when it may not say so."""
    issuer = oidc.unproven(token, "iss")
    try:
        node = trust.partner_at(issuer, at)
    except Refusal as unknown:
        raise TokenRefused("invalid_request", "the issuer is not on the trust list") from unknown
    said = ending.read_sign_out(token, issuer=issuer, client=here().code, keys=trust.key_set(node, at), at=at)
    if not first_time(f"sign-out {node.code} {said.jti}", at):
        raise TokenRefused("invalid_request", "the logout token was used before")
    _follow(node.code, said, at)


@transaction.atomic
def _follow(node: str, said: Ended, at: datetime) -> None:
    """End what they vouched for here, and what we vouched for there; nothing else is theirs to end."""
    open_ones = Session.objects.select_related("person", "staff").filter(ended_at=None)
    arriving = Attempt.objects.filter(issuer=node, status=Attempt.Status.READY)
    if said.sid:
        used = Use.objects.filter(client=node, sid=said.sid).values("session_id")
        over = [*open_ones.filter(issuer=node, sid=said.sid), *open_ones.filter(digest__in=used)]
        arriving = arriving.filter(sid=said.sid)
    else:
        theirs = SignIn.objects.filter(issuer=node, subject=said.subject).values("person_id")
        over = list(open_ones.filter(issuer=node, person_id__in=theirs))
        arriving = arriving.filter(person_id__in=theirs)
    arriving.update(status=Attempt.Status.REFUSED, trouble=SignedOutMeanwhile.code)
    for row in over:
        end(row, at=at, by=node)


# Telling


def tell_sign_outs(code: str, at: datetime, transport: Transport) -> int:
    """Tell one node what is over. How many it has taken in; while it is silent the rest waits with the first."""
    told, due = 0, _due(code, at)
    for number, row in enumerate(due):
        try:
            trouble = _tell(row, at, transport)
        except (NoAnswer, Refusal) as away:
            trouble = away.code if isinstance(away, Refusal) else "silent"
            for waiting in due[number:]:
                _later(waiting, at, trouble)
            break
        if trouble:
            _later(row, at, trouble)
        told += not trouble
    return told


@transaction.atomic
def _due(code: str, at: datetime) -> list[SignOut]:
    """Those to be told now; claimed for a while, so that a crash loses nothing."""
    due = SignOut.objects.filter(node=code, try_at__lte=at).order_by("try_at")
    claimed = list(due.select_for_update(skip_locked=True)[:BATCH])
    SignOut.objects.filter(node=code, ended__in=[row.ended for row in claimed]).update(try_at=at + CLAIMED)
    return claimed


def _tell(row: SignOut, at: datetime, transport: Transport) -> str:
    """Empty when the node has heard it; else how it answered. NoAnswer, or UnknownNode while it takes no part."""
    node = trust.partner(row.node, at)
    status, _ = transport.post_form(node.code, ending.SIGN_OUT, {"logout_token": _token(row, node, at)})
    if status not in (200, 204):
        return f"status {status}"
    _row(row).update(told_at=at, try_at=None, trouble="")
    return ""


def _row(row: SignOut) -> QuerySet[SignOut]:
    return SignOut.objects.filter(ended=row.ended, node=row.node)


def _token(row: SignOut, node: TrustedNode, at: datetime) -> str:
    return ending.sign_out_token(
        issuer=trust.own_address(), client=node.code, sid=row.sid, subject=row.subject, key=trust.own_key(), at=at
    )


def _later(row: SignOut, at: datetime, trouble: str) -> None:
    """Again a little later each time, until the session there would be over by itself."""
    try_at = at + timedelta(seconds=min(2**row.tries, SLOWEST))
    over = try_at >= row.ends_at
    _row(row).update(try_at=None if over else try_at, tries=min(row.tries + 1, 10), trouble=trouble)
