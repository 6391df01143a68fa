# SPDX-License-Identifier: Apache-2.0
"""Django's name for this noun, and where it listens."""

from django.apps import AppConfig


class WindowsConfig(AppConfig):
    name = "tongban.windows"
    label = "windows"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Models exist from here on: an intake is erased with its case, and materials are fetched for it."""
        from tongban.cases.actions.erasing import when_erased  # noqa: PLC0415
        from tongban.cases.folders import FINDERS  # noqa: PLC0415
        from tongban.windows.actions import find_intake, forget_intake  # noqa: PLC0415

        when_erased.append(forget_intake)
        FINDERS.append(find_intake)
