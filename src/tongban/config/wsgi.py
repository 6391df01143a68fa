# SPDX-License-Identifier: Apache-2.0
"""What the web server runs, for pages and for the exchange alike (TONGBAN_DOOR says which)."""

import os

from django.core.wsgi import get_wsgi_application

from tongban.config.carrier import THREADS, Carrier
from tongban.standards.crypto import self_test

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.config.settings")
self_test()  # a process that cannot tell a true signature from a false one answers nobody
application = get_wsgi_application()
carried = Carrier(application, threads=int(os.environ.get("TONGBAN_THREADS", THREADS)))
