# SPDX-License-Identifier: Apache-2.0
"""The tables this noun begins with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SubjectKey",
            fields=[
                ("subject", models.TextField(primary_key=True, serialize=False)),
                ("wrapped", models.BinaryField(null=True)),
                ("destroyed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "vault_subject_key",
            },
        ),
    ]
