# SPDX-License-Identifier: Apache-2.0
"""What a person's own space keeps beside what other nouns keep of them."""

from django.db import models


class Export(models.Model):
    """A copy of all that this node has of a person, made for them by the worker; gone after a week."""

    id = models.UUIDField(primary_key=True)
    person = models.UUIDField(db_index=True)
    asked_at = models.DateTimeField()
    try_at = models.DateTimeField(null=True, db_index=True)  # empty once it is made
    tries = models.SmallIntegerField(default=0)
    made_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(db_index=True)
    digest = models.TextField(default="")
    size = models.BigIntegerField(null=True)

    class Meta:
        db_table = "space_export"
