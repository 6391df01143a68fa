# SPDX-License-Identifier: Apache-2.0
"""Django's name for this face, so that its templates and static files are found."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "tongban.web.portal"
    label = "web_portal"
