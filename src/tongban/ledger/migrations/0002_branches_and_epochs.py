# SPDX-License-Identifier: Apache-2.0
"""Subtrees are kept for proofs; heads say in which epoch they were made."""

from django.db import migrations, models

from tongban.database.constraints import append_only


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Branch",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level", "place", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("level", models.SmallIntegerField()),
                ("place", models.BigIntegerField()),
                ("hash", models.BinaryField()),
            ],
            options={
                "db_table": "ledger_branch",
            },
        ),
        migrations.AddField(model_name="tree", name="epoch", field=models.BigIntegerField(default=1)),
        migrations.AddField(model_name="tree", name="after", field=models.JSONField(null=True)),
        migrations.AddField(model_name="head", name="epoch", field=models.BigIntegerField(default=1)),
        append_only("ledger_branch"),
    ]
