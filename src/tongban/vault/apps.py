# SPDX-License-Identifier: Apache-2.0
"""Django's name for this noun."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "tongban.vault"
    label = "vault"
    default_auto_field = "django.db.models.BigAutoField"
