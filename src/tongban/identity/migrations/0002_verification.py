# SPDX-License-Identifier: Apache-2.0
"""What clerks ask the identity source about people at the window."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_identity_begins")]

    operations = [
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("id_type", models.TextField()),
                ("id_index", models.BinaryField()),
                ("id_sealed", models.BinaryField()),
                (
                    "method",
                    models.TextField(choices=[("card", "Card"), ("typed", "Typed"), ("manual", "Manual")]),
                ),
                ("source", models.TextField()),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("match", "Match"),
                            ("mismatch", "Mismatch"),
                            ("unknown", "Unknown"),
                            ("unavailable", "Unavailable"),
                            ("manual", "Manual"),
                        ]
                    ),
                ),
                ("trouble", models.TextField(default="")),
                ("clerk", models.UUIDField()),
                ("clerk_name", models.TextField()),
                ("organization", models.TextField()),
                ("note", models.TextField(default="")),
                ("tries", models.SmallIntegerField(default=0)),
                ("try_at", models.DateTimeField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "identity_verification",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["try_at"], name="identity_verification_due"
                    )
                ],
            },
        ),
    ]
