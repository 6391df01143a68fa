# SPDX-License-Identifier: Apache-2.0
"""Codes by text message, second factors, further posts, leave."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0003_roaming")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="recovered_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="staff",
            name="hall",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="staff",
            name="password_due",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="staff",
            name="title",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.CreateModel(
            name="Factor",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.TextField(choices=[("totp", "Totp"), ("passkey", "Passkey"), ("recovery", "Recovery")]),
                ),
                ("name", models.TextField(default="")),
                ("secret", models.BinaryField(null=True)),
                ("credential", models.BinaryField(null=True, unique=True)),
                ("public", models.BinaryField(null=True)),
                ("count", models.BigIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("proven_at", models.DateTimeField(null=True)),
                ("used_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("staff", models.ForeignKey(on_delete=models.CASCADE, to="identity.staff")),
            ],
            options={
                "db_table": "identity_factor",
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("organization", models.TextField()),
                ("region", models.TextField()),
                ("role", models.TextField()),
                ("title", models.TextField(default="")),
                ("hall", models.TextField(default="")),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("staff", models.ForeignKey(on_delete=models.CASCADE, to="identity.staff")),
            ],
            options={
                "db_table": "identity_post",
            },
        ),
        migrations.CreateModel(
            name="SmsCode",
            fields=[
                ("browser", models.BinaryField(primary_key=True, serialize=False)),
                (
                    "purpose",
                    models.TextField(
                        choices=[("sign_in", "Sign In"), ("recover", "Recover"), ("register", "Register")]
                    ),
                ),
                ("code", models.BinaryField()),
                ("sealed", models.BinaryField(null=True)),
                ("tries", models.SmallIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(db_index=True)),
                ("try_at", models.DateTimeField(null=True)),
                ("used_at", models.DateTimeField(null=True)),
                ("person", models.ForeignKey(null=True, on_delete=models.CASCADE, to="identity.person")),
            ],
            options={
                "db_table": "identity_sms_code",
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                ("digest", models.BinaryField(primary_key=True, serialize=False)),
                ("challenge", models.BinaryField()),
                ("shown_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(db_index=True)),
                ("staff", models.ForeignKey(on_delete=models.CASCADE, to="identity.staff")),
            ],
            options={
                "db_table": "identity_step",
            },
        ),
        migrations.CreateModel(
            name="Leave",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("told_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("staff", models.ForeignKey(on_delete=models.CASCADE, related_name="leaves", to="identity.staff")),
                (
                    "substitute",
                    models.ForeignKey(
                        db_index=False, on_delete=models.CASCADE, related_name="stands_in", to="identity.staff"
                    ),
                ),
            ],
            options={
                "db_table": "identity_leave",
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=["substitute"],
                        name="identity_leave_stand_in",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="session",
            name="role",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="session",
            name="post",
            field=models.ForeignKey(db_index=False, null=True, on_delete=models.SET_NULL, to="identity.post"),
        ),
        migrations.AddField(
            model_name="session",
            name="enrols",
            field=models.BinaryField(null=True),
        ),
        migrations.AddIndex(
            model_name="verification",
            index=models.Index(fields=["id_index"], name="identity_verification_index"),
        ),
        migrations.AddIndex(
            model_name="smscode",
            index=models.Index(
                condition=models.Q(("try_at__isnull", False)), fields=["try_at"], name="identity_sms_code_due"
            ),
        ),
    ]
