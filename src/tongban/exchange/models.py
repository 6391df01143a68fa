# SPDX-License-Identifier: Apache-2.0
"""What leaves for peers, what came from them, and how far each conversation has come."""

from django.db import models


class Myself(models.Model):
    """The epoch of this node: raised when it comes back from a backup. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    epoch = models.BigIntegerField(default=1)

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
    content = models.BinaryField()  # the exact envelope bytes; sealed under the subject's key when personal
    sealed = models.BooleanField()
    digest = models.TextField()
    written_at = models.DateTimeField()
    batch_id = models.UUIDField(null=True)
    proof = models.JSONField(null=True)  # index, size and path: this one message under the signed root
    answer = models.TextField(null=True)  # stored, duplicate, or the code of a refusal
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "exchange_outbox"
        indexes = [
            models.Index(
                fields=["recipient", "position"],
                condition=models.Q(answered_at=None),
                name="exchange_outbox_open",
            ),
            models.Index(fields=["subject"], name="exchange_outbox_subject"),
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

    class Meta:
        db_table = "exchange_inbox"
        indexes = [
            models.Index(fields=["received_at"], condition=models.Q(state="received"), name="exchange_inbox_open"),
            models.Index(fields=["subject"], name="exchange_inbox_subject"),
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

    class Meta:
        db_table = "exchange_refused"


class Offered(models.Model):
    """A file that a peer may fetch, because a message to it named the file."""

    pk = models.CompositePrimaryKey("recipient", "subject", "digest")
    recipient = models.TextField()
    subject = models.TextField()
    digest = models.TextField()

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
