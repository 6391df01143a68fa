# SPDX-License-Identifier: Apache-2.0
"""Since when a licence no longer counts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("licences", "0001_licences")]

    operations = [
        migrations.AddField(model_name="licence", name="revoked_at", field=models.DateTimeField(null=True)),
    ]
