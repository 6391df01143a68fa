# SPDX-License-Identifier: Apache-2.0
"""What one order lets be sealed is found, and the orders that are going on."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index is made while the node works
    dependencies = [("licences", "0009_told_by_others_and_many_at_once")]

    operations = [
        AddIndexConcurrently(
            "licence",
            models.Index(condition=models.Q(("state", "queued")), fields=["issued_at"], name="licences_queued"),
        ),
        AddIndexConcurrently(
            "sealorder",
            models.Index(
                condition=models.Q(("answer", "allowed"), ("ended_at", None), models.Q(("chosen", ""), _negated=True)),
                fields=["asked_at"],
                name="licences_order_going_on",
            ),
        ),
    ]
