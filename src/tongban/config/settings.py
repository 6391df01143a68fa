# SPDX-License-Identifier: Apache-2.0
"""All settings; read once. What is odd stops the start with a sentence."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import bootstrap

from tongban.config import home
from tongban.config.logs import LOGGING  # noqa: F401  Django reads it by name
from tongban.standards import node as nodes

TONGBAN_HOME = os.environ.get("TONGBAN_HOME", "")
TONGBAN_DOOR = os.environ.get("TONGBAN_DOOR", "pages")  # which port this process answers: pages or exchange

DEBUG = False
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
USE_I18N = True

# At the exchange every statement looks rows up by their keys: planning them anew for each batch takes longer than that.
PLANNING = {"exchange": {"options": "-c plan_cache_mode=force_generic_plan"}}


def database(url: str) -> dict[str, Any]:
    """Django's settings for one PostgreSQL address; a socket folder may stand in ?host=."""
    parts = urlsplit(url)
    options = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(options.get("host", parts.hostname or "")),
        "PORT": str(parts.port or options.get("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": False,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 1, **PLANNING.get(TONGBAN_DOOR, {})},
    }


if TONGBAN_HOME:
    HOME = home.read(Path(TONGBAN_HOME))
    nodes.settle(HOME.node)
    SECRET_KEY = home.secret(HOME.node, "django").hex()
    DATABASES = {"default": database(os.environ.get("TONGBAN_DATABASE_URL", HOME.database_url))}
    ALLOWED_HOSTS = list(HOME.trusted_hosts)
    CSRF_TRUSTED_ORIGINS = [HOME.node.address]
    NODE_CODE = HOME.node.code
    SECURE = HOME.node.address.startswith("https://")
else:
    # No node: migrations are being made, types checked, or tests bring their own nodes.
    SECRET_KEY = secrets.token_hex(32)
    # Migrations name a database all the same.
    DATABASES = {"default": database(os.environ.get("TONGBAN_DATABASE_URL", "postgresql:///none?host=/nonexistent"))}
    ALLOWED_HOSTS = ["*"]
    NODE_CODE = "000000"
    SECURE = False

INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "django_htmx",
    "tongban.database",
    "tongban.vault",
    "tongban.ledger",
    "tongban.regions",
    "tongban.exchange",
    "tongban.identity",
    "tongban.catalogue",
    "tongban.licences",
    "tongban.cases",
    "tongban.reminders",
    "tongban.windows",
    "tongban.space",
    "tongban.web.portal",
    "tongban.web.desk",
]

PAGES = [
    "tongban.web.middleware.request_id",
    "tongban.web.middleware.refusals",
    "tongban.web.middleware.security_headers",
    "tongban.web.middleware.compress",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tongban.web.recovering.recovering",
    "tongban.web.middleware.sessions",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tongban.web.walking.walks",
]
MIDDLEWARE = PAGES if TONGBAN_DOOR == "pages" else PAGES[:2]
ROOT_URLCONF = "tongban.config.urls" if TONGBAN_DOOR == "pages" else "tongban.config.urls_exchange"
# What answers before Django's handler, and hands on to it what is not its own.
DOORS = ["tongban.web.api.door.Door" if TONGBAN_DOOR == "pages" else "tongban.web.doors.peers.Peers"]
WSGI_APPLICATION = "tongban.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent.parent / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request", "tongban.web.context.node"],
            "builtins": ["tongban.web.words"],
        },
    }
]

STATIC_URL = "/static/"
STATIC_ROOT = Path(TONGBAN_HOME) / "static" if TONGBAN_HOME else None
STATICFILES_DIRS = [
    Path(__file__).parent.parent / "web" / "static",
    ("bootstrap", Path(next(iter(bootstrap.__path__)))),
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 86400
WHITENOISE_ALLOW_ALL_ORIGINS = False

SESSION_COOKIE = f"tb_{NODE_CODE}"
CSRF_COOKIE_NAME = f"tb_csrf_{NODE_CODE}"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "tongban.web.middleware.form_too_old"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000  # bytes of form fields; files have their own limit
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
TONGBAN_MAX_UPLOAD = 20_000_000  # bytes, all files of one request
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS: list[str] = []
