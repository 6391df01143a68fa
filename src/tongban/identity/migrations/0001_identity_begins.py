# SPDX-License-Identifier: Apache-2.0
"""People, staff, accounts, sessions, tokens, and sign-ins between nodes."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("id_type", models.TextField()),
                ("id_index", models.BinaryField(null=True)),
                ("id_sealed", models.BinaryField()),
                ("name", models.TextField()),
                ("home_region", models.TextField()),
                ("phone_sealed", models.BinaryField(null=True)),
                ("level", models.SmallIntegerField()),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "identity_person",
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="identity.person",
                    ),
                ),
                ("password_hash", models.TextField()),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "identity_account",
            },
        ),
        migrations.CreateModel(
            name="Login",
            fields=[
                ("index", models.BinaryField(primary_key=True, serialize=False)),
                ("account", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="identity.account")),
            ],
            options={
                "db_table": "identity_login",
            },
        ),
        migrations.CreateModel(
            name="SignIn",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "issuer", "subject", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("issuer", models.TextField()),
                ("subject", models.TextField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="identity.person")),
            ],
            options={
                "db_table": "identity_sign_in",
            },
        ),
        migrations.CreateModel(
            name="Staff",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("login", models.TextField(unique=True)),
                ("password_hash", models.TextField()),
                ("name", models.TextField()),
                ("organization", models.TextField()),
                ("region", models.TextField()),
                ("roles", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ("created_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "identity_staff",
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("digest", models.BinaryField(primary_key=True, serialize=False)),
                ("issuer", models.TextField()),
                ("level", models.SmallIntegerField()),
                ("began_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(db_index=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to="identity.person"),
                ),
                (
                    "staff",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to="identity.staff"),
                ),
            ],
            options={
                "db_table": "identity_session",
            },
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                ("digest", models.BinaryField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("scopes", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ("created_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to="identity.person"),
                ),
                (
                    "staff",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to="identity.staff"),
                ),
            ],
            options={
                "db_table": "identity_token",
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "person_id", "client", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("client", models.TextField()),
                ("subject", models.TextField(unique=True)),
                ("claims", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ("agreed_at", models.DateTimeField()),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="identity.person")),
            ],
            options={
                "db_table": "identity_consent",
            },
        ),
        migrations.CreateModel(
            name="AuthorizationCode",
            fields=[
                ("digest", models.BinaryField(primary_key=True, serialize=False)),
                ("client", models.TextField()),
                ("redirect_uri", models.TextField()),
                ("challenge", models.TextField()),
                ("nonce", models.TextField()),
                ("subject", models.TextField()),
                ("level", models.SmallIntegerField()),
                ("signed_in_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(db_index=True)),
                ("used_at", models.DateTimeField(null=True)),
                ("access_digest", models.BinaryField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="identity.person")),
            ],
            options={
                "db_table": "identity_authorization_code",
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("state", models.BinaryField(unique=True)),
                ("browser", models.BinaryField(unique=True)),
                ("issuer", models.TextField()),
                ("nonce", models.TextField()),
                ("verifier", models.TextField()),
                ("redirect_uri", models.TextField()),
                ("next", models.TextField()),
                ("code", models.TextField(default="")),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("code", "Code"),
                            ("ready", "Ready"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                        ]
                    ),
                ),
                ("trouble", models.TextField(default="")),
                ("level", models.SmallIntegerField(null=True)),
                ("tries", models.SmallIntegerField(default=0)),
                ("try_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(db_index=True)),
                (
                    "person",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to="identity.person"),
                ),
            ],
            options={
                "db_table": "identity_attempt",
            },
        ),
        migrations.CreateModel(
            name="Tries",
            fields=[
                ("key", models.BinaryField(primary_key=True, serialize=False)),
                ("count", models.IntegerField()),
                ("since", models.DateTimeField()),
                ("known_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "identity_tries",
            },
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(fields=("id_type", "id_index"), name="identity_person_once"),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(condition=models.Q(("status", "code")), fields=["try_at"], name="identity_attempt_due"),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("person__isnull", True), ("staff__isnull", True), _connector="XOR"),
                name="identity_session_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="token",
            constraint=models.CheckConstraint(
                condition=models.Q(("person__isnull", True), ("staff__isnull", True), _connector="XOR"),
                name="identity_token_of_one",
            ),
        ),
    ]
