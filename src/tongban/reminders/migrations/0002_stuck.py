# SPDX-License-Identifier: Apache-2.0
"""Reminders that did not go out are found by the operator without reading all the others."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("reminders", "0001_reminders")]
    operations = [
        AddIndexConcurrently(
            model_name="reminder",
            index=models.Index(
                condition=models.Q(("state__in", ["given_up", "unsure"])), fields=["-at"], name="reminders_stuck"
            ),
        ),
    ]
