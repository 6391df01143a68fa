# SPDX-License-Identifier: Apache-2.0
"""Django's name for this noun, and where it listens."""

from django.apps import AppConfig


class LicencesConfig(AppConfig):
    name = "tongban.licences"
    label = "licences"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Models exist from here on: who answers questions and who makes lost files again is declared."""
        from tongban.exchange.registry import file_gone  # noqa: PLC0415
        from tongban.licences import messages  # noqa: F401, PLC0415
        from tongban.licences.actions import make_lost_again  # noqa: PLC0415
        from tongban.licences.types import messages as types  # noqa: F401, PLC0415
        from tongban.licences.uses import asking  # noqa: F401, PLC0415

        file_gone(make_lost_again)
