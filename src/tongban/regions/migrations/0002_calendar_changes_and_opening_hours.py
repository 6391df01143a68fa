# SPDX-License-Identifier: Apache-2.0
"""What imports changed about days, and when organizations are open."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("regions", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="CalendarChange",
            fields=[
                ("number", models.AutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("organization_code", models.CharField(blank=True, max_length=18)),
                ("source", models.TextField()),
                ("days", models.JSONField()),
                ("published_before", models.DateField()),
            ],
            options={
                "db_table": "regions_calendar_change",
            },
        ),
        migrations.CreateModel(
            name="OpeningHours",
            fields=[
                ("organization_code", models.CharField(max_length=18, primary_key=True, serialize=False)),
                ("week", models.JSONField()),
                ("makeup", models.JSONField()),
                ("source", models.TextField()),
            ],
            options={
                "db_table": "regions_opening_hours",
            },
        ),
        migrations.CreateModel(
            name="OpeningException",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_code", "date", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organization_code", models.CharField(max_length=18)),
                ("date", models.DateField()),
                ("spans", models.JSONField()),
                ("reason", models.TextField()),
            ],
            options={
                "db_table": "regions_opening_exception",
            },
        ),
    ]
