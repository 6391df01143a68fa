# SPDX-License-Identifier: Apache-2.0
"""Which changes of days off have been told to running cases; when a limit is due soon."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_clocks_and_progress")]

    operations = [
        migrations.AddField("clock", "soon_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="Reckoned",
            fields=[
                ("number", models.IntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("cases", models.IntegerField()),
            ],
            options={"db_table": "cases_reckoned"},
        ),
    ]
