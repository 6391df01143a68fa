# SPDX-License-Identifier: Apache-2.0
"""Types and recognition lists of other nodes as published, and orders about a chosen set of licences."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("licences", "0008_stock_is_found")]

    operations = [
        migrations.CreateModel(
            name="ToldType",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("node_code", models.TextField()),
                ("code", models.TextField()),
                ("version", models.SmallIntegerField()),
                ("document", models.BinaryField()),
                ("digest", models.TextField()),
                ("effective_from", models.DateField()),
                ("heard_at", models.DateTimeField()),
            ],
            options={
                "db_table": "licences_told_type",
                "constraints": [
                    models.UniqueConstraint(fields=("node_code", "code", "version"), name="licences_told_type_version")
                ],
            },
        ),
        migrations.CreateModel(
            name="ToldRecognition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("node_code", models.TextField()),
                ("version", models.IntegerField()),
                ("publisher_name", models.TextField()),
                ("document", models.BinaryField()),
                ("digest", models.TextField()),
                ("published_at", models.DateTimeField()),
                ("heard_at", models.DateTimeField()),
            ],
            options={
                "db_table": "licences_told_recognition",
                "constraints": [
                    models.UniqueConstraint(fields=("node_code", "version"), name="licences_told_recognition_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderPaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order_id", models.UUIDField()),
                ("number", models.IntegerField()),
                ("licence_id", models.UUIDField()),
                ("made_id", models.UUIDField(null=True)),
                ("outcome", models.TextField()),
                ("says", models.TextField()),
            ],
            options={
                "db_table": "licences_order_paper",
                "indexes": [
                    models.Index(
                        condition=models.Q(("outcome", "")),
                        fields=["order_id", "number"],
                        name="licences_paper_waits",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("order_id", "number"), name="licences_order_paper_number")
                ],
            },
        ),
        migrations.AddField("sealorder", "basis", models.TextField(db_default="")),
        migrations.AddField("sealorder", "chosen", models.TextField(db_default="")),
        migrations.AddField("sealorder", "ended_at", models.DateTimeField(null=True)),
        migrations.AddField("sealorder", "renew_until", models.DateField(null=True)),
    ]
