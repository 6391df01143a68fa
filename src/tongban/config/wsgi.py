# SPDX-License-Identifier: Apache-2.0
"""What the web server runs, for pages and for the exchange alike (TONGBAN_DOOR says which)."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

from tongban.config.carrier import THREADS, Application, Carrier
from tongban.standards.crypto import self_test

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.config.settings")
self_test()  # a process that cannot tell a true signature from a false one answers nobody
application: Application = get_wsgi_application()
for door in settings.DOORS:
    application = import_string(door)(application)
carried = Carrier(application, threads=int(os.environ.get("TONGBAN_THREADS", THREADS)))
