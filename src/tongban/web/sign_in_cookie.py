# SPDX-License-Identifier: Apache-2.0
"""What a browser carries to be known again: the session, and the way to the home node while it is there."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import rotate_token

WAY_LIFE = 15 * 60  # seconds, as long as a sign-in may take
STEP_LIFE = CODE_LIFE = 10 * 60  # seconds
HOME_LIFE = 365 * 86_400  # seconds for which the choice of a home is remembered
VISIT = 30 * 60  # seconds: within one visit home is asked without a word once


def token_of(request: HttpRequest) -> str:
    """The session's cookie, empty when there is none."""
    return request.COOKIES.get(settings.SESSION_COOKIE, "")


def way_of(request: HttpRequest) -> str:
    """The cookie of a sign-in that is under way, empty when there is none."""
    return request.COOKIES.get(_way(), "")


def keep_token(request: HttpRequest, response: HttpResponseBase, token: str) -> None:
    """From now on the browser is signed in; forms that were open before are not valid any more."""
    rotate_token(request)
    _set(response, settings.SESSION_COOKIE, token, path="/")


def drop_token(request: HttpRequest, response: HttpResponseBase) -> None:
    """From now on the browser is signed out."""
    rotate_token(request)
    response.delete_cookie(settings.SESSION_COOKIE, path="/", samesite="Lax")


def keep_way(response: HttpResponseBase, browser: str) -> None:
    """Tie a sign-in to this browser until it is back."""
    _set(response, _way(), browser, path="/sign-in/", max_age=WAY_LIFE)


def drop_way(response: HttpResponseBase) -> None:
    """The sign-in is over."""
    response.delete_cookie(_way(), path="/sign-in/", samesite="Lax")


def step_of(request: HttpRequest) -> str:
    """The cookie of staff between the password and the second step, empty when there is none."""
    return request.COOKIES.get(_step(), "")


def keep_step(response: HttpResponseBase, token: str) -> None:
    """The right password stays with this browser until the second step."""
    _set(response, _step(), token, path="/desk/sign-in/", max_age=STEP_LIFE)


def drop_step(response: HttpResponseBase) -> None:
    """The second step was made."""
    response.delete_cookie(_step(), path="/desk/sign-in/", samesite="Lax")


def code_of(request: HttpRequest) -> str:
    """The cookie of who waits for a code by text message, empty when there is none."""
    return request.COOKIES.get(_code(), "")


def keep_code(response: HttpResponseBase, browser: str) -> None:
    """The code is good in this browser."""
    _set(response, _code(), browser, path="/sign-in/", max_age=CODE_LIFE)


def drop_code(response: HttpResponseBase) -> None:
    """The code was used."""
    response.delete_cookie(_code(), path="/sign-in/", samesite="Lax")


def home_of(request: HttpRequest) -> str:
    """The node where whoever uses this browser signs in, as far as it is remembered; anybody may write it."""
    return request.COOKIES.get(_home(), "")


def keep_home(response: HttpResponseBase, code: str) -> None:
    """Not asked again: the code of a node, of no person."""
    _set(response, _home(), code, path="/", max_age=HOME_LIFE)


def has_asked(request: HttpRequest) -> bool:
    """Whether home was asked already on this visit."""
    return _asked() in request.COOKIES


def keep_asked(response: HttpResponseBase) -> None:
    """Home is not asked again on this visit unless the person says so: no loop, whatever it answered."""
    _set(response, _asked(), "1", path="/", max_age=VISIT)


def address_of(request: HttpRequest) -> str:
    """Where the browser is, for counting wrong passwords. Behind a proxy this is the proxy's to set."""
    return str(request.META.get("REMOTE_ADDR", ""))


def _way() -> str:
    return f"{settings.SESSION_COOKIE}_way"


def _step() -> str:
    return f"{settings.SESSION_COOKIE}_step"


def _code() -> str:
    return f"{settings.SESSION_COOKIE}_code"


def _home() -> str:
    return f"{settings.SESSION_COOKIE}_home"


def _asked() -> str:
    return f"{settings.SESSION_COOKIE}_asked"


def _set(response: HttpResponseBase, name: str, value: str, *, path: str, max_age: int | None = None) -> None:
    response.set_cookie(name, value, path=path, max_age=max_age, httponly=True, samesite="Lax", secure=settings.SECURE)
