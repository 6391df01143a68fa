# SPDX-License-Identifier: Apache-2.0
"""The term for a fee is found when it is due soon, like other limits of applicants."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

OF_APPLICANTS = ("correction", "supplement", "grace", "put_right", "hearing_request", "payment")


class Migration(migrations.Migration):
    atomic = False  # indexes are made and given up while the node works
    dependencies = [("cases", "0008_materials")]

    operations = [
        AddIndexConcurrently(
            model_name="clock",
            index=models.Index(
                condition=models.Q(("ended_at", None), ("kind__in", OF_APPLICANTS)),
                fields=["soon_at"],
                name="cases_clock_warn",
            ),
        ),
        RemoveIndexConcurrently(model_name="clock", name="cases_clock_soon"),
    ]
