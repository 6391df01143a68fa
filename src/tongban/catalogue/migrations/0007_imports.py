# SPDX-License-Identifier: Apache-2.0
"""Files of items that are handed over, judged, confirmed and published as a whole."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0006_lists_and_agreements_of_regions")]

    operations = [
        migrations.CreateModel(
            name="ImportFile",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("content", models.BinaryField()),
            ],
            options={"db_table": "catalogue_import_file"},
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "import_id", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("import_id", models.UUIDField()),
                ("number", models.IntegerField()),
                ("task_code", models.CharField(max_length=31)),
                ("base_version", models.IntegerField()),
                ("level", models.TextField()),
                ("publisher", models.CharField(max_length=18)),
                ("publisher_name", models.TextField()),
                ("region_code", models.CharField(max_length=12)),
                ("name", models.TextField()),
                ("mode", models.TextField()),
                ("document", models.BinaryField()),
                ("digest", models.TextField()),
            ],
            options={"db_table": "catalogue_import_row"},
        ),
        migrations.CreateModel(
            name="ItemImport",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("organization", models.CharField(blank=True, max_length=18)),
                ("file_name", models.TextField()),
                ("file_digest", models.TextField()),
                ("size", models.BigIntegerField()),
                ("source", models.TextField()),
                ("stage", models.TextField()),
                ("effective_from", models.DateField(null=True)),
                ("done", models.IntegerField(default=0)),
                ("total", models.IntegerField(default=0)),
                ("new", models.IntegerField(default=0)),
                ("changed", models.IntegerField(default=0)),
                ("same", models.IntegerField(default=0)),
                ("claims", models.IntegerField(default=0)),
                ("errors", models.IntegerField(default=0)),
                ("warnings", models.IntegerField(default=0)),
                ("report", models.JSONField(default=list)),
                ("editors", models.JSONField(default=list)),
                ("begun_by", models.TextField()),
                ("begun_at", models.DateTimeField()),
                ("changed_by", models.TextField()),
                ("changed_at", models.DateTimeField()),
                ("judged_at", models.DateTimeField(null=True)),
                ("laid", models.IntegerField(default=0)),
                ("confirmed_by", models.TextField(blank=True)),
                ("note", models.TextField(blank=True)),
                ("lease", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "catalogue_import",
                "indexes": [
                    models.Index(fields=["organization", "-begun_at"], name="catalogue_import_own"),
                    models.Index(
                        condition=models.Q(("stage__in", ["waiting", "judging", "confirmed", "telling"])),
                        fields=["begun_at"],
                        name="catalogue_import_due",
                    ),
                ],
            },
        ),
    ]
