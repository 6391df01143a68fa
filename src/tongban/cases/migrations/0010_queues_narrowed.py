# SPDX-License-Identifier: Apache-2.0
"""A queue that is narrowed to one item, or to what is somebody's own, reads what it shows and not the whole desk."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.fields.json import KT
from django.db.models.lookups import IsNull


class Migration(migrations.Migration):
    atomic = False  # indexes are made while the node works
    dependencies = [("cases", "0009_a_fee_is_warned_of")]

    operations = [
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                condition=models.Q(ended=False),
                fields=["holder_organization", "task_code", "state", "due_on", "id"],
                name="cases_queue_item",
            ),
        ),
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                "holder_organization",
                KT("progress__assignee"),
                "state",
                "due_on",
                "id",
                condition=models.Q(IsNull(KT("progress__assignee"), False), ended=False),
                name="cases_queue_mine",
            ),
        ),
    ]
