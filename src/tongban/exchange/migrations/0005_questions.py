# SPDX-License-Identifier: Apache-2.0
"""Questions to other nodes and their answers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0004_desk_and_recovery"),
    ]

    operations = [
        migrations.CreateModel(
            name="Answered",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "asker", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("asker", models.TextField()),
                ("id", models.UUIDField()),
                ("kind", models.TextField()),
                ("subject", models.TextField()),
                ("digest", models.TextField()),
                ("document", models.BinaryField()),
                ("reply", models.BinaryField()),
                ("outcome", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "exchange_answered",
            },
        ),
        migrations.CreateModel(
            name="Asked",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("mark", models.TextField()),
                ("peer", models.TextField()),
                ("kind", models.TextField()),
                ("subject", models.TextField()),
                ("document", models.BinaryField()),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("state", models.TextField(default="waiting")),
                ("outcome", models.TextField(default="")),
                ("reply", models.BinaryField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("tries", models.IntegerField(default=0)),
                ("next_try_at", models.DateTimeField()),
            ],
            options={
                "db_table": "exchange_asked",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["peer", "next_try_at"],
                        name="exchange_asked_open",
                    ),
                    models.Index(fields=["mark", "asked_at"], name="exchange_asked_mark"),
                ],
            },
        ),
    ]
