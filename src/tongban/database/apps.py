# SPDX-License-Identifier: Apache-2.0
"""Django's name for the ground the nouns stand on."""

from django.apps import AppConfig


class DatabaseConfig(AppConfig):
    name = "tongban.database"
    label = "database"
