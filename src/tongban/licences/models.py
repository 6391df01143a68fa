# SPDX-License-Identifier: Apache-2.0
"""Licences: what was issued, to whom, by whom, and the sealed file that shows it."""

from django.db import models


class State(models.TextChoices):
    """Where the file stands; the licence itself is issued from the first moment."""

    PENDING = "pending", "正在生成"
    READY = "ready", "已生成"
    FAILED = "failed", "生成失败"


class Licence(models.Model):
    """One electronic certificate or decision."""

    id = models.UUIDField(primary_key=True)
    number = models.TextField()  # unique by LicenceNumber
    identifier = models.TextField()  # GB/T 36904; empty when the issuer's code does not allow one
    type_code = models.TextField()
    is_notice = models.BooleanField()  # 文书 given at a step of a case, not the result it was asked for
    name = models.TextField()
    holder_name = models.TextField()
    holder_index = models.BinaryField(null=True)  # blind index of the holder's identity number
    issuer_organization = models.TextField()  # credit code
    issuer_name = models.TextField()  # as it stood on that day
    node_code = models.TextField()
    subject = models.TextField()  # under whose data key facts and file are sealed
    case_id = models.UUIDField(null=True)
    task_code = models.TextField()
    facts_sealed = models.BinaryField()
    issued_at = models.DateTimeField()
    state = models.TextField(choices=State.choices)
    failure = models.TextField()  # code of the refusal, empty unless failed
    failure_says = models.TextField()  # its sentence
    attempts = models.SmallIntegerField()
    claimed_until = models.DateTimeField(null=True)  # a worker is making the file
    file_digest = models.TextField()
    file_size = models.BigIntegerField()  # bytes
    certificate_id = models.TextField()  # digest of the certificate the file is sealed with
    sealed_at = models.DateTimeField(null=True)
    standing = models.TextField()  # of standings.Standing
    standing_since = models.DateTimeField(null=True)  # of the newest change; empty until there is one
    changes = models.SmallIntegerField()  # so many so far

    class Meta:
        db_table = "licences_licence"
        indexes = [
            models.Index(fields=["issued_at"], name="licences_pending", condition=models.Q(state=State.PENDING)),
            models.Index(fields=["case_id"], name="licences_of_case"),
            models.Index(fields=["holder_index"], name="licences_of_holder"),
            models.Index(fields=["file_digest"], name="licences_by_file", condition=models.Q(state=State.READY)),
        ]


class LicenceNumber(models.Model):
    """Makes a number unique wherever its licence is kept: keyed by itself, so licences can be spread."""

    number = models.TextField(primary_key=True)
    licence_id = models.UUIDField()

    class Meta:
        db_table = "licences_number"


class LicenceChange(models.Model):
    """One change of how a licence stands; only added to. What no peer was told yet waits for the worker."""

    licence_id = models.UUIDField()
    number = models.SmallIntegerField()  # 1, 2, 3 … of each licence
    change = models.TextField()  # a name of standings.CHANGES
    standing = models.TextField()  # after it
    reason = models.TextField()
    basis = models.TextField()
    actor = models.TextField()  # pseudonym
    organization = models.TextField()  # credit code; empty when a case decided
    at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "licences_change"
        constraints = [models.UniqueConstraint(fields=["licence_id", "number"], name="licences_change_number")]
        indexes = [models.Index(fields=["at"], name="licences_untold", condition=models.Q(told_at=None))]


class ToldStanding(models.Model):
    """How a licence of another node stands, as that node has said unasked."""

    node_code = models.TextField()
    file_digest = models.TextField()  # of the sealed file: only whoever has it can look it up
    number = models.SmallIntegerField()  # of the change
    standing = models.TextField()
    since = models.DateTimeField()
    heard_at = models.DateTimeField()

    class Meta:
        db_table = "licences_told"
        constraints = [models.UniqueConstraint(fields=["node_code", "file_digest"], name="licences_told_once")]
