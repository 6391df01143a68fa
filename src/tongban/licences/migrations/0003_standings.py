# SPDX-License-Identifier: Apache-2.0
"""How a licence stands, each change of it, and what other nodes have told of theirs."""

from django.db import migrations, models

CARRY_OVER = """
UPDATE licences_licence SET standing = 'revoked', standing_since = revoked_at, changes = 1 WHERE revoked_at IS NOT NULL;
INSERT INTO licences_change (licence_id, number, change, standing, reason, basis, actor, organization, at)
SELECT id, 1, 'revoke', 'revoked', '准予的决定已被撤销。', '', 'case', '', revoked_at
FROM licences_licence WHERE revoked_at IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("licences", "0002_revoked")]

    operations = [
        migrations.CreateModel(
            name="LicenceChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("licence_id", models.UUIDField()),
                ("number", models.SmallIntegerField()),
                ("change", models.TextField()),
                ("standing", models.TextField()),
                ("reason", models.TextField()),
                ("basis", models.TextField()),
                ("actor", models.TextField()),
                ("organization", models.TextField()),
                ("at", models.DateTimeField()),
                ("told_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "licences_change",
                "indexes": [models.Index(condition=models.Q(("told_at", None)), fields=["at"], name="licences_untold")],
                "constraints": [
                    models.UniqueConstraint(fields=("licence_id", "number"), name="licences_change_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="ToldStanding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("node_code", models.TextField()),
                ("file_digest", models.TextField()),
                ("number", models.SmallIntegerField()),
                ("standing", models.TextField()),
                ("since", models.DateTimeField()),
                ("heard_at", models.DateTimeField()),
            ],
            options={
                "db_table": "licences_told",
                "constraints": [
                    models.UniqueConstraint(fields=("node_code", "file_digest"), name="licences_told_once")
                ],
            },
        ),
        migrations.AddField("licence", "standing", models.TextField(default="valid"), preserve_default=False),
        migrations.AddField("licence", "standing_since", models.DateTimeField(null=True)),
        migrations.AddField("licence", "changes", models.SmallIntegerField(default=0), preserve_default=False),
        migrations.RunSQL(CARRY_OVER, migrations.RunSQL.noop),
        migrations.RemoveField("licence", "revoked_at"),
    ]
