# SPDX-License-Identifier: Apache-2.0
"""Django's name for this noun, and where it listens."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "tongban.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Models exist from here on: the readers of messages and the listeners for papers are declared."""
        from tongban.cases import messages, restoring  # noqa: F401, PLC0415
        from tongban.cases.actions.results import tell_case  # noqa: PLC0415
        from tongban.cases.queries.own_licence import is_withheld  # noqa: PLC0415
        from tongban.licences.actions import when_ready  # noqa: PLC0415
        from tongban.licences.uses.actions import withheld  # noqa: PLC0415

        when_ready.append(tell_case)
        withheld.append(is_withheld)
