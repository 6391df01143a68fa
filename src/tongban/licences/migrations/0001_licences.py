# SPDX-License-Identifier: Apache-2.0
"""Licences, their numbers, and the sequence that serials come from."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="LicenceNumber",
            fields=[
                ("number", models.TextField(primary_key=True, serialize=False)),
                ("licence_id", models.UUIDField()),
            ],
            options={
                "db_table": "licences_number",
            },
        ),
        migrations.CreateModel(
            name="Licence",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("number", models.TextField()),
                ("identifier", models.TextField()),
                ("type_code", models.TextField()),
                ("is_notice", models.BooleanField()),
                ("name", models.TextField()),
                ("holder_name", models.TextField()),
                ("holder_index", models.BinaryField(null=True)),
                ("issuer_organization", models.TextField()),
                ("issuer_name", models.TextField()),
                ("node_code", models.TextField()),
                ("subject", models.TextField()),
                ("case_id", models.UUIDField(null=True)),
                ("task_code", models.TextField()),
                ("facts_sealed", models.BinaryField()),
                ("issued_at", models.DateTimeField()),
                (
                    "state",
                    models.TextField(choices=[("pending", "正在生成"), ("ready", "已生成"), ("failed", "生成失败")]),
                ),
                ("failure", models.TextField()),
                ("failure_says", models.TextField()),
                ("attempts", models.SmallIntegerField()),
                ("claimed_until", models.DateTimeField(null=True)),
                ("file_digest", models.TextField()),
                ("file_size", models.BigIntegerField()),
                ("certificate_id", models.TextField()),
                ("sealed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "licences_licence",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "pending")), fields=["issued_at"], name="licences_pending"
                    ),
                    models.Index(fields=["case_id"], name="licences_of_case"),
                    models.Index(fields=["holder_index"], name="licences_of_holder"),
                    models.Index(
                        condition=models.Q(("state", "ready")), fields=["file_digest"], name="licences_by_file"
                    ),
                ],
            },
        ),
        migrations.RunSQL("CREATE SEQUENCE licences_serial", "DROP SEQUENCE licences_serial"),
    ]
