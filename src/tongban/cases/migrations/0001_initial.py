# SPDX-License-Identifier: Apache-2.0
"""The tables this noun begins with."""

import django.db.models.deletion
from django.db import migrations, models

from tongban.database.constraints import append_only


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Number",
            fields=[
                ("number", models.TextField(primary_key=True, serialize=False)),
                ("case_id", models.UUIDField()),
            ],
            options={
                "db_table": "cases_number",
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                ("key", models.TextField(primary_key=True, serialize=False)),
                ("case_id", models.UUIDField()),
                ("receipt_no", models.TextField()),
                ("digest", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "cases_submission",
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("receipt_no", models.TextField()),
                ("project_no", models.TextField(null=True)),
                ("task_code", models.TextField()),
                ("item_version", models.IntegerField()),
                ("item_digest", models.TextField()),
                ("item_name", models.TextField()),
                ("mode", models.TextField()),
                ("delivery", models.TextField(default="net")),
                ("state", models.TextField()),
                ("ended", models.BooleanField(default=False)),
                ("revision", models.IntegerField()),
                ("applicant_index", models.BinaryField()),
                ("applicant_name", models.TextField()),
                ("sealed", models.BinaryField()),
                ("chain_length", models.IntegerField()),
                ("chain_digest", models.TextField()),
                ("holder", models.IntegerField()),
                ("offered_to", models.IntegerField(null=True)),
                ("holder_organization", models.TextField()),
                ("submitted_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("due_on", models.DateField()),
                ("disputed", models.BooleanField(default=False)),
                ("licence_number", models.TextField(default="")),
                ("file_digest", models.TextField(default="")),
                ("file_size", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "cases_case",
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended", False)),
                        fields=["holder_organization", "due_on", "id"],
                        name="cases_queue",
                    ),
                    models.Index(
                        condition=models.Q(("ended", False)),
                        fields=["holder_organization", "state", "due_on", "id"],
                        name="cases_queue_state",
                    ),
                    models.Index(fields=["applicant_index", "submitted_at"], name="cases_applicant"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Clock",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case_id", "kind", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.TextField()),
                ("regime", models.JSONField()),
                ("started_on", models.DateField()),
                ("due_on", models.DateField()),
                ("stopped_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
            ],
            options={
                "db_table": "cases_clock",
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("person_id", models.UUIDField()),
                ("task_code", models.TextField()),
                ("item_version", models.IntegerField()),
                ("item_name", models.TextField()),
                ("region_name", models.TextField()),
                ("wrapped", models.BinaryField()),
                ("sealed", models.BinaryField()),
                ("started_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("revision", models.IntegerField(default=0)),
                ("receipt_no", models.TextField(default="")),
            ],
            options={
                "db_table": "cases_draft",
                "indexes": [models.Index(fields=["person_id", "changed_at"], name="cases_draft_person")],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case_id", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.IntegerField()),
                ("move", models.TextField()),
                ("state", models.TextField()),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("node", models.TextField()),
                ("actor", models.TextField()),
                ("organization_name", models.TextField()),
                ("line", models.BinaryField()),
                ("digest", models.TextField()),
                ("sealed", models.BinaryField()),
                ("disputed", models.BooleanField(default=False)),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
            ],
            options={
                "db_table": "cases_event",
            },
        ),
        migrations.CreateModel(
            name="Material",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case_id", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.IntegerField()),
                ("requirement", models.TextField()),
                ("name", models.TextField()),
                ("media_type", models.TextField()),
                ("size", models.BigIntegerField()),
                ("digest", models.TextField()),
                ("filename", models.BinaryField()),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
            ],
            options={
                "db_table": "cases_material",
            },
        ),
        migrations.CreateModel(
            name="Original",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case_id", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.IntegerField()),
                ("name", models.TextField()),
                ("holder", models.IntegerField()),
                ("parcel_no", models.TextField(default="")),
                ("changed_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
            ],
            options={
                "db_table": "cases_original",
            },
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.UUIDField()),
                ("move", models.TextField()),
                ("state", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.TextField()),
                ("asking_node", models.TextField()),
                ("sealed", models.BinaryField()),
                ("answer", models.TextField(default="")),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
            ],
            options={
                "db_table": "cases_request",
            },
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case_id", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.IntegerField()),
                ("part", models.TextField()),
                ("organization", models.TextField()),
                ("organization_name", models.TextField()),
                ("region", models.TextField()),
                ("region_name", models.TextField()),
                ("node", models.TextField()),
                ("phone", models.TextField(default="")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
            ],
            options={
                "db_table": "cases_party",
                "indexes": [models.Index(fields=["organization", "case"], name="cases_party_organization")],
            },
        ),
        append_only("cases_event"),
        migrations.RunSQL("CREATE SEQUENCE cases_receipt_serial", "DROP SEQUENCE cases_receipt_serial"),
        migrations.RunSQL("CREATE SEQUENCE cases_project_serial", "DROP SEQUENCE cases_project_serial"),
    ]
