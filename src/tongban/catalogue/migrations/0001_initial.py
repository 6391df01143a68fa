# SPDX-License-Identifier: Apache-2.0
"""The first tables of this noun."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="BasicItem",
            fields=[
                ("code", models.CharField(max_length=12, primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("item_type", models.TextField()),
                ("demonstration", models.BooleanField(default=False)),
                ("source", models.TextField(blank=True)),
            ],
            options={
                "db_table": "catalogue_basic_item",
            },
        ),
        migrations.CreateModel(
            name="KnownItem",
            fields=[
                ("number", models.IntegerField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("batch", models.TextField(blank=True)),
                ("batch_basis", models.TextField(blank=True)),
                ("mode", models.TextField(blank=True)),
                ("mode_basis", models.TextField(blank=True)),
                ("lead_department", models.TextField(blank=True)),
                ("lead_basis", models.TextField(blank=True)),
                ("confidence", models.TextField()),
                ("scenario", models.TextField(blank=True)),
                ("source_note", models.TextField(blank=True)),
                ("source_urls", models.TextField(blank=True)),
            ],
            options={
                "db_table": "catalogue_known_item",
            },
        ),
        migrations.CreateModel(
            name="ItemVersion",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "task_code", "version", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("task_code", models.CharField(max_length=31)),
                ("version", models.IntegerField()),
                ("publisher", models.CharField(max_length=18)),
                ("publisher_name", models.TextField()),
                ("node_code", models.CharField(max_length=6)),
                ("region_code", models.CharField(max_length=12)),
                ("name", models.TextField()),
                ("mode", models.TextField()),
                ("document", models.BinaryField()),
                ("digest", models.TextField()),
                ("search_text", models.TextField()),
                ("status", models.TextField()),
                ("origin", models.TextField()),
                ("published_at", models.DateTimeField()),
                ("effective_from", models.DateField()),
                ("effective_to", models.DateField(null=True)),
                ("fresh_until", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "catalogue_item_version",
                "indexes": [models.Index(fields=["region_code", "name"], name="catalogue_item_region")],
            },
        ),
    ]
