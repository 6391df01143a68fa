# SPDX-License-Identifier: Apache-2.0
"""The last case of one person and item; who confirms beside the applicant; where a draft was last changed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_reckoned_and_due_soon")]

    operations = [
        migrations.AddField("draft", "device", models.TextField(default="")),
        migrations.AddField("draft", "step", models.TextField(default="")),
        migrations.CreateModel(
            name="Latest",
            fields=[
                ("key", models.TextField(primary_key=True, serialize=False)),
                ("case_id", models.UUIDField()),
            ],
            options={"db_table": "cases_latest"},
        ),
        migrations.CreateModel(
            name="Signer",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case_id", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("case_id", models.UUIDField()),
                ("number", models.IntegerField()),
                ("role", models.TextField()),
                ("person_index", models.BinaryField()),
                ("sealed", models.BinaryField()),
                ("state", models.TextField()),
                ("digest", models.TextField(default="")),
                ("actor", models.TextField(default="")),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "cases_signer",
                "indexes": [models.Index(fields=["person_index"], name="cases_signer_person")],
            },
        ),
    ]
