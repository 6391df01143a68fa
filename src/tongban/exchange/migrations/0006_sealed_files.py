# SPDX-License-Identifier: Apache-2.0
"""Which files go out sealed to the node that fetches them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0005_questions"),
    ]

    operations = [
        migrations.AddField(
            model_name="offered",
            name="sealed",
            field=models.BooleanField(db_default=True),
        ),
    ]
