# SPDX-License-Identifier: Apache-2.0
"""Types of licences in versions, existing certificates taken over, new editions, and what is recognised of others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("licences", "0006_uses"),
    ]

    operations = [
        migrations.CreateModel(
            name="LicenceType",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.TextField()),
                ("version", models.SmallIntegerField()),
                ("name", models.TextField()),
                ("definer", models.TextField()),
                ("document", models.BinaryField()),
                ("digest", models.TextField()),
                ("effective_from", models.DateField(null=True)),
                ("drafted_by", models.TextField()),
                ("drafted_name", models.TextField()),
                ("drafted_at", models.DateTimeField()),
                ("published_by", models.TextField()),
                ("published_name", models.TextField()),
                ("published_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "licences_type",
            },
        ),
        migrations.CreateModel(
            name="RecognitionList",
            fields=[
                ("version", models.IntegerField(primary_key=True, serialize=False)),
                ("publisher", models.TextField()),
                ("publisher_name", models.TextField()),
                ("document", models.BinaryField()),
                ("digest", models.TextField()),
                ("reason", models.TextField()),
                ("published_by", models.TextField()),
                ("published_name", models.TextField()),
                ("published_at", models.DateTimeField()),
            ],
            options={
                "db_table": "licences_recognition",
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("licence_id", models.UUIDField(db_index=True)),
                ("kind", models.TextField()),
                ("told_sealed", models.BinaryField()),
                ("valid_until", models.DateField(null=True)),
                ("reason", models.TextField()),
                ("basis", models.TextField()),
                ("asked_by", models.TextField()),
                ("asked_name", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("answer", models.TextField()),
                ("answered_by", models.TextField()),
                ("answered_name", models.TextField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("edition_id", models.UUIDField(null=True)),
            ],
            options={
                "db_table": "licences_revision",
            },
        ),
        migrations.CreateModel(
            name="StockBatch",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("organization", models.TextField()),
                ("organization_name", models.TextField()),
                ("region_code", models.TextField()),
                ("type_code", models.TextField()),
                ("type_version", models.SmallIntegerField()),
                ("file_name", models.TextField()),
                ("file_digest", models.TextField()),
                ("size", models.BigIntegerField()),
                ("stage", models.TextField()),
                ("done", models.IntegerField()),
                ("total", models.IntegerField()),
                ("new", models.IntegerField()),
                ("same", models.IntegerField()),
                ("errors", models.IntegerField()),
                ("report", models.JSONField()),
                ("rows_digest", models.TextField()),
                ("begun_by", models.TextField()),
                ("begun_name", models.TextField()),
                ("begun_at", models.DateTimeField()),
                ("confirmed_by", models.TextField()),
                ("confirmed_name", models.TextField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("lease", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "licences_stock",
            },
        ),
        migrations.CreateModel(
            name="StockFile",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("content_sealed", models.BinaryField()),
            ],
            options={
                "db_table": "licences_stock_file",
            },
        ),
        migrations.AddField(
            model_name="licence",
            name="definition",
            field=models.TextField(db_default=""),
        ),
        migrations.AddField(
            model_name="licence",
            name="definition_version",
            field=models.SmallIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="licence",
            name="edition",
            field=models.SmallIntegerField(db_default=1),
        ),
        migrations.AddField(
            model_name="licence",
            name="replaced_by",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="licence",
            name="stock_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="sealorder",
            name="stock_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AlterField(
            model_name="licence",
            name="state",
            field=models.TextField(
                choices=[
                    ("pending", "正在生成"),
                    ("ready", "已生成"),
                    ("failed", "生成失败"),
                    ("taken_over", "已收录，还没有生成文件"),
                    ("queued", "等待批量生成"),
                ]
            ),
        ),
        migrations.AddConstraint(
            model_name="licencetype",
            constraint=models.UniqueConstraint(fields=("code", "version"), name="licences_type_version"),
        ),
        migrations.AddConstraint(
            model_name="licencetype",
            constraint=models.UniqueConstraint(
                condition=models.Q(("effective_from", None)), fields=("code",), name="licences_type_one_draft"
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answer", "")), fields=("licence_id",), name="licences_revision_once"
            ),
        ),
        migrations.AddIndex(
            model_name="stockbatch",
            index=models.Index(fields=["organization", "-begun_at"], name="licences_stock_own"),
        ),
        migrations.AddConstraint(
            model_name="stockbatch",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stage__in", ["waiting", "judging", "ready", "confirmed"])),
                fields=("organization", "type_code", "file_digest"),
                name="licences_stock_once",
            ),
        ),
    ]
