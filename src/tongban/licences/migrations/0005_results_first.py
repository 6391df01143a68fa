# SPDX-License-Identifier: Apache-2.0
"""Results that wait for their file are found past the notices that wait for theirs."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index is made while the node works
    dependencies = [("licences", "0004_seals")]

    operations = [
        AddIndexConcurrently(
            "licence",
            models.Index(
                fields=["issued_at"], name="licences_results", condition=models.Q(state="pending", is_notice=False)
            ),
        ),
    ]
