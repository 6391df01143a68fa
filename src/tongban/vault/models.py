# SPDX-License-Identifier: Apache-2.0
"""Data keys: one for each subject, wrapped by the node's key. Destroying a key erases what it sealed."""

from django.db import models


class Rotation(models.Model):
    """How far the values of blind indexes have been moved to a newer key."""

    number = models.SmallIntegerField(primary_key=True)  # of the newer key
    reaches = models.BinaryField()  # values below it are found under the newer key
    begun_at = models.DateTimeField()
    emptied_at = models.DateTimeField(null=True)  # none was left; one that was being written may still come
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "vault_rotation"


class SubjectKey(models.Model):
    """The wrapped data key of one subject, e.g. a case."""

    subject = models.TextField(primary_key=True)
    wrapped = models.BinaryField(null=True)  # empty once destroyed; the row stays as a witness
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "vault_subject_key"
