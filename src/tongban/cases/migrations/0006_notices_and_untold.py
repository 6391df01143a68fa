# SPDX-License-Identifier: Apache-2.0
"""The files of notices that other nodes gave; lines of which people are still to be told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_history_of_an_item")]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case_id", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(db_index=False, on_delete=models.DO_NOTHING, related_name="+", to="cases.case"),
                ),
                ("number", models.TextField()),
                ("node", models.TextField()),
                ("file_digest", models.TextField()),
                ("file_size", models.BigIntegerField()),
                ("told_at", models.DateTimeField()),
            ],
            options={"db_table": "cases_notice"},
        ),
        migrations.CreateModel(
            name="Untold",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case_id", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(db_index=False, on_delete=models.DO_NOTHING, related_name="+", to="cases.case"),
                ),
                ("number", models.IntegerField()),
                ("at", models.DateTimeField(db_index=True)),
            ],
            options={"db_table": "cases_untold"},
        ),
    ]
