# SPDX-License-Identifier: Apache-2.0
"""How far a peer's clock is from ours."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial")]

    operations = [
        migrations.AddField(model_name="peer", name="skew_ms", field=models.BigIntegerField(null=True)),
    ]
