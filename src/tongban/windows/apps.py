# SPDX-License-Identifier: Apache-2.0
"""Django's name for this noun, and where it listens."""

from django.apps import AppConfig


class WindowsConfig(AppConfig):
    name = "tongban.windows"
    label = "windows"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Models exist from here on: an intake that became a case is erased with it."""
        from tongban.cases.actions.erasing import when_erased  # noqa: PLC0415
        from tongban.windows.actions import forget_intake  # noqa: PLC0415

        when_erased.append(forget_intake)
