# SPDX-License-Identifier: Apache-2.0

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0006_told_mandates_and_challenges"),
    ]

    operations = [
        migrations.AddField(
            model_name="token",
            name="role",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="token",
            name="post",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, to="identity.post"
            ),
        ),
    ]
