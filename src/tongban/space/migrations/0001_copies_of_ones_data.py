# SPDX-License-Identifier: Apache-2.0
"""Copies of one's own data."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("person", models.UUIDField(db_index=True)),
                ("asked_at", models.DateTimeField()),
                ("try_at", models.DateTimeField(db_index=True, null=True)),
                ("tries", models.SmallIntegerField(default=0)),
                ("made_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(db_index=True)),
                ("digest", models.TextField(default="")),
                ("size", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "space_export",
            },
        ),
    ]
