# SPDX-License-Identifier: Apache-2.0
"""Wrong input anywhere: a named refusal in a sentence, what was typed stays, never a fault."""

import re
from collections.abc import Iterator
from functools import partial
from html import unescape
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.journeys.running import Demo
from tests.journeys.walking import HUNAN, LANZHOU, Plain, Walk, walk
from tests.people import MA, ZHOU
from tongban.demo.browser import Form, Page
from tongban.demo.check import FORM, PICTURE

GANSU = "620000"
CHINESE = re.compile(r"[\u4e00-\u9fff]{2,}")
PARAMETER = re.compile(r"<(?:(\w+):)?\w+>")
ODD: dict[str, tuple[str, ...]] = {
    "uuid": (
        "00000000-0000-0000-0000-000000000000",
        "no-uuid",
        "%00",
        "01a202c0-13e6-7377-84a7-7988392f6d10",
        "%EF%BC%91",
    ),
    "int": ("0", "99999999999999999999", "-1", "1e9", "%EF%BC%91"),
    "str": ("x", "%00", "a" * 3000, "%e5%8a%9e%ff", "..%2f..%2fetc%2fpasswd"),
}
LONG = "字" * 2_001  # more than any field takes; ten times as much in each is more than any form
TYPED = (
    "",
    "\x00\x07\x1b",
    "１９９０００００００９",
    LONG,
    "<script>alert(1)</script>'; --",
    "\ud83d\ude00\u202e",
)
NAMES = ("q", "option", "from", "until", "residence", "receiver", "phone", "reason", "opinion", "note", "home", "next")
LEAVES_OR_COUNTS = ("/sign-in/out", "/sign-in/here", "/desk/sign-in/", "/oidc/agree")  # tried by hand below


def routes(patterns: Any, before: str = "/") -> Iterator[str]:
    """Every address that the pages' port knows, parameters as they are declared."""
    for pattern in patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            yield here


def filled(route: str) -> list[str]:
    """The route with odd values in its parameters; itself when it has none."""
    if not PARAMETER.search(route):
        return [route]
    return [PARAMETER.sub(partial(odd, n), route) for n in range(len(ODD["str"]))]


def odd(number: int, parameter: re.Match[str]) -> str:
    return ODD.get(parameter[1] or "str", ODD["str"])[number]


ROUTES = sorted(set(routes(get_resolver("tongban.config.urls").url_patterns)))


@pytest.fixture(scope="module")
def anonymous(demo: Demo) -> Plain:
    return Plain()


@pytest.fixture(scope="module")
def citizen(demo: Demo) -> Plain:
    return Plain().sign_in(demo, GANSU, ZHOU.phone)


@pytest.fixture(scope="module")
def clerk(demo: Demo) -> Plain:
    return Plain().sign_in(demo, GANSU, MA.login)


@pytest.mark.parametrize("who", ["anonymous", "citizen", "clerk"])
def test_every_address_answers_odd_values_with_a_sentence(demo: Demo, who: str, request: pytest.FixtureRequest) -> None:
    browser: Plain = request.getfixturevalue(who)
    at = demo.nodes[GANSU].address

    wrong = [fault for route in ROUTES for path in filled(route) if (fault := speechless(browser, "GET", at + path))]

    assert wrong == []


@pytest.mark.parametrize("who", ["anonymous", "citizen", "clerk"])
def test_every_address_answers_odd_words_with_a_sentence(
    demo: Demo, anonymous: Plain, who: str, request: pytest.FixtureRequest
) -> None:
    browser: Plain = request.getfixturevalue(who)
    at, token = demo.nodes[GANSU].address, a_token(demo, browser)
    paths = [path for route in ROUTES for path in filled(route)[:2] if not path.endswith(LEAVES_OR_COUNTS)]

    wrong = []
    for number, path in enumerate(paths):
        typed = TYPED[number % len(TYPED)]
        if typed == LONG and browser is anonymous and number % 5 == 0:
            typed = LONG * 10
        words = dict.fromkeys(NAMES, typed) | {"csrfmiddlewaretoken": token}
        body = urlencode(words, errors="surrogatepass").encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        wrong.append(speechless(browser, "POST", at + path, body, headers))

    assert [fault for fault in wrong if fault] == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "NONSENSE"])
def test_other_methods_are_answered(demo: Demo, citizen: Plain, method: str) -> None:
    at = demo.nodes[GANSU].address
    paths = [filled(route)[0] for route in ROUTES]

    wrong = [fault for path in paths if (fault := speechless(citizen, method, at + path, silent=method == "HEAD"))]

    assert wrong == []


def test_what_is_asked_in_the_query_may_be_odd(demo: Demo, anonymous: Plain, clerk: Plain) -> None:
    at = demo.nodes[GANSU].address
    values = ("%00", "%ff%fe", "a" * 5000, "%F0%9F%98%80", "%EF%BC%91%EF%BC%92", "'%22%3C%3E", "%", "&&==&=")
    paths = ("/items/?q={0}&region={0}", "/sign-in/?next={0}", "/verify/?x={0}", "/api/v1/items?q={0}&limit={0}")
    desk = ("/desk/?q={0}&state={0}&after={0}",)

    wrong = [speechless(anonymous, "GET", at + path.format(odd)) for path, odd in product(paths, values)]
    wrong += [speechless(clerk, "GET", at + path.format(odd)) for path, odd in product(desk, values)]

    assert [fault for fault in wrong if fault] == []


@pytest.mark.parametrize("node", ["620000", "220000"])
def test_the_exchange_refuses_what_is_not_a_message(demo: Demo, node: str) -> None:
    browser, at = Plain(), demo.nodes[node].dial
    bodies = (b"", b"{}", b"\x00" * 100, b"{" * 100_000, b"x" * 9_000_000)

    wrong = [speechless(browser, "POST", f"{at}/exchange/batches", body) for body in bodies]
    wrong += [speechless(browser, "GET", f"{at}/exchange/files/{odd}/{odd}") for odd in ODD["str"]]

    assert [fault for fault in wrong if fault] == []


def test_wrong_passwords_are_refused_in_words(demo: Demo) -> None:
    browser, at = Plain(), demo.nodes["220000"].address
    form = browser.get(f"{at}/sign-in/here").form()

    pages = [browser.send(form, {"login": odd, "password": odd}) for odd in ("", "\x00", "字" * 500, "１９９")]

    assert {page.status for page in pages} <= {403, 422, 429}
    assert all("错误：" in page.text for page in pages)


# A form with mistakes


@pytest.fixture(scope="module")
def begun(demo: Demo) -> Iterator[tuple[Walk, str]]:
    """An application that stands at its form, and where; whoever comes after finds nothing wrong in it."""
    story = walk(demo, LANZHOU)
    page = story.begin()
    while "/questions/" in page.url:
        page = story._step(page)
    at = f"{page.url.rstrip('/').rpartition('/')[0]}/form/"
    yield story, at
    story.citizen.send(story.citizen.get(at).form(), {"phone": ZHOU.phone} | FORM)


@pytest.fixture
def draft(begun: tuple[Walk, str]) -> tuple[Walk, Page]:
    """Its form as it stands now."""
    story, at = begun
    return story, story.citizen.get(at)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("from", ""),
        ("from", "昨天"),
        ("from", "2026-02-30"),
        ("from", "0000-00-00"),
        ("until", "9999-99-99"),
        ("phone", "12345"),
        ("phone", "1" * 5000),
        ("phone", "\x00\x01"),
        ("residence", ""),
        ("residence", "   \u3000"),
        ("residence", "路" * 101),
        ("receiver", "司" * 5000),
        ("receiver", "\U0001f600" * 200),
    ],
)
def test_a_mistake_is_named_beside_its_field_and_nothing_typed_is_lost(
    draft: tuple[Walk, Page], field: str, typed: str
) -> None:
    story, page = draft
    words = {"phone": ZHOU.phone} | FORM | {field: typed}

    answer = send(story, page.form(), words)

    assert answer.status == 422
    body = answer.body.decode()
    assert f'id="f-{field}-wrong"' in body
    assert CHINESE.search(told(body, f"f-{field}-wrong"))
    kept = answer.form().fields
    assert {name: kept[name] for name in words if name != field} == {n: v for n, v in words.items() if n != field}


def test_full_width_digits_are_read_as_digits(draft: tuple[Walk, Page]) -> None:
    story, page = draft
    wide = {"phone": ZHOU.phone.translate({48 + n: 0xFF10 + n for n in range(10)})}

    answer = send(story, page.form(), FORM | wide)

    assert answer.status == 200
    assert story.citizen.get(page.url).form().fields["phone"] == ZHOU.phone


def test_control_characters_are_left_out(draft: tuple[Walk, Page]) -> None:
    story, page = draft
    words = {"until": "2016-01-01\x00", "residence": "兰州\x00\x1b路1号\x7f"}

    answer = send(story, page.form(), {"phone": ZHOU.phone} | FORM | words)

    assert answer.status == 200
    kept = story.citizen.get(page.url).form().fields
    assert (kept["until"], kept["residence"]) == ("2016-01-01", "兰州路1号")


@pytest.mark.parametrize(
    ("filename", "data", "words"),
    [
        ("证件.png", b"only words" * 50, "请上传 PDF、JPG、PNG 格式的文件"),
        ("证件.png", b"", "空的"),
        ("证件.png", PICTURE + bytes(5_500_000), "文件超过 5 MB"),
        ("证件.exe", b"MZ\x90\x00" * 50, "请上传 PDF、JPG、PNG 格式的文件"),
    ],
    ids=["text", "empty", "6 MB", "program"],
)
def test_a_wrong_file_is_refused_beside_its_place(
    draft: tuple[Walk, Page], filename: str, data: bytes, words: str
) -> None:
    story, page = draft

    answer = upload(story, page, filename, data)

    assert answer.status == 422
    assert words in told(answer.body.decode(), "f-id_card-wrong")
    assert filename not in answer.text


def test_a_file_of_21_megabytes_is_refused_and_the_next_one_is_taken(draft: tuple[Walk, Page]) -> None:
    story, page = draft

    refused = upload(story, page, "证件.png", PICTURE + bytes(21_500_000))
    names = ["身份证.png", "..\\..\\x\x07.png", "a" * 2000 + ".png", "", "\u202egnp.exe"]
    taken = [upload(story, page, name, PICTURE) for name in names]

    assert refused.status in (413, 422)
    assert "20 MB" in refused.text or "5 MB" in refused.text
    assert "已上传" in taken[0].text
    assert [answer.title for answer in taken if answer.status not in (200, 400, 422)] == []
    assert all(CHINESE.search(answer.text) for answer in taken)


@pytest.mark.parametrize("data", [b"", b"%PDF-", b"%PDF-1.7\n" + b"\x00" * 1000, b"words", PICTURE])
def test_what_is_no_paper_of_ours_is_not_believed(demo: Demo, anonymous: Plain, data: bytes) -> None:
    form = anonymous.get(f"{demo.nodes[GANSU].address}/verify/").form()

    page = anonymous.upload(form, "file", "证明.pdf", data, "application/pdf")

    assert page.status in (200, 422)
    assert "不要采信" in page.text or "请先选择" in page.text


def test_too_large_a_paper_is_refused_in_words(demo: Demo, anonymous: Plain) -> None:
    form = anonymous.get(f"{demo.nodes[GANSU].address}/verify/").form()

    page = anonymous.upload(form, "file", "证明.pdf", b"%PDF-" + bytes(21_500_000), "application/pdf")

    assert page.status in (413, 422)
    assert "20 MB" in page.text


def test_another_persons_case_does_not_exist_for_you(demo: Demo, citizen: Plain) -> None:
    story = walk(demo, HUNAN)
    story.submit(story.begin())
    at, number = demo.nodes[GANSU].address, story.receipt
    token = a_token(demo, citizen)
    form = {"csrfmiddlewaretoken": token, "reason": "不需要了"}

    looked = [citizen.get(f"{at}/cases/{number}/{path}") for path in ("", "receipt/", "materials/1/")]
    acted = [citizen.post(f"{at}/cases/{number}/{path}/", form) for path in ("result", "withdraw")]
    unknown = citizen.get(f"{at}/cases/{number[:-1]}/")

    assert [page.status for page in (*looked, *acted)] == [404] * 5
    assert looked[0].title == unknown.title
    story.end()


# What came back


def speechless(
    browser: Plain,
    method: str,
    url: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    *,
    silent: bool = False,
) -> str:
    """What is wrong with the answer: a fault, or a refusal without a sentence; empty when nothing is."""
    answer = browser.ask(method, url, body, headers)
    where = f"{method} {url[:150]}: {answer.status}"
    if answer.status >= 500:
        return where
    said = answer.data.decode("utf-8", "replace")
    if answer.status >= 400 and not silent and not (CHINESE.search(said) or "error_description" in said):
        return f"{where} without a sentence: {said[:80]}"
    return ""


def a_token(demo: Demo, browser: Plain) -> str:
    """What a form of ours would carry."""
    return browser.get(f"{demo.nodes[GANSU].address}/verify/").form().fields["csrfmiddlewaretoken"]


def told(body: str, id: str) -> str:
    """The words of the element with this id."""
    found = re.search(rf'id="{id}"[^>]*>(.*?)</p>', body, re.DOTALL)
    return unescape(found[1]) if found else ""


def send(story: Walk, form: Form, words: dict[str, str]) -> Page:
    """Send a form whose words may not be text that can be written."""
    body = urlencode(form.fields | words, errors="surrogatepass").encode()
    return story.citizen._ask("POST", form.action, body, {"Content-Type": "application/x-www-form-urlencoded"})


def upload(story: Walk, page: Page, filename: str, data: bytes) -> Page:
    """Give a file for the identity card."""
    at = page.url.replace("/form/", "/materials/")
    form = story.citizen.get(at).form("/id_card/add/")
    return story.citizen.upload(form, "file", filename, data, "image/png")
