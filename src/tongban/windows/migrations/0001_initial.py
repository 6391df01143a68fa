# SPDX-License-Identifier: Apache-2.0
"""The tables this noun begins with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Intake",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("clerk_id", models.UUIDField()),
                ("organization", models.TextField()),
                ("applicant_name", models.TextField(default="")),
                ("verification_id", models.UUIDField(null=True)),
                ("task_code", models.TextField(default="")),
                ("item_version", models.IntegerField(null=True)),
                ("item_name", models.TextField(default="")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("open", "正在收件"),
                            ("collected", "已收件"),
                            ("returned", "一次性告知，待补齐"),
                            ("redirected", "不属本窗口代收，已告知去处"),
                        ]
                    ),
                ),
                ("wrapped", models.BinaryField()),
                ("sealed", models.BinaryField()),
                ("receipt_no", models.TextField(default="")),
                ("notice_number", models.TextField(default="")),
                ("started_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("revision", models.IntegerField(default=0)),
            ],
            options={
                "db_table": "windows_intake",
                "indexes": [models.Index(fields=["organization", "state", "changed_at"], name="windows_intake_desk")],
            },
        ),
    ]
