# SPDX-License-Identifier: Apache-2.0
"""The API's one root: its doors, how it knows callers, how it refuses."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer

from tongban.identity import queries as identity
from tongban.standards import clock
from tongban.standards.refusal import NotFound, Refusal, SignInNeeded
from tongban.web import refusals
from tongban.web.api import cases, items
from tongban.web.api.schemas import components
from tongban.web.api.speech import wrong_parameter


class Bearer(HttpBearer):
    """An API token of a person or of a member of staff."""

    def authenticate(self, request: HttpRequest, token: str) -> identity.SignedIn | None:
        """Who it stands for; None is answered with 401."""
        return identity.bearer(token, clock.now())


class Api(NinjaAPI):
    """NinjaAPI whose schemas are ours, made from the structures that go over the wire."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The contract, with our components."""
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        schema["components"].setdefault("schemas", {}).update(components())
        return schema


api = Api(
    title="Tongban node",
    version="1",
    description="Cases and items of one node of the federation. Every refusal is RFC 9457 problem details.",
    urls_namespace="api",
    auth=Bearer(),
    docs_url=None,
    openapi_url="/openapi.json",
)
api.add_router("/cases", cases.router)
api.add_router("/items", items.router)


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A named no."""
    return refusals.problem(request, refusal)


@api.exception_handler(AuthenticationError)
def unknown_caller(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """No token, or one that is no longer good."""
    response = refusals.problem(request, SignInNeeded())
    response["WWW-Authenticate"] = 'Bearer realm="tongban"'
    return response


@api.exception_handler(ValidationError)
def wrong(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """A parameter that is not what was asked for."""
    return refusals.problem(request, wrong_parameter(error.errors[0]))


@api.exception_handler(HttpError)
def odd(request: HttpRequest, error: HttpError) -> HttpResponse:
    """A body or a header that ninja itself could not read."""
    return refusals.problem(request, refusals.BadRequest())


@api.exception_handler(Http404)
def nowhere(request: HttpRequest, error: Http404) -> HttpResponse:
    """No such door."""
    return refusals.problem(request, NotFound(what="这个接口"))
