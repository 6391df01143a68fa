# SPDX-License-Identifier: Apache-2.0
"""Mandates that another node told of, what a certificate has to sign, and the end of a column that nobody reads."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index on a table in use is made beside those who read and write it

    dependencies = [
        ("identity", "0005_evidence_and_mandates"),
    ]

    operations = [
        migrations.AddField(
            model_name="mandate",
            name="issuer",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="mandate",
            name="sid",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="mandate",
            name="origin",
            field=models.UUIDField(null=True),
        ),
        migrations.CreateModel(
            name="Challenge",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="identity.person",
                    ),
                ),
                ("word", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "db_table": "identity_challenge",
            },
        ),
        AddIndexConcurrently(
            model_name="look",
            index=models.Index(fields=["day"], name="identity_look_day"),
        ),
        migrations.RunSQL(
            "ALTER TABLE identity_person DROP COLUMN IF EXISTS level",
            "ALTER TABLE identity_person ADD COLUMN level smallint NOT NULL DEFAULT 1",
        ),
    ]
