# SPDX-License-Identifier: Apache-2.0
"""The tables this noun begins with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "sender", "batch_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("sender", models.TextField()),
                ("batch_id", models.UUIDField()),
                ("recipient", models.TextField()),
                ("head", models.BinaryField()),
                ("signature", models.BinaryField()),
                ("answer", models.BinaryField(null=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "exchange_batch",
            },
        ),
        migrations.CreateModel(
            name="Followed",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "sender", "subject", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("sender", models.TextField()),
                ("subject", models.TextField()),
                ("last", models.BigIntegerField()),
            ],
            options={
                "db_table": "exchange_followed",
            },
        ),
        migrations.CreateModel(
            name="Myself",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("epoch", models.BigIntegerField(default=1)),
            ],
            options={
                "db_table": "exchange_myself",
            },
        ),
        migrations.CreateModel(
            name="Offered",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "recipient", "subject", "digest", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("recipient", models.TextField()),
                ("subject", models.TextField()),
                ("digest", models.TextField()),
            ],
            options={
                "db_table": "exchange_offered",
            },
        ),
        migrations.CreateModel(
            name="Peer",
            fields=[
                ("code", models.TextField(primary_key=True, serialize=False)),
                ("epoch", models.BigIntegerField(default=0)),
                ("failures", models.IntegerField(default=0)),
                ("next_try_at", models.DateTimeField(null=True)),
                ("last_ok_at", models.DateTimeField(null=True)),
                ("last_error", models.TextField(default="")),
                ("last_error_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "exchange_peer",
            },
        ),
        migrations.CreateModel(
            name="Refused",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "sender", "code", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("sender", models.TextField()),
                ("code", models.TextField()),
                ("count", models.BigIntegerField(default=0)),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "db_table": "exchange_refused",
            },
        ),
        migrations.CreateModel(
            name="Sent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "recipient", "subject", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("recipient", models.TextField()),
                ("subject", models.TextField()),
                ("last", models.BigIntegerField()),
            ],
            options={
                "db_table": "exchange_sent",
            },
        ),
        migrations.CreateModel(
            name="Inbox",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "sender", "message_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("sender", models.TextField()),
                ("message_id", models.UUIDField()),
                ("epoch", models.BigIntegerField()),
                ("subject", models.TextField()),
                ("sequence", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("content", models.BinaryField()),
                ("sealed", models.BooleanField()),
                ("digest", models.TextField()),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("batch_id", models.UUIDField()),
                ("proof", models.JSONField()),
                ("state", models.TextField(default="received")),
                ("reason", models.TextField(default="")),
                ("tries", models.IntegerField(default=0)),
                ("not_before", models.DateTimeField(null=True)),
                ("applied_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "exchange_inbox",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "received")), fields=["received_at"], name="exchange_inbox_open"
                    ),
                    models.Index(fields=["subject"], name="exchange_inbox_subject"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Outbox",
            fields=[
                ("position", models.BigAutoField(primary_key=True, serialize=False)),
                ("recipient", models.TextField()),
                ("message_id", models.UUIDField()),
                ("subject", models.TextField()),
                ("sequence", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("content", models.BinaryField()),
                ("sealed", models.BooleanField()),
                ("digest", models.TextField()),
                ("written_at", models.DateTimeField()),
                ("batch_id", models.UUIDField(null=True)),
                ("proof", models.JSONField(null=True)),
                ("answer", models.TextField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "exchange_outbox",
                "indexes": [
                    models.Index(
                        condition=models.Q(("answered_at", None)),
                        fields=["recipient", "position"],
                        name="exchange_outbox_open",
                    ),
                    models.Index(fields=["subject"], name="exchange_outbox_subject"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Wanted",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "sender", "subject", "digest", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("sender", models.TextField()),
                ("subject", models.TextField()),
                ("digest", models.TextField()),
                ("size", models.BigIntegerField()),
                ("tries", models.IntegerField(default=0)),
                ("not_before", models.DateTimeField()),
                ("fetched_at", models.DateTimeField(null=True)),
                ("failure", models.TextField(default="")),
            ],
            options={
                "db_table": "exchange_wanted",
                "indexes": [
                    models.Index(
                        condition=models.Q(("fetched_at", None)), fields=["not_before"], name="exchange_wanted_open"
                    )
                ],
            },
        ),
    ]
