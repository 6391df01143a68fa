# SPDX-License-Identifier: Apache-2.0
"""The door for programs guards, refuses and writes down as the one for pages does."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from django.test import Client, override_settings
from prometheus_client import generate_latest
from structlog import get_logger
from structlog.contextvars import bound_contextvars

from tests.world import environ
from tongban.standards.node import Node
from tongban.web import measures
from tongban.web.api.door import GUARDS, Door
from tongban.web.middleware import HEADERS

HOST = "620000.localhost:8002"
Told = tuple[int, dict[str, str], Any]


def ask(method: str, path: str, *, host: str = HOST, **headers: str) -> Told:
    """What the door answers; an answer that is no JSON is told as text."""
    said: list[tuple[str, list[tuple[str, str]]]] = []
    made = environ(method, f"http://{host}{path}", headers, b"") | {
        key: value for key, value in headers.items() if key.isupper()
    }
    body = b"".join(Door(pages)(made, lambda status, told: said.append((status, told))))
    ((status, told),) = said
    is_json = dict(told)["Content-Type"].endswith("json")
    return int(status[:3]), dict(told), json.loads(body) if is_json else body.decode()


def pages(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """Stands for Django's own door."""
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"a page"]


def test_what_is_not_for_programs_is_left_to_the_pages(node: Node) -> None:
    assert ask("GET", "/items/")[2] == "a page"


def test_a_stranger_is_told_how_to_come_in(node: Node) -> None:
    status, headers, told = ask("GET", "/api/v1/cases", **{"X-Request-Id": "mine-0123456789"})

    assert (status, told["code"]) == (401, "sign_in_needed")
    assert headers["WWW-Authenticate"].startswith("Bearer")
    assert headers["X-Request-Id"] == "mine-0123456789"
    assert told["instance"] == "urn:tongban:request:mine-0123456789"


def test_both_doors_send_the_same_guards_along(node: Node) -> None:
    _, headers, _ = ask("GET", "/api/v1/cases")
    page = Client(headers={"host": HOST}).get("/api/v1/cases")

    assert dict(GUARDS).items() <= headers.items()
    assert {name: page[name] for name in HEADERS}.items() <= headers.items()
    assert page["Content-Security-Policy"] == headers["Content-Security-Policy"]
    assert (page.status_code, page["WWW-Authenticate"]) == (401, headers["WWW-Authenticate"])


@pytest.mark.parametrize(
    ("method", "path", "more", "status", "code"),
    [
        ("GET", "/api/v1/nothing", {}, 404, "not_found"),
        ("GET", "/api/v1/cases/", {}, 404, "not_found"),
        ("GET", "/api/", {}, 404, "not_found"),
        ("GET", "/api/v1/items/%00", {}, 404, "not_found"),
        ("GET", "/api/v1/items/%FF", {}, 404, "not_found"),
        ("DELETE", "/api/v1/items", {}, 405, "wrong_method"),
        ("HEAD", "/api/v1/items", {}, 405, "wrong_method"),
        ("GET", "/api/v1/items?limit=many", {}, 422, "bad_input"),
        ("POST", "/api/v1/cases", {"CONTENT_LENGTH": "90000000"}, 413, "too_large"),
        ("POST", "/api/v1/cases", {"HTTP_AUTHORIZATION": "Basic abc"}, 401, "sign_in_needed"),
        ("POST", "/api/v1/cases", {"HTTP_AUTHORIZATION": "Bearer "}, 401, "sign_in_needed"),
    ],
)
def test_every_refusal_is_a_problem_with_a_name(
    node: Node, method: str, path: str, more: dict[str, str], status: int, code: str
) -> None:
    told = ask(method, path, **more)

    assert (told[0], told[2]["code"]) == (status, code)
    assert told[1]["Content-Type"] == "application/problem+json"


def test_a_wrong_parameter_is_named_and_a_wrong_method_told_the_right_one(node: Node) -> None:
    assert ask("GET", "/api/v1/items?limit=many")[2]["field"] == "limit"
    assert ask("GET", "/api/v1/cases/1/moves/accept")[1]["Allow"] == "POST"


@override_settings(ALLOWED_HOSTS=["620000.localhost"])
def test_a_name_that_is_not_ours_is_not_answered(node: Node) -> None:
    assert ask("GET", "/api/v1/items")[0] == 200
    assert ask("GET", "/api/v1/items", host="evil.example")[2]["code"] == "bad_request"


def test_a_request_is_counted_by_the_name_of_its_view_and_by_no_path(node: Node) -> None:
    def counted() -> float:
        words = {"view": "api:item", "method": "GET", "status": "404"}
        return measures.REGISTRY.get_sample_value("tongban_http_requests_total", words) or 0

    before = counted()
    ask("GET", "/api/v1/items/SECRET-NUMBER")

    assert counted() == before + 1
    assert b"SECRET" not in generate_latest(measures.REGISTRY)


def test_a_line_of_the_log_is_json_and_bears_the_request(node: Node, capfd: pytest.CaptureFixture[str]) -> None:
    with bound_contextvars(request="mine-0123456789"):
        get_logger().error("odd", seconds=0.5, at=date(2026, 5, 3))

    line = json.loads(capfd.readouterr().err)
    assert line | {"timestamp": ""} == {
        "event": "odd",
        "level": "error",
        "request": "mine-0123456789",
        "seconds": 0.5,
        "at": "2026-05-03",
        "timestamp": "",
    }


def test_the_contract_is_told_at_both_doors(node: Node) -> None:
    page = Client(headers={"host": HOST}).get("/api/v1/openapi.json")

    assert ask("GET", "/api/v1/openapi.json")[2] == page.json()
