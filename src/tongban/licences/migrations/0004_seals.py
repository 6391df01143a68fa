# SPDX-License-Identifier: Apache-2.0
"""The register of seals with every use of them, the signed list of what does not count, and how long licences last."""

from django.db import migrations, models

# Whoever issued before goes on: a seal for each issuer, valid as long as a document certificate is.
SEALS = """
INSERT INTO licences_seal (id, organization, organization_name, kind, name, valid_from, valid_until, custodian,
    custodian_name, state, state_since, changes, made_at)
SELECT gen_random_uuid(), issuer_organization, (array_agg(issuer_name ORDER BY issued_at DESC))[1], 'document',
    replace((array_agg(issuer_name ORDER BY issued_at DESC))[1], '（演示）', ''), min(issued_at),
    max(issued_at) + interval '5 years', NULL, '', 'in_use', min(issued_at), 0, min(issued_at)
FROM licences_licence GROUP BY issuer_organization;
"""
USES = """
INSERT INTO licences_seal_use (seal_id, licence_id, case_id, number, name, person, file_digest, certificate_id,
    provider, at)
SELECT NULL, id, case_id, number, name, '', file_digest, certificate_id, '', sealed_at
FROM licences_licence WHERE state = 'ready' AND sealed_at IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("licences", "0003_standings")]

    operations = [
        migrations.AddField("licence", "granted_by", models.TextField(default=""), preserve_default=False),
        migrations.AddField("licence", "ofd_digest", models.TextField(default=""), preserve_default=False),
        migrations.AddField("licence", "valid_until", models.DateField(null=True)),
        migrations.AddIndex(
            "licence",
            models.Index(
                condition=models.Q(("standing", "valid"), _negated=True), fields=["standing"], name="licences_not_valid"
            ),
        ),
        migrations.AddIndex(
            "licence",
            models.Index(
                condition=models.Q(("valid_until__isnull", False)), fields=["valid_until"], name="licences_ending"
            ),
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("organization", models.TextField()),
                ("organization_name", models.TextField()),
                ("kind", models.TextField()),
                ("name", models.TextField()),
                ("valid_from", models.DateTimeField()),
                ("valid_until", models.DateTimeField()),
                ("custodian", models.UUIDField(null=True)),
                ("custodian_name", models.TextField()),
                ("state", models.TextField()),
                ("state_since", models.DateTimeField()),
                ("changes", models.SmallIntegerField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "db_table": "licences_seal",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "destroyed"), _negated=True),
                        fields=("organization", "kind"),
                        name="licences_seal_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SealChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seal_id", models.UUIDField()),
                ("number", models.SmallIntegerField()),
                ("change", models.TextField()),
                ("reason", models.TextField()),
                ("actor", models.TextField()),
                ("actor_name", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "licences_seal_change",
                "constraints": [
                    models.UniqueConstraint(fields=("seal_id", "number"), name="licences_seal_change_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="SealUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seal_id", models.UUIDField(null=True)),
                ("licence_id", models.UUIDField(db_index=True)),
                ("case_id", models.UUIDField(null=True)),
                ("number", models.TextField()),
                ("name", models.TextField()),
                ("person", models.TextField()),
                ("file_digest", models.TextField(db_index=True)),
                ("certificate_id", models.TextField()),
                ("provider", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "licences_seal_use",
                "indexes": [models.Index(fields=["seal_id", "-at"], name="licences_uses_of_seal")],
            },
        ),
        migrations.CreateModel(
            name="SealOrder",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("seal_id", models.UUIDField(db_index=True)),
                ("organization", models.TextField()),
                ("count", models.IntegerField()),
                ("until", models.DateTimeField()),
                ("reason", models.TextField()),
                ("asked_by", models.TextField()),
                ("asked_name", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("answer", models.TextField()),
                ("answered_by", models.TextField()),
                ("answered_name", models.TextField()),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "licences_seal_order",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answer", "")), fields=("seal_id",), name="licences_order_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StatusList",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("issued_at", models.DateTimeField()),
                ("document", models.BinaryField()),
                ("signature", models.BinaryField()),
                ("key_id", models.TextField()),
                ("suite", models.TextField()),
            ],
            options={"db_table": "licences_status_list"},
        ),
        migrations.RunSQL(SEALS, migrations.RunSQL.noop),
        migrations.RunSQL(USES, migrations.RunSQL.noop),
    ]
