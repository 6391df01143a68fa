# SPDX-License-Identifier: Apache-2.0
"""Django's name for this noun."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "tongban.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
