# SPDX-License-Identifier: Apache-2.0
"""What the web server runs, for pages and for the exchange alike (TONGBAN_DOOR says which)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.config.settings")
application = get_wsgi_application()
