# SPDX-License-Identifier: Apache-2.0
"""Licences: what was issued, to whom, by whom, and the sealed file that shows it."""

from django.db import models


class State(models.TextChoices):
    """Where the file stands; the licence itself is issued from the first moment."""

    PENDING = "pending", "正在生成"
    READY = "ready", "已生成"
    FAILED = "failed", "生成失败"
    TAKEN_OVER = "taken_over", "已收录，还没有生成文件"
    QUEUED = "queued", "等待批量生成"


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
    definition = models.TextField(db_default="")  # code of the LicenceType; empty: of none
    definition_version = models.SmallIntegerField(db_default=0)
    edition = models.SmallIntegerField(db_default=1)  # 2 and so on: made in the place of the one before
    replaced_by = models.UUIDField(null=True)  # the edition after
    stock_id = models.UUIDField(null=True)  # of the batch by which it was taken over

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
            models.Index(fields=["state", "stock_id"], name="licences_of_stock", condition=~models.Q(stock_id=None)),
            models.Index(fields=["issued_at"], name="licences_queued", condition=models.Q(state=State.QUEUED)),
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
    stock_id = models.UUIDField(null=True)  # the batch whose papers these are; empty: what waited for the seal
    reason = models.TextField()
    asked_by = models.TextField()  # pseudonym
    asked_name = models.TextField()
    asked_at = models.DateTimeField()
    answer = models.TextField()  # "", "allowed" or "refused"
    answered_by = models.TextField()
    answered_name = models.TextField()
    answered_at = models.DateTimeField(null=True)
    chosen = models.TextField(db_default="")  # of bulk.choosing.KINDS: its papers are rows; empty: what waited
    basis = models.TextField(db_default="")  # of a renewal
    renew_until = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)  # every paper of it was dealt with

    class Meta:
        db_table = "licences_seal_order"
        constraints = [
            models.UniqueConstraint(fields=["seal_id"], condition=models.Q(answer=""), name="licences_order_once")
        ]
        indexes = [
            models.Index(
                fields=["asked_at"],
                condition=models.Q(answer="allowed", ended_at=None) & ~models.Q(chosen=""),
                name="licences_order_going_on",
            )
        ]


class OrderPaper(models.Model):
    """One licence of a chosen set, and what came of it: what is done and what is noted is one transaction."""

    order_id = models.UUIDField()
    number = models.IntegerField()  # 1, 2, 3 … of each order
    licence_id = models.UUIDField()
    made_id = models.UUIDField(null=True)  # whose file is sealed: the licence itself, or its new edition
    outcome = models.TextField()  # "", "done", or the code of the refusal
    says = models.TextField()  # its sentence

    class Meta:
        db_table = "licences_order_paper"
        constraints = [models.UniqueConstraint(fields=["order_id", "number"], name="licences_order_paper_number")]
        indexes = [
            models.Index(fields=["order_id", "number"], condition=models.Q(outcome=""), name="licences_paper_waits")
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


class UseGrant(models.Model):
    """An organization may call licences of a type of this node: what of them, how often a day, until when."""

    id = models.UUIDField(primary_key=True)
    organization = models.TextField()  # credit code
    organization_name = models.TextField()
    licence_name = models.TextField()
    fields = models.JSONField()  # names of uses.queries.FIELDS
    daily = models.IntegerField()  # calls that are answered on one day
    valid_from = models.DateField()
    valid_until = models.DateField()  # the last day
    made_by = models.TextField()  # pseudonym
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "licences_use_grant"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "licence_name"], condition=models.Q(ended_at=None), name="licences_grant_once"
            )
        ]


class LicenceUse(models.Model):
    """One call of a licence, given or refused. Its holder reads it, and a day's calls are counted.

    Only added to; the same call once more is the same row.
    """

    id = models.UUIDField(primary_key=True)  # of the question
    licence_id = models.UUIDField(null=True)
    licence_name = models.TextField()
    holder_index = models.BinaryField()  # blind index of the holder's identity number
    node_code = models.TextField()  # that asked
    organization = models.TextField()  # credit code
    organization_name = models.TextField()
    username = models.TextField()  # pseudonym
    item_name = models.TextField()
    item_code = models.TextField()
    business_code = models.TextField()  # of the case for which it was called
    purpose = models.TextField()
    fields = models.JSONField()
    outcome = models.TextField()  # given, or the code of the refusal
    consented_at = models.DateTimeField()
    consented_until = models.DateField()
    at = models.DateTimeField()
    day = models.DateField()

    class Meta:
        db_table = "licences_use"
        indexes = [
            models.Index(fields=["holder_index", "-at"], name="licences_use_holder"),
            models.Index(fields=["organization", "licence_name", "day"], name="licences_use_counted"),
        ]


class LicenceType(models.Model):
    """One version of a type of licence, as an authority defined it; once published it never changes."""

    code = models.TextField()  # 21 characters
    version = models.SmallIntegerField()
    name = models.TextField()
    definer = models.TextField()  # credit code
    document = models.BinaryField()
    digest = models.TextField()
    effective_from = models.DateField(null=True)  # empty: a draft
    drafted_by = models.TextField()  # pseudonym
    drafted_name = models.TextField()
    drafted_at = models.DateTimeField()
    published_by = models.TextField()
    published_name = models.TextField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "licences_type"
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="licences_type_version"),
            models.UniqueConstraint(
                fields=["code"], condition=models.Q(effective_from=None), name="licences_type_one_draft"
            ),
        ]


class RecognitionList(models.Model):
    """One version of the list of what this node's region accepts of others; the newest is in force."""

    version = models.IntegerField(primary_key=True)
    publisher = models.TextField()  # credit code
    publisher_name = models.TextField()
    document = models.BinaryField()
    digest = models.TextField()
    reason = models.TextField()
    published_by = models.TextField()  # pseudonym
    published_name = models.TextField()
    published_at = models.DateTimeField()

    class Meta:
        db_table = "licences_recognition"


class ToldType(models.Model):
    """One version of a type of licence by which another node goes, as that node has published it."""

    node_code = models.TextField()
    code = models.TextField()  # 21 characters
    version = models.SmallIntegerField()
    document = models.BinaryField()
    digest = models.TextField()  # in the suite of that node
    effective_from = models.DateField()
    heard_at = models.DateTimeField()

    class Meta:
        db_table = "licences_told_type"
        constraints = [
            models.UniqueConstraint(fields=["node_code", "code", "version"], name="licences_told_type_version")
        ]


class ToldRecognition(models.Model):
    """One version of what the region of another node accepts, as that node has published it; the newest is in force."""

    node_code = models.TextField()
    version = models.IntegerField()
    publisher_name = models.TextField()
    document = models.BinaryField()
    digest = models.TextField()  # in the suite of that node
    published_at = models.DateTimeField()
    heard_at = models.DateTimeField()

    class Meta:
        db_table = "licences_told_recognition"
        constraints = [models.UniqueConstraint(fields=["node_code", "version"], name="licences_told_recognition_once")]


class StockBatch(models.Model):
    """One file of existing certificates that is taken over as a whole, or not at all."""

    id = models.UUIDField(primary_key=True)
    organization = models.TextField()  # credit code
    organization_name = models.TextField()
    region_code = models.TextField()
    type_code = models.TextField()
    type_version = models.SmallIntegerField()
    file_name = models.TextField()
    file_digest = models.TextField()
    size = models.BigIntegerField()  # bytes
    stage = models.TextField()  # of stock.stages
    done = models.IntegerField()
    total = models.IntegerField()
    new = models.IntegerField()
    same = models.IntegerField()  # taken over before
    errors = models.IntegerField()
    report = models.JSONField()
    rows_digest = models.TextField()  # over every licence that was made of it
    begun_by = models.TextField()  # pseudonym
    begun_name = models.TextField()
    begun_at = models.DateTimeField()
    confirmed_by = models.TextField()
    confirmed_name = models.TextField()
    ended_at = models.DateTimeField(null=True)
    lease = models.DateTimeField(null=True)  # a worker has it in hand until then

    class Meta:
        db_table = "licences_stock"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "type_code", "file_digest"],
                condition=models.Q(stage__in=["waiting", "judging", "ready", "confirmed"]),
                name="licences_stock_once",
            )
        ]
        indexes = [models.Index(fields=["organization", "-begun_at"], name="licences_stock_own")]


class StockFile(models.Model):
    """The file of such a batch, sealed under the batch's own key, for as long as it is needed."""

    id = models.UUIDField(primary_key=True)  # of the batch
    content_sealed = models.BinaryField()

    class Meta:
        db_table = "licences_stock_file"


class Revision(models.Model):
    """One new edition of a licence that was asked for: made at once, or when a second person has allowed it."""

    id = models.UUIDField(primary_key=True)
    licence_id = models.UUIDField(db_index=True)  # of the edition before
    kind = models.TextField()  # of revisions.KINDS
    told_sealed = models.BinaryField()  # what is said otherwise, under the licence's own key
    valid_until = models.DateField(null=True)  # of the new edition
    reason = models.TextField()
    basis = models.TextField()
    asked_by = models.TextField()  # pseudonym
    asked_name = models.TextField()
    asked_at = models.DateTimeField()
    answer = models.TextField()  # "", "allowed" or "refused"
    answered_by = models.TextField()
    answered_name = models.TextField()
    answered_at = models.DateTimeField(null=True)
    edition_id = models.UUIDField(null=True)  # the new one

    class Meta:
        db_table = "licences_revision"
        constraints = [
            models.UniqueConstraint(fields=["licence_id"], condition=models.Q(answer=""), name="licences_revision_once")
        ]
