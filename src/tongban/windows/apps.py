# SPDX-License-Identifier: Apache-2.0
"""Django's name for this noun."""

from django.apps import AppConfig


class WindowsConfig(AppConfig):
    name = "tongban.windows"
    label = "windows"
    default_auto_field = "django.db.models.BigAutoField"
