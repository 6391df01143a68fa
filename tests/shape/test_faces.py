# SPDX-License-Identifier: Apache-2.0
"""The faces translate and do not decide: who is asked who they are, and what a page may hold."""

import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from tests.shape.tree import SOURCE, here, kept_files, nothing, text_of
from tongban.web import visit

OPEN_DESK = {  # name of a desk page that anybody may open: why
    "sign-in": "the form itself",
    "step": "what follows the password; its own cookie says whose",
    "sign-out": "harmless when nobody is signed in",
}
DOORMEN = {"page", "applicants", "own_people", "staff"}
TEMPLATES = [file for file in kept_files() if file.suffix == ".html" and file.is_relative_to(SOURCE)]


def _views(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _views(entry, path)
        else:
            yield path, entry


def _doormen(view: Any) -> set[str]:
    """Which of the decorators of web.visit stand before a view."""
    found = set()
    while view is not None:
        made_by, _, inner = view.__code__.co_qualname.partition(".<locals>.")
        if inner and view.__code__.co_filename == visit.__file__:
            found.add(made_by)
        view = getattr(view, "__wrapped__", None)
    return found


def _faces(name: str) -> list[tuple[str, URLPattern]]:
    found = list(_views(get_resolver("tongban.config.urls")))
    return [(path, view) for path, view in found if view.callback.__module__.startswith(f"tongban.web.{name}")]


def test_every_desk_view_asks_who_you_are() -> None:
    desk = _faces("desk")
    assert desk
    nothing([path for path, v in desk if "staff" not in _doormen(v.callback) and v.name not in OPEN_DESK])
    assert set(OPEN_DESK) <= {view.name for _, view in desk}


def test_every_portal_view_says_who_may_open_it() -> None:
    portal = [(path, view) for path, view in _faces("portal") if not path.startswith(("oidc/", ".well-known/"))]
    assert portal
    nothing([path for path, view in portal if not _doormen(view.callback) & DOORMEN])


def test_no_database_router_is_set() -> None:
    assert settings.DATABASE_ROUTERS == []
    assert list(settings.DATABASES) == ["default"]


def test_templates_hold_no_inline_script_or_style() -> None:
    inline = re.compile(
        r"<script(?![^>]*\ssrc=)|<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|\shx-on[:-]", re.IGNORECASE
    )
    assert TEMPLATES
    nothing([f"{here(file)}: {found[0]}" for file in TEMPLATES if (found := inline.search(text_of(file)))])


def test_pages_load_nothing_from_elsewhere() -> None:
    elsewhere = re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE)
    nothing([here(file) for file in TEMPLATES if elsewhere.search(text_of(file))])


def test_every_form_that_posts_carries_the_token() -> None:
    forms = re.compile(r"<form\b[^>]*\bmethod\s*=\s*[\"']post[\"'][^>]*>(.*?)</form>", re.IGNORECASE | re.DOTALL)
    found = [here(f) for f in TEMPLATES for inside in forms.findall(text_of(f)) if "csrf_token" not in inside]
    nothing(found)
