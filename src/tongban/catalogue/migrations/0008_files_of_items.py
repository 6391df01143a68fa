# SPDX-License-Identifier: Apache-2.0
"""Blank forms and samples of items, named by their digest."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0007_imports")]

    operations = [
        migrations.CreateModel(
            name="ItemFile",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("organization", models.CharField(max_length=18)),
                ("media_type", models.TextField()),
                ("data", models.BinaryField()),
                ("added_at", models.DateTimeField()),
            ],
            options={"db_table": "catalogue_item_file"},
        ),
    ]
