# SPDX-License-Identifier: Apache-2.0
"""Which organizations may call licences of this node, and every call of one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("licences", "0005_results_first")]

    operations = [
        migrations.CreateModel(
            name="UseGrant",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("organization", models.TextField()),
                ("organization_name", models.TextField()),
                ("licence_name", models.TextField()),
                ("fields", models.JSONField()),
                ("daily", models.IntegerField()),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField()),
                ("made_by", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "licences_use_grant",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("organization", "licence_name"),
                        name="licences_grant_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LicenceUse",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("licence_id", models.UUIDField(null=True)),
                ("licence_name", models.TextField()),
                ("holder_index", models.BinaryField()),
                ("node_code", models.TextField()),
                ("organization", models.TextField()),
                ("organization_name", models.TextField()),
                ("username", models.TextField()),
                ("item_name", models.TextField()),
                ("item_code", models.TextField()),
                ("business_code", models.TextField()),
                ("purpose", models.TextField()),
                ("fields", models.JSONField()),
                ("outcome", models.TextField()),
                ("consented_at", models.DateTimeField()),
                ("consented_until", models.DateField()),
                ("at", models.DateTimeField()),
                ("day", models.DateField()),
            ],
            options={
                "db_table": "licences_use",
                "indexes": [
                    models.Index(fields=["holder_index", "-at"], name="licences_use_holder"),
                    models.Index(fields=["organization", "licence_name", "day"], name="licences_use_counted"),
                ],
            },
        ),
    ]
