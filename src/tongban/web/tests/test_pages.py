# SPDX-License-Identifier: Apache-2.0
"""Every page and every refusal: its headers, its words, and nothing inline."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import DataError, OperationalError, connection, transaction
from django.http import HttpRequest
from django.test import Client, RequestFactory

from tongban.standards.node import Node
from tongban.web import refusals
from tongban.web.api.urls import ROUTES

HOST = {"host": "620000.localhost:8002"}
OPEN = ("/", "/items/", "/items/?q=公积金", "/verify/", "/look/", "/sign-in/", "/desk/sign-in/", "/no/such/page")
INLINE = re.compile(rb"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:")


@pytest.fixture
def browser(node: Node) -> Client:
    return Client(headers=HOST, raise_request_exception=False)


@pytest.mark.parametrize("path", OPEN)
def test_a_page_has_nothing_inline_and_forbids_it(browser: Client, path: str) -> None:
    answer = browser.get(path)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert INLINE.search(answer.content) is None
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", OPEN)
def test_a_page_says_its_language_and_leads_to_its_text(browser: Client, path: str) -> None:
    page = browser.get(path).content.decode()
    assert '<html lang="zh-Hans">' in page
    assert 'href="#main"' in page and 'id="main"' in page
    assert page.count("<h1") == 1


def test_a_request_keeps_the_id_it_came_with(browser: Client) -> None:
    assert browser.get("/", headers={"x-request-id": "0123456789abcdef"})["X-Request-Id"] == "0123456789abcdef"


def test_an_odd_request_id_is_replaced(browser: Client) -> None:
    assert browser.get("/", headers={"x-request-id": "张伟"})["X-Request-Id"].isascii()


def test_who_is_not_signed_in_is_led_to_sign_in_and_back(browser: Client) -> None:
    assert browser.get("/cases/")["Location"] == "/sign-in/?next=%2Fcases%2F"
    assert browser.get("/desk/")["Location"] == "/desk/sign-in/?next=%2Fdesk%2F"


def test_a_page_that_is_not_there_says_what_to_do(browser: Client) -> None:
    answer = browser.get("/no/such/page")
    assert answer.status_code == 404
    assert "回到首页" in answer.content.decode()


def test_a_program_gets_problem_details(browser: Client) -> None:
    answer = browser.get("/api/v1/cases")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer.json()["code"] == "sign_in_needed"
    assert browser.get("/no/such/page", headers={"accept": "application/json"}).json()["code"] == "not_found"


def test_an_old_form_is_refused_and_says_what_to_do(node: Node) -> None:
    answer = Client(headers=HOST, enforce_csrf_checks=True).post("/verify/")
    assert answer.status_code == 403
    assert "刷新后重新提交" in answer.content.decode()


def test_too_large_a_body_is_refused_before_it_is_read(browser: Client) -> None:
    answer = browser.post("/verify/", data=b"", content_type="text/plain", headers={"content-length": "90000000"})
    assert answer.status_code == 413


def test_an_address_that_only_takes_forms_leads_back_to_its_page(browser: Client) -> None:
    assert browser.put("/verify/").status_code == 405


def _asked(path: str) -> HttpRequest:
    request = RequestFactory(headers=HOST).get(path)
    request.__dict__["request_id"] = "0123456789abcdef"
    return request


def test_our_own_mistake_is_a_calm_page_with_the_incident(node: Node, capfd: Any) -> None:
    answer = refusals.answer_exception(_asked("/"), ValueError("身份证号 990101199003070019"))
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "0123456789abcdef" in page and "已经提交成功的申请不受影响" in page
    written = capfd.readouterr().err
    assert "unhandled" in written
    assert "990101199003070019" not in page + written


def test_a_database_that_is_away_says_what_is_safe(node: Node) -> None:
    answer = refusals.answer_exception(_asked("/cases/"), OperationalError("gone"))
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "都已安全保存" in answer.content.decode()


@pytest.mark.parametrize("sql", ["SELECT %s::text", """SELECT ('"' || %s || '"')::jsonb #>> '{}'"""])
def test_a_character_that_no_database_keeps_is_no_fault_of_ours(node: Node, sql: str) -> None:
    typed = "a\0b" if "::text" in sql else r"a\u0000b"
    with pytest.raises(DataError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [typed])
    answer = refusals.answer_exception(_asked("/cases/"), refused.value)
    assert answer.status_code == 422
    assert "不能保存的控制字符" in answer.content.decode()


def test_pages_and_their_look_travel_compressed(browser: Client) -> None:
    for path in ("/", "/static/tongban/tongban.css", "/static/django_htmx/htmx-2.min.js"):
        plain, packed = browser.get(path), browser.get(path, headers={"accept-encoding": "gzip"})
        assert packed["Content-Encoding"] == "gzip"
        body = plain.getvalue()
        assert len(packed.content) < len(body)
        assert gzip.decompress(packed.content)[:9] == body[:9]


def test_a_citizen_page_is_small_on_the_wire(browser: Client) -> None:
    def octets(path: str) -> int:
        return len(browser.get(path, headers={"accept-encoding": "gzip"}).content)

    look = sum(
        octets(f"/static/{file}")
        for file in ("bootstrap/css/bootstrap-reboot.min.css", "tongban/tongban.css", "tongban/page.js")
    )
    with_htmx = look + octets("/static/django_htmx/htmx-2.min.js")
    for path in ("/", "/items/", "/verify/", "/look/"):
        assert with_htmx + octets(path) < 60_000


def test_the_doors_answer(browser: Client) -> None:
    assert browser.get("/healthz").content == b"ok\n"
    assert set(browser.get("/readyz").json()["checks"].values()) == {"ok"}


def test_figures_are_for_this_machine_or_for_who_has_the_token(node: Node) -> None:
    local = {"host": "127.0.0.1:8002"}
    assert Client(headers=HOST).get("/metrics").status_code == 404
    assert Client(headers=local).get("/metrics", headers={"x-forwarded-for": "192.0.2.1"}).status_code == 404
    assert Client(headers=local).get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 404
    figures = Client(headers=local).get("/metrics").content.decode()
    assert "tongban_trust_list_expiry_seconds" in figures and "tongban_http_requests_total" in figures
    token = "a-token-of-enough-letters"
    (Path(node.secrets) / "metrics_token").write_text(token)
    far = Client(headers=local | {"authorization": f"Bearer {token}"})
    assert far.get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 200
    (Path(node.secrets) / "metrics_token").unlink()


def test_the_contract_declares_every_door_with_its_refusals(browser: Client) -> None:
    contract = browser.get("/api/v1/openapi.json").json()
    assert set(contract["paths"]) == {route.path for route in ROUTES} - {"/api/v1/openapi.json"}
    closed = {(route.path, route.method.lower()): route.scope for route in ROUTES if not route.is_open}
    told = {(path, method): each for path, all_of in contract["paths"].items() for method, each in all_of.items()}
    assert {at: each["security"] for at, each in told.items() if "security" in each} == {
        at: [{"Bearer": [scope]}] for at, scope in closed.items()
    }
    assert all({"401", "403"} <= set(told[at]["responses"]) for at in closed)
    submit = contract["paths"]["/api/v1/cases"]["post"]
    assert submit["parameters"][0]["name"] == "Idempotency-Key"
    assert {"200", "201", "401", "409", "422"} <= set(submit["responses"])
    schemas = contract["components"]["schemas"]
    names = re.findall(r'"#/components/schemas/(\w+)"', browser.get("/api/v1/openapi.json").content.decode())
    assert set(names) <= set(schemas)


def test_too_large_a_file_leads_back_to_its_place_in_the_form(browser: Client) -> None:
    draft = "/drafts/01a202c0-13e6-7377-84a7-7988392f6d10/materials/"
    answer = browser.post(
        f"{draft}id_card/add/", data=b"", content_type="text/plain", headers={"content-length": "21500000"}
    )
    assert (answer.status_code, answer["Location"]) == (302, f"{draft}?large=id_card")


def test_a_place_for_files_names_its_limits_and_works_without_the_module(browser: Client) -> None:
    page = browser.get("/verify/").content.decode()
    assert 'for="f-file"' in page and 'accept="application/pdf,.pdf,.ofd"' in page
    assert 'aria-describedby="f-file-limits"' in page and "不超过 20 MB" in page
