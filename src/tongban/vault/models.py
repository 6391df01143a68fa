# SPDX-License-Identifier: Apache-2.0
"""Data keys: one for each subject, wrapped by the node's key. Destroying a key erases what it sealed."""

from django.db import models


class SubjectKey(models.Model):
    """The wrapped data key of one subject, e.g. a case."""

    subject = models.TextField(primary_key=True)
    wrapped = models.BinaryField(null=True)  # empty once destroyed; the row stays as a witness
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "vault_subject_key"
