# SPDX-License-Identifier: Apache-2.0
"""Django's name for the ground the nouns stand on."""

import msgspec
from django.apps import AppConfig
from psycopg.types.json import set_json_loads


class DatabaseConfig(AppConfig):
    name = "tongban.database"
    label = "database"

    def ready(self) -> None:
        """Let the driver read JSON as fast as we do ourselves."""
        set_json_loads(msgspec.json.decode)
