# SPDX-License-Identifier: Apache-2.0
"""How far blind indexes have been moved to a newer key."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Rotation",
            fields=[
                ("number", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("reaches", models.BinaryField()),
                ("begun_at", models.DateTimeField()),
                ("emptied_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "vault_rotation"},
        ),
    ]
