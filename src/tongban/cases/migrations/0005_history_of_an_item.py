# SPDX-License-Identifier: Apache-2.0
"""The cases of an item that are over, the latest first: what a forecast is made from."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index is made while the node works
    dependencies = [("cases", "0004_one_submission_once")]

    operations = [
        AddIndexConcurrently(
            "case",
            models.Index(fields=["task_code", "submitted_at"], condition=models.Q(ended=True), name="cases_history"),
        ),
    ]
