# SPDX-License-Identifier: Apache-2.0
"""Django's name for this noun."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "tongban.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Models exist from here on: the reader of peers' tree heads is declared."""
        from tongban.exchange import messages  # noqa: F401, PLC0415
