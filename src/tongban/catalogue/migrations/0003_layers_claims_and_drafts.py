# SPDX-License-Identifier: Apache-2.0
"""What each level lays down for basic items, claims of organizations, drafts, and why a version stands as it does."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Substr


class Migration(migrations.Migration):
    atomic = False  # an index on a big table is made beside those who read and write it
    dependencies = [("catalogue", "0002_search")]

    operations = [
        migrations.AddField("itemversion", "status_reason", models.TextField(blank=True, db_default="")),
        AddIndexConcurrently(
            "itemversion", models.Index(Substr("task_code", 20, 12), models.F("status"), name="catalogue_item_basic")
        ),
        AddIndexConcurrently(
            "itemversion",
            models.Index(
                fields=["effective_from"], condition=models.Q(status="scheduled"), name="catalogue_item_waits"
            ),
        ),
        AddIndexConcurrently("itemversion", models.Index(fields=["publisher"], name="catalogue_item_publisher")),
        migrations.CreateModel(
            name="BasicVersion",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "code", "region_code", "version", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(max_length=12)),
                ("region_code", models.CharField(max_length=12)),
                ("version", models.IntegerField()),
                ("publisher", models.CharField(max_length=18)),
                ("publisher_name", models.TextField()),
                ("node_code", models.CharField(max_length=6)),
                ("document", models.BinaryField()),
                ("digest", models.TextField()),
                ("status", models.TextField()),
                ("origin", models.TextField()),
                ("published_at", models.DateTimeField()),
                ("effective_from", models.DateField()),
            ],
            options={"db_table": "catalogue_basic_version"},
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization", "basic_code", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organization", models.CharField(max_length=18)),
                ("basic_code", models.CharField(max_length=12)),
                ("region_code", models.CharField(max_length=12)),
                ("standing", models.TextField()),
                ("level", models.TextField(blank=True)),
                ("task_code", models.CharField(blank=True, max_length=31)),
                ("reason", models.TextField(blank=True)),
                ("actor", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "catalogue_claim",
                "indexes": [models.Index(fields=["basic_code", "region_code"], name="catalogue_claim_basic")],
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("subject_code", models.CharField(max_length=31)),
                ("basic_code", models.CharField(max_length=12)),
                ("organization", models.CharField(max_length=18)),
                ("region_code", models.CharField(max_length=12)),
                ("base_version", models.IntegerField(null=True)),
                ("words", models.JSONField()),
                ("levels", models.JSONField(default=list)),
                ("stage", models.TextField()),
                ("revision", models.IntegerField(default=1)),
                ("editors", models.JSONField(default=list)),
                ("changed_by", models.TextField()),
                ("note", models.TextField(blank=True)),
                ("effective_from", models.DateField(null=True)),
                ("begun_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("became_version", models.IntegerField(null=True)),
            ],
            options={
                "db_table": "catalogue_draft",
                "indexes": [models.Index(fields=["organization", "-changed_at"], name="catalogue_draft_own")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(stage__in=["editing", "in_review"]),
                        fields=("organization", "subject_code"),
                        name="catalogue_draft_open",
                    )
                ],
            },
        ),
    ]
