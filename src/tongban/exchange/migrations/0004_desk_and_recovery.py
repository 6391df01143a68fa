# SPDX-License-Identifier: Apache-2.0
"""What a person settles, gaps that are asked about, and coming back from a backup."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0003_witnesses"),
    ]

    operations = [
        migrations.CreateModel(
            name="Gap",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "sender", "subject", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("sender", models.TextField()),
                ("subject", models.TextField()),
                ("after", models.BigIntegerField()),
                ("before", models.BigIntegerField()),
                ("seen_at", models.DateTimeField()),
                ("tries", models.IntegerField(default=0)),
                ("next_try_at", models.DateTimeField()),
                ("answer", models.TextField(default="")),
            ],
            options={
                "db_table": "exchange_gap",
            },
        ),
        migrations.CreateModel(
            name="Recovery",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "epoch", "peer", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("epoch", models.BigIntegerField()),
                ("peer", models.TextField()),
                ("cursor", models.TextField(default="")),
                ("returned", models.BigIntegerField(default=0)),
                ("next_try_at", models.DateTimeField()),
                ("failure", models.TextField(default="")),
                ("done_at", models.DateTimeField(null=True)),
                ("left_out", models.TextField(default="")),
            ],
            options={
                "db_table": "exchange_recovery",
            },
        ),
        migrations.CreateModel(
            name="Returned",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "recipient", "message_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("recipient", models.TextField()),
                ("message_id", models.UUIDField()),
                ("subject", models.TextField()),
                ("sequence", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("content", models.BinaryField()),
                ("sealed", models.BooleanField()),
                ("digest", models.TextField()),
                ("batch_id", models.UUIDField()),
                ("proof", models.JSONField()),
                ("received_at", models.DateTimeField()),
                ("state", models.TextField(default="returned")),
                ("reason", models.TextField(default="")),
            ],
            options={
                "db_table": "exchange_returned",
            },
        ),
        migrations.CreateModel(
            name="Sample",
            fields=[
                ("slot", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("code", models.TextField()),
                ("claimed", models.TextField()),
                ("beginning", models.BinaryField()),
            ],
            options={
                "db_table": "exchange_sample",
            },
        ),
        migrations.RemoveIndex(
            model_name="inbox",
            name="exchange_inbox_subject",
        ),
        migrations.RemoveIndex(
            model_name="outbox",
            name="exchange_outbox_open",
        ),
        migrations.RemoveIndex(
            model_name="outbox",
            name="exchange_outbox_subject",
        ),
        migrations.AddField(
            model_name="inbox",
            name="note",
            field=models.TextField(db_default=""),
        ),
        migrations.AddField(
            model_name="myself",
            name="recovering_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="outbox",
            name="note",
            field=models.TextField(db_default=""),
        ),
        migrations.AddField(
            model_name="outbox",
            name="priority",
            field=models.SmallIntegerField(db_default=1),
        ),
        migrations.AddField(
            model_name="outbox",
            name="settled",
            field=models.TextField(db_default=""),
        ),
        migrations.AddField(
            model_name="refused",
            name="noted",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="refused",
            name="noted_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="inbox",
            index=models.Index(
                condition=models.Q(("state", "parked")), fields=["received_at"], name="exchange_inbox_parked"
            ),
        ),
        migrations.AddIndex(
            model_name="inbox",
            index=models.Index(fields=["sender", "received_at"], name="exchange_inbox_arrival"),
        ),
        migrations.AddIndex(
            model_name="outbox",
            index=models.Index(
                condition=models.Q(("answered_at", None)),
                fields=["recipient", "priority", "position"],
                name="exchange_outbox_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="outbox",
            index=models.Index(fields=["subject", "recipient", "sequence"], name="exchange_outbox_sequence"),
        ),
        migrations.AddIndex(
            model_name="outbox",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", False)),
                fields=["recipient", "answered_at"],
                name="exchange_outbox_answered",
            ),
        ),
        migrations.AddIndex(
            model_name="outbox",
            index=models.Index(
                condition=models.Q(
                    ("answered_at__isnull", False),
                    ("settled", ""),
                    models.Q(("answer__in", ["stored", "duplicate"]), _negated=True),
                ),
                fields=["position"],
                name="exchange_outbox_dead",
            ),
        ),
        migrations.AddConstraint(
            model_name="inbox",
            constraint=models.UniqueConstraint(
                fields=("subject", "sender", "sequence"), name="exchange_inbox_sequence"
            ),
        ),
    ]
