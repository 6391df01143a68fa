# SPDX-License-Identifier: Apache-2.0
"""Why people stand at their level, who acts for whom, and who looked at whose data."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

OF_BEFORE = """
INSERT INTO identity_evidence (id, person_id, level, method, source, "by", at)
SELECT gen_random_uuid(), p.id, p.level, CASE WHEN s.issuer IS NULL THEN 'matched' ELSE 'home' END,
    COALESCE(s.issuer, 'import'), '', p.created_at
FROM identity_person p LEFT JOIN (SELECT DISTINCT ON (person_id) person_id, issuer FROM identity_sign_in
    ORDER BY person_id, last_at DESC) s ON s.person_id = p.id
"""


class Migration(migrations.Migration):
    atomic = False  # an index on a table in use is made beside those who read and write it

    dependencies = [
        ("identity", "0004_staff_and_codes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Company",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("code", models.TextField(unique=True)),
                ("name", models.TextField()),
                ("home_region", models.TextField()),
                ("representative_name", models.TextField()),
                ("source", models.TextField()),
                ("verified_at", models.DateTimeField()),
            ],
            options={
                "db_table": "identity_company",
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("level", models.SmallIntegerField()),
                (
                    "method",
                    models.TextField(
                        choices=[
                            ("declared", "Declared"),
                            ("matched", "Matched"),
                            ("window", "Window"),
                            ("certificate", "Certificate"),
                            ("home", "Home"),
                        ]
                    ),
                ),
                ("source", models.TextField()),
                ("by", models.TextField(default="")),
                ("verification", models.UUIDField(null=True)),
                ("at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "identity_evidence",
            },
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "subject_index",
                        "day",
                        "staff",
                        "matter",
                        "purpose",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("subject_index", models.BinaryField()),
                ("day", models.DateField()),
                ("staff", models.UUIDField()),
                ("matter", models.TextField()),
                ("purpose", models.TextField()),
                ("staff_name", models.TextField()),
                ("organization", models.TextField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("times", models.IntegerField()),
            ],
            options={
                "db_table": "identity_look",
            },
        ),
        migrations.CreateModel(
            name="Mandate",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "role",
                    models.TextField(
                        choices=[
                            ("representative", "Representative"),
                            ("agent", "Agent"),
                            ("helper", "Helper"),
                            ("guardian", "Guardian"),
                        ]
                    ),
                ),
                ("agent_index", models.BinaryField()),
                ("agent_name", models.TextField()),
                ("agent_sealed", models.BinaryField()),
                ("items", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ("basis", models.TextField(default="")),
                ("begins_on", models.DateField()),
                ("ends_on", models.DateField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("granted_at", models.DateTimeField(null=True)),
                ("granted_by", models.TextField(default="")),
                ("accepted_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.TextField(default="")),
            ],
            options={
                "db_table": "identity_mandate",
            },
        ),
        migrations.AddField(
            model_name="verification",
            name="beside",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="verification",
            name="person",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="verification",
            name="purpose",
            field=models.TextField(
                choices=[("window", "Window"), ("self", "Self"), ("company", "Company"), ("ward", "Ward")],
                db_default="window",
                default="window",
            ),
        ),
        migrations.AlterField(
            model_name="verification",
            name="method",
            field=models.TextField(
                choices=[("card", "Card"), ("typed", "Typed"), ("manual", "Manual"), ("self", "Self")]
            ),
        ),
        AddIndexConcurrently(
            model_name="verification",
            index=models.Index(
                condition=models.Q(("person__isnull", False)), fields=["person"], name="identity_verification_own"
            ),
        ),
        migrations.AddField(
            model_name="evidence",
            name="person",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="identity.person"),
        ),
        migrations.AddField(
            model_name="mandate",
            name="company",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to="identity.company"),
        ),
        migrations.AddField(
            model_name="mandate",
            name="person",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to="identity.person"),
        ),
        migrations.AddField(
            model_name="session",
            name="mandate",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to="identity.mandate"
            ),
        ),
        migrations.AddIndex(
            model_name="evidence",
            index=models.Index(fields=["person", "level"], name="identity_evidence_person"),
        ),
        migrations.RunSQL(OF_BEFORE, migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(  # the column goes with a later version: this one's predecessor writes it
            [migrations.RunSQL("ALTER TABLE identity_person ALTER level SET DEFAULT 1", migrations.RunSQL.noop)],
            [migrations.RemoveField(model_name="person", name="level")],
        ),
        migrations.AddIndex(
            model_name="mandate",
            index=models.Index(fields=["agent_index"], name="identity_mandate_agent"),
        ),
        migrations.AddConstraint(
            model_name="mandate",
            constraint=models.CheckConstraint(
                condition=models.Q(("person__isnull", True), ("company__isnull", True), _connector="XOR"),
                name="identity_mandate_of_one",
            ),
        ),
    ]
