# SPDX-License-Identifier: Apache-2.0
"""The licences of a batch are found by how far they are."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index is made while the node works
    dependencies = [("licences", "0007_types_stock_and_editions")]

    operations = [
        AddIndexConcurrently(
            "licence",
            models.Index(
                fields=["state", "stock_id"],
                name="licences_of_stock",
                condition=models.Q(("stock_id", None), _negated=True),
            ),
        ),
    ]
