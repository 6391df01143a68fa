# SPDX-License-Identifier: Apache-2.0
"""The API's one root: what is declared, and the contract made from it."""

from typing import Any

from ninja import NinjaAPI, Router
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer

from tongban.web.api import (
    case_tables,
    cases,
    drafts,
    intakes,
    items,
    licences,
    lists,
    messages,
    payments,
    tables,
    uploads,
)
from tongban.web.api.routes import Route, declared, scope
from tongban.web.api.schemas import components
from tongban.web.api.speech import Answer, Asked, refusals, told

PREFIX = "/api/"
ROOT = f"{PREFIX}v1"


class Bearer(HttpBearer):
    """An API token of a person or of a member of staff; `door` looks it up."""

    def authenticate(self, request: Any, token: str) -> None:
        """Nobody: here it is declared only."""


class Api(NinjaAPI):
    """NinjaAPI whose schemas are ours, made from the structures that go over the wire."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The contract, with our components."""
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        schema["components"].setdefault("schemas", {}).update(components())
        for path in schema["paths"].values():
            for method, operation in path.items():
                self._complete(method, operation)
        return schema

    @staticmethod
    def _complete(method: str, operation: dict[str, Any]) -> None:
        """What holds of every operation, so that none has to say it."""
        if operation.get("security"):
            needed = [scope(operation["tags"][0], method)]
            operation["security"] = [dict.fromkeys(each, needed) for each in operation["security"]]
            operation["responses"] |= refusals(401, 403)
        if operation["parameters"]:
            operation["responses"] |= refusals(422)  # a value may be none of its kind


contract = Router(auth=None)


@contract.get("/openapi.json", include_in_schema=False)
def openapi(request: Asked) -> Answer:
    """The contract itself."""
    return told(api.get_openapi_schema(path_prefix=f"{ROOT}/"))


ROUTERS = {
    "/cases": cases.router,
    "/my-cases": cases.own,
    "/assignments": cases.assigning,
    "/drafts": drafts.router,
    "/drafts/{draft_id}/uploads": uploads.router,
    "/confirmations": drafts.confirming,
    "/payments": payments.router,
    "/intakes": intakes.router,
    "/messages": messages.router,
    "/reminders": messages.reminding,
    "/case-tables": case_tables.router,
    "/items": items.router,
    "/suggestions": items.typing,
    "/tables": tables.router,
    "/lists": lists.router,
    "/licences": licences.router,
    "/licence-types": licences.typing,
    "/licence-recognition": licences.recognising,
    "/licence-stock": licences.stocking,
    "": contract,
}
api = Api(
    title="Tongban node",
    version="1",
    description="Cases and items of one node of the federation. Every refusal is RFC 9457 problem details.",
    urls_namespace="api",
    auth=Bearer(),
    docs_url=None,
    openapi_url=None,
)
for prefix, router in ROUTERS.items():
    api.add_router(prefix, router)
ROUTES: list[Route] = [route for prefix, router in ROUTERS.items() for route in declared(router, ROOT + prefix)]
