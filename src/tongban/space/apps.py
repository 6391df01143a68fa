# SPDX-License-Identifier: Apache-2.0
"""Django's name for this noun."""

from django.apps import AppConfig


class SpaceConfig(AppConfig):
    name = "tongban.space"
    label = "space"
    default_auto_field = "django.db.models.BigAutoField"
