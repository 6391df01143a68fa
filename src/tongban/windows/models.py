# SPDX-License-Identifier: Apache-2.0
"""What happens at a 通办 window before there is a case."""

from django.db import models


class Stage(models.TextChoices):
    """Where an intake stands."""

    OPEN = "open", "正在收件"
    COLLECTED = "collected", "已收件"
    RETURNED = "returned", "一次性告知，待补齐"
    REDIRECTED = "redirected", "不属本窗口代收，已告知去处"


class Intake(models.Model):
    """One person at the window, with what the clerk has established so far; its id becomes the case's."""

    id = models.UUIDField(primary_key=True)
    clerk_id = models.UUIDField()
    organization = models.TextField()
    applicant_name = models.TextField(default="")
    verification_id = models.UUIDField(null=True)
    task_code = models.TextField(default="")
    item_version = models.IntegerField(null=True)
    item_name = models.TextField(default="")
    state = models.TextField(choices=Stage.choices)
    wrapped = models.BinaryField()  # the data key, which becomes the case's
    sealed = models.BinaryField()  # applicant, answers, form, checks, files, delivery
    receipt_no = models.TextField(default="")
    notice_number = models.TextField(default="")
    started_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    revision = models.IntegerField(default=0)

    class Meta:
        db_table = "windows_intake"
        indexes = [models.Index(fields=["organization", "state", "changed_at"], name="windows_intake_desk")]
