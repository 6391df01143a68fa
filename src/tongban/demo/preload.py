# SPDX-License-Identifier: Apache-2.0
"""What every process of a node needs and no node differs in: loaded once, shared by all that are forked.

Nothing here may read Django's settings: they differ from node to node.
"""

import gc
import importlib

LIBRARIES = (
    "PIL.ImageDraw",
    "PIL.ImageFont",
    "PIL.ImageOps",
    "argon2",
    "click",
    "cryptography.x509",
    "django.contrib.postgres.fields",
    "django.contrib.staticfiles.finders",
    "django.core.handlers.wsgi",
    "django.core.management",
    "django.db.backends.postgresql.base",
    "django.db.migrations.loader",
    "django.db.models",
    "django.middleware.csrf",
    "django.shortcuts",
    "django.template.defaultfilters",
    "django.template.loader_tags",
    "django.templatetags.i18n",
    "django.templatetags.static",
    "django.views.decorators.csrf",
    "django_htmx.middleware",
    "fontTools.ttLib",
    "granian",
    "granian.rsgi",
    "holidays",
    "http_message_signatures",
    "joserfc.jwt",
    "lxml.etree",
    "msgspec",
    "nacl.bindings",
    "obstore.store",
    "pkcs11",
    "prometheus_client",
    "psycopg_pool",
    "pyasn1_modules.rfc2315",
    "pydantic",
    "pyhanko.sign.validation",
    "pyhanko.stamp",
    "python_calamine",
    "rjieba",
    "segno",
    "smtplib",
    "structlog",
    "typst",
    "urllib3",
    "uuid_utils",
    "webauthn",
    "whitenoise.middleware",
    "xlsxwriter",
)

for library in LIBRARIES:
    importlib.import_module(library)
gc.freeze()  # what is shared stays shared
