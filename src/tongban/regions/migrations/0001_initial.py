# SPDX-License-Identifier: Apache-2.0
"""The first tables of this noun."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("date", models.DateField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("name", models.TextField()),
                ("source", models.TextField()),
                ("provisional", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "regions_calendar_day",
            },
        ),
        migrations.CreateModel(
            name="CalendarOverride",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_code", "date", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organization_code", models.CharField(max_length=18)),
                ("date", models.DateField()),
                ("kind", models.TextField()),
                ("name", models.TextField()),
                ("source", models.TextField()),
            ],
            options={
                "db_table": "regions_calendar_override",
            },
        ),
        migrations.CreateModel(
            name="CalendarYear",
            fields=[
                ("year", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("provisional", models.BooleanField()),
                ("source", models.TextField()),
            ],
            options={
                "db_table": "regions_calendar_year",
            },
        ),
        migrations.CreateModel(
            name="SignedTrustList",
            fields=[
                ("serial", models.IntegerField(primary_key=True, serialize=False)),
                ("document", models.BinaryField()),
                ("signature", models.BinaryField()),
                ("algorithm", models.TextField()),
                ("key_id", models.TextField()),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "db_table": "regions_trust_list",
            },
        ),
        migrations.CreateModel(
            name="Organization",
            fields=[
                ("code", models.CharField(max_length=18, primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("short_name", models.TextField()),
                ("region_code", models.CharField(max_length=12)),
                ("node_code", models.CharField(max_length=6)),
                ("role_note", models.TextField(blank=True)),
                ("phone", models.TextField(blank=True)),
                ("address", models.TextField(blank=True)),
                ("demonstration", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "regions_organization",
                "indexes": [models.Index(fields=["node_code", "region_code"], name="regions_organization_place")],
            },
        ),
        migrations.CreateModel(
            name="Region",
            fields=[
                ("code", models.CharField(max_length=12, primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("level", models.SmallIntegerField()),
                ("parent_code", models.CharField(blank=True, max_length=12)),
                ("status", models.TextField()),
                ("since", models.SmallIntegerField(null=True)),
                ("until", models.SmallIntegerField(null=True)),
                ("successor", models.CharField(blank=True, max_length=12)),
            ],
            options={
                "db_table": "regions_region",
                "indexes": [models.Index(fields=["parent_code"], name="regions_region_parent")],
            },
        ),
    ]
