# SPDX-License-Identifier: Apache-2.0
"""Requests pushed ahead, where sessions serve, and who has to hear that they are over."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # indexes on tables in use are made beside those who read and write them

    dependencies = [
        ("identity", "0002_verification"),
    ]

    operations = [
        migrations.CreateModel(
            name="PushedRequest",
            fields=[
                ("digest", models.BinaryField(primary_key=True, serialize=False)),
                ("client", models.TextField()),
                ("asked", models.JSONField()),
                ("created_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(db_index=True)),
                ("agreed_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "identity_pushed_request",
            },
        ),
        migrations.CreateModel(
            name="Seen",
            fields=[
                ("digest", models.BinaryField(primary_key=True, serialize=False)),
                ("ends_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "db_table": "identity_seen",
            },
        ),
        migrations.CreateModel(
            name="SignOut",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "ended", "node", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("ended", models.UUIDField()),
                ("node", models.TextField()),
                ("sid", models.TextField()),
                ("subject", models.TextField(default="")),
                ("created_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(db_index=True)),
                ("try_at", models.DateTimeField(null=True)),
                ("tries", models.SmallIntegerField(default=0)),
                ("told_at", models.DateTimeField(null=True)),
                ("trouble", models.TextField(default="")),
            ],
            options={
                "db_table": "identity_sign_out",
            },
        ),
        migrations.CreateModel(
            name="Use",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "session_id", "client", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("session", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="identity.session")),
                ("client", models.TextField()),
                ("sid", models.TextField(unique=True)),
                ("subject", models.TextField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "db_table": "identity_use",
            },
        ),
        migrations.RemoveIndex(
            model_name="attempt",
            name="identity_attempt_due",
        ),
        migrations.AddField(
            model_name="attempt",
            name="afresh",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="attempt",
            name="claims",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="attempt",
            name="least",
            field=models.SmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="attempt",
            name="request_uri",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="attempt",
            name="sid",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="attempt",
            name="silent",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="attempt",
            name="went_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="authorizationcode",
            name="claims",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="authorizationcode",
            name="session",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to="identity.session"),
        ),
        migrations.AddField(
            model_name="authorizationcode",
            name="sid",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="session",
            name="sid",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="status",
            field=models.TextField(
                choices=[
                    ("push", "Push"),
                    ("waiting", "Waiting"),
                    ("code", "Code"),
                    ("ready", "Ready"),
                    ("done", "Done"),
                    ("refused", "Refused"),
                ]
            ),
        ),
        AddIndexConcurrently(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("status__in", ["push", "code"])),
                fields=["issuer", "try_at"],
                name="identity_attempt_asks",
            ),
        ),
        AddIndexConcurrently(
            model_name="session",
            index=models.Index(
                condition=models.Q(("ended_at", None), models.Q(("sid", ""), _negated=True)),
                fields=["issuer", "sid"],
                name="identity_session_sid",
            ),
        ),
        AddIndexConcurrently(
            model_name="session",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)), fields=["person"], name="identity_session_open"
            ),
        ),
        migrations.AddIndex(
            model_name="signout",
            index=models.Index(
                condition=models.Q(("try_at__isnull", False)), fields=["node", "try_at"], name="identity_sign_out_due"
            ),
        ),
    ]
