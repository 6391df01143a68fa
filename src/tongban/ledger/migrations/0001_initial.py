# SPDX-License-Identifier: Apache-2.0
"""The tables this noun begins with."""

from django.db import migrations, models

from tongban.database.constraints import append_only


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Chain",
            fields=[
                ("subject", models.TextField(primary_key=True, serialize=False)),
                ("length", models.BigIntegerField()),
                ("head", models.TextField()),
            ],
            options={
                "db_table": "ledger_chain",
            },
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("document", models.BinaryField()),
                ("signature", models.BinaryField()),
                ("key_id", models.TextField()),
                ("suite", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_head",
            },
        ),
        migrations.CreateModel(
            name="Line",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "subject", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subject", models.TextField()),
                ("number", models.BigIntegerField()),
                ("verb", models.TextField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
                ("salt", models.BinaryField()),
                ("facts_digest", models.TextField()),
                ("previous", models.TextField()),
                ("digest", models.TextField()),
            ],
            options={
                "db_table": "ledger_line",
            },
        ),
        migrations.CreateModel(
            name="Pending",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "subject", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subject", models.TextField()),
                ("number", models.BigIntegerField()),
            ],
            options={
                "db_table": "ledger_pending",
            },
        ),
        migrations.CreateModel(
            name="Tree",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("size", models.BigIntegerField(default=0)),
                ("peaks", models.JSONField(default=list)),
            ],
            options={
                "db_table": "ledger_tree",
            },
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("subject", models.TextField()),
                ("number", models.BigIntegerField()),
                ("line_digest", models.TextField()),
            ],
            options={
                "db_table": "ledger_leaf",
                "constraints": [models.UniqueConstraint(fields=("subject", "number"), name="ledger_leaf_once")],
            },
        ),
        append_only("ledger_line"),
        append_only("ledger_leaf"),
        append_only("ledger_head"),
    ]
