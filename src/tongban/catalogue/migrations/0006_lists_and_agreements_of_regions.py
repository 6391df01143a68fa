# SPDX-License-Identifier: Apache-2.0
"""Tongban lists with how their entries stand, their drafts, and agreements between two regions."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0005_topics_counts_and_since_when"),
    ]

    operations = [
        migrations.CreateModel(
            name="ListAct",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "publisher", "code", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("publisher", models.CharField(max_length=18)),
                ("code", models.CharField(max_length=40)),
                ("number", models.IntegerField()),
                ("entry", models.CharField(max_length=40)),
                ("status", models.TextField()),
                ("reason", models.TextField(blank=True)),
                ("on_day", models.DateField()),
                ("actor", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "catalogue_list_act",
            },
        ),
        migrations.CreateModel(
            name="ListDraft",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("organization", models.CharField(max_length=18)),
                ("code", models.CharField(max_length=40)),
                ("base_version", models.IntegerField(null=True)),
                ("words", models.JSONField()),
                ("pending", models.JSONField(null=True)),
                ("stage", models.TextField()),
                ("revision", models.IntegerField(default=1)),
                ("editors", models.JSONField(default=list)),
                ("changed_by", models.TextField()),
                ("note", models.TextField(blank=True)),
                ("begun_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("became_version", models.IntegerField(null=True)),
            ],
            options={
                "db_table": "catalogue_list_draft",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("stage__in", ["editing", "in_review"])),
                        fields=("organization", "code"),
                        name="catalogue_list_draft_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ListVersion",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "publisher", "code", "version", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("publisher", models.CharField(max_length=18)),
                ("code", models.CharField(max_length=40)),
                ("version", models.IntegerField()),
                ("publisher_name", models.TextField()),
                ("node_code", models.CharField(max_length=6)),
                ("region_code", models.CharField(max_length=12)),
                ("scope", models.TextField()),
                ("title", models.TextField()),
                ("document", models.BinaryField()),
                ("digest", models.TextField()),
                ("status", models.TextField()),
                ("status_reason", models.TextField(blank=True)),
                ("origin", models.TextField()),
                ("published_at", models.DateTimeField()),
                ("fresh_until", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "catalogue_list_version",
                "indexes": [models.Index(fields=["status", "region_code"], name="catalogue_list_status")],
            },
        ),
        migrations.CreateModel(
            name="RegionAgreement",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("title", models.TextField()),
                ("handling", models.CharField(max_length=18)),
                ("handling_region", models.CharField(max_length=12)),
                ("intake", models.CharField(max_length=18)),
                ("intake_region", models.CharField(max_length=12)),
                ("document", models.BinaryField()),
                ("digest", models.TextField()),
                ("standing", models.TextField()),
                ("offered_by", models.TextField()),
                ("reason", models.TextField(blank=True)),
                ("begins", models.DateField()),
                ("until", models.DateField(null=True)),
                ("ends_on", models.DateField(null=True)),
                ("signatures", models.JSONField()),
                ("offered_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "catalogue_agreement",
                "indexes": [
                    models.Index(fields=["handling"], name="catalogue_agreement_handling"),
                    models.Index(fields=["intake"], name="catalogue_agreement_intake"),
                ],
            },
        ),
    ]
