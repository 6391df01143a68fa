# SPDX-License-Identifier: Apache-2.0
"""A small browser without JavaScript: cookies, redirects, forms. It dials names under .localhost on the loopback."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote, urlencode, urljoin, urlsplit

import urllib3
from urllib3.filepost import encode_multipart_formdata

REDIRECTS = 15
PUNCTUATION = "%/:=&?~#+!$,;'@()*[]"  # of an address; everything else is percent-encoded
TIMEOUT = urllib3.Timeout(connect=3, read=20)  # seconds


class Unexpected(Exception):
    """The page is not what the story needs; the sentence says what came instead."""


@dataclass
class Form:
    """A form as it stands on a page, with what it already holds."""

    action: str
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Page:
    """An answer, read as a person would."""

    url: str
    status: int
    body: bytes
    kind: str
    title: str = ""
    text: str = ""
    refresh: bool = False  # the page asks to be opened again in a moment
    forms: list[Form] = field(default_factory=list)

    def form(self, ending: str = "") -> Form:
        """The form that is sent to a path with this ending, without one to the page itself. Unexpected when none is."""
        wanted = ending or urlsplit(self.url).path
        for form in self.forms:
            if urlsplit(form.action).path.endswith(wanted):
                return form
        raise Unexpected(f"{self.url} 上没有指向“…{wanted}”的表单，页面是“{self.title}”({self.status})。")


class _Reader(HTMLParser):
    """Picks out title, text and forms."""

    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.page, self._inside, self._words = page, "", []  # type: tuple[Page, str, list[str]]
        self._form: Form | None = None
        self._area = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._form = Form(
                urljoin(self.page.url, told.get("action", "") or self.page.url), told.get("method", "get")
            )
            self.page.forms.append(self._form)
        elif self._form is not None and told.get("name"):
            self._control(tag, told)
        self._inside = tag if tag in ("title", "script", "style") else self._inside

    def _control(self, tag: str, told: dict[str, str]) -> None:
        assert self._form is not None
        name, kind = told["name"], told.get("type", "text")
        if tag == "button":
            self._form.buttons.append((name, told.get("value", "")))
        elif tag == "textarea":
            self._form.fields[name], self._area = "", name
        elif tag == "input" and (kind not in ("radio", "checkbox", "file") or "checked" in told):
            self._form.fields[name] = told.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        self._area = "" if tag == "textarea" else self._area
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.page.title += data.strip()
        elif self._area and self._form is not None:
            self._form.fields[self._area] += data
        elif not self._inside and data.strip():
            self._words.append(data.strip())
            self.page.text = " ".join(self._words)


class Browser:
    """One person's browser: cookies by host, one page at a time."""

    def __init__(self) -> None:
        self._pool = urllib3.PoolManager(timeout=TIMEOUT, retries=False)
        self._cookies: dict[str, dict[str, str]] = {}

    def get(self, url: str, headers: dict[str, str] | None = None) -> Page:
        """Open an address, redirects followed."""
        return self._ask("GET", url, b"", headers or {})

    def send(self, form: Form, values: dict[str, str] | None = None, button: str = "") -> Page:
        """Fill in a form and press a button."""
        told = form.fields | (values or {})
        if button:
            told |= dict(pressed for pressed in form.buttons if button in pressed)
        return self.post(form.action, told)

    def post(self, url: str, values: dict[str, str]) -> Page:
        """Send a form's values."""
        return self._ask("POST", url, urlencode(values).encode(), {"Content-Type": "application/x-www-form-urlencoded"})

    def upload(self, form: Form, name: str, filename: str, data: bytes, kind: str) -> Page:
        """Send a form with one file."""
        parts: dict[str, str | tuple[str, bytes, str]] = {**form.fields, name: (filename, data, kind)}
        body, content_type = encode_multipart_formdata(parts)
        return self._ask("POST", form.action, body, {"Content-Type": content_type})

    def _ask(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> Page:
        url = quote(url, safe=PUNCTUATION)
        for _ in range(REDIRECTS):
            answer = self._once(method, url, body, headers)
            location = answer.headers.get("Location")
            if answer.status not in (301, 302, 303, 307, 308) or not location:
                return _read(url, answer)
            url = urljoin(url, location)
            method, body, headers = "GET", b"", {}
        raise Unexpected(f"{url} 重定向次数过多。")

    def _once(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        parts = urlsplit(url)
        jar = self._cookies.setdefault(parts.hostname or "", {})
        cookies = "; ".join(f"{name}={value}" for name, value in jar.items())
        origin = f"{parts.scheme}://{parts.netloc}"
        told = {"Host": parts.netloc, "Cookie": cookies, "Referer": url, "Origin": origin, **headers}
        dialed = parts._replace(netloc=f"127.0.0.1:{parts.port or 80}").geturl()
        try:
            answer = self._pool.request(method, dialed, body=body or None, headers=told, redirect=False)
        except urllib3.exceptions.HTTPError as silent:
            raise Unexpected(f"{url} 没有应答({type(silent).__name__})。") from silent
        for line in answer.headers.getlist("Set-Cookie"):
            name, _, rest = line.partition("=")
            jar[name.strip()] = rest.partition(";")[0]
        return answer


def _read(url: str, answer: urllib3.BaseHTTPResponse) -> Page:
    page = Page(url=url, status=answer.status, body=answer.data, kind=answer.headers.get("Content-Type", ""))
    page.refresh = "Refresh" in answer.headers
    if page.kind.startswith("text/html"):
        _Reader(page).feed(page.body.decode("utf-8", "replace"))
    return page
