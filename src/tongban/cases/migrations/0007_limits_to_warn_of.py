# SPDX-License-Identifier: Apache-2.0
"""Limits of applicants are found when they are due soon."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

OF_APPLICANTS = ("correction", "supplement", "grace", "put_right", "hearing_request")


class Migration(migrations.Migration):
    atomic = False  # an index is made while the node works
    dependencies = [("cases", "0006_notices_and_untold")]

    operations = [
        AddIndexConcurrently(
            model_name="clock",
            index=models.Index(
                condition=models.Q(("ended_at", None), ("kind__in", OF_APPLICANTS)),
                fields=["soon_at"],
                name="cases_clock_soon",
            ),
        ),
    ]
