# SPDX-License-Identifier: Apache-2.0
"""What the web server runs, for pages and for the exchange alike (TONGBAN_DOOR says which)."""

import os

from django.core.wsgi import get_wsgi_application

from tongban.config.bodies import Bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.config.settings")
application = Bodies(get_wsgi_application())
