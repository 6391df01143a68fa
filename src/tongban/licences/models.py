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
    ofd_digest = models.TextField()  # of the OFD, where one was made
    certificate_id = models.TextField()  # digest of the certificate the file is sealed with
    sealed_at = models.DateTimeField(null=True)
    standing = models.TextField()  # of standings.Standing
    standing_since = models.DateTimeField(null=True)  # of the newest change; empty until there is one
    changes = models.SmallIntegerField()  # so many so far
    granted_by = models.TextField()  # pseudonym of whose legal act it is; the use of the seal names them
    valid_until = models.DateField(null=True)  # the last day; empty: no end was set

    class Meta:
        db_table = "licences_licence"
        indexes = [
            models.Index(fields=["issued_at"], name="licences_pending", condition=models.Q(state=State.PENDING)),
            models.Index(
                fields=["issued_at"], name="licences_results", condition=models.Q(state=State.PENDING, is_notice=False)
            ),
            models.Index(fields=["case_id"], name="licences_of_case"),
            models.Index(fields=["holder_index"], name="licences_of_holder"),
            models.Index(fields=["file_digest"], name="licences_by_file", condition=models.Q(state=State.READY)),
            models.Index(fields=["standing"], name="licences_not_valid", condition=~models.Q(standing="valid")),
            models.Index(fields=["valid_until"], name="licences_ending", condition=models.Q(valid_until__isnull=False)),
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


class Seal(models.Model):
    """The seal of an organization: in whose name a document key may be used, looked after by whom."""

    id = models.UUIDField(primary_key=True)
    organization = models.TextField()  # credit code
    organization_name = models.TextField()
    kind = models.TextField()  # a word of seals.states.KINDS
    name = models.TextField()  # around the star; with the kind it gives the image, see seal_drawing
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    custodian = models.UUIDField(null=True)  # of the staff; empty: nobody was named yet
    custodian_name = models.TextField()
    state = models.TextField()  # of seals.states.SealState
    state_since = models.DateTimeField()
    changes = models.SmallIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "licences_seal"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind"], condition=~models.Q(state="destroyed"), name="licences_seal_once"
            )
        ]


class SealChange(models.Model):
    """One change of a seal; only added to."""

    seal_id = models.UUIDField()
    number = models.SmallIntegerField()  # 1, 2, 3 … of each seal
    change = models.TextField()  # a name of seals.states.CHANGES
    reason = models.TextField()
    actor = models.TextField()  # pseudonym
    actor_name = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "licences_seal_change"
        constraints = [models.UniqueConstraint(fields=["seal_id", "number"], name="licences_seal_change_number")]


class SealUse(models.Model):
    """One use of a seal; only added to. By the file's digest every file that was ever sealed is known."""

    seal_id = models.UUIDField(null=True)  # empty: used before there was a register
    licence_id = models.UUIDField(db_index=True)
    case_id = models.UUIDField(null=True)
    number = models.TextField()
    name = models.TextField()
    person = models.TextField()  # pseudonym of whose act asked for it
    file_digest = models.TextField(db_index=True)
    certificate_id = models.TextField()
    provider = models.TextField()  # of seals.providers; empty: before there was a register
    at = models.DateTimeField()

    class Meta:
        db_table = "licences_seal_use"
        indexes = [models.Index(fields=["seal_id", "-at"], name="licences_uses_of_seal")]


class SealOrder(models.Model):
    """Papers that waited for a seal, many at once: one person asks for them to be sealed, another one lets it be."""

    id = models.UUIDField(primary_key=True)
    seal_id = models.UUIDField(db_index=True)
    organization = models.TextField()
    count = models.IntegerField()  # papers that waited when it was asked
    until = models.DateTimeField()  # papers issued later are none of these
    reason = models.TextField()
    asked_by = models.TextField()  # pseudonym
    asked_name = models.TextField()
    asked_at = models.DateTimeField()
    answer = models.TextField()  # "", "allowed" or "refused"
    answered_by = models.TextField()
    answered_name = models.TextField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "licences_seal_order"
        constraints = [
            models.UniqueConstraint(fields=["seal_id"], condition=models.Q(answer=""), name="licences_order_once")
        ]


class StatusList(models.Model):
    """The signed list of this node's licences that do not count; one row, written over."""

    id = models.SmallIntegerField(primary_key=True)
    issued_at = models.DateTimeField()
    document = models.BinaryField()
    signature = models.BinaryField()
    key_id = models.TextField()
    suite = models.TextField()

    class Meta:
        db_table = "licences_status_list"
