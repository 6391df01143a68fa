# SPDX-License-Identifier: Apache-2.0
"""Messages of whoever the token stands for, how they want to hear, and reminders that did not go out."""

from ninja import Router

from tongban.reminders import actions, queries
from tongban.standards import clock
from tongban.standards.actor import Role
from tongban.standards.refusal import NotAllowed
from tongban.web.api.schemas import Again, Channels, Messages, Stuck, StuckReminder
from tongban.web.api.speech import Answer, Asked, accepts, actor_of, declared, heard, told

router = Router(tags=["messages"])
reminding = Router(tags=["messages"])


@router.get("", summary="Messages", openapi_extra=declared({200: Messages}, 401, 403))
def messages(request: Asked) -> Answer:
    """Of the person, or of the desk where the token's owner works; the newest first. Reading changes nothing."""
    actor = actor_of(request)
    return told(Messages(messages=queries.messages(actor), unread=queries.unread(actor)))


@router.post("/read", summary="Mark as read", openapi_extra=declared({200: Messages}, 401, 403))
def read_messages(request: Asked) -> Answer:
    """All that there are now."""
    actor = actor_of(request)
    actions.read_all(actor, clock.now())
    return told(Messages(messages=queries.messages(actor), unread=queries.unread(actor)))


@router.get("/channels", summary="How one hears", openapi_extra=declared({200: Channels}, 401, 403))
def channels(request: Asked) -> Answer:
    """Beside the messages here: by text message, by mail."""
    actor = actor_of(request)
    if actor.role is not Role.APPLICANT:
        raise NotAllowed
    return told(Channels.of(queries.chosen(actor)))


@router.put(
    "/channels", summary="Choose how", openapi_extra=accepts(Channels) | declared({200: Channels}, 401, 403, 422)
)
def choose_channels(request: Asked) -> Answer:
    """On or off; mail needs an address."""
    actor, asked = actor_of(request), heard(request, Channels)
    actions.choose(actor, sms=asked.sms, mail=asked.mail, address=asked.address, at=clock.now())
    return told(Channels.of(queries.chosen(actor)))


@reminding.get("", summary="Reminders that did not go out", openapi_extra=declared({200: Stuck}, 401, 403))
def stuck(request: Asked) -> Answer:
    """Text messages and letters of the last weeks that were given up, or may not have arrived; for operators."""
    rows = queries.stuck(actor_of(request), clock.now())
    return told(Stuck(reminders=[StuckReminder.of(row) for row in rows]))


@reminding.post(
    "/again", summary="Send one again", openapi_extra=accepts(Again) | declared({200: Stuck}, 401, 403, 409, 422)
)
def send_again(request: Asked) -> Answer:
    """Named as the list names it; one that was sent is not sent twice."""
    actor, one = actor_of(request), heard(request, Again)
    actions.send_again(one.case_id, one.event, one.recipient, one.channel, actor=actor, at=clock.now())
    return stuck(request)
