# SPDX-License-Identifier: Apache-2.0
"""How materials were had, try by try; files that come in parts; whether a file was scanned."""

from django.db import migrations, models

KEYED = {"blank": True, "editable": False, "primary_key": True, "serialize": False}


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_limits_to_warn_of")]

    operations = [
        migrations.AddField("material", "scanned", models.BooleanField(default=False), preserve_default=False),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("pk", models.CompositePrimaryKey("case_id", "number", **KEYED)),
                ("case_id", models.UUIDField()),
                ("number", models.IntegerField()),
                ("requirement", models.TextField()),
                ("way", models.TextField()),
                ("source", models.TextField()),
                ("outcome", models.TextField()),
                ("question", models.UUIDField(null=True)),
                ("digest", models.TextField()),
                ("sealed", models.BinaryField()),
                ("begun_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "cases_attempt",
                "indexes": [
                    models.Index(condition=models.Q(("ended_at", None)), fields=["begun_at"], name="cases_attempt_open")
                ],
            },
        ),
        migrations.CreateModel(
            name="Arrival",
            fields=[
                ("pk", models.CompositePrimaryKey("case_id", "id", **KEYED)),
                ("case_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("requirement", models.TextField()),
                ("size", models.BigIntegerField()),
                ("sealed", models.BinaryField()),
                ("begun_at", models.DateTimeField()),
            ],
            options={"db_table": "cases_arrival"},
        ),
    ]
