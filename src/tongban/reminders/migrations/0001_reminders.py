# SPDX-License-Identifier: Apache-2.0
"""Reminders: who was told of what, by which channel; what people have chosen."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Reminder",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case_id",
                        "event",
                        "recipient",
                        "channel",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("case_id", models.UUIDField()),
                ("event", models.TextField()),
                ("recipient", models.TextField()),
                ("channel", models.TextField(choices=[("site", "站内消息"), ("sms", "短信"), ("mail", "电子邮件")])),
                ("title", models.TextField()),
                ("words", models.TextField()),
                ("receipt_no", models.TextField()),
                ("at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("waiting", "等待发送"),
                            ("sending", "正在发送"),
                            ("sent", "已发送"),
                            ("given_up", "没有发出"),
                            ("unsure", "不能确定是否发出"),
                        ]
                    ),
                ),
                ("try_at", models.DateTimeField(null=True)),
                ("tries", models.SmallIntegerField()),
                ("trouble", models.TextField()),
                ("sent_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "reminders_reminder",
                "indexes": [
                    models.Index(
                        condition=models.Q(("channel", "site")),
                        fields=["recipient", "-at", "case_id"],
                        name="reminders_inbox",
                    ),
                    models.Index(
                        condition=models.Q(("channel", "site"), ("read_at", None)),
                        fields=["recipient"],
                        name="reminders_unread",
                    ),
                    models.Index(
                        condition=models.Q(("try_at__isnull", False)), fields=["try_at"], name="reminders_due"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Warned",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case_id", "kind", "due_at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("case_id", models.UUIDField()),
                ("kind", models.TextField()),
                ("due_at", models.DateTimeField()),
            ],
            options={"db_table": "reminders_warned"},
        ),
        migrations.CreateModel(
            name="Choice",
            fields=[
                ("person_id", models.UUIDField(primary_key=True, serialize=False)),
                ("sms", models.BooleanField()),
                ("mail", models.BooleanField()),
                ("address_sealed", models.BinaryField(null=True)),
                ("changed_at", models.DateTimeField()),
            ],
            options={"db_table": "reminders_choice"},
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "staff_id", "desk", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("staff_id", models.UUIDField()),
                ("desk", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={"db_table": "reminders_look"},
        ),
    ]
