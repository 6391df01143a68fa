# SPDX-License-Identifier: Apache-2.0
"""Which function answers what: read from the declarations, so that what is documented is what is answered."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from ninja import Router

from tongban.standards.refusal import BadInput
from tongban.web.api.speech import Answer

PLACE = re.compile(r"\{(\w+)\}")  # in a declared path
ALL = "all"  # the scope of a token that may do what its owner may
READING = ("GET", "get")
REQUEST = "request"  # what every function is given first


@dataclass(frozen=True)
class Route:
    """One declared operation."""

    name: str
    method: str
    path: str  # as it is declared
    pattern: re.Pattern[str]
    call: Callable[..., Answer]
    is_open: bool  # to whoever asks, without a token
    scope: str  # what a token must be for
    parameters: Mapping[str, Parameter]

    def values(self, in_path: Mapping[str, str], query: str) -> dict[str, Any]:
        """The function's parameters. BadInput names the one that is not what was asked for."""
        if not self.parameters:
            return {}
        given = {**dict(parse_qsl(query, keep_blank_values=True)), **in_path} if query else in_path
        return {name: _value(each, given) for name, each in self.parameters.items()}


def declared(router: Router, prefix: str) -> list[Route]:
    """The routes of a router."""
    return [
        _route(prefix + path, method, operation.view_func, router)
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    ]


def matching(routes: Sequence[Route], path: str) -> list[tuple[Route, dict[str, str]]]:
    """The routes of this address, one for each method, with the values in the path."""
    found = ((route, route.pattern.fullmatch(path)) for route in routes)
    return [(route, match.groupdict()) for route, match in found if match]


def scope(area: str, method: str) -> str:
    """cases:read, cases:write: what a token that may not do everything is issued for."""
    return f"{area}:{'read' if method in READING else 'write'}"


def is_within(scopes: Collection[str], scope: str) -> bool:
    """Whether a token of these scopes may; whoever may write may read."""
    area = scope.partition(":")[0]
    return bool({ALL, scope, f"{area}:write"} & set(scopes))


def _route(path: str, method: str, call: Callable[..., Answer], router: Router) -> Route:
    pattern = re.compile("".join(f"(?P<{part}>[^/]+)" if at % 2 else re.escape(part) for at, part in _parts(path)))
    parameters = {name: each for name, each in signature(call).parameters.items() if name != REQUEST}
    needed = scope(router.tags[0], method) if router.tags else ""
    return Route(f"api:{call.__name__}", method, path, pattern, call, router.auth is None, needed, parameters)


def _parts(path: str) -> list[tuple[int, str]]:
    """Fixed words and names of places in turn."""
    return list(enumerate(PLACE.split(path)))


def _value(parameter: Parameter, given: Mapping[str, str]) -> Any:
    if parameter.name not in given and parameter.default is not Parameter.empty:
        return parameter.default
    if "\0" in given.get(parameter.name, ""):  # PostgreSQL cannot be asked for it
        raise BadInput(parameter.name, f"参数 {parameter.name} 含有不能使用的字符。")
    try:
        return msgspec.convert(given.get(parameter.name), parameter.annotation, strict=False)
    except msgspec.ValidationError as why:
        raise BadInput(parameter.name, f"参数 {parameter.name} 不合要求。") from why
