# SPDX-License-Identifier: Apache-2.0
"""What leaves for peers, what came from them, and how far each conversation has come."""

from django.db import models


class Myself(models.Model):
    """The epoch of this node: raised when it comes back from a backup. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    epoch = models.BigIntegerField(default=1)
    recovering_since = models.DateTimeField(null=True)  # from when on peers are asked; empty in ordinary life

    class Meta:
        db_table = "exchange_myself"


class Outbox(models.Model):
    """A message on its way. The row is the work: it is written with the act it tells of."""

    position = models.BigAutoField(primary_key=True)
    recipient = models.TextField()
    message_id = models.UUIDField()
    subject = models.TextField()
    sequence = models.BigIntegerField()
    kind = models.TextField()
    priority = models.SmallIntegerField(db_default=1)  # 0 before 1 before 2; see writing.Priority
    content = models.BinaryField()  # the exact envelope bytes; sealed under the subject's key when personal
    sealed = models.BooleanField()
    digest = models.TextField()
    written_at = models.DateTimeField()
    batch_id = models.UUIDField(null=True)
    proof = models.JSONField(null=True)  # index, size and path: this one message under the signed root
    answer = models.TextField(null=True)  # stored, duplicate, or the code of a refusal
    answered_at = models.DateTimeField(null=True)
    settled = models.TextField(db_default="")  # what a person did about a refused one: rerouted, handed
    note = models.TextField(db_default="")  # to whom it was handed, or whereto it went instead

    class Meta:
        db_table = "exchange_outbox"
        indexes = [
            models.Index(
                fields=["recipient", "priority", "position"],
                condition=models.Q(answered_at=None),
                name="exchange_outbox_waiting",
            ),
            models.Index(fields=["subject", "recipient", "sequence"], name="exchange_outbox_sequence"),
            models.Index(
                fields=["recipient", "answered_at"],
                condition=models.Q(answered_at__isnull=False),
                name="exchange_outbox_answered",
            ),
            models.Index(
                fields=["position"],
                condition=models.Q(answered_at__isnull=False, settled="")
                & ~models.Q(answer__in=["stored", "duplicate"]),
                name="exchange_outbox_dead",
            ),
        ]


class Sent(models.Model):
    """The last sequence number given for one subject to one peer."""

    pk = models.CompositePrimaryKey("recipient", "subject")
    recipient = models.TextField()
    subject = models.TextField()
    last = models.BigIntegerField()

    class Meta:
        db_table = "exchange_sent"


class Batch(models.Model):
    """A signed batch, sent or received: its head is what was signed."""

    pk = models.CompositePrimaryKey("sender", "batch_id")
    sender = models.TextField()
    batch_id = models.UUIDField()
    recipient = models.TextField()
    head = models.BinaryField()
    signature = models.BinaryField()
    answer = models.BinaryField(null=True)  # the signed acknowledgement, exact bytes
    at = models.DateTimeField()

    class Meta:
        db_table = "exchange_batch"


class Inbox(models.Model):
    """A message that came; read once."""

    pk = models.CompositePrimaryKey("sender", "message_id")
    sender = models.TextField()
    message_id = models.UUIDField()
    epoch = models.BigIntegerField()
    subject = models.TextField()
    sequence = models.BigIntegerField()
    kind = models.TextField()
    content = models.BinaryField()
    sealed = models.BooleanField()
    digest = models.TextField()
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    batch_id = models.UUIDField()
    proof = models.JSONField()
    state = models.TextField(default="received")  # received, applied, parked
    reason = models.TextField(default="")
    tries = models.IntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    note = models.TextField(db_default="")  # to whom a parked one was handed

    class Meta:
        db_table = "exchange_inbox"
        indexes = [
            models.Index(fields=["received_at"], condition=models.Q(state="received"), name="exchange_inbox_open"),
            models.Index(fields=["received_at"], condition=models.Q(state="parked"), name="exchange_inbox_parked"),
            models.Index(fields=["sender", "received_at"], name="exchange_inbox_arrival"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["subject", "sender", "sequence"], name="exchange_inbox_sequence"),
        ]


class Followed(models.Model):
    """The last sequence number applied of one subject from one peer."""

    pk = models.CompositePrimaryKey("sender", "subject")
    sender = models.TextField()
    subject = models.TextField()
    last = models.BigIntegerField()

    class Meta:
        db_table = "exchange_followed"


class Peer(models.Model):
    """How the line to a peer is."""

    code = models.TextField(primary_key=True)
    epoch = models.BigIntegerField(default=0)  # the highest we have seen of theirs
    failures = models.IntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    last_ok_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")
    last_error_at = models.DateTimeField(null=True)
    skew_ms = models.BigIntegerField(null=True)  # their clock less ours at the last exchange, the way there included

    class Meta:
        db_table = "exchange_peer"


class Refused(models.Model):
    """What was refused, counted by sender and reason, so that nobody can fill the disk with nonsense."""

    pk = models.CompositePrimaryKey("sender", "code")
    sender = models.TextField()  # "unknown" for everyone who is not on the trust list
    code = models.TextField()
    count = models.BigIntegerField(default=0)
    last_at = models.DateTimeField()
    noted_since = models.DateTimeField(null=True)  # the beginning of the hour in which these were noted
    noted = models.IntegerField(default=0)  # how many lines of the ledger tell of them in that hour

    class Meta:
        db_table = "exchange_refused"


class Sample(models.Model):
    """The beginning of something a stranger sent: the last few only, in turn."""

    slot = models.SmallIntegerField(primary_key=True)
    at = models.DateTimeField()
    code = models.TextField()
    claimed = models.TextField()  # who it said it was; never believed
    beginning = models.BinaryField()

    class Meta:
        db_table = "exchange_sample"


class Gap(models.Model):
    """Messages of one subject that must have been sent and are not here: asked for again."""

    pk = models.CompositePrimaryKey("sender", "subject")
    sender = models.TextField()
    subject = models.TextField()
    after = models.BigIntegerField()  # the last sequence number applied
    before = models.BigIntegerField()  # the first one that waits
    seen_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    next_try_at = models.DateTimeField()
    answer = models.TextField(default="")  # what the sender said, or why it could not be asked

    class Meta:
        db_table = "exchange_gap"


class Recovery(models.Model):
    """How far one peer has told us what we had forgotten."""

    pk = models.CompositePrimaryKey("epoch", "peer")
    epoch = models.BigIntegerField()
    peer = models.TextField()
    cursor = models.TextField(default="")
    returned = models.BigIntegerField(default=0)  # messages
    next_try_at = models.DateTimeField()
    failure = models.TextField(default="")
    done_at = models.DateTimeField(null=True)
    left_out = models.TextField(default="")  # why a person went on without it

    class Meta:
        db_table = "exchange_recovery"


class Returned(models.Model):
    """A letter of our own that we had forgotten, as a peer returned it; followed in its turn."""

    pk = models.CompositePrimaryKey("recipient", "message_id")
    recipient = models.TextField()  # to whom it went, and who returned it
    message_id = models.UUIDField()
    subject = models.TextField()
    sequence = models.BigIntegerField()
    kind = models.TextField()
    content = models.BinaryField()
    sealed = models.BooleanField()
    digest = models.TextField()
    batch_id = models.UUIDField()
    proof = models.JSONField()
    received_at = models.DateTimeField()  # at the peer, by its clock: what it came before and after there
    state = models.TextField(default="returned")  # returned, followed, parked
    reason = models.TextField(default="")

    class Meta:
        db_table = "exchange_returned"


class Asked(models.Model):
    """A question of ours to a peer; the worker puts it, the page looks again."""

    id = models.UUIDField(primary_key=True)
    mark = models.TextField()  # equal for equal questions
    peer = models.TextField()
    kind = models.TextField()
    subject = models.TextField()
    document = models.BinaryField()  # the exact bytes, sealed
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.TextField(default="waiting")  # waiting, answered, refused, failed, expired
    outcome = models.TextField(default="")
    reply = models.BinaryField(null=True)  # the signed reply as it came, sealed
    answered_at = models.DateTimeField(null=True)
    tries = models.IntegerField(default=0)
    next_try_at = models.DateTimeField()

    class Meta:
        db_table = "exchange_asked"
        indexes = [
            models.Index(
                fields=["peer", "next_try_at"], condition=models.Q(state="waiting"), name="exchange_asked_open"
            ),
            models.Index(fields=["mark", "asked_at"], name="exchange_asked_mark"),
        ]

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer to read."""
        return self.state == "answered"


class Answered(models.Model):
    """A peer's question to us and our signed reply; asked again, it gets the same."""

    pk = models.CompositePrimaryKey("asker", "id")
    asker = models.TextField()
    id = models.UUIDField()
    kind = models.TextField()
    subject = models.TextField()
    digest = models.TextField()
    document = models.BinaryField()  # the signed question, sealed
    reply = models.BinaryField()  # sealed
    outcome = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "exchange_answered"


class Offered(models.Model):
    """A file that a peer may fetch, because a message to it named the file."""

    pk = models.CompositePrimaryKey("recipient", "subject", "digest")
    recipient = models.TextField()
    subject = models.TextField()
    digest = models.TextField()
    sealed = models.BooleanField(
        db_default=True
    )  # to the peer, when it goes out; not if no letter with personal data named it

    class Meta:
        db_table = "exchange_offered"


class Wanted(models.Model):
    """A file that a message named and that is still to be fetched."""

    pk = models.CompositePrimaryKey("sender", "subject", "digest")
    sender = models.TextField()
    subject = models.TextField()
    digest = models.TextField()
    size = models.BigIntegerField()
    tries = models.IntegerField(default=0)
    not_before = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True)
    failure = models.TextField(default="")

    class Meta:
        db_table = "exchange_wanted"
        indexes = [
            models.Index(fields=["not_before"], condition=models.Q(fetched_at=None), name="exchange_wanted_open")
        ]


class WitnessedHead(models.Model):
    """A peer's signed tree head. What contradicts an earlier one is kept as well: both are evidence."""

    pk = models.CompositePrimaryKey("node", "digest")
    node = models.TextField()
    digest = models.TextField()  # of the document, by the node's own hash
    epoch = models.BigIntegerField()
    size = models.BigIntegerField()
    root = models.TextField()
    document = models.BinaryField()  # the exact bytes that were signed
    signature = models.BinaryField()
    key_id = models.TextField()
    suite = models.TextField()
    standing = models.TextField()  # first, consistent, restarted, unlinked, conflict
    why = models.TextField(default="")
    against = models.TextField(default="")  # epoch:size of the head that a conflict contradicts
    received_at = models.DateTimeField()

    class Meta:
        db_table = "exchange_witnessed"
        indexes = [
            models.Index(fields=["node", "epoch", "size"], name="exchange_witnessed_place"),
            models.Index(
                fields=["node", "received_at"],
                condition=models.Q(standing__in=["conflict", "restarted", "unlinked"]),
                name="exchange_witnessed_odd",
            ),
        ]


class ToldHead(models.Model):
    """The last of our own tree heads that a peer was told: the next proof begins there."""

    recipient = models.TextField(primary_key=True)
    epoch = models.BigIntegerField()
    size = models.BigIntegerField()
    root = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "exchange_told_head"
