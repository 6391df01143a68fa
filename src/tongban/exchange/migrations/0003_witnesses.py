# SPDX-License-Identifier: Apache-2.0
"""Peers witness each other's tree heads."""

from django.db import migrations, models

from tongban.database.constraints import append_only


class Migration(migrations.Migration):
    dependencies = [("exchange", "0002_skew")]

    operations = [
        migrations.CreateModel(
            name="ToldHead",
            fields=[
                ("recipient", models.TextField(primary_key=True, serialize=False)),
                ("epoch", models.BigIntegerField()),
                ("size", models.BigIntegerField()),
                ("root", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "exchange_told_head",
            },
        ),
        migrations.CreateModel(
            name="WitnessedHead",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "node", "digest", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("node", models.TextField()),
                ("digest", models.TextField()),
                ("epoch", models.BigIntegerField()),
                ("size", models.BigIntegerField()),
                ("root", models.TextField()),
                ("document", models.BinaryField()),
                ("signature", models.BinaryField()),
                ("key_id", models.TextField()),
                ("suite", models.TextField()),
                ("standing", models.TextField()),
                ("why", models.TextField(default="")),
                ("against", models.TextField(default="")),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "db_table": "exchange_witnessed",
                "indexes": [
                    models.Index(fields=["node", "epoch", "size"], name="exchange_witnessed_place"),
                    models.Index(
                        condition=models.Q(("standing__in", ["conflict", "restarted", "unlinked"])),
                        fields=["node", "received_at"],
                        name="exchange_witnessed_odd",
                    ),
                ],
            },
        ),
        append_only("exchange_witnessed"),
    ]
