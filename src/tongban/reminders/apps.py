# SPDX-License-Identifier: Apache-2.0
"""Django's name for this noun."""

from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "tongban.reminders"
    label = "reminders"
    default_auto_field = "django.db.models.BigAutoField"
