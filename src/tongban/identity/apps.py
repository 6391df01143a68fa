# SPDX-License-Identifier: Apache-2.0
"""Django's name for this noun."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "tongban.identity"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"
