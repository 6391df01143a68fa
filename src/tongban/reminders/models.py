# SPDX-License-Identifier: Apache-2.0
"""Who was told of what by which channel, what people have chosen, and how far somebody at a desk has read."""

from django.db import models


class Channel(models.TextChoices):
    """How somebody hears of something."""

    SITE = "site", "站内消息"
    SMS = "sms", "短信"
    MAIL = "mail", "电子邮件"


class State(models.TextChoices):
    """How far a text message or a letter has come; a message on the site is there at once."""

    WAITING = "waiting", "等待发送"
    SENDING = "sending", "正在发送"
    SENT = "sent", "已发送"
    GIVEN_UP = "given_up", "没有发出"
    UNSURE = "unsure", "不能确定是否发出"  # a worker was killed while it sent: never sent twice


class Reminder(models.Model):
    """One person, or one desk, is told of one event by one channel. The key lets nobody be told twice."""

    pk = models.CompositePrimaryKey("case_id", "event", "recipient", "channel")
    case_id = models.UUIDField()
    event = models.TextField()  # line:7, or limit:correction:2026-12-01
    recipient = models.TextField()  # person:…, desk:credit code:role, or the pseudonym of a member of staff
    channel = models.TextField(choices=Channel.choices)
    title = models.TextField()
    words = models.TextField()
    receipt_no = models.TextField()
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    state = models.TextField(choices=State.choices)
    try_at = models.DateTimeField(null=True)  # empty: nothing more is tried
    tries = models.SmallIntegerField()
    trouble = models.TextField()  # why it was not taken; never with a number or an address
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "reminders_reminder"
        indexes = [
            models.Index(
                fields=["recipient", "-at", "case_id"], condition=models.Q(channel="site"), name="reminders_inbox"
            ),
            models.Index(
                fields=["recipient"], condition=models.Q(channel="site", read_at=None), name="reminders_unread"
            ),
            models.Index(fields=["try_at"], condition=models.Q(try_at__isnull=False), name="reminders_due"),
            models.Index(  # what waits for a person
                fields=["-at"], condition=models.Q(state__in=["given_up", "unsure"]), name="reminders_stuck"
            ),
        ]


class Warned(models.Model):
    """A limit of an applicant of which a warning was given; with another date there is another warning."""

    pk = models.CompositePrimaryKey("case_id", "kind", "due_at")
    case_id = models.UUIDField()
    kind = models.TextField()
    due_at = models.DateTimeField()

    class Meta:
        db_table = "reminders_warned"


class Choice(models.Model):
    """How a person wants to hear, beside the messages on the site."""

    person_id = models.UUIDField(primary_key=True)
    sms = models.BooleanField()
    mail = models.BooleanField()
    address_sealed = models.BinaryField(null=True)  # for mail, under the node's key for persons
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "reminders_choice"


class Look(models.Model):
    """Until when somebody at a desk has seen its messages."""

    pk = models.CompositePrimaryKey("staff_id", "desk")
    staff_id = models.UUIDField()
    desk = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "reminders_look"
