# SPDX-License-Identifier: Apache-2.0
"""What a node shows to the outside: its doors, headers, cookies, ports and secrets."""

import json
import stat
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from tests.journeys.running import Demo
from tests.journeys.walking import Plain
from tests.people import MA, PASSWORD, ZHOU
from tongban.demo import processes, status

GANSU = "620000"


def test_every_node_says_that_it_lives_and_is_ready(demo: Demo) -> None:
    browser = Plain()
    for node in demo.nodes.values():
        for at in (node.address, node.dial):
            assert browser.ask("GET", f"{at}/healthz").data == b"ok\n"
            told = json.loads(browser.ask("GET", f"{at}/readyz").data)
            assert told["ready"] is True
            assert set(told["checks"]) >= {"database", "migrations", "keys", "trust_list"}


def test_metrics_are_for_this_machine_and_not_for_the_public_address(demo: Demo) -> None:
    browser, node = Plain(), demo.nodes[GANSU]
    port = node.address.rpartition(":")[2]

    inside = browser.ask("GET", f"http://127.0.0.1:{port}/metrics")
    public = browser.ask("GET", f"{node.address}/metrics")
    passed_on = browser.ask("GET", f"http://127.0.0.1:{port}/metrics", headers={"X-Forwarded-For": "192.0.2.1"})

    assert inside.status == 200
    assert b"tongban_outbox_waiting" in inside.data
    assert b"tongban_http_requests_total" in inside.data
    assert (public.status, passed_on.status) == (404, 404)
    assert b"tongban_outbox_waiting" not in public.data + passed_on.data


def test_pages_forbid_what_they_do_not_need(demo: Demo) -> None:
    for path in ("/", "/verify/", "/sign-in/", "/desk/sign-in/", "/no/such/page"):
        headers = Plain().ask("GET", f"{demo.nodes[GANSU].address}{path}").headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(("door", "login"), [("/sign-in/here", ZHOU.phone), ("/desk/sign-in/", MA.login)])
def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(demo: Demo, door: str, login: str) -> None:
    browser, at = Plain(), demo.nodes[GANSU].address
    form = browser.get(at + door).form()
    body = f"csrfmiddlewaretoken={form.fields['csrfmiddlewaretoken']}&login={login}&password={PASSWORD}".encode()
    answer = browser.ask("POST", form.action, body, {"Content-Type": "application/x-www-form-urlencoded"})

    cookies: SimpleCookie = SimpleCookie()
    for line in answer.headers.getlist("Set-Cookie"):
        cookies.load(line)

    assert f"tb_{GANSU}" in cookies
    assert all(cookie["httponly"] and cookie["samesite"] in ("Lax", "Strict") for cookie in cookies.values())
    assert not any(cookie["domain"] for cookie in cookies.values())
    page = browser.ask("GET", f"{at}{'/cases/' if login == ZHOU.phone else '/desk/'}")
    assert (page.status, page.headers["Cache-Control"]) == (200, "no-store")


def test_a_form_of_another_site_is_refused(demo: Demo) -> None:
    browser, at = Plain().sign_in(demo, GANSU, ZHOU.phone), demo.nodes[GANSU].address
    form = browser.get(f"{at}/verify/").form()
    body = f"csrfmiddlewaretoken={form.fields['csrfmiddlewaretoken']}".encode()
    kind = "application/x-www-form-urlencoded"

    foreign = browser.ask(
        "POST", f"{at}/sign-in/out", body, {"Content-Type": kind, "Origin": "http://evil.example", "Referer": ""}
    )
    without = browser.ask("POST", f"{at}/sign-in/out", b"", {"Content-Type": kind})

    assert (foreign.status, without.status) == (403, 403)
    assert browser.ask("GET", f"{at}/cases/").status == 200


def test_an_unknown_host_is_not_served(demo: Demo) -> None:
    answer = Plain().ask("GET", f"{demo.nodes[GANSU].address}/", headers={"Host": "evil.example"})
    assert answer.status == 400


def test_only_the_loopback_is_listened_on(demo: Demo) -> None:
    ours = {pid for node in status.report(demo.places)["nodes"] for one in node["processes"].values()
            for pid in processes.family(one["pid"])}  # fmt: skip
    ours |= set(processes.family(demo.server.pid or 0))
    sockets = {inode for pid in ours for inode in inodes(pid)}

    listening = [(address, inode) for address, inode in listeners() if inode in sockets]

    assert len(listening) >= 10
    assert {address for address, _ in listening} == {"0100007F"}  # 127.0.0.1, as the kernel writes it


def listeners() -> list[tuple[str, str]]:
    """Address and inode of every TCP socket that listens, from the kernel's tables."""
    lines = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()]
    return [(words[1].rpartition(":")[0], words[9]) for words in lines if words[3] == "0A"]


def inodes(pid: int) -> list[str]:
    """The sockets that a process holds."""
    found = []
    for link in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            target = str(link.readlink())
        except OSError:
            continue
        found += [target[8:-1]] if target.startswith("socket:[") else []
    return found


def test_secrets_are_for_their_owner_alone(demo: Demo) -> None:
    homes = [node.home for node in demo.nodes.values()]
    secret = [file for home in homes for file in (home / "secrets").rglob("*") if file.is_file()]
    secret += [home / name for home in homes for name in ("node.toml", "demo-accounts.json")]
    folders = [home / "secrets" for home in homes] + [demo.places.data / "nodes"]

    assert len(secret) >= 5 * 6
    assert [str(file) for file in secret if stat.S_IMODE(file.stat().st_mode) != 0o600] == []
    assert [str(folder) for folder in folders if stat.S_IMODE(folder.stat().st_mode) != 0o700] == []


def test_passwords_are_kept_as_argon2_only(demo: Demo) -> None:
    kept = [row[0] for row in demo.rows(GANSU, "SELECT password_hash FROM identity_account")]
    kept += [row[0] for row in demo.rows(GANSU, "SELECT password_hash FROM identity_staff")]

    assert kept
    assert all(str(words).startswith("$argon2id$") for words in kept)
