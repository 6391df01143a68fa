# SPDX-License-Identifier: Apache-2.0
"""Django's name for this noun."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "tongban.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Models exist from here on: the readers of messages are declared."""
        from tongban.catalogue import messages  # noqa: F401, PLC0415
        from tongban.catalogue.lists import messages as lists  # noqa: F401, PLC0415
